"""One feed, one business date: every file that landed, read.

The partition ``parse/<feed>`` holds a part per kind of record that the files have, and the parts
``reject``, ``control`` and ``file`` (rows of the ``file_control`` table); of X12 also
``interchange``, ``group`` and ``transaction``.
"""

import hashlib
import traceback
from datetime import date
from pathlib import Path

import polars as pl

from recon.errors import ReaderError, ReconError, SenderError
from recon.land import Ledger
from recon.parse import parse
from recon.parse.control_numbers import Read, followed
from recon.parse.parsed import CONTROL, FILE, REJECT, Parsed
from recon.parse.privacy import Tokens
from recon.parse.restricted import keep
from recon.site import Feed, Site, X12Format


def parse_feed(site: Site, feed: Feed, day: date) -> dict[str, pl.DataFrame]:
    """Read the files that landed for ``day`` and return the partition's parts.

    Files are read in the order of their names. One that cannot be read at all is one reject and a
    row of state QUARANTINED; the others go on. The control numbers of X12 are compared with those
    of earlier nights and entered into the ledger. Where the site keeps numbers for analysts, those
    of the feed's night are written too, apart (``restricted.py``).

    Raises:
        ConfigError: the site's key cannot be used.
        ReaderError: a reader of ours fails; without a value of the file.
    """
    tokens = Tokens.open(site)
    landed = site.lake.read("land", feed.name, day, "file")
    files = [] if landed is None else landed.sort("file_name", "source_file_id").to_dicts()
    read = {
        sha256: Read(file["file_name"], _read(feed, site.lake.raw(sha256), tokens, day))
        for file in files
        if file["state"] != "DUPLICATE" and (sha256 := file["source_file_id"])
    }
    if read and isinstance(feed.format, X12Format) and feed.format.control_numbers != "off":
        reject = feed.format.control_numbers == "reject"
        with Ledger(site.ledger) as ledger:
            known = followed(list(read.values()), ledger, feed.name, day, reject=reject)
        read = dict(zip(read, known, strict=True))

    keep(site, feed, day, tokens)
    parts: dict[str, list[pl.DataFrame]] = {
        "reject": [pl.DataFrame(schema=_with_file(REJECT))],
        "control": [pl.DataFrame(schema=_with_file(CONTROL))],
    }
    for sha256, one in read.items():
        for name, rows in _parts(one.parsed).items():
            parts.setdefault(name, []).append(_tagged(rows, sha256))
    counted = [
        {**file, "encoding": None, **dict.fromkeys(COUNTS, 0)}
        if file["state"] == "DUPLICATE"
        else _counted(file, read[file["source_file_id"]].parsed)
        for file in files
    ]
    return {
        **{name: pl.concat(frames, how="vertical") for name, frames in parts.items()},
        "file": pl.DataFrame(counted, schema=FILE),
    }


def _parts(parsed: Parsed) -> dict[str, pl.DataFrame]:
    """What one file adds to each part of the partition."""
    # Declared are some tens of records of X12; a night files those that there are.
    records = {name: rows for name, rows in parsed.records.items() if rows.height}
    parts = {**records, "reject": parsed.rejects, "control": parsed.controls}
    if parsed.envelope is not None:
        parts["interchange"] = parsed.envelope.interchanges
        parts["group"] = parsed.envelope.groups
        parts["transaction"] = parsed.envelope.transactions
    return parts


COUNTS = ["records_in", "accepted", "quarantined", "controls", "controls_failed"]


def _read(feed: Feed, data: bytes, tokens: Tokens, day: date) -> Parsed:
    try:
        return parse(feed, data, tokens, day)
    except SenderError as broken:
        refused = {
            "record": "file",
            "source_record": 0,
            "byte_offset": 0,
            "byte_length": len(data),
            "records": 1,
            "rule": "unreadable",
            "reason": str(broken),
            "raw": None,
        }
        rejects = pl.DataFrame([refused], schema=REJECT)
        return Parsed({}, rejects, pl.DataFrame(schema=CONTROL), 1, "")
    except ReconError:
        raise
    except (Exception, pl.exceptions.PanicException) as ours:
        # Libraries print the value that they stumbled over, and it may be a patient's name: what
        # is logged and kept by the orchestrator is where it happened, and nothing of the value.
        frames = traceback.extract_tb(ours.__traceback__)[-4:]
        places = " > ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames)
        sha256 = hashlib.sha256(data).hexdigest()
        raise ReaderError(
            f"the reader of {feed.name} fails with {type(ours).__name__} on the file {sha256} "
            f"({places}). The mistake is ours: report this line, not the file."
        ) from None


def _counted(file: dict[str, object], parsed: Parsed) -> dict[str, object]:
    # A reject of record 0 stands for the file, unless other parts of it could be read.
    whole = parsed.rejects.filter(pl.col("source_record") == 0)
    refused = whole.height and parsed.records_in == parsed.quarantined
    reason = whole["reason"][0] if refused else None
    return {
        **file,
        "state": "QUARANTINED" if reason else "LANDED",
        "encoding": parsed.encoding or None,
        "records_in": parsed.records_in,
        "accepted": parsed.records_in - parsed.quarantined,
        "quarantined": parsed.quarantined,
        "controls": parsed.controls.height,
        "controls_failed": parsed.controls.filter(~pl.col("agrees")).height,
        "reason": reason,
    }


def _tagged(rows: pl.DataFrame, sha256: str) -> pl.DataFrame:
    return rows.with_columns(pl.lit(sha256).alias("source_file_id"))


def _with_file(schema: pl.Schema) -> pl.Schema:
    return pl.Schema([*schema.items(), ("source_file_id", pl.String())])
