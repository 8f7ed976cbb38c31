"""The Summary sheet: where the money stands, whether it ties out, and where to look first.

What belongs here: the order and the words of that one sheet. What does not: its numbers
(``sql/summary_by_*.sql``, ``sql/waterfall.sql``, ``sql/tie_out.sql``).
"""

from collections.abc import Mapping, Sequence

import polars as pl
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from recon.publish import style
from recon.publish.sheets import new_sheet, protect, styled, text_cell

WIDTHS = (28, 42, 9, 10, 12, 17, 17, 15, 18)
TEXTS = Alignment(vertical="center")
NUMBERS = Alignment(horizontal="right", vertical="center")
CENTRED = Alignment(horizontal="center", vertical="center")

# What a column of a section shows: heading, column of the frame, number format (None = text).
Shown = tuple[str, str | None, str | None]
COUNT, MONEY = style.FORMATS["count"], style.MONEY
AMOUNTS: tuple[Shown, ...] = (
    ("Currency", "currency", None),
    ("Exceptions", "exceptions", COUNT),
    ("Held", "held", MONEY),
    ("Warned", "warned", MONEY),
    ("Oldest (days)", "oldest_days", COUNT),
)


def summary_sheet(
    book: Workbook,
    totals: Mapping[str, pl.DataFrame],
    open_exceptions: pl.DataFrame,
    *,
    title: str,
    about: Sequence[str],
    footer: str,
    linked: bool,
) -> None:
    """Write the first sheet.

    Args:
        book: a write-only workbook.
        totals: the frames of ``query.totals``.
        open_exceptions: the rows of the Exceptions sheet, in its order; links lead to the first
            row of a kind there.
        title: the heading.
        about: lines under the heading.
        footer: printed at the left of every page's foot.
        linked: the workbook has an Exceptions sheet to link to.
    """
    sheet = new_sheet(book, "Summary", footer)
    for letter, width in zip("ABCDEFGHI", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.row_dimensions[1].height = 28
    sheet.append([styled(sheet, title, font=style.TITLE)])
    for line in about:
        sheet.append([styled(sheet, line, font=style.QUIET)])

    where = open_exceptions.with_row_index("row", offset=2)

    def link(column: str) -> dict[object, int]:
        if not linked:
            return {}
        first = where.group_by(column, "currency").agg(pl.col("row").min())
        return {(name, currency): row for name, currency, row in first.iter_rows()}

    totals = _most_used_currency_first(totals)
    _section(
        sheet,
        "Where the billed dollars stand",
        (
            ("", "step_name", None),
            ("", None, None),
            ("", None, None),
            ("Currency", "currency", None),
            ("Lines", "line_count", COUNT),
            ("Amount", "amount", MONEY),
            ("% of billed", "share_pct", style.FORMATS["percent"]),
        ),
        totals["waterfall"],
        nothing="No invoice line yet.",
    )
    _tie_out(sheet, totals["tie_out"])
    _section(
        sheet,
        "Open exceptions by age",
        (("Age (days)", "bucket", None), ("", None, None), ("", None, None), *AMOUNTS),
        totals["summary_by_bucket"],
        links=link("bucket"),
        foot=totals["summary_total"],
    )
    _section(
        sheet,
        "Open exceptions by rule",
        (
            ("Rule", "code", None),
            ("What it means", "title", None),
            ("Queue", "queue", None),
            *AMOUNTS,
        ),
        totals["summary_by_code"],
        links=link("code"),
        foot=totals["summary_total"],
    )
    _section(
        sheet,
        "Open exceptions by queue",
        (("Queue", "queue", None), ("", None, None), ("", None, None), *AMOUNTS),
        totals["summary_by_queue"],
        links=link("queue"),
        foot=totals["summary_total"],
    )
    _section(
        sheet,
        "Open exceptions by supplier",
        (
            ("Supplier no.", "supplier_id", None),
            ("Supplier", "supplier_name", None),
            ("", None, None),
            *AMOUNTS,
        ),
        totals["summary_by_supplier"],
        links=link("supplier_id"),
        foot=totals["summary_total"],
    )
    protect(sheet)


def _most_used_currency_first(totals: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    used = totals["waterfall"].filter(pl.col("line_count").is_not_null())
    order = used.sort("line_count", "currency", descending=[True, False])["currency"].to_list()
    rank = pl.col("currency").replace_strict(
        {currency: place for place, currency in enumerate(order)},
        default=len(order),
        return_dtype=pl.Int32,
    )
    return {name: rows.sort(rank, maintain_order=True) for name, rows in totals.items()}


def _section(
    sheet: Worksheet,
    heading: str,
    shown: Sequence[Shown],
    rows: pl.DataFrame,
    *,
    links: Mapping[object, int] | None = None,
    foot: pl.DataFrame | None = None,
    nothing: str = "No open exception.",
) -> None:
    sheet.append([])
    sheet.append([styled(sheet, heading, font=style.SECTION)])
    if rows.is_empty():
        sheet.append([styled(sheet, nothing, font=style.QUIET)])
        return
    sheet.append([_head(sheet, text, numeric=form is not None) for text, _, form in shown])
    for row in rows.iter_rows(named=True):
        cells = [_body(sheet, row[name] if name else None, form) for _, name, form in shown]
        if row.get("step_no") == 1:
            for cell in cells:
                cell.font = style.BOLD
        target = (links or {}).get((row[shown[0][1] or ""], row["currency"]))
        if target:
            cells[0].hyperlink = Hyperlink(
                ref="A1", location=f"Exceptions!A{target}", tooltip="Open the first of these"
            )
            cells[0].font = style.LINK
        sheet.append(cells)
    for row in foot.iter_rows(named=True) if foot is not None else ():
        total = [_body(sheet, row.get(name or ""), form) for _, name, form in shown]
        text_cell(total[0], "Total")
        for cell in total:
            cell.font, cell.border = style.BOLD, style.TOTAL_LINE
        sheet.append(total)


def _tie_out(sheet: Worksheet, checks: pl.DataFrame) -> None:
    """Every check with both totals, a verdict per row and one over all, in colour and in words."""
    broken = checks.filter(~pl.col("agrees")).height
    sheet.append([])
    verdict = "TIES OUT" if not broken else f"DOES NOT TIE OUT: {broken} of the checks below"
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
    head = [_head(sheet, text, numeric=text in numeric) for text in heads]
    head[-1].alignment = CENTRED
    sheet.append(head)
    for row in checks.iter_rows(named=True):
        agrees = row["agrees"]
        # The third check counts lines; all others are amounts.
        form = COUNT if row["check_no"] == 3 else MONEY
        word, font, fill = (
            ("SHOWN APART", style.BOLD, None)
            if agrees is None
            else ("TIES", style.GREEN_WORD, style.GREEN_FILL)
            if agrees
            else ("DIFFERS", style.RED_WORD, style.RED_FILL)
        )
        cells = [
            _body(sheet, row["check_name"], None),
            _body(sheet, None, None),
            _body(sheet, None, None),
            _body(sheet, row["currency"], None),
            _body(sheet, None, None),
            _body(sheet, row["this_side"], form),
            _body(sheet, row["that_side"], form),
            _body(sheet, row["difference"], form),
            _body(sheet, word, None),
        ]
        cells[-1].font = font
        cells[-1].alignment = CENTRED
        if fill:
            cells[-1].fill = fill
        sheet.append(cells)


def _head(sheet: Worksheet, text: str, *, numeric: bool) -> Cell:
    return styled(
        sheet,
        text or None,
        font=style.HEADER,
        fill=style.HEADER_FILL,
        alignment=Alignment(horizontal="right" if numeric else "left", vertical="center"),
    )


def _body(sheet: Worksheet, value: object, form: str | None) -> Cell:
    cell = styled(sheet, value, border=style.UNDERLINE, alignment=TEXTS)
    if form:
        cell.number_format = form
        cell.alignment = NUMBERS
    return cell
