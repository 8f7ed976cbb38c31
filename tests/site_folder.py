"""A small site without mistakes, for tests that put one in."""

from pathlib import Path

from recon.site import read_site

RECON = """\
name: Test Network
first_business_date: 2026-03-02
facilities:
  - id: NGH
    name: Northfield
    time_zone: America/New_York
schedule:
  at: "04:30"
engine:
  memory_limit: 1GB
"""
ITEM = """\
owner: supply
connector: {kind: folder, path: inbox/item, pattern: "ITEM_{date:%Y%m%d}.csv"}
format:
  kind: delimited
  trailer:
    mark: TRL
    total: 2
    total_of: weight
extract: snapshot
contract:
  columns:
    - {name: item_no, required: true}
    - name: label
      type: text
    - {name: unit}
    - {name: weight, type: decimal, scale: 2}
    - {name: count, type: integer}
    - {name: remark}
records:
  - table: item
    where: count > 0
    lookups:
      uom: {table: unit_alias, on: {alias: unit}}
    columns:
      item_id: item_no
      description: label
      base_uom: uom.code
"""
ORDERS = """\
owner: purchasing
connector:
  kind: sftp
  host: ${SFTP_HOST}
  user: recon
  path: /out
  pattern: "*.edi"
  key_file: secrets/key
  known_hosts_file: secrets/known_hosts
format: {kind: x12}
extract: delta
records:
  - table: purchase_order
    from: purchase_order
    columns:
      po_id: po_number
      po_number: po_number
      supplier_id: seller_id
      facility_id: "'NGH'"
      order_date: order_date
"""
ALIASES = "alias,code,remark\nEACH,EA,Each\nBOX,BX,Box\n"

ENVIRONMENT = {"SFTP_HOST": "sftp.example"}


class Folder:
    """A valid site folder in which one text is replaced at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in {
            "recon.yaml": RECON,
            "sources/item.yaml": ITEM,
            "sources/orders.yaml": ORDERS,
            "rules/unit_alias.csv": ALIASES,
        }.items():
            self.write(name, text)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def edit(self, name: str, old: str, new: str) -> int:
        """Replace ``old``; the line on which ``new`` (or what follows a removal) now stands."""
        text = (self.root / name).read_text()
        assert text.count(old) == 1, old
        self.write(name, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def drop_other_feeds(self, name: str) -> None:
        """Keep one feed, which is all that a single mistake needs."""
        keep = name if name.startswith("sources") else "sources/orders.yaml"
        for file in self.root.glob("sources/*"):
            if file != self.root / keep:
                file.unlink()

    def mistakes(self, environ=ENVIRONMENT) -> list[str]:
        """``file:line: message``, file relative to the site."""
        _, found = read_site(self.root, environ)
        return [str(m).removeprefix(f"{self.root}/") for m in found]
