"""Writing one list of rows: header, typed cells, table, panes, print set-up, protection; or CSV.

What belongs here: what every data sheet does alike. What does not: which columns a sheet has
(``columns.py``) and the Summary sheet (``summary.py``).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast
from weakref import WeakKeyDictionary

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from recon.publish import style
from recon.publish.archive import LONGEST_TEXT, row_xml
from recon.publish.columns import DISPOSITIONS, TEXT_KINDS, Column

Look = tuple[tuple[str, int], ...]
# The longest paper an ordinary office printer has: rows of many columns stay legible.
LEGAL_PAPER = 5
# Beyond these a sheet opens slowly, and Excel opens none of more than 1,048,576.
MOST_ROWS = 200_000
# Words that carry a colour, wherever a data sheet has such a column.
WORD_LOOKS: dict[str, dict[str, DifferentialStyle]] = {
    "severity": {"HOLD": style.HOLD_LOOK, "WARN": style.WARN_LOOK},
    "state": {
        "LANDED": style.GOOD_LOOK,
        "QUARANTINED": style.HOLD_LOOK,
        "DUPLICATE": style.WARN_LOOK,
    },
    "status": {
        "MATCHED": style.GOOD_LOOK,
        "EXCEPTION": style.HOLD_LOOK,
        "DUPLICATE": style.HOLD_LOOK,
        "UNMATCHED": style.HOLD_LOOK,
        "BLOCKED": style.HOLD_LOOK,
    },
}

# Of each workbook, the looks that its cells have had, and what they were made of. Nothing in here
# leads to the workbook: it would never be let go.
_LOOKS: WeakKeyDictionary[Workbook, dict[Look, tuple[StyleArray, Mapping[str, object]]]] = (
    WeakKeyDictionary()
)


def new_sheet(book: Workbook, title: str, footer: str) -> Worksheet:
    """An empty sheet, set up to print: landscape, one page wide, name and page in the footer."""
    # A write-only sheet: it has what a Worksheet has, except that its cells cannot be read back.
    sheet: Worksheet = book.create_sheet(title)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.75
    sheet.page_margins.footer = 0.35
    printed = {"left": footer.replace("&", "&&"), "center": "&A", "right": "Page &P of &N"}
    for side, text in printed.items():
        getattr(sheet.oddFooter, side).text = text
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 90
    return sheet


def protect(sheet: Worksheet) -> None:
    """Lock what is not unlocked, without a password: against slips, not against people."""
    sheet.protection.sheet = True
    for allowed in ("autoFilter", "sort", "formatColumns", "formatRows", "formatCells"):
        setattr(sheet.protection, allowed, False)  # False: not forbidden


def text_cell(cell: Cell, text: str) -> None:
    """Put ``text`` into ``cell`` as text, whatever it looks like.

    A supplier called ``=HYPERLINK(...)`` must stay a name; openpyxl would make it a formula.
    """
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST_TEXT]
    cell.data_type = "s"


def styled(sheet: Worksheet, value: object, **look: object) -> Cell:
    """A cell with a value and the style attributes given: constants of ``style``."""
    cell = Cell(sheet, row=1, column=1, style_array=_style(sheet, look))
    if isinstance(value, str):
        text_cell(cell, value)
    else:
        cell.value = value  # type: ignore[assignment]  # numbers, dates and None, as openpyxl takes them
    return cell


def _style(sheet: Worksheet, look: Mapping[str, object]) -> StyleArray:
    """A look as the cells of a workbook hold it: one that it had before is not worked out again.

    openpyxl finds every font, border and fill of a cell by all that is in it: of small workbooks,
    that was a seventh of the time.
    """
    known = _LOOKS.setdefault(cast("Workbook", sheet.parent), {})
    made_of = tuple((name, id(setting)) for name, setting in look.items())
    if made_of not in known:
        cell: Cell = WriteOnlyCell(sheet)
        cell.font = style.BODY
        for name, setting in look.items():
            setattr(cell, name, setting)
        made: StyleArray = cell._style  # type: ignore[attr-defined]  # the types lack it
        known[made_of] = made, look  # which holds the settings: no other gets the id of one
    return known[made_of][0]


def header(sheet: Worksheet, columns: Sequence[Column]) -> list[Cell]:
    """The header row; what the analyst fills in stands out."""
    return [
        styled(
            sheet,
            column.heading,
            font=style.HEADER,
            fill=style.ENTRY_HEADER_FILL if column.kind in ("entry", "due") else style.HEADER_FILL,
            alignment=style.HEAD_RIGHT if column.kind in style.RIGHT else style.HEAD_LEFT,
        )
        for column in columns
    ]


def column_look(sheet: Worksheet, column: Column) -> Cell:
    """An empty cell that looks as every cell of the column does."""
    filled_in = column.kind in ("entry", "due")
    return styled(
        sheet,
        None,
        number_format=style.FORMATS[column.kind],
        alignment=style.alignment(column.kind),
        border=style.UNDERLINE,
        **({"protection": style.UNLOCKED, "fill": style.ENTRY_FILL} if filled_in else {}),
    )


def append_rows(sheet: Worksheet, columns: Sequence[Column], rows: pl.DataFrame) -> None:
    """One sheet row per frame row, for short lists that share a sheet."""
    # A write-only sheet has written a row when the next begins, so its cells serve again.
    cells = [column_look(sheet, column) for column in columns]
    for row in rows.select(column.name for column in columns).iter_rows():
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                text_cell(cell, value)
            else:
                cell.value = value
        sheet.append(cells)


def data_sheet(
    book: Workbook,
    title: str,
    columns: Sequence[Column],
    rows: pl.DataFrame,
    *,
    footer: str,
    frozen_columns: int,
    printed_columns: int | None = None,
    nothing: str,
) -> bytes:
    """A sheet with one row per frame row, as an Excel table with filters.

    Of more than ``MOST_ROWS`` it has none, and says so.

    Args:
        book: a write-only workbook.
        title: name of the sheet.
        columns: what to show, in order.
        rows: has every column that is not an entry.
        footer: printed at the left of every page's foot.
        frozen_columns: columns that stay when scrolling sideways.
        printed_columns: print only so many, so that a page stays legible; None prints all.
        nothing: the sentence shown when there are no rows.

    Returns:
        The rows, for ``archive.archived`` to put below the header.
    """
    if rows.height > MOST_ROWS:
        nothing = (
            f"{rows.height:,} rows, too many for a sheet: read them in the tables of this night."
        )
        rows = rows.clear()
    sheet = new_sheet(book, title, footer)
    last = get_column_letter(len(columns))
    end = max(rows.height, 1) + 1
    sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}2"
    sheet.print_title_rows = "1:1"
    sheet.print_area = f"A1:{get_column_letter(printed_columns or len(columns))}{end}"
    sheet.page_setup.paperSize = LEGAL_PAPER
    sheet.row_dimensions[1].height = 30
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    sheet.append(header(sheet, columns))
    if rows.is_empty():
        sheet.append([styled(sheet, nothing, font=style.QUIET)])
        protect(sheet)
        return b""
    _table(sheet, title, columns, f"A1:{last}{end}")
    _colour_words(sheet, columns, end)
    _offer_dispositions(sheet, columns, end)
    protect(sheet)
    return row_xml(columns, [column_look(sheet, column).style_id for column in columns], rows)


def _table(sheet: Worksheet, title: str, columns: Sequence[Column], ref: str) -> None:
    table = Table(displayName="".join(title.title().split()), ref=ref)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    table.autoFilter = AutoFilter(ref=ref)
    # A write-only sheet cannot be read back, so the table is told its headings.
    table.tableColumns = [
        TableColumn(id=index, name=column.heading) for index, column in enumerate(columns, 1)
    ]
    sheet.tables.add(table)


def _colour_words(sheet: Worksheet, columns: Sequence[Column], end: int) -> None:
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        for word, look in WORD_LOOKS.get(column.name, {}).items():
            rule = Rule(type="cellIs", operator="equal", formula=[f'"{word}"'], dxf=look)
            sheet.conditional_formatting.add(f"{letter}2:{letter}{end}", rule)


def _offer_dispositions(sheet: Worksheet, columns: Sequence[Column], end: int) -> None:
    for index, column in enumerate(columns, 1):
        cells = f"{get_column_letter(index)}2:{get_column_letter(index)}{end}"
        if column.name == "disposition":
            choice = DataValidation(
                type="list", formula1=f'"{",".join(DISPOSITIONS)}"', allow_blank=True, sqref=cells
            )
            choice.showErrorMessage = True
            choice.errorTitle = "Disposition"
            choice.error = "Choose one of: " + ", ".join(DISPOSITIONS) + "."
            sheet.data_validations.append(choice)
        if column.kind == "due":
            due = DataValidation(
                type="date",
                operator="greaterThan",
                formula1=str((date(2000, 1, 1) - date(1899, 12, 30)).days),
                allow_blank=True,
                sqref=cells,
            )
            due.showErrorMessage = True
            due.errorTitle = "Resolve by"
            due.error = "Enter a date, such as 2026-03-31."
            sheet.data_validations.append(due)


def csv_of(columns: Sequence[Column], rows: pl.DataFrame) -> bytes:
    """The rows as CSV; text that looks like a formula gets an apostrophe."""
    shown = [c for c in columns if c.kind not in ("entry", "due")]
    return (
        rows.select(
            pl.col(c.name).cast(pl.String).str.replace(r"^([=+\-@\t\r\n])", "'$1").alias(c.heading)
            if c.kind in TEXT_KINDS
            else pl.col(c.name).alias(c.heading)
            for c in shown
        )
        .write_csv()
        .encode()
    )
