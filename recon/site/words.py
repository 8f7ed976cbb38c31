"""The hint that goes with a wrong name; a name as it stands in a file's, a heading as compared."""

import difflib
import re
import unicodedata
from collections.abc import Iterable


def nearest(name: str, valid: Iterable[str], otherwise: str | None = None) -> str:
    """A hint for a wrong name: the closest valid one, or all of them when none is close.

    Args:
        name: what was written.
        valid: what could have been meant.
        otherwise: said instead of listing all of ``valid``.
    """
    names = sorted(set(valid))
    close = closest(name, names)
    if close is not None:
        return f"did you mean '{close}'?"
    if otherwise is not None:
        return otherwise
    return "valid: " + ", ".join(names) if names else "there is none"


def closest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that was probably meant; None when none is close.

    A qualified name (``seller.supplier_id``) is also found by its last part.
    """
    names = sorted(set(valid))
    by_lower = {known.lower(): known for known in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return by_lower[close[0]]
    parts = {known.rpartition(".")[2]: known for known in names if "." in known}
    close = difflib.get_close_matches(name.lower(), parts, n=1, cutoff=0.7)
    return parts[close[0]] if close else None


def in_file_name(name: str) -> str:
    """A name with ``_`` for what some disk or shell would take for something else."""
    return re.sub(r"[^A-Za-z0-9-]", "_", name)


def one_line(heading: str) -> str:
    """A heading as it is compared, but for its case.

    Spreadsheets break long ones into lines; a byte-order mark may be there twice, or another
    character without width that nobody sees (category Cf).
    """
    seen = "".join(mark for mark in heading if unicodedata.category(mark) != "Cf")
    return " ".join(seen.split())
