"""The workbooks of a night: one per hospital and one for the network.

What belongs here: which sheets a workbook has, its name, and what goes
into which. What does not: how a sheet is written (``sheets.py``, ``summary.py``, ``archive.py``).
"""

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import polars as pl
from openpyxl import Workbook

from recon.publish import columns, payment_columns, query
from recon.publish.archive import archived
from recon.publish.blocks import blocks_sheet
from recon.publish.columns import Column
from recon.publish.night import DOCUMENTS, Night
from recon.publish.sheets import MOST_ROWS, csv_of, data_sheet
from recon.publish.simulation_rules import as_written
from recon.publish.summary import summary_sheet
from recon.site.consistency import NETWORK
from recon.site.words import in_file_name

# Beyond these a sheet is slow to open and no one reads it row by row: what is left out is
# said on the Summary, and exceptions go into a CSV beside the workbook.
MOST_LINES = 50_000
MOST_EXCEPTIONS = MOST_ROWS
LONG = ("All lines", "Payable")

# The story first, then what the analyst fills in, then both sides of the argument.
EXCEPTIONS = (*columns.EXCEPTION_STORY, *columns.ENTRIES, *columns.EXCEPTION_SIDES)
PRINTED = len(columns.EXCEPTION_STORY)


def workbooks(night: Night) -> dict[str, bytes]:
    """Every workbook of the night: file name -> bytes.

    One per facility with the rows of that facility, one for the network with all rows, those
    without a facility included. Where a workbook would hold more than ``MOST_EXCEPTIONS``, its
    exceptions are in a CSV of the same name. Equal nights give equal bytes.

    Raises:
        InputError: the night lacks a table; the message names it.
    """
    details = query.detail(night)
    made: dict[str, bytes] = {}
    for facility in night.facilities:
        of_facility = query.of_facility(details, facility.id)
        made |= _workbook(night, of_facility, facility.id, facility.name)
    return made | _workbook(night, details, NETWORK, night.network)


def file_stem(night: Night, whose: str) -> str:
    """``AP_Exceptions_<facility or NETWORK>_<business date>_<run>``."""
    return f"AP_Exceptions_{in_file_name(whose)}_{night.day.isoformat()}_{night.run_id}"


def _workbook(
    night: Night, details: Mapping[str, pl.DataFrame], whose: str, name: str
) -> dict[str, bytes]:
    stem = file_stem(night, whose)
    found, lines = details["exception_detail"], details["line_detail"]
    still_open = found.filter(pl.col("state") != "AUTO_CLOSED")
    closed = found.filter(pl.col("state") == "AUTO_CLOSED")
    overridden = still_open.filter(pl.col("state") == "OVERRIDDEN").height
    beside = still_open.height > MOST_EXCEPTIONS
    footer = f"{name} · {night.day.isoformat()} · run {night.run_id}"
    open_ = still_open.height - overridden
    counts = f"{open_:,} open exception{'' if open_ == 1 else 's'} · "
    if overridden:
        counts += f"{overridden:,} overridden by your answers, still held · "
    counts += f"{closed.height:,} closed tonight"
    about = [
        f"Business date {night.day.isoformat()} · run {night.run_id}",
        f"{counts} · {lines.height:,} invoice line{'' if lines.height == 1 else 's'}",
        *night.lacks,
        *night.later(DOCUMENTS, None if whose == NETWORK else whose),
    ]
    if beside:
        about.append(f"Too many exceptions for a sheet: they are in {stem}.csv beside this file.")
    frames = {
        "Exceptions": still_open,
        "Closed tonight": closed,
        "All lines": lines,
        "Received not invoiced": details["rni_detail"],
        "Payable": details["payable_detail"],
        "Payments": details["payment_detail"],
        "Late shipments": details["shipment_detail"],
        "Quarantine": night.tables["quarantine"].sort(
            "feed", "file_name", "source_file_id", "source_record", "layer", "rule"
        ),
    }
    left_out = [title for title in LONG if frames[title].height > MOST_LINES]
    about += [f"{title} is left out: more than {MOST_LINES:,} rows." for title in left_out]
    if beside:
        left_out.append("Exceptions")

    book = Workbook(write_only=True)
    summary_sheet(
        book,
        query.totals(details, night),
        still_open,
        title=f"Invoice exceptions: {name}",
        about=about,
        footer=footer,
        linked=not beside,
    )
    sheets = {t: s for t, s in _sheets(network=whose == NETWORK).items() if t not in left_out}
    rows = {
        title: data_sheet(
            book,
            title,
            shown,
            frames[title],
            footer=footer,
            frozen_columns=frozen,
            printed_columns=printed,
            nothing=nothing,
        )
        for title, (shown, frozen, printed, nothing) in sheets.items()
    }
    tolerances = as_written(night.rules["tolerance_rule"])
    in_force = {"Tolerances, by date of the invoice": (columns.TOLERANCES, tolerances)}
    run_info(book, night, name, footer, in_force)
    codes = night.rules["exception_code"].filter(~pl.col("code").str.contains(columns.CHARGE_CODE))
    dictionary(book, codes, {title: shown for title, (shown, *_) in sheets.items()}, footer)
    title = f"Invoice exceptions {night.day.isoformat()}"
    made = {f"{stem}.xlsx": archived(book, rows, night.day, night.network, title)}
    if beside:
        made[f"{stem}.csv"] = csv_of(EXCEPTIONS, still_open)
    return made


Sheet = tuple[tuple[Column, ...], int, int | None, str]


def _sheets(*, network: bool) -> dict[str, Sheet]:
    """Title -> columns, frozen columns, printed columns, what to say when empty."""
    refused = (*columns.QUARANTINE, *((columns.QUARANTINE_TEXT,) if network else ()))
    return {
        "Exceptions": (EXCEPTIONS, 3, PRINTED, "No open exception."),
        "Closed tonight": (columns.CLOSED, 3, None, "Nothing closed tonight."),
        "All lines": (columns.LINES, 2, None, "No invoice line."),
        "Received not invoiced": (
            columns.RECEIVED_NOT_INVOICED,
            2,
            None,
            "Everything received is invoiced.",
        ),
        "Payable": (payment_columns.PAYABLE, 1, None, "No document is unpaid."),
        "Payments": (
            payment_columns.PAYMENTS,
            2,
            None,
            "Every payment agrees with its invoice and with what is payable.",
        ),
        "Late shipments": (columns.LATE_SHIPMENTS, 2, None, "Every shipment arrived in time."),
        "Quarantine": (refused, 2, None, "No record was refused."),
    }


def run_info(
    book: Workbook,
    night: Night,
    name: str,
    footer: str,
    more: Mapping[str, tuple[tuple[Column, ...], pl.DataFrame]] | None = None,
) -> None:
    """What this night was made of: dates, files and rule tables with hashes, and what is more."""
    tables = [
        {
            "rule_table": table,
            "rows": f"{rows.height:,} rows",
            "sha256": hashlib.sha256(rows.write_csv().encode()).hexdigest(),
        }
        for table, rows in sorted(night.rules.items())
    ]
    about = (
        name if name == night.network else f"{name}, {night.network}",
        f"As of the close of {night.day.isoformat()}: documents dated later are not in it.",
        f"Hash of all inputs and rules: {night.fingerprint}.",
        f"Made by recon {_version()}: in one version, equal hashes mean equal numbers.",
    )
    blocks_sheet(
        book,
        "Run info",
        footer,
        about,
        {
            "Files that arrived": (
                columns.FILES,
                night.tables["file_control"].sort("feed", "file_name", "source_file_id"),
            ),
            "Rule tables": (
                columns.RULES,
                pl.DataFrame(tables, schema=["rule_table", "rows", "sha256"]),
            ),
            **(more or {}),
        },
    )


def _version() -> str:
    try:
        return version("supply-recon")
    except PackageNotFoundError:  # on the path, not installed
        return "(not installed)"


def dictionary(
    book: Workbook, codes: pl.DataFrame, sheets: Mapping[str, tuple[Column, ...]], footer: str
) -> None:
    """What every column and every exception code means."""
    meanings = [(title, c.heading, c.meaning) for title, shown in sheets.items() for c in shown]
    blocks_sheet(
        book,
        "Dictionary",
        footer,
        ("What every column means, and what every rule finds.",),
        {
            "Columns": (
                columns.MEANINGS,
                pl.DataFrame(meanings, schema=["sheet", "heading", "meaning"], orient="row"),
            ),
            "Rules": (columns.CODES, codes.sort("code")),
        },
    )
