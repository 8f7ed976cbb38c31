"""X12 as tests exchange it with partners: landed and parsed night by night, and answered."""

from datetime import date, timedelta

import polars as pl

from recon.land import Ledger
from recon.parse.feed import parse_feed
from recon.publish.outbox import acknowledged, look_after
from recon.site import Feed, Site, SiteConfig

FIRST = date(2026, 3, 2)


def order(number, po="PO1"):
    """An 850; without a number of its order it is refused for itself."""
    body = [f"BEG*00*SA*{po}**20260301", "PO1*1*2*EA*3.5**VC*A1"]
    return [f"ST*850*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]


def acknowledgement(code, number, group_code, *sets, form="997", received=1, accepted=1):
    """A 997 (or 999) of the group ``number``; ``sets`` are (code, number, verdict)."""
    five = "IK5" if form == "999" else "AK5"
    listed = [s for code_, set_, said in sets for s in (f"AK2*{code_}*{set_}", f"{five}*{said}")]
    counts = f"AK9*{code}*{received}*{received}*{accepted}"
    body = [f"AK1*{group_code}*{number}", *listed, counts]
    return [f"ST*{form}*0001", *body, f"SE*{len(body) + 2}*0001"]


def group(number, *sets, code="PO", version="004010"):
    sets = sets or (order(1),)
    inside = [segment for one in sets for segment in one]
    head = f"GS*{code}*ACME*HOSPITAL*20260302*0102*{number}*X*{version}"
    return [head, *inside, f"GE*{len(sets)}*{number}"]


def interchange(number, *groups, sender="ACME", receiver="HOSPITAL", trailer=True, ta1=None):
    """One interchange; its one group has the interchange's number where none is given.

    Args:
        number: ISA13.
        *groups: what it holds; a ``ta1`` alone holds none.
        sender: ISA06.
        receiver: ISA08.
        trailer: without it, it is refused.
        ta1: (number, verdict, note) of the interchange it answers.
    """
    groups = groups or (() if ta1 else (group(number),))
    head = (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{receiver:15}*260302*0102*U*00401"
        f"*{number:09}*0*P*>"
    )
    answer = [f"TA1*{ta1[0]:09}*260302*0102*{ta1[1]}*{ta1[2]}"] if ta1 else []
    end = [f"IEA*{len(groups)}*{number:09}"] if trailer else []
    segments = [head, *answer, *(segment for one in groups for segment in one), *end]
    return "".join(segment + "~\n" for segment in segments)


class Exchange:
    """A site of X12 feeds.

    Args:
        folder: where.
        **feeds: feed name -> keys of its format.
    """

    def __init__(self, folder, **feeds):
        self.folder = folder
        self.next = FIRST
        self.declare(**feeds)

    def declare(self, **feeds):
        """Replace the feeds, as a person does between two nights."""
        declared = {name: _feed(name, keys) for name, keys in feeds.items()}
        facility = {"id": "A", "name": "A", "time_zone": "UTC"}
        config = SiteConfig(name="t", first_business_date=FIRST, facilities=[facility])
        self.site = Site(self.folder, config, declared)

    def night(self, *, day=None, **feeds):
        """Land and parse feed -> (file name -> interchanges); by default the next night.

        Returns:
            Feed -> parts of its partition.
        """
        night = day or self.next
        self.next = night + timedelta(days=1)
        parsed = {}
        for name, feed in self.site.feeds.items():
            self._land(name, feeds.get(name, {}), night)
            parsed[name] = parse_feed(self.site, feed, night)
            self.site.lake.write("parse", name, night, parsed[name])
        return parsed

    def _land(self, feed, files, night):
        rows = []
        for name, interchanges in files.items():
            data = "".join(interchanges).encode()
            rows.append((feed, self.site.lake.keep_raw(data), name, len(data), "LANDED", None))
        columns = ["feed", "source_file_id", "file_name", "size_bytes", "state"]
        schema = {**dict.fromkeys(columns, pl.String), "size_bytes": pl.Int64, "reason": pl.String}
        landed = pl.DataFrame(rows, schema=schema, orient="row")
        self.site.lake.write("land", feed, night, {"file": landed})


def _feed(name, format_keys):
    declared = {
        "name": name,
        "owner": "x",
        "connector": {"kind": "folder", "path": ".", "pattern": "*"},
        "format": {"kind": "x12", **format_keys},
        "extract": "append",
    }
    return Feed.model_validate(declared)


class Partner(Exchange):
    """A site whose night answers its partners, and the network's transport."""

    def answer(self, day=FIRST):
        with Ledger(self.site.ledger) as ledger:
            return acknowledged(self.site, ledger, day)

    def states(self):
        with Ledger(self.site.ledger) as ledger:
            look_after(self.site, ledger)
            return {a.path: a.state for a in ledger.answers()}

    def files(self):
        """Every file of the outbox -> its bytes."""
        found = sorted(f for f in self.site.outbox.rglob("*") if f.is_file())
        return {str(f.relative_to(self.site.outbox)): f.read_bytes() for f in found}

    def send(self):
        """What the network's transport does."""
        for path in sorted(self.site.outbox.glob("*/*.*")):
            (path.parent / "sent").mkdir(exist_ok=True)
            path.rename(path.parent / "sent" / path.name)
