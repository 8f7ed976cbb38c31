"""Third-party X12 files, each read once for all that is asked of it."""

import csv
from functools import cache
from pathlib import Path

from recon.parse.x12 import X12, read_x12

CORPUS = Path(__file__).resolve().parents[1] / ".." / "shared" / "corpus" / "x12"
MANIFEST = CORPUS / "MANIFEST.csv"


def manifest() -> list[dict[str, str]]:
    """What is known of each file: counts, envelope, intent; none where the corpus is not."""
    if not MANIFEST.exists():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def read(name: str) -> X12:
    """The file of that name in the manifest."""
    return read_x12(CORPUS / name)
