"""What ``recon hl7`` gives: a text for a person, one JSON document, records, acknowledgements.

What belongs here: what is given in each form, and what is put in place of private values. What
does not: which files (``message_files.py``), how the text looks (``hl7_text.py``).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from recon.parse.hl7 import PRIVATE, RECORDS, Hl7, read_hl7
from recon.parse.looks_like import CUT_HL7
from recon.publish import hl7_text
from recon.publish.message_files import REFUSED, content, files_meant, no_table, none_of

Emit = Callable[[str | bytes], None]


@dataclass(frozen=True, eq=False)
class File:
    """A file, read.

    Attributes:
        name: as it was given, or its path in the folder that was given.
        hl7: what it holds.
        in_folder: it was found in a folder, and not named itself.
    """

    name: str
    hl7: Hl7
    in_folder: bool

    @property
    def is_refused(self) -> bool:
        """Whether anything of it was refused."""
        return bool((self.hl7.defects["severity"] == "error").any())


def read(names: Sequence[str]) -> tuple[list[File], list[str]]:
    """The files, and those of folders that hold no message and are passed over.

    Raises:
        InputError: one cannot be read, or none holds a message.
    """
    found, others = [], []
    for name, in_folder in files_meant(names).items():
        file = File(name, read_hl7(content(name)), in_folder)
        if in_folder and file.hl7.messages.is_empty() and not _is_rest_of_one(file.hl7):
            others.append(name)
        else:
            found.append(file)
    if not found:
        raise none_of(others, "message")
    return found, others


def _is_rest_of_one(hl7: Hl7) -> bool:
    """Whether what holds no message was one: that is not passed over."""
    told = hl7.defects.filter(pl.col("code") == "no_msh")["found"]
    return CUT_HL7 in told


def overview(files: Sequence[File], others: Sequence[str], emit: Emit) -> int:
    """What each file holds, to be read. This and the others return the exit code."""
    for file in files:
        emit(hl7_text.file_text(file.name, file.hl7))
    if others:
        emit(f"Passed over, no message in them: {', '.join(others)}\n")
    return _code(files)


def document(files: Sequence[File], others: Sequence[str], emit: Emit) -> int:
    """The same as one JSON document: each file's frames as lists of rows."""
    found = [
        {
            "file": file.name,
            "size_bytes": len(file.hl7.data),
            "encoding": file.hl7.encoding,
            "is_refused": file.is_refused,
            "records": {name: rows.height for name, rows in file.hl7.records.items()},
            **{name: getattr(file.hl7, name).to_dicts() for name in _FRAMES},
        }
        for file in files
    ]
    told = {"files": found, "passed_over": list(others)}
    emit(json.dumps(told, indent=1, default=str) + "\n")
    return _code(files)


_FRAMES = ("messages", "defects", "controls", "suggestions", "gaps")


def records(files: Sequence[File], table: str, emit: Emit) -> int:
    """One typed table as CSV; where there are several files a column says which.

    A value that identifies a person is numbered (``account 1``, ``account 2`` ...): who is the same
    can be seen, who it is cannot.

    Raises:
        InputError: no message has such a table.
    """
    if table not in RECORDS:
        raise no_table(table, RECORDS, "message", "hl7")
    parts = [
        file.hl7.records.get(table, RECORDS[table].to_frame()).select(
            *([pl.lit(file.name).alias("file")] if len(files) > 1 else []), pl.all()
        )
        for file in files
    ]
    rows = pl.concat(parts)
    emit(rows.with_columns(_numbered(rows, table)).write_csv())
    return _code(files)


def _numbered(rows: pl.DataFrame, table: str) -> Iterator[pl.Series]:
    """Each private column with numbers in the order of appearance, one value one number."""
    private = PRIVATE.get(table, {})
    for domain in dict.fromkeys(private.values()):
        columns = [column for column, held in private.items() if held == domain]
        every = rows.select(pl.concat_list(columns).explode()).to_series()
        distinct = every.drop_nulls().unique(maintain_order=True)
        names = [f"{domain} {n}" for n in range(1, distinct.len() + 1)]
        for column in columns:
            yield rows[column].replace_strict(distinct, names, default=None, return_dtype=pl.String)


def acknowledgements(files: Sequence[File], emit: Emit) -> int:
    """The ACK of every message; its time is that of the message."""
    for file in files:
        emit(file.hl7.acks())
    return _code(files)


def _code(files: Sequence[File]) -> int:
    return REFUSED if any(file.is_refused for file in files) else 0
