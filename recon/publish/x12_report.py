"""What ``recon x12`` gives: a text for a person, one JSON document, records, acknowledgements.

What belongs here: what is given in each form. What does not: reading the files
(``x12_files.py``), how the text looks (``x12_text.py``).
"""

import json
from collections.abc import Callable, Iterable

import polars as pl

from recon.parse.x12 import RECORDS
from recon.parse.x12.acks import Form, acknowledge
from recon.parse.x12.private import DROPPED, PRIVATE
from recon.publish.message_files import REFUSED, no_table, none_of
from recon.publish.x12_files import File
from recon.publish.x12_text import file_text, rows_text

Emit = Callable[[str | bytes], None]


def overview(files: Iterable[File], emit: Emit) -> int:
    """What each file holds, to be read. This and the others return the exit code."""
    others: list[str] = []
    refused = False
    for file in _without(others, files):
        emit(file_text(file))
        refused |= file.is_refused
    if others:
        emit(f"Passed over, no interchange in them: {', '.join(others)}\n")
    return REFUSED if refused else 0


def document(files: Iterable[File], emit: Emit) -> int:
    """The same as one JSON document: each file's frames as lists of rows."""
    others: list[str] = []
    found = [
        {
            "file": file.name,
            "size_bytes": file.size,
            "encoding": file.x12.encoding,
            "is_refused": file.is_refused,
            "records": file.counts,
            **{name: getattr(file.x12, name).to_dicts() for name in _FRAMES},
            "gaps": None if (gaps := file.gaps) is None else gaps.to_dicts(),
        }
        for file in _without(others, files)
    ]
    emit(json.dumps({"files": found, "passed_over": others}, indent=1) + "\n")
    return REFUSED if any(file["is_refused"] for file in found) else 0


_FRAMES = ("interchanges", "groups", "transactions", "defects", "controls")


def records(files: Iterable[File], table: str, emit: Emit, *, on_screen: bool) -> int:
    """One typed table: as CSV or, on a screen, to be read and without what identifies a person.

    Where there are several files a column says which.

    Raises:
        InputError: no transaction set has such a table.
    """
    if table not in RECORDS:
        raise no_table(table, RECORDS, "transaction set", "x12")
    found = list(_without([], files))
    parts = [
        file.x12.records.get(table, RECORDS[table].to_frame()).select(
            *([pl.lit(file.name).alias("file")] if len(found) > 1 else []), pl.all()
        )
        for file in found
    ]
    rows = pl.concat(parts)
    private = [*PRIVATE.get(table, {}), *DROPPED.get(table, [])]
    emit(rows_text(rows, private) if on_screen else rows.write_csv())
    return REFUSED if any(file.is_refused for file in found) else 0


def acknowledgements(files: Iterable[File], form: Form | None, emit: Emit) -> int:
    """The TA1, 997 and 999 that answer the files; their control numbers are those answered."""
    refused = False
    for file in _without([], files):
        emit(acknowledge(file.x12, form=form).data)
        refused |= file.is_refused
    return REFUSED if refused else 0


def _without(others: list[str], files: Iterable[File]) -> Iterable[File]:
    """The X12 files among them; the names of the rest are added to ``others``.

    Raises:
        InputError: there is none among them.
    """
    found = False
    for file in files:
        if file.is_other:
            others.append(file.name)
        else:
            found = True
            yield file
    if not found:
        raise none_of(others, "interchange")
