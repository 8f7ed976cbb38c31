"""One sheet of a workbook as records and rejects.

A cell is what a person sees in it: a number is its decimal text to the fifteen digits that Excel
keeps, an id typed as a number has no ``.0``, a date is a date, and an error such as #N/A is never
an empty cell.

What belongs here: cells to texts. What does not: the container and its limits (``workbook_zip``),
what the texts must be (``contract``).
"""

from decimal import Decimal

import fastexcel
import numpy as np
import polars as pl

from recon.parse.contract import (
    contract_schema,
    header_problem,
    heading,
    reject,
    typed,
)
from recon.parse.encoding import Offsets
from recon.parse.parsed import CONTROL, REJECT, Parsed
from recon.parse.workbook_zip import (
    DIGIT,
    BrokenCell,
    Refused,
    broken_cells,
    check,
    padded_cells,
)
from recon.site import Column, Contract, SpreadsheetFormat, nearest, one_line

RECORD = "record"
ENCODING = "spreadsheet"
_NUMBER = r"^-?\d+(?:\.\d{1,9})?$"
EXCEL_DIGITS = 15
# The day before Excel's first: the reader puts it before a time of day that has none.
_NO_DAY = "1899-12-31 "


def read_spreadsheet(data: bytes, format: SpreadsheetFormat, contract: Contract) -> Parsed:
    """Read one sheet.

    Args:
        data: an XLSX or XLS workbook.
        format: which sheet, and in which row its headings stand.
        contract: its columns, matched by heading in any order.

    Returns:
        Records of the kind ``record``; ``source_record`` is the row as the sheet numbers it, and
        ``byte_offset`` is 0: a cell has no place in a compressed file. Rules of rejects: those of
        the contract, ``fields`` for a row with values in columns that have no heading; for the
        whole file ``container``, ``sheet``, ``header``.
    """
    try:
        check(data)
        book = fastexcel.read_excel(data)
        if format.sheet not in book.sheet_names:
            # A sheet may be named after the patient that it is about.
            names = book.sheet_names
            hint = (
                f"the file has {len(names)}, of other names"
                if contract.is_private
                else nearest(format.sheet, names)
            )
            return _refused(data, contract, "sheet", f"there is no sheet '{format.sheet}'; {hint}")
        broken = broken_cells(data, format.sheet)
        texts, dates = _cells(book, format.sheet)
    except Refused as refused:
        return _refused(data, contract, "container", str(refused))
    except fastexcel.FastExcelError as unreadable:
        reason = (
            f"the workbook cannot be read ({str(unreadable).splitlines()[0]}); ask the sender to "
            "save it as XLSX and send it again"
        )
        return _refused(data, contract, "container", reason)
    except BaseException as panicked:
        # The reader's panic is no Exception and has no class that it exports: a number that is no
        # date of any calendar, such as -1E+15, is enough for one.
        if type(panicked).__name__ != "PanicException":
            raise
        reason = (
            "the workbook cannot be read: a cell of it holds a number that the reader cannot take; "
            "ask the sender to look for one far too large"
        )
        return _refused(data, contract, "container", reason)
    height = max([texts.height, *(cell.row + 1 for cell in broken)])
    if height > texts.height:
        texts, dates = (_padded(frame, height) for frame in (texts, dates))
    written = ~texts.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()
    written[[cell.row for cell in broken]] = True
    rows = np.flatnonzero(written)
    rows = rows[rows >= format.header_row]
    if format.header_row > texts.height:
        reason = (
            f"row {format.header_row} should hold the headings; the sheet has {texts.height} rows"
        )
        return _refused(data, contract, "header", reason)
    header = {
        place: text
        for place, text in zip(texts.columns, texts.row(format.header_row - 1), strict=True)
        if text is not None
    }
    headings = {place: one_line(text) for place, text in header.items()}
    problem = header_problem(list(headings.values()), contract, format.other_columns)
    if problem:
        return _refused(data, contract, "header", problem, rows.size)
    places = {text.casefold(): place for place, text in headings.items()}
    wanted = {column.name: places[heading(column)] for column in contract.columns}
    # A list that was printed page by page has its headings on each.
    again = pl.all_horizontal(pl.col(place) == text for place, text in header.items())
    rows = rows[~texts.select(again.fill_null(False)).to_series().to_numpy()[rows]]
    others = [place for place in texts.columns if place not in wanted.values()]
    unread = [place for place in others if place in headings]
    named = {wanted[column.name] for column in contract.columns if column.type == "text"}
    texts = _padded_as_shown(texts, named, padded_cells(data, format.sheet))
    return _parsed(texts[rows].drop(unread), dates[rows], rows + 1, wanted, broken, contract)


def _parsed(
    texts: pl.DataFrame,
    dates: pl.DataFrame,
    numbers: Offsets,
    wanted: dict[str, str],
    broken: list[BrokenCell],
    contract: Contract,
) -> Parsed:
    outside = [name for name in texts.columns if name not in wanted.values()]
    rows = pl.DataFrame(
        [_with_dates(texts[wanted[c.name]], dates[wanted[c.name]], c) for c in contract.columns]
    ).with_columns(
        source_record=pl.Series(numbers, dtype=pl.Int64),
        byte_offset=pl.lit(0, pl.Int64),
        byte_length=pl.lit(0, pl.Int64),
        raw=texts.select(pl.concat_str(pl.all().fill_null(""), separator=" | ")).to_series(),
        outside=_any_text(texts, outside),
    )
    rows = rows.join(_said(broken, wanted), on="source_record", how="left", maintain_order="left")
    wrong = pl.col("rule").is_not_null()
    misplaced = pl.col("outside") & ~wrong
    accepted, mistyped = typed(
        rows.filter(~wrong & ~misplaced).drop("outside", "rule", "reason"),
        contract,
        shown=not contract.is_private,
    )
    rejects = [
        mistyped,
        reject(rows.filter(wrong), pl.col("rule"), pl.col("reason")),
        reject(rows.filter(misplaced), "fields", "the row has values in columns without a heading"),
    ]
    return Parsed(
        {RECORD: accepted},
        pl.concat(rejects).sort("source_record"),
        pl.DataFrame(schema=CONTROL),
        rows.height,
        ENCODING,
    )


def _cells(book: fastexcel.ExcelReader, sheet: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every cell as text, and those that are dates as dates; columns named by their place from 0.

    The reader's own text of a number is rounded to nine decimals and shows the noise of doubles
    (99999999999.99 as 99999999999.990005493), so the sheet is read as numbers too.
    """
    loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    names = [str(column.absolute_index) for column in loaded.available_columns()]
    texts = loaded.to_polars()
    numbers = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="float").to_polars()
    dates = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="date").to_polars()
    for frame in (texts, numbers, dates):
        frame.columns = names
    # A bare number is a date to the reader as well; only what is not a number is meant as one.
    dates = dates.with_columns(
        pl.when(numbers[name].is_null()).then(pl.col(name)).alias(name) for name in names
    )
    texts = pl.DataFrame([_text(texts[name], numbers[name]).alias(name) for name in names])
    return texts, dates


def _text(text: pl.Series, number: pl.Series) -> pl.Series:
    """The reader's text, with every number that it rounded or blurred put right.

    A cell of text that looks like a number stays as typed: its text and its number agree.
    """
    text = text.set((text.str.strip_chars() == "").fill_null(False), None)
    numeric = number.is_not_null() & text.str.contains(_NUMBER).fill_null(False)
    # Floats only to compare what the sheet stores; money is made from the text.
    agrees = text.cast(pl.Float64, strict=False) == number
    short = text.str.count_matches(r"\d") <= EXCEL_DIGITS
    whole = ~text.str.contains(".", literal=True)
    blurred = (numeric & ~(agrees & (short | whole))).fill_null(False)
    if not blurred.any():
        return text
    exact = [f"{Decimal(f'{value:.{EXCEL_DIGITS}g}'):f}" for value in number.filter(blurred)]
    return text.clone().scatter(blurred.arg_true(), pl.Series(exact, dtype=pl.String))


def _padded_as_shown(
    texts: pl.DataFrame, places: set[str], padded: list[tuple[int, int, str]]
) -> pl.DataFrame:
    """Columns of text with the leading zeros that a cell's format shows (123 as 00123)."""
    shown: dict[str, list[str | None]] = {}
    for row, column, code in padded:
        place = str(column)
        if place not in places or row >= texts.height:
            continue
        if place not in shown:
            shown[place] = texts[place].to_list()
        number = shown[place][row]
        if number is not None and number.isdecimal():
            shown[place][row] = _as_shown(number, code)
    return texts.with_columns(
        pl.Series(place, values, dtype=pl.String) for place, values in shown.items()
    )


def _as_shown(number: str, code: str) -> str:
    """A number in a format of zeros: 123456789 in 00000-0000-00 as 00123-4567-89."""
    zeros = code.count(DIGIT)
    digits = number.zfill(zeros)
    # More digits than the format has places stand in the first.
    places = iter([digits[: 1 - zeros], *digits[1 - zeros :]])
    return "".join(next(places) if mark == DIGIT else mark for mark in code)


def _with_dates(text: pl.Series, day: pl.Series, column: Column) -> pl.Series:
    """A column's texts; its real dates written as the contract expects them."""
    clock = day.is_not_null() & text.str.starts_with(_NO_DAY).fill_null(False)
    text = pl.select(
        pl.when(clock).then(text.str.strip_prefix(_NO_DAY)).otherwise(text)
    ).to_series()
    real = day.is_not_null() & ~clock
    if column.type == "date":
        printed = day.cast(pl.Datetime).dt.to_string(column.date_format)
    else:
        printed = text.str.strip_suffix(" 00:00:00")
    chosen = pl.select(pl.when(real).then(printed).otherwise(text)).to_series()
    return chosen.alias(column.name)


def _any_text(texts: pl.DataFrame, columns: list[str]) -> pl.Series:
    if not columns:
        return pl.repeat(False, texts.height, dtype=pl.Boolean, eager=True)
    return texts.select(pl.any_horizontal(pl.col(columns).is_not_null())).to_series()


def _said(broken: list[BrokenCell], wanted: dict[str, str]) -> pl.DataFrame:
    """Rows with a broken cell in a column of the contract: the rule and the reason."""
    columns = {int(place): name for name, place in wanted.items()}
    rows: dict[int, list[tuple[str, str]]] = {}
    for cell in broken:
        if cell.column in columns:
            rows.setdefault(cell.row + 1, []).append((columns[cell.column], cell.problem))
    return pl.DataFrame(
        {
            "source_record": list(rows),
            "rule": [f"type:{said[0][0]}" for said in rows.values()],
            "reason": [
                "; ".join(f"{name} {problem}" for name, problem in said) for said in rows.values()
            ],
        },
        schema={"source_record": pl.Int64, "rule": pl.String, "reason": pl.String},
    )


def _padded(frame: pl.DataFrame, height: int) -> pl.DataFrame:
    return pl.concat([frame, frame.clear(height - frame.height)])


def _refused(data: bytes, contract: Contract, rule: str, reason: str, records: int = 1) -> Parsed:
    """The whole workbook as one reject; one whose records cannot be counted stands for one."""
    row = {
        "record": "file",
        "source_record": 0,
        "byte_offset": 0,
        "byte_length": len(data),
        "records": records,
        "rule": rule,
        "reason": reason,
        "raw": None,
    }
    schema = {**contract_schema(contract), "source_record": pl.Int64(), "byte_offset": pl.Int64()}
    return Parsed(
        {RECORD: pl.DataFrame(schema=schema)},
        pl.DataFrame([row], schema=REJECT),
        pl.DataFrame(schema=CONTROL),
        records,
        ENCODING,
    )
