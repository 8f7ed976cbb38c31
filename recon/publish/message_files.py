"""Files of messages outside any site: which are meant, and the bytes of each.

What belongs here: finding the files of ``recon x12`` and ``recon hl7``, and what both say of what
is not there. What does not: reading them (``x12_files.py``, ``hl7_report.py``).
"""

import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from recon.errors import InputError

STDIN = "-"
REFUSED = 4  # exit code, as of a night with records in quarantine


def files_meant(names: Sequence[str]) -> dict[str, bool]:
    """The files meant, and whether each was found in a folder; what is hidden is left alone."""
    found: dict[str, bool] = {}
    for name in names:
        if not name:  # which would be the current folder: a variable of a script that is not set
            raise InputError("the name of a file is empty: give one, or . for this folder.")
        path = Path(name)
        if name != STDIN and not path.exists():
            raise InputError(f"there is no {name}: check the path, or give - for standard input.")
        if name == STDIN or not path.is_dir():
            found[name] = False
            continue
        inside = [file for file in sorted(path.rglob("*")) if file.is_file()]
        shown = [f for f in inside if not any(p[0] == "." for p in f.relative_to(path).parts)]
        if not shown:
            raise InputError(f"the folder {name} holds no file: name one that does.")
        found |= {str(file): True for file in shown if str(file) not in found}
    return found


def none_of(names: Sequence[str], what: str) -> InputError:
    """What is said where all files of the folders given are passed over: nothing was asked of any.

    Args:
        names: those files.
        what: what none of them holds.
    """
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return InputError(
        f"there is no {what} in {', '.join(names[:3])}{more}: name a file or folder that holds one."
    )


def no_table(table: str, known: Iterable[str], what: str, command: str) -> InputError:
    """What is said of a table that nothing of the kind has.

    Args:
        table: the name that was given.
        known: the names that there are.
        what: what may have a table.
        command: the command that was asked.
    """
    close = ", ".join(get_close_matches(table, known))
    near = f"did you mean {close}?" if close else "no name is similar"
    return InputError(
        f"no {what} has a table {table} ({near}): `recon {command} FILE` without --records names "
        "the tables that a file has."
    )


def content(name: str) -> bytes:
    """What is in a file, or in standard input.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as broken:
        raise unusable(name, broken) from None


def unusable(name: str, broken: OSError) -> InputError:
    """What is said of a file that cannot be read or written."""
    return InputError(f"{name}: {broken.strerror}. Check the path and who may read or write it.")
