"""What must be known of an XLSX container before and beside reading its cells.

The reader underneath trusts a file: it would unpack a bomb, and it gives an error cell or a
formula without a stored value as an empty one. So the container is measured first, and such cells
are found.

What belongs here: the zip and the XML of a sheet. What does not: values of cells (``spreadsheet``).
"""

import html
import io
import re
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of XLS, and of every encrypted workbook
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

# Sheets pack to a tenth or a twentieth; a million rows unpack to some 400 MB.
MOST_ENTRIES = 10_000
MOST_BYTES = 512 * 1024 * 1024
MOST_RATIO = 100
RATIO_COUNTS_FROM = 10 * 1024 * 1024
MOST_CELLS = 50_000_000
CHUNK = 8 * 1024 * 1024

# What is repeated ends where the next part begins, so that no byte is tried twice: in a sheet of
# blanks every pair of them was, and a file of ten thousand bytes held the night for hours.
_CELL = rb"<(?:\w+:)?c\s([^<>]*)"
_FORMULA = rb"<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
_ERROR = re.compile(_CELL + rb">\s*(?:" + _FORMULA + rb")?<(?:\w+:)?v>([^<]*)<")
_ERROR_TYPE = re.compile(rb"""\bt\s*=\s*["']e["']""")
_UNCOMPUTED = re.compile(
    _CELL + rb"(?<!/)>\s*" + _FORMULA + rb"(?:<(?:\w+:)?v(?:\s*/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
# From 16 digits before the point on, Excel has put zeros in place of what was typed.
_LONG_VALUE = rb"<(?:\w+:)?v>-?(?:\d{16,}|\d(?:\.\d+)?[eE]\+?(?:1[5-9]|[2-9]\d|\d{3}))\b"
_ANY_LONG = re.compile(_LONG_VALUE)
_LONG = re.compile(_CELL + rb">\s*(?:" + _FORMULA + rb")?" + _LONG_VALUE)
_TEXT_TYPE = re.compile(rb"""\bt\s*=\s*["'](?:str|s|inlineStr|e)["']""")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_STYLED = re.compile(_CELL)
_STYLE = re.compile(rb"""\bs\s*=\s*["'](\d{1,6})["']""")
DIGIT = "\0"  # in what a format shows, where a digit stands
# What a format of digits is made of, such as 00000, 00000-0000-00 or [Blue]"PO-"00000_).
_FORMAT_PART = re.compile(
    r"\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow)\]|[_*]."
    r'|"(?P<quoted>[^"]*)"|\\(?P<one>.)|(?P<plain>[ /-])|(?P<digit>0)',
    re.IGNORECASE,
)


class Refused(Exception):  # noqa: N818  becomes the reason of a reject, never an error of the run
    """A container that is not opened; its text says why."""


@dataclass(frozen=True)
class BrokenCell:
    """A cell that shows no value that was meant: row and column from 0, and what is wrong."""

    row: int
    column: int
    problem: str


def check(data: bytes) -> None:
    """Refuse what is no workbook, is encrypted, is damaged, or unpacks to more than we hold.

    Raises:
        Refused: with the reason.
    """
    if data.startswith(OLE):
        if ENCRYPTED in data:
            raise Refused(
                "the workbook is encrypted with a password; ask the sender for it without one"
            )
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            _check_entries(book.infolist())
            if not any(re.fullmatch(r"xl/workbook\d*\.xml", name) for name in book.namelist()):
                raise Refused(
                    "it is a zip file and not an XLSX workbook: there is no xl/workbook.xml in it"
                )
            # The sizes above are what the file says of itself. Reading every entry to its end
            # checks them: no entry gives more than it declared, and its CRC has to be right.
            for entry in book.infolist():
                with book.open(entry) as stream:
                    while stream.read(CHUNK):
                        pass
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ) as broken:
        raise Refused(
            f"it is not a readable XLSX file ({str(broken) or type(broken).__name__}); ask the "
            "sender to send it again"
        ) from None


def broken_cells(data: bytes, sheet: str) -> list[BrokenCell]:
    """Cells of a sheet that show no value that was meant.

    They hold an error, a formula whose result was never stored, or a number too long to be exact.

    Raises:
        Refused: the sheet spans more cells than we hold, or such a cell does not say where it is.
    """
    if data.startswith(OLE):
        return []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        path = _path_of(book, sheet)
        xml = book.read(path) if path else b""
    columns, rows = _extent(xml)
    if columns * rows > MOST_CELLS:
        raise Refused(
            f"the sheet '{sheet}' spans {rows} rows and {columns} columns, more than "
            f"{MOST_CELLS:,} cells; ask the sender to delete the cells far outside the table"
        )
    found = []
    if _ERROR_TYPE.search(xml):
        found += [
            _at(match[1], f"shows the error {html.unescape(match[2].decode(errors='replace'))}")
            for match in _ERROR.finditer(xml)
            if _ERROR_TYPE.search(match[1])
        ]
    found += [
        _at(match[1], "is a formula whose result was not saved with the workbook")
        for match in _UNCOMPUTED.finditer(xml)
        if not _TEXT_TYPE.search(match[1])
    ]
    if _ANY_LONG.search(xml):
        found += [
            _at(
                match[1],
                "has more than 15 digits, which no sheet keeps: it has to be stored as text",
            )
            for match in _LONG.finditer(xml)
            if not _TEXT_TYPE.search(match[1])
        ]
    return sorted(found, key=lambda cell: (cell.row, cell.column))


def padded_cells(data: bytes, sheet: str) -> list[tuple[int, int, str]]:
    """Numbers shown with leading zeros: row and column from 0, and what is shown.

    That is a text with a ``DIGIT`` for each zero of the format.
    """
    if data.startswith(OLE):
        return []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        styles = _zeros_of_styles(book)
        path = _path_of(book, sheet) if styles else None
        xml = book.read(path) if path else b""
    found = []
    for cell in _STYLED.finditer(xml):
        style = _STYLE.search(cell[1])
        shown = styles.get(int(style[1])) if style else None
        place = _PLACE.search(cell[1]) if shown and not _TEXT_TYPE.search(cell[1]) else None
        if shown and place:
            found.append((int(place[2]) - 1, _column(place[1]), shown))
    return found


def _zeros_of_styles(book: zipfile.ZipFile) -> dict[int, str]:
    """Number of a style -> what it shows, of those that show a number with leading zeros."""
    if "xl/styles.xml" not in book.namelist():
        return {}
    text = book.read("xl/styles.xml").decode(errors="replace")
    codes = {
        _attribute(tag, "numFmtId"): html.unescape(_attribute(tag, "formatCode"))
        for tag in re.findall(r"<(?:\w+:)?numFmt\s[^<>]*>", text)
    }
    of_cells = text.partition("cellXfs")[2].partition("cellXfs>")[0]
    styles = re.findall(r"<(?:\w+:)?xf\s[^<>]*>", of_cells)
    shown = (codes.get(_attribute(tag, "numFmtId"), "") for tag in styles)
    plain = (_digits_shown(code.split(";")[0]) for code in shown)
    return {n: code for n, code in enumerate(plain) if code.count(DIGIT) > 1}


def _digits_shown(code: str) -> str:
    """The format with a ``DIGIT`` for each zero; empty where it has more than zeros and words."""
    parts = list(_FORMAT_PART.finditer(code))
    if "".join(part[0] for part in parts) != code:
        return ""
    return "".join(
        DIGIT if part["digit"] else part["quoted"] or part["one"] or part["plain"] or ""
        for part in parts
    )


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Refused(
            f"the container has {len(entries)} entries, more than {MOST_ENTRIES}; it was not opened"
        )
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        raise Refused(
            f"the workbook unpacks to {total:,} bytes, more than {MOST_BYTES:,}; it was not "
            "opened. Ask for it as CSV"
        )
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused("the container is encrypted; ask the sender for it without a password")
        if (
            entry.file_size > RATIO_COUNTS_FROM
            and entry.file_size > MOST_RATIO * entry.compress_size
        ):
            raise Refused(
                f"{ascii(entry.filename)[:60]} unpacks from {entry.compress_size:,} to "
                f"{entry.file_size:,} bytes, more than {MOST_RATIO} times; it was not opened"
            )


def _path_of(book: zipfile.ZipFile, sheet: str) -> str | None:
    """Where the XML of a sheet is, by the workbook's own list; None where it has none."""
    workbook = next(n for n in book.namelist() if re.fullmatch(r"xl/workbook\d*\.xml", n))
    rels = f"xl/_rels/{workbook.removeprefix('xl/')}.rels"
    if rels not in book.namelist():
        return None
    ids = {
        html.unescape(_attribute(tag, "name")): _attribute(tag, r"\w+:id")
        for tag in re.findall(
            r"<(?:\w+:)?sheet\s[^<>]*>", book.read(workbook).decode(errors="replace")
        )
    }
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target")
        for tag in re.findall(
            r"<(?:\w+:)?Relationship\s[^<>]*>", book.read(rels).decode(errors="replace")
        )
    }
    target = targets.get(ids.get(sheet, ""), "")
    path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return path if path in book.namelist() else None


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (match[1] or match[2] or "") if match else ""


def _extent(xml: bytes) -> tuple[int, int]:
    """The furthest column and row that any cell names, from 1.

    The reader underneath makes room for the whole rectangle: two cells in opposite corners of a
    sheet of a few bytes would be 17 thousand million cells.
    """
    columns = rows = 0
    for start in range(0, len(xml), CHUNK):
        array = np.frombuffer(xml[start : start + CHUNK + 16], np.uint8).astype(np.int64)
        padded = np.concatenate((array, np.zeros(16, np.int64)))
        quote = (array == 34) | (array == 39)
        equals = np.flatnonzero((padded[:-2] == ord("r")) & (padded[1:-1] == ord("=")))
        at = equals[np.isin(equals + 2, np.flatnonzero(quote))] + 3
        column = np.zeros(at.size, np.int64)
        row = np.zeros(at.size, np.int64)
        open_ = np.ones(at.size, np.bool_)
        for step in range(10):
            byte = padded[at + step]
            letter = open_ & (byte >= 65) & (byte <= 90)
            digit = open_ & (byte >= 48) & (byte <= 57)
            column = np.where(letter, column * 26 + byte - 64, column)
            row = np.where(digit, row * 10 + byte - 48, row)
            open_ &= letter | digit
        columns = max(columns, int(column.max(initial=0)))
        rows = max(rows, int(row.max(initial=0)))
    return columns, rows


def _at(attributes: bytes, problem: str) -> BrokenCell:
    place = _PLACE.search(attributes)
    if place is None:
        raise Refused(
            f"a cell of the sheet {problem} and does not say where it is; ask the sender to "
            "save it again"
        )
    return BrokenCell(int(place[2]) - 1, _column(place[1]), problem)


def _column(letters: bytes) -> int:
    """Its number, from 0."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1
