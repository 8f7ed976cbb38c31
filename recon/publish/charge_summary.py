"""The first sheet of a charge workbook: what is at stake, what must be done first, does it tie out.

What belongs here: the order in which a manager reads it. What does not: the numbers
(``sql/charge_total.sql``, ``sql/charge_by_*.sql``) and the sheets of rows (``charge_workbook.py``).
"""

from collections.abc import Mapping

import polars as pl
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from recon.publish import style
from recon.publish.blocks import COUNT, MONEY, Shown, section, tie_out
from recon.publish.charge_books import OWNERS, Book
from recon.publish.night import CARE, Night
from recon.publish.profile import Profile, shows
from recon.publish.sheets import new_sheet, protect, styled

WIDTHS = (58, 38, 12, 11, 17, 17, 17, 20, 14)
_BLANK: Shown = ("", None, None)
PROFILES = {
    Profile.SHARE: "SHARE: no account, serial number or day of a patient is in this workbook.",
    Profile.ANALYST: "ANALYST: holds account numbers; for those who work these accounts only.",
}


def summary(
    book: Workbook,
    night: Night,
    of: Book,
    told: Mapping[str, pl.DataFrame],
    still_open: pl.DataFrame,
    closed: int,
    profile: Profile,
    footer: str,
) -> None:
    """Write the sheet Summary.

    Args:
        book: a write-only workbook.
        night: the night.
        of: which workbook it is.
        told: relation name of ``charge_workbook.TOTALS`` -> rows.
        still_open: findings that have not closed, in the order of the sheet Exceptions.
        closed: how many have closed tonight.
        profile: for whom.
        footer: printed at the foot of every page.
    """
    sheet = new_sheet(book, "Summary", footer)
    for letter, width in zip("ABCDEFGHI", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.row_dimensions[1].height = 28
    sheet.append([styled(sheet, f"{of.title}: {night.network}", font=style.TITLE)])
    overridden = still_open.filter(pl.col("state") == "OVERRIDDEN").height
    open_ = still_open.height - overridden
    counted = f"{open_:,} open finding{'' if open_ == 1 else 's'} · "
    if overridden:
        counted += f"{overridden:,} overridden by your answers, still counted · "
    counted += f"{closed:,} closed tonight · money in USD"
    lost, overcharged = of.lost[0], of.overcharged[0]
    for line in (
        f"Business date {night.day.isoformat()} · run {night.run_id} · {counted}",
        f"{lost} and {overcharged.lower()} are two amounts, never offset against each other.",
        PROFILES[profile],
        *night.lacks,
        *night.later(CARE),
    ):
        sheet.append([styled(sheet, line, font=style.QUIET)])
    sheet.append([])
    total = told["charge_total"].row(0, named=True)
    _at_stake(sheet, of, total, profile)
    where = still_open.with_row_index("row", offset=2)

    def link(column: str) -> dict[object, int]:
        first = where.group_by(column).agg(pl.col("row").min())
        return {(name, "USD"): row for name, row in first.iter_rows()}

    amounts: tuple[Shown, ...] = (
        ("Findings", "exceptions", COUNT),
        (lost, "lost", MONEY),
        (overcharged, "overcharged", MONEY),
        ("At risk", "at_risk", MONEY),
        (f"Net of {lost.lower()}", "net", MONEY),
        # The age of the oldest of a few findings is the day of somebody's service.
        *((("Oldest (days)", "oldest_days", COUNT),) if shows(profile, "days") else ()),
    )
    first_of_all: tuple[Shown, ...] = (("What its bill does", "bill_step", None), _BLANK, _BLANK)
    section(
        sheet, "What must be done first", (*first_of_all, *amounts), told["charge_by_bill"],
        foot=told["charge_total"], nothing="No open finding.",
    )  # fmt: skip
    if len(of.queues) > 1:
        owner = pl.col("queue").replace_strict(OWNERS, default=None, return_dtype=pl.String)
        queue: tuple[Shown, ...] = (("Queue", "queue", None), ("Who works it", "owner", None))
        section(
            sheet, "By owner", (*queue, _BLANK, *amounts),
            told["charge_by_queue"].with_columns(owner=owner),
            links=link("queue"), foot=told["charge_total"], nothing="No open finding.",
        )  # fmt: skip
    by_code: tuple[Shown, ...] = (
        ("Rule", "code", None), ("Finding", "title", None), ("Queue", "queue", None),
    )  # fmt: skip
    section(
        sheet, "By rule, the most severe first", (*by_code, *amounts), told["charge_by_code"],
        links=link("code"), foot=told["charge_total"], nothing="No open finding.",
    )  # fmt: skip
    place: tuple[Shown, ...] = (("Hospital", "facility_id", None), ("Department", "dept_id", None))
    section(
        sheet, "By hospital and department", (*place, _BLANK, *amounts), told["charge_by_place"],
        foot=told["charge_total"], nothing="No open finding.",
    )  # fmt: skip
    tie_out(sheet, told["charge_tie_out"], of_lines=(1,))
    protect(sheet)


def _at_stake(sheet: Worksheet, of: Book, total: Mapping[str, object], profile: Profile) -> None:
    """What a manager asks first. A net that no yield is configured for stays empty."""
    for heading, amount, form, remark in (
        (f"{of.lost[0]}: {of.lost[1]}", total["lost"], MONEY, ""),
        (f"{of.overcharged[0]}: {of.overcharged[1]}", total["overcharged"], MONEY, ""),
        (
            "At risk: to be moved or claimed, not counted above",
            total["at_risk"],
            MONEY,
            "",
        ),
        ("Safety, compliance, or $5,000 and more: findings", total["severe"], COUNT, ""),
        ("Bill drops today or tomorrow: findings", total["dropping"], COUNT, ""),
    ):
        _line(sheet, heading, amount, form, remark)
    if shows(profile, "days"):
        _line(sheet, "Oldest: days since service", total["oldest_days"], COUNT, "")
    for of_what, net, known, all_ in (
        (of.lost[0], "net", "net_findings", "lost_findings"),
        (of.overcharged[0], "net_overcharged", "net_overcharged_findings", "overcharged_findings"),
    ):
        if total[all_]:
            remark = f"of {total[known]} of {total[all_]} findings; no yield is set for the others"
            whole = total[known] == total[all_]
            _line(
                sheet,
                f"Expected net, {of_what.lower()}",
                total[net],
                MONEY,
                "" if whole else remark,
            )


def _line(sheet: Worksheet, heading: str, amount: object, form: str, remark: str) -> None:
    sheet.append(
        [
            styled(sheet, heading, font=style.SECTION),
            styled(sheet, amount, font=style.SECTION, number_format=form),
            styled(sheet, remark or None, font=style.QUIET),
        ]
    )
