"""How what a lake holds is laid out, by a number, so that no version works on what it misreads.

A version that lays tables, manifests or the ledger out otherwise counts the number up, and reads
the older ones or says how to convert them. An older version refuses what a newer one wrote.

What belongs here: the number in ``<lake>/layout``. What does not: the layout itself (``lake.py``,
``land/ledger.py``, ``canonical/tables.py``).
"""

from pathlib import Path

from recon.lake import write_atomically

FILE = "layout"
KNOWN = "1"


def enter(root: Path) -> None:
    """Write down how the lake is laid out; one that says so already stays as it is."""
    if not (root / FILE).exists():
        write_atomically(root / FILE, f"{KNOWN}\n".encode(), mode=0o600)


def unknown(root: Path) -> str | None:
    """A sentence where the lake is laid out as this version does not know; a lake of before says 1.

    What cannot be read is told by whoever opens the lake.
    """
    try:
        found = (root / FILE).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
    if found == KNOWN:
        return None
    return (
        f"{root} is laid out as {found[:20]!r} and this version knows {KNOWN}: a newer version "
        "wrote it. Run that one; or, to go back, put the lake of before in its place from a backup"
    )
