"""What we sent, and whether it was acknowledged: the loop that inbound TA1, 997 and 999 close.

What we sent is known from copies: the feeds whose format is ``outbound``. Each night's table holds
the transaction sets that still wait and those that were answered that night; it follows from the
table of the night before, tonight's copies and tonight's acknowledgements of every other X12 feed.

What belongs here: gathering those three. What does not: which answer is whose
(``sql/sent_document_status.sql``), answers that we give (``outbox.py``).
"""

from datetime import date

import polars as pl

from recon.canonical.describe import polars_schema, table_name
from recon.parse.x12.private import STORED
from recon.parse.x12.sets import SETS
from recon.publish.query import run
from recon.publish.tables import LAYER, SentDocumentStatus
from recon.reconcile.night import limits
from recon.rules import load
from recon.site import Site, X12Format

TABLE = table_name(SentDocumentStatus)

# What a transaction set is known by from the night it was sent until it is answered.
_KNOWN = [
    "feed",
    "source_file_id",
    "transaction_no",
    "byte_offset",
    "partner_id",
    "interchange_control_number",
    "functional_code",
    "group_no",
    "group_control_number",
    "set_code",
    "transaction_control_number",
    "document_number",
    "sent_date",
]
_SENT_SET = pl.Schema({name: polars_schema(SentDocumentStatus)[name] for name in _KNOWN})
_ANSWERS = ("functional_ack", "functional_ack_set", "interchange_ack")
_ERRORS = [f"error_code_{n}" for n in range(1, 6)]


def outbound(site: Site) -> list[str]:
    """The feeds that hold copies of what we sent."""
    return sorted(n for n, f in _x12(site).items() if f.outbound)


def inbound(site: Site) -> list[str]:
    """The X12 feeds that may hold acknowledgements of it."""
    return sorted(n for n, f in _x12(site).items() if not f.outbound)


def _x12(site: Site) -> dict[str, X12Format]:
    return {n: f.format for n, f in site.feeds.items() if isinstance(f.format, X12Format)}


def sent_document_status(site: Site, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of ``sent_document_status`` of a night.

    Returns:
        The rows, and the acknowledgements of nothing that was awaited: a partner that refuses
        today what it accepted yesterday, or an answer of ours.
    """
    tables = {
        "sent_set": pl.concat(
            [_waiting(site, day), *(_sent(site, n, day) for n in outbound(site))]
        ),
        "deadline": load("deadline", site.rules),
        **{name: _answers(site, name, day) for name in _ANSWERS},
    }
    found = run((TABLE, "answer_unmatched"), tables, day, limits(site))
    schema = polars_schema(SentDocumentStatus)
    return found[TABLE].select(schema.names()).cast(schema), found["answer_unmatched"]


def _waiting(site: Site, day: date) -> pl.DataFrame:
    """What was not answered by the newest night before this one."""
    before = [d for d in site.lake.days(LAYER, TABLE) if d < day]
    rows = site.lake.read(LAYER, TABLE, before[-1]) if before else None
    if rows is None:
        return pl.DataFrame(schema=_SENT_SET)
    return rows.filter(pl.col("state") == "NO_ACK").select(_KNOWN)


def _sent(site: Site, feed: str, day: date) -> pl.DataFrame:
    """What a feed of copies brought tonight; acknowledgements (FA) are not acknowledged."""
    parts = {
        n: site.lake.read("parse", feed, day, n) for n in ("interchange", "group", "transaction")
    }
    found = {name: rows for name, rows in parts.items() if rows is not None}
    if len(found) < len(parts):
        return pl.DataFrame(schema=_SENT_SET)
    file = "source_file_id"
    interchanges = found["interchange"].select(
        file,
        "interchange_no",
        partner_id="receiver_id",
        interchange_control_number="control_number",
    )
    groups = found["group"].select(
        file, "group_no", "functional_code", group_control_number="control_number"
    )
    return (
        found["transaction"]
        .rename({"control_number": "transaction_control_number"})
        .join(groups, on=[file, "group_no"])
        .join(interchanges, on=[file, "interchange_no"])
        .filter(pl.col("functional_code").ne_missing("FA"), pl.col("partner_id").is_not_null())
        .join(_documents(site, feed, day), on=[file, "transaction_no"], how="left")
        .with_columns(feed=pl.lit(feed), sent_date=pl.lit(day))
        .select(pl.col(name).cast(dtype) for name, dtype in _SENT_SET.items())
    )


def _documents(site: Site, feed: str, day: date) -> pl.DataFrame:
    """The order number of every transaction set that has one."""
    number = pl.col("po_number").alias("document_number")
    columns = ["source_file_id", "transaction_no"]
    heads = {s.records[0].name for s in SETS.values()}
    found = [
        rows.select(*columns, number)
        for name in sorted(heads)
        if "po_number" in STORED[name]
        and (rows := site.lake.read("parse", feed, day, name)) is not None
    ]
    schema = {"source_file_id": pl.String, "transaction_no": pl.Int64, "document_number": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *found])


def _answers(site: Site, record: str, day: date) -> pl.DataFrame:
    """Tonight's acknowledgements of one kind, whichever feed brought them."""
    schema = pl.Schema([*STORED[record].items(), ("source_file_id", pl.String())])
    found = [
        rows.select(schema.names())
        for feed in inbound(site)
        if (rows := site.lake.read("parse", feed, day, record)) is not None
    ]
    rows = pl.concat([pl.DataFrame(schema=schema), *found]).rename({"sender_id": "partner_id"})
    if record == "interchange_ack":
        return rows
    codes = pl.concat_str(_ERRORS, separator=" ", ignore_nulls=True)
    return rows.with_columns(error_codes=pl.when(codes != "").then(codes)).drop(_ERRORS)
