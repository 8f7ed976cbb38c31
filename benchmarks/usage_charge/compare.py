"""What use against charges costs, beside the least there is to do and what an analyst writes.

    python benchmarks/usage_charge/compare.py                2 million lines of each
    python benchmarks/usage_charge/compare.py --quick        a tenth of a million

Tables are generated (``events.py``); every contender (``contenders.py``) runs in a process of its
own, one after another and the whole round again; the table holds the median. All that say so must
find the same units expected and charged.

What belongs here: the rounds and the table. What does not: what is compared, and by what.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
WORK = HERE.parent / "scratch" / "usage_charge"
LIMIT = "4GB"
SECONDS = 15
# Without a limit the floor and pandas take what they need: neither is what is measured.
ENTRIES = (("floor", None), ("recon", LIMIT), ("pandas", None))
Run = dict[str, Any]


def run(name: str, folder: Path, limit: str | None) -> Run:
    """What one contender cost and found."""
    command = [sys.executable, str(HERE / "contenders.py"), name, str(folder)]
    done = subprocess.run(
        [*command, *([limit] if limit else [])], stdout=subprocess.PIPE, text=True, check=True
    )
    told: Run = json.loads(done.stdout)
    print(f"  {name} on {folder.name} lines: {told['wall']:.1f} s", file=sys.stderr)
    return told


def measured(lines: int, rounds: int) -> dict[str, Run]:
    """The medians of every contender; ends where two of them disagree."""
    folder = WORK / f"{lines}"
    command = [sys.executable, str(HERE / "events.py"), str(folder), str(lines)]
    subprocess.run(command, check=True)
    runs: dict[str, list[Run]] = {}
    for _ in range(rounds):
        for name, limit in ENTRIES:
            runs.setdefault(name, []).append(run(name, folder, limit))
    shutil.rmtree(folder)
    figures = {
        name: {
            **{what: median(r[what] for r in found) for what in ("wall", "cpu", "peak")},
            "found": found[0]["found"],
        }
        for name, found in runs.items()
    }
    for what in ("uses", "expected", "charged"):
        told = {n: f["found"][what] for n, f in figures.items() if what in f["found"]}
        if len(set(told.values())) > 1:
            sys.exit(f"{what}: they differ, nothing is compared: {told}")
    return figures


def show(lines: int, figures: dict[str, Run]) -> None:
    """Print what it cost, and whether the goals are met."""
    found = figures["recon"]["found"]
    codes = {name: count for name, count in found.items() if name[0].isupper()}
    print(f"\n{found['uses']:,} records of use, {found['charges']:,} charges in force")
    print("found: " + ", ".join(f"{name} {count:,}" for name, count in codes.items()))
    print(f"{'contender':<12}{'s':>8}{'CPU s':>8}{'peak GB':>9}{'us a line':>11}{'x floor':>9}")
    floor = figures["floor"]["wall"]
    for name, f in figures.items():
        print(
            f"{name:<12}{f['wall']:>8.1f}{f['cpu']:>8.1f}{f['peak'] / 1e9:>9.2f}"
            f"{f['wall'] / lines * 1e6:>11.2f}{f['wall'] / floor:>9.1f}"
        )
    if lines >= 2_000_000:
        ours = figures["recon"]
        _goal("seconds at most", ours["wall"], SECONDS)
        _goal("GB at most", ours["peak"] / 1e9, float(LIMIT.removesuffix("GB")))


def _goal(what: str, reached: float, goal: float) -> None:
    print(f"  {'met   ' if reached <= goal else 'MISSED'} {what}: {reached:.3g} (goal {goal:g})")


def main() -> None:
    """Generate, compare, print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="100,000 lines")
    arguments.add_argument("--millions", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=1)
    given = arguments.parse_args()
    lines = 100_000 if given.quick else given.millions * 1_000_000
    show(lines, measured(lines, given.rounds))


if __name__ == "__main__":
    main()
