"""Use and charges of any number of lines, as the canonical tables of one night.

    python benchmarks/usage_charge/events.py FOLDER LINES

An account has ten records of use, of 3,000 items. Of a thousand records 20 are not charged, 30 are
charged one unit or one pack off, 10 under another code or account, 10 twice; 10 charges are taken
back, 10 are of nothing that was used, 5 are sent again, and a few are late or at another price. A
fifth of the charges name the record of use, half its item and lot, the others the code alone.
What a line is depends on its number alone, so every size holds the same mixture.

What belongs here: writing them. What does not: what they are (``events.sql``).
"""

import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
TABLES = (
    *("patient_account", "usage_event", "charge_event"),
    *("cdm", "item", "item_uom", "item_cdm_map"),
)


def write(folder: Path, lines: int) -> None:
    """The tables of ``lines`` records of use, a Parquet file each."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"set variable lines = {int(lines)}")
        con.execute((HERE / "events.sql").read_text(encoding="utf-8"))
        for name in TABLES:
            con.execute(f"copy {name} to '{folder / name}.parquet' (compression zstd)")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
