"""The workbooks of use against charge: one for each group of queues that one office works.

What belongs here: which sheets each has. What does not: which workbooks there are
(``charge_books.py``), their first sheet (``charge_summary.py``), how a sheet is written
(``sheets.py``), what a column says (``charge_columns.py``), the invoices' workbooks
(``workbook.py``).
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
from openpyxl import Workbook

from recon.publish import charge_columns as columns
from recon.publish import query
from recon.publish.archive import archived
from recon.publish.charge_books import BOOKS, Book
from recon.publish.charge_summary import summary
from recon.publish.columns import CHARGE_CODE, Column
from recon.publish.night import Night
from recon.publish.profile import Profile, shown
from recon.publish.sheets import data_sheet
from recon.publish.workbook import dictionary, run_info

TOTALS = (
    *("charge_detail", "charge_evidence", "charge_factor", "charge_by_bill", "charge_by_code"),
    *("charge_by_queue", "charge_by_place", "charge_total", "charge_tie_out"),
)


def charge_workbooks(
    night: Night, profile: Profile = Profile.SHARE, numbers: pl.DataFrame | None = None
) -> dict[str, bytes]:
    """Every charge workbook of the night: file name -> bytes; none where the night has no charges.

    One per office for the network: each row names its hospital. Equal nights give equal bytes.

    Args:
        night: the night.
        profile: what is shown of persons; SHARE unless somebody decides otherwise.
        numbers: for ANALYST, what stands behind the tokens.
    """
    if "charge_exception" not in night.tables:
        return {}
    tables = {**night.rules, **night.tables}
    details = ("charge_finding", "reorder_detail", "cdm_gap_detail")
    found = query.run(details, tables, night.day, night.limits)
    made = {}
    for book in BOOKS:
        stem = f"Charges_{book.stem}_{profile}_{night.day.isoformat()}_{night.run_id}"
        made[f"{stem}.xlsx"] = _workbook(night, book, found, tables, profile, numbers)
    return made


def _workbook(
    night: Night,
    of: Book,
    found: Mapping[str, pl.DataFrame],
    tables: Mapping[str, pl.DataFrame],
    profile: Profile,
    numbers: pl.DataFrame | None,
) -> bytes:
    queues = pl.DataFrame({"queue": of.queues}, schema={"queue": pl.String})
    counted = {**tables, **found, "queue_of_workbook": queues}
    told = query.run(TOTALS, counted, limits=night.limits)
    detail = told["charge_detail"]
    is_closed = pl.col("state") == "AUTO_CLOSED"
    still_open, closed = detail.filter(~is_closed), detail.filter(is_closed)
    footer = f"{of.title} · {night.network} · {night.day.isoformat()} · run {night.run_id}"
    frames = {
        "Exceptions": still_open,
        "Closed tonight": closed,
        "Unit factors": told["charge_factor"],
        "Charge master gaps": found["cdm_gap_detail"],
        "Reorder": found["reorder_detail"],
        "Evidence": told["charge_evidence"],
    }
    sheets = _sheets(of, factors=told["charge_factor"].height > 0)
    given = {title: (declared, frames[title]) for title, (declared, *_) in sheets.items()}
    profiled = shown(given, night.day, profile, numbers)
    book = Workbook(write_only=True)
    summary(book, night, of, told, still_open, closed.height, profile, footer)
    rows = {
        title: data_sheet(
            book,
            title,
            *profiled[title],
            footer=footer,
            frozen_columns=frozen,
            printed_columns=columns.printed(profiled[title][0]) if story else None,
            nothing=nothing,
        )
        for title, (_, frozen, story, nothing) in sheets.items()
    }
    run_info(book, night, night.network, footer)
    of_queues = pl.col("queue").is_in(list(of.queues)) & pl.col("code").str.contains(CHARGE_CODE)
    codes = night.rules["exception_code"].filter(of_queues)
    dictionary(book, codes, {title: declared for title, (declared, _) in profiled.items()}, footer)
    title = f"{of.title} {night.day.isoformat()}"
    return archived(book, rows, night.day, night.network, title)


def _sheets(of: Book, *, factors: bool) -> dict[str, tuple[tuple[Column, ...], int, bool, str]]:
    """Title -> columns, frozen columns, whether its story alone is printed, words when empty."""
    heads = {"lost": of.lost[0], "overcharged": of.overcharged[0]}

    def headed(declared: tuple[Column, ...]) -> tuple[Column, ...]:
        return tuple(replace(c, heading=heads.get(c.name, c.heading)) for c in declared)

    return {
        "Exceptions": (headed(columns.FINDINGS), 4, True, "No open finding."),
        "Closed tonight": (headed(columns.CLOSED), 4, True, "Nothing closed tonight."),
        **({"Unit factors": (columns.FACTORS, 2, False, "")} if factors else {}),
        **({"Charge master gaps": (columns.GAPS, 4, False, "No gap.")} if of.gaps else {}),
        **({"Reorder": (columns.REORDER, 3, False, "Nothing to order.")} if of.stock else {}),
        "Evidence": (columns.EVIDENCE, 2, False, "No open finding."),
    }
