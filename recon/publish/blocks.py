"""Short lists under each other on one sheet: headings, rows, totals, verdicts.

What belongs here: how a section looks. What does not: which sections a sheet has (``summary.py``,
``simulation_workbook.py``, ``workbook.py``) and sheets of many rows (``sheets.py``).
"""

from collections.abc import Mapping, Sequence

import polars as pl
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from recon.publish import style
from recon.publish.columns import Column
from recon.publish.sheets import append_rows, header, new_sheet, protect, styled

TEXTS = Alignment(vertical="center")
NUMBERS = Alignment(horizontal="right", vertical="center")
CENTRED = Alignment(horizontal="center", vertical="center")
HEAD_TEXTS = Alignment(horizontal="left", vertical="center")

# What a column of a section shows: heading, column of the frame, number format (None = text).
Shown = tuple[str, str | None, str | None]
COUNT, MONEY = style.FORMATS["count"], style.MONEY
TIES_OUT, DOES_NOT = "TIES OUT", "DOES NOT TIE OUT"


def section(
    sheet: Worksheet,
    heading: str,
    shown: Sequence[Shown],
    rows: pl.DataFrame,
    *,
    links: Mapping[object, int] | None = None,
    foot: pl.DataFrame | None = None,
    nothing: str = "No open exception.",
) -> None:
    """A heading, the rows under their headings, and a total where ``foot`` holds one.

    Args:
        sheet: a write-only sheet.
        heading: of the section.
        shown: its columns.
        rows: one sheet row each; a row with ``step_no`` 1 is a heading of those after it.
        links: (first column, currency) -> row of the sheet Exceptions.
        foot: rows of totals, with the columns of ``rows``.
        nothing: the sentence shown when there are no rows.
    """
    sheet.append([])
    sheet.append([styled(sheet, heading, font=style.SECTION)])
    if rows.is_empty():
        sheet.append([styled(sheet, nothing, font=style.QUIET)])
        return
    sheet.append([head(sheet, text, numeric=form is not None) for text, _, form in shown])
    for row in rows.iter_rows(named=True):
        values = [row[name] if name else None for _, name, _ in shown]
        target = (links or {}).get((values[0], row.get("currency")))
        font = style.BOLD if row.get("step_no") == 1 else style.BODY
        cells = [
            body(sheet, value, form, font=style.LINK if target and not place else font)
            for place, (value, (_, _, form)) in enumerate(zip(values, shown, strict=True))
        ]
        if target:
            cells[0].hyperlink = Hyperlink(
                ref="A1", location=f"Exceptions!A{target}", tooltip="Open the first of these"
            )
        sheet.append(cells)
    for row in foot.iter_rows(named=True) if foot is not None else ():
        values = ["Total", *(row.get(name or "") for _, name, _ in shown[1:])]
        total = [
            body(sheet, value, form, font=style.BOLD, border=style.TOTAL_LINE)
            for value, (_, _, form) in zip(values, shown, strict=True)
        ]
        sheet.append(total)


def tie_out(sheet: Worksheet, checks: pl.DataFrame, of_lines: tuple[int, ...] = ()) -> None:
    """Every check with both totals, a verdict per row and one over all, in colour and in words.

    Args:
        sheet: a write-only sheet.
        checks: one row each.
        of_lines: numbers of the checks that count lines; all others are of amounts.
    """
    broken = checks.filter(~pl.col("agrees")).height
    sheet.append([])
    verdict = TIES_OUT if not broken else f"{DOES_NOT}: {broken} of the checks below"
    sheet.append(
        [
            styled(sheet, "Does it tie out?", font=style.SECTION),
            styled(
                sheet,
                verdict,
                font=style.RED_WORD if broken else style.GREEN_WORD,
                fill=style.RED_FILL if broken else style.GREEN_FILL,
                alignment=CENTRED,
            ),
        ]
    )
    heads = ("Check", "", "", "Currency", "", "This side", "That side", "Difference", "Verdict")
    numeric = ("This side", "That side", "Difference")
    titles = [head(sheet, text, numeric=text in numeric) for text in heads[:-1]]
    sheet.append([*titles, head(sheet, heads[-1], alignment=CENTRED)])
    for row in checks.iter_rows(named=True):
        agrees = row["agrees"]
        form = COUNT if row["check_no"] in of_lines else MONEY
        word, look = (
            ("SHOWN APART", {"font": style.BOLD})
            if agrees is None
            else ("TIES", {"font": style.GREEN_WORD, "fill": style.GREEN_FILL})
            if agrees
            else ("DIFFERS", {"font": style.RED_WORD, "fill": style.RED_FILL})
        )
        cells = [
            body(sheet, row["check_name"], None),
            body(sheet, None, None),
            body(sheet, None, None),
            body(sheet, row["currency"], None),
            body(sheet, None, None),
            body(sheet, row["this_side"], form),
            body(sheet, row["that_side"], form),
            body(sheet, row["difference"], form),
            body(sheet, word, None, alignment=CENTRED, **look),
        ]
        sheet.append(cells)


def head(sheet: Worksheet, text: str, *, numeric: bool = False, **look: object) -> Cell:
    """A cell of a header row."""
    alignment = NUMBERS if numeric else HEAD_TEXTS
    settled = {"font": style.HEADER, "fill": style.HEADER_FILL, "alignment": alignment}
    return styled(sheet, text or None, **{**settled, **look})


def body(sheet: Worksheet, value: object, form: str | None, **look: object) -> Cell:
    """A cell of a row: a number in the format ``form``, text without one."""
    number = {"number_format": form, "alignment": NUMBERS} if form else {"alignment": TEXTS}
    return styled(sheet, value, **{"border": style.UNDERLINE, **number, **look})


def blocks_sheet(
    book: Workbook,
    title: str,
    footer: str,
    about: tuple[str, ...],
    blocks: Mapping[str, tuple[tuple[Column, ...], pl.DataFrame]],
) -> None:
    """A sheet of several small lists under each other, for reading, not for filtering."""
    sheet = new_sheet(book, title, footer)
    widths: dict[int, int] = {}
    for shown, _ in blocks.values():
        for index, column in enumerate(shown):
            widths[index] = max(widths.get(index, 0), column.width)
    for index, width in widths.items():
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    sheet.append([styled(sheet, title, font=style.TITLE)])
    for line in about:
        sheet.append([styled(sheet, line, font=style.QUIET)])
    for heading, (shown, rows) in blocks.items():
        sheet.append([])
        sheet.append([styled(sheet, heading, font=style.SECTION)])
        sheet.append(header(sheet, shown))
        append_rows(sheet, shown, rows)
    protect(sheet)
