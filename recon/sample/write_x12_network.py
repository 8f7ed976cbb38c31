"""What the network sends beside its orders: 860 changes and 820 remittances, in our own dialects.

Two ordering systems and two payers, each with its own separators: our own files differ as those
of suppliers do.
"""

from collections.abc import Sequence
from datetime import date

from recon.sample.exchange import Change, Exchanged, Payment
from recon.sample.files import File
from recon.sample.habits import Habit
from recon.sample.network import HOSPITALS, SUPPLIER
from recon.sample.write_x12 import VAN_ID
from recon.sample.x12_file import Kind, Set, day_text, dollars, price_text, segment, x12_file

ORDER_CHANGE = Kind("860", "PC", "order_change_edi")
REMITTANCE = Kind("820", "RA", "remittance_edi")
# Whose orders are sent as X12, and how its system writes.
ORDERING = {
    "SRH": Habit("MERIDIANHN", terminator="~\n"),
    "LSC": Habit("LAKESIDESC", "|", ":", "~\r\n"),
}
# The two legal entities that pay, by whether sales tax is due there.
PAYERS = {
    False: Habit("MERIDIANAP", terminator="~\n"),
    True: Habit("LAKESIDEAP", "^", ":", "\n"),
}
PAYER_NAMES = {False: "Meridian Health Network Inc.", True: "Lakeside Surgery Center LLC"}
BANK = "RIDGEWAYBANK"


def network_files(exchanged: Exchanged, night: int, stamp: str, day: date) -> list[File]:
    """A night's files: one for each ordering system and each payer."""
    files = []
    for hospital, habit in ORDERING.items():
        changes = [c for c in exchanged.changes if c.order.hospital.id == hospital]
        sets = [_change(c, day) for c in changes if c.night == night]
        if sets:
            name = f"860_{hospital}_{stamp}.edi"
            number = len({c.night for c in changes if c.night <= night})
            files.append(x12_file(ORDER_CHANGE, name, night, day, habit, VAN_ID, number, sets))
    taxed = {h.id: h.taxed for h in HOSPITALS}
    for payer, habit in PAYERS.items():
        payments = [p for p in exchanged.payments if taxed[p.hospital.id] == payer]
        paid = [p for p in payments if p.night == night]
        sets = [
            _remittance([p for p in paid if p.supplier == s], payer, n, day)
            for n, s in enumerate(sorted({p.supplier for p in paid}), start=1)
        ]
        if sets:
            name = f"{habit.sender}_820_{stamp}.edi"
            number = len({p.night for p in payments if p.night <= night})
            files.append(x12_file(REMITTANCE, name, night, day, habit, BANK, number, sets))
    return files


# --- 860 ----------------------------------------------------------------------------------------


def _change(change: Change, day: date) -> Set:
    order = change.order
    line = change.wanted
    ids = ("VN", line.item.catalog_no, "IN", line.item.id)
    # Only what changes is said.
    now = {
        "DI": ("", "", "", "", ""),
        "PC": ("", "", line.uom, price_text(line.price), ""),
        "QI": (line.qty, "", line.uom, "", ""),
        "QD": (line.qty, "", line.uom, "", ""),
    }[change.code]
    return Set(
        [
            segment(
                "BCH", "04", "SA", order.po_number, "", "", day_text(order.dated), *[""] * 4,
                day_text(day),
            ),
            segment("N1", "ST", order.hospital.name, "92", order.hospital.id),
            segment("N1", "SE", SUPPLIER[order.supplier].name, "92", order.supplier),
            segment("POC", change.line, change.code, *now, *ids),
            segment("CTT", 1),
        ]
    )  # fmt: skip


# --- 820 ----------------------------------------------------------------------------------------


def _remittance(paid: Sequence[Payment], payer: bool, number: int, day: date) -> Set:
    supplier = SUPPLIER[paid[0].supplier]
    segments = [
        segment(
            "BPR", "I", dollars(sum(p.paid for p in paid)), "C", "ACH", "CTX", *[""] * 10,
            day_text(day),
        ),
        segment("TRN", 1, f"{day_text(day)}{int(payer)}{number:04d}"),
        segment("N1", "PR", PAYER_NAMES[payer]),
        segment("N1", "PE", supplier.name, "92", supplier.id),
        segment("ENT", 1),
    ]  # fmt: skip
    for p in paid:
        discount = dollars(p.discount) if p.discount else ""
        segments.append(
            segment("RMR", "IV", p.number, "", dollars(p.paid), dollars(p.invoiced), discount)
        )
        segments.append(segment("REF", "PO", p.po_number))
        if p.adjusted:
            segments.append(segment("ADX", dollars(-p.adjusted), "01"))
    return Set(segments)
