"""One feed, one business date: every file that landed, read.

The partition ``parse/<feed>`` holds a part per kind of record, and the parts ``reject``,
``control`` and ``file`` (rows of the ``file_control`` table).
"""

from datetime import date

import polars as pl

from recon.errors import SenderError
from recon.parse import parse
from recon.parse.parsed import CONTROL, FILE, REJECT, Parsed
from recon.site import Feed, Site


def parse_feed(site: Site, feed: Feed, day: date) -> dict[str, pl.DataFrame]:
    """Read the files that landed for ``day`` and return the partition's parts.

    Files are read in the order of their names. One that cannot be read at all is one reject and a
    row of state QUARANTINED; the others go on.
    """
    landed = site.lake.read("land", feed.name, day, "file")
    records: dict[str, list[pl.DataFrame]] = {}
    rejects, controls, files = (
        [pl.DataFrame(schema=_with_file(REJECT))],
        [pl.DataFrame(schema=_with_file(CONTROL))],
        [],
    )
    by_name = pl.DataFrame() if landed is None else landed.sort("file_name", "source_file_id")
    for file in by_name.iter_rows(named=True):
        sha256 = file["source_file_id"]
        if file["state"] == "DUPLICATE":
            files.append({**file, "encoding": None, **dict.fromkeys(COUNTS, 0)})
            continue
        parsed, refusal = _read(feed, site.lake.raw(sha256))
        for name, rows in parsed.records.items():
            records.setdefault(name, []).append(_tagged(rows, sha256))
        rejects.append(_tagged(parsed.rejects, sha256))
        controls.append(_tagged(parsed.controls, sha256))
        files.append(_counted(file, parsed, refusal))
    return {
        **{name: pl.concat(frames, how="vertical") for name, frames in records.items()},
        "reject": pl.concat(rejects),
        "control": pl.concat(controls),
        "file": pl.DataFrame(files, schema=FILE),
    }


COUNTS = ["records_in", "accepted", "quarantined", "controls", "controls_failed"]


def _read(feed: Feed, data: bytes) -> tuple[Parsed, str | None]:
    try:
        return parse(feed, data), None
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
        return Parsed({}, rejects, pl.DataFrame(schema=CONTROL), 1, ""), str(broken)


def _counted(file: dict[str, object], parsed: Parsed, refusal: str | None) -> dict[str, object]:
    # A reject of record 0 stands for the file, unless other parts of it could be read.
    whole = parsed.rejects.filter(pl.col("source_record") == 0)
    refused = whole.height and parsed.records_in == parsed.quarantined
    reason = refusal or (whole["reason"][0] if refused else None)
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
