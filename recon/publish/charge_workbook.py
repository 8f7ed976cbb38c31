"""The workbooks of use against charge: one for each group of queues that one office works.

What belongs here: which workbooks there are, which queues and sheets each has. What does not: how
a sheet is written (``sheets.py``), what a column says (``charge_columns.py``), and the invoices'
workbooks (``workbook.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from openpyxl import Workbook

from recon.publish import charge_columns as columns
from recon.publish import query, style
from recon.publish.archive import archived
from recon.publish.blocks import COUNT, MONEY, Shown, section, tie_out
from recon.publish.columns import CHARGE_CODE, Column
from recon.publish.night import Night
from recon.publish.profile import Profile, shown
from recon.publish.sheets import data_sheet, new_sheet, protect, styled
from recon.publish.workbook import dictionary, run_info


@dataclass(frozen=True)
class Book:
    """One workbook: its name in the file's name, its title, the queues whose findings it holds."""

    stem: str
    title: str
    queues: tuple[str, ...]
    stock: bool = False


BOOKS = (
    Book("Revenue_Integrity", "Revenue integrity", ("DEPT", "PFS", "HIM", "COMP", "CODING", "FEED")),
    Book("Charge_Master", "Charge master", ("CDM",)),
    Book("Device_Safety", "Device safety", ("SAFETY", "OR")),
    Book("Denials", "Denials", ("DENIAL",)),
    Book("Supply", "Supplies on shelves and bill-only orders", ("SUPPLY",), stock=True),
)
PROFILES = {
    Profile.SHARE: "SHARE: no account, serial number or day of a patient is in this workbook.",
    Profile.ANALYST: "ANALYST: holds account numbers; for those who work these accounts only.",
}
TOTALS = (
    *("charge_detail", "charge_evidence", "charge_factor", "charge_by_bill", "charge_by_code"),
    *("charge_by_queue", "charge_by_place", "charge_total", "charge_tie_out"),
)
AMOUNTS: tuple[Shown, ...] = (
    ("Findings", "exceptions", COUNT),
    ("Lost", "lost", MONEY),
    ("Charged too much", "overcharged", MONEY),
    ("At risk", "at_risk", MONEY),
    ("Expected net", "net", MONEY),
    ("Oldest (days)", "oldest_days", COUNT),
)
_BLANK: Shown = ("", None, None)
WIDTHS = (44, 32, 12, 11, 17, 17, 17, 17, 14)


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
    found = query.run(("charge_finding", "reorder_detail"), tables, night.day)
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
    told = query.run(TOTALS, {**tables, **found, "queue_of_workbook": queues})
    detail = told["charge_detail"]
    still_open = detail.filter(pl.col("state") == "OPEN")
    closed = detail.filter(pl.col("state") == "AUTO_CLOSED")
    footer = f"{of.title} · {night.network} · {night.day.isoformat()} · run {night.run_id}"
    frames = {
        "Exceptions": still_open,
        "Closed tonight": closed,
        "Unit factors": told["charge_factor"],
        "Reorder": found["reorder_detail"],
        "Evidence": told["charge_evidence"],
    }
    sheets = _sheets(of, factors=told["charge_factor"].height > 0)
    given = {title: (declared, frames[title]) for title, (declared, *_) in sheets.items()}
    profiled = shown(given, night.day, profile, numbers)
    book = Workbook(write_only=True)
    _summary(book, night, of, told, still_open, closed.height, profile, footer)
    rows = {
        title: data_sheet(
            book,
            title,
            *profiled[title],
            footer=footer,
            frozen_columns=frozen,
            printed_columns=printed,
            nothing=nothing,
        )
        for title, (_, frozen, printed, nothing) in sheets.items()
    }
    run_info(book, night, night.network, footer)
    of_queues = pl.col("queue").is_in(list(of.queues)) & pl.col("code").str.contains(CHARGE_CODE)
    codes = night.rules["exception_code"].filter(of_queues)
    dictionary(book, codes, {title: declared for title, (declared, _) in profiled.items()}, footer)
    title = f"{of.title} {night.day.isoformat()}"
    return archived(book, rows, night.day, night.network, title)


def _sheets(
    of: Book, *, factors: bool
) -> dict[str, tuple[tuple[Column, ...], int, int | None, str]]:
    """Title -> columns, frozen columns, printed columns, what to say when empty."""
    return {
        "Exceptions": (columns.FINDINGS, 4, columns.PRINTED, "No open finding."),
        "Closed tonight": (columns.CLOSED, 4, columns.PRINTED, "Nothing closed tonight."),
        **({"Unit factors": (columns.FACTORS, 2, None, "")} if factors else {}),
        **({"Reorder": (columns.REORDER, 3, None, "Nothing to order.")} if of.stock else {}),
        "Evidence": (columns.EVIDENCE, 2, None, "No open finding."),
    }


def _summary(
    book: Workbook,
    night: Night,
    of: Book,
    told: Mapping[str, pl.DataFrame],
    still_open: pl.DataFrame,
    closed: int,
    profile: Profile,
    footer: str,
) -> None:
    """The first sheet: what is at stake, what must be done first, and whether it ties out."""
    sheet = new_sheet(book, "Summary", footer)
    for letter, width in zip("ABCDEFGHI", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.row_dimensions[1].height = 28
    sheet.append([styled(sheet, f"{of.title}: {night.network}", font=style.TITLE)])
    (total,) = told["charge_total"].to_dicts()
    counted = f"{still_open.height:,} open findings · {closed:,} closed tonight"
    about = (
        f"Business date {night.day.isoformat()} · run {night.run_id} · {counted}",
        "Lost charges and charges that are too much are two amounts: one never pays for the other.",
        PROFILES[profile],
    )
    for line in about:
        sheet.append([styled(sheet, line, font=style.QUIET)])
    sheet.append([])
    for heading, amount in (
        ("Lost: used, and not or not fully charged", total["lost"]),
        ("Charged too much: nothing supports it", total["overcharged"]),
        ("At risk: moved, or a claim that hangs on it; not counted above", total["at_risk"]),
    ):
        sheet.append(
            [
                styled(sheet, heading, font=style.SECTION),
                styled(sheet, amount, font=style.SECTION, number_format=MONEY),
            ]
        )
    where = still_open.with_row_index("row", offset=2)

    def link(column: str) -> dict[object, int]:
        first = where.group_by(column).agg(pl.col("row").min())
        return {(name, "USD"): row for name, row in first.iter_rows()}

    first_of_all: tuple[Shown, ...] = (("What its bill does", "bill_step", None), _BLANK, _BLANK)
    section(
        sheet, "What must be done first", (*first_of_all, *AMOUNTS), told["charge_by_bill"],
        foot=told["charge_total"], nothing="No open finding.",
    )  # fmt: skip
    by_code: tuple[Shown, ...] = (
        ("Rule", "code", None), ("Finding", "title", None), ("Severity", "severity", COUNT),
    )  # fmt: skip
    section(
        sheet, "By rule, safety and compliance first", (*by_code, *AMOUNTS), told["charge_by_code"],
        links=link("code"), foot=told["charge_total"], nothing="No open finding.",
    )  # fmt: skip
    place: tuple[Shown, ...] = (("Hospital", "facility_id", None), ("Department", "dept_id", None))
    section(
        sheet, "By hospital and department", (*place, _BLANK, *AMOUNTS), told["charge_by_place"],
        foot=told["charge_total"], nothing="No open finding.",
    )  # fmt: skip
    if len(of.queues) > 1:
        queue: tuple[Shown, ...] = (("Queue", "queue", None), _BLANK, _BLANK)
        section(
            sheet, "By queue", (*queue, *AMOUNTS), told["charge_by_queue"],
            links=link("queue"), foot=told["charge_total"], nothing="No open finding.",
        )  # fmt: skip
    tie_out(sheet, told["charge_tie_out"], of_lines=(1,))
    protect(sheet)
