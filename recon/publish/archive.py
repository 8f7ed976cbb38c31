"""From sheets to the bytes of an .xlsx file, and a look into one: fast, the same for equal content.

What belongs here: what openpyxl does cell by cell and this toolkit does for whole columns, and
what keeps the clock out of the file. What does not: what a sheet shows (``sheets.py``).
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from recon.publish.columns import TEXT_KINDS, Column

# Excel's own limit on the text of a cell.
LONGEST_TEXT = 32_767
# Points per line of text, and lines beyond which a row is cut rather than fill the screen.
LINE_HEIGHT = 13
TALLEST_ROW = 8
# Excel counts days from 30 December 1899, Arrow from 1 January 1970.
EXCEL_EPOCH_DAYS = 25_569
# Before it Excel is a day off, for it has a 29 February 1900, or has no date at all.
FIRST_EXCEL_DATE = date(1900, 3, 1)
# Characters that XML 1.0 cannot hold.
NOT_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"


def says(workbook: Path, text: str, unless: str) -> bool:
    """Whether a cell of the first sheet of a published workbook holds just this text.

    A supplier may be called anything, this text too: where a cell begins with ``unless``, no cell
    is believed.

    Reading one sheet with openpyxl takes a tenth of a second, and a night has many workbooks.
    """
    with zipfile.ZipFile(workbook) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    return f"<t>{text}</t>".encode() in sheet and f"<t>{unless}".encode() not in sheet


def row_xml(columns: Sequence[Column], styles: Sequence[int], rows: pl.DataFrame) -> bytes:
    """Sheet rows from the second on, as SpreadsheetML.

    openpyxl takes some 25 microseconds for each cell; a night has millions. Text is written as
    inline text, so nothing that looks like a formula, a number or an error becomes one. Numbers
    are written digit by digit from their decimals.

    Args:
        columns: what to show, in order.
        styles: the workbook's style number of each column.
        rows: has every column that is not an entry; an entry that it has is filled in.
    """
    number = (pl.int_range(pl.len()) + 2).cast(pl.String)
    cells = [
        pl.format(
            '<c r="{}{}" s="{}"{}',
            pl.lit(get_column_letter(index)),
            number,
            pl.lit(str(look)),
            _content(column, is_filled=column.name in rows.columns),
        )
        for index, (column, look) in enumerate(zip(columns, styles, strict=True), 1)
    ]
    lines = pl.max_horizontal(pl.repeat(1, pl.len()), *map(_lines, _prose(columns)))
    height = lines.clip(1, TALLEST_ROW) * LINE_HEIGHT + 2
    # Excel finds the height of wrapped text by itself, other programs do not.
    opened = pl.format('<row r="{}" ht="{}" customHeight="1">', number, height)
    told: str = rows.select(pl.concat_str(opened, *cells, pl.lit("</row>")).str.join("")).item()
    return told.encode()


def _prose(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.kind == "prose"]


def _lines(column: Column) -> pl.Expr:
    """How many lines the text takes in its column."""
    length = pl.col(column.name).str.len_chars().fill_null(0)
    return (length + column.width - 3) // (column.width - 2)


def _content(column: Column, *, is_filled: bool) -> pl.Expr:
    """What follows the style of a cell: its type and value, or nothing."""
    if not is_filled:
        return pl.lit("/>")
    value = pl.col(column.name)
    if column.kind in (*TEXT_KINDS, "entry"):
        text = value.cast(pl.String).str.slice(0, LONGEST_TEXT)
        text = text.str.replace_all(NOT_XML, "\N{REPLACEMENT CHARACTER}")
        for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
            text = text.str.replace_all(character, entity, literal=True)
        shown = pl.format(' t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>', text)
    elif column.kind in ("date", "due"):
        day = value.cast(pl.Date)
        number = pl.format("><v>{}</v></c>", day.cast(pl.Int32) + EXCEL_EPOCH_DAYS)
        text = pl.format(' t="inlineStr"><is><t>{}</t></is></c>', day.dt.to_string("%Y-%m-%d"))
        shown = pl.when(day >= FIRST_EXCEL_DATE).then(number).otherwise(text)
    else:
        shown = pl.format("><v>{}</v></c>", value.cast(pl.String))
    return pl.when(value.is_null()).then(pl.lit("/>")).otherwise(shown)


def archived(
    book: Workbook, rows: Mapping[str, bytes], day: date, author: str, title: str
) -> bytes:
    """The bytes of a workbook, the same whenever it is built.

    openpyxl stamps the time of saving into the properties and into the archive; both are set to
    the business date.

    Args:
        book: a write-only workbook, not saved yet.
        rows: title of a sheet -> its rows below the header, from ``row_xml``.
        day: the business date.
        author: named in the file's properties.
        title: likewise.
    """
    moment = datetime.combine(day, time(), tzinfo=UTC)
    book.properties.creator = author
    book.properties.title = title
    book.properties.created = moment.replace(tzinfo=None)
    filled = {
        f"xl/worksheets/sheet{place}.xml": rows[title]
        for place, title in enumerate(book.sheetnames, 1)
        if title in rows
    }
    saved, again = io.BytesIO(), io.BytesIO()
    book.save(saved)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with (
        zipfile.ZipFile(saved) as source,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target,
    ):
        # The list of contents comes first, as Excel itself writes it; the rest by name.
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", lambda found: found[1] + stamp, data
                )
            if name in filled:
                head, end, tail = data.rpartition(b"</sheetData>")
                data = b"".join((head, filled[name], end, tail))
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, data)
    return again.getvalue()
