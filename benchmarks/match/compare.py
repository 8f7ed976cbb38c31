"""What the three-way match costs, beside the least there is to do and what an analyst writes.

    python benchmarks/match/compare.py                       1 and 5 million order lines
    python benchmarks/match/compare.py --millions 1 5 20     and 20: tens of GB of memory or disk
    python benchmarks/match/compare.py --quick               a tenth of a million

Tables are generated (``documents.py``); every contender (``contenders.py``) matches them in a
process of its own, one after another and the whole round again; the table holds the median.
The match runs once as it is and once within 2 GB of memory, which it spills beyond. The pandas
version is run on the smallest size, and must hold the same dollars to the cent.

What belongs here: the rounds and the table. What does not: what is matched, and by what.
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
WORK = HERE.parent / "scratch" / "match"
LIMIT = "2GB"
Run = dict[str, Any]


def generated(lines: int) -> Path:
    """The folder of tables of that size; made by a process of its own."""
    folder = WORK / f"{lines}"
    command = [sys.executable, str(HERE / "documents.py"), str(folder), str(lines)]
    subprocess.run(command, check=True)
    return folder


def run(name: str, folder: Path, limit: str | None) -> Run:
    """What one contender cost and found."""
    command = [sys.executable, str(HERE / "contenders.py"), name, str(folder)]
    done = subprocess.run(
        [*command, *([limit] if limit else [])], stdout=subprocess.PIPE, text=True, check=True
    )
    told: Run = json.loads(done.stdout)
    said = f"{name} {limit or ''}".rstrip()
    print(f"  {said} on {folder.name} order lines: {told['wall']:.1f} s", file=sys.stderr)
    return told


def measured(lines: int, rounds: int, *, pandas: bool) -> dict[str, Run]:
    """The medians of every contender at one size; ends where two of them disagree."""
    folder = generated(lines)
    entries = [("floor", None), ("recon", None), ("recon", LIMIT)]
    entries += [("pandas", None)] if pandas else []
    runs: dict[str, list[Run]] = {}
    for _ in range(rounds):
        for name, limit in entries:
            runs.setdefault(f"{name} {limit or ''}".rstrip(), []).append(run(name, folder, limit))
    shutil.rmtree(folder)
    figures = {
        name: {
            **{what: median(r[what] for r in found) for what in ("wall", "cpu", "peak")},
            "found": found[0]["found"],
        }
        for name, found in runs.items()
    }
    held = {name: f["found"]["held"] for name, f in figures.items() if "held" in f["found"]}
    if len(set(held.values())) > 1:
        sys.exit(f"the dollars held differ, nothing is compared: {held}")
    return figures


def show(lines: int, figures: dict[str, Run]) -> None:
    """Print what one size cost."""
    found = figures["recon"]["found"]
    held = f"{found['lines']:,.0f} invoice lines, {found['held']:,.2f} held"
    print(f"\n{lines:,} order lines: {held}")
    print(f"{'contender':<12}{'s':>8}{'CPU s':>8}{'peak GB':>9}{'us a line':>11}{'x floor':>9}")
    floor = figures["floor"]["wall"]
    for name, f in figures.items():
        print(
            f"{name:<12}{f['wall']:>8.1f}{f['cpu']:>8.1f}{f['peak'] / 1e9:>9.2f}"
            f"{f['wall'] / lines * 1e6:>11.2f}{f['wall'] / floor:>9.1f}"
        )


def goals(every: dict[int, dict[str, Run]]) -> None:
    """Print the goals, and what was reached."""
    smallest, largest = min(every), max(every)
    least, most = every[smallest], every[largest]
    wall = most["recon"]["wall"]
    print(f"\nat {largest:,} order lines:")
    _goal("times the floor at most", wall / most["floor"]["wall"], 4)
    if largest >= 20_000_000:
        _goal("seconds at most", wall, 60)
    _goal(f"within {LIMIT}, times that at most", most[f"recon {LIMIT}"]["wall"] / wall, 1.5)
    if largest > smallest:
        growth = wall / largest / (least["recon"]["wall"] / smallest)
        _goal(f"cost per line beside {smallest:,}, at most", growth, 1.2)
    if "pandas" in least:
        print(f"at {smallest:,} order lines:")
        faster = least["pandas"]["wall"] / least["recon"]["wall"]
        _goal("times faster than pandas", faster, 10, at_most=False)


def _goal(what: str, reached: float, goal: float, *, at_most: bool = True) -> None:
    met = reached <= goal if at_most else reached >= goal
    print(f"  {'met   ' if met else 'MISSED'} {what}: {reached:.3g} (goal {goal:g})")


def main() -> None:
    """Generate, match, compare, print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="100,000 order lines")
    arguments.add_argument("--millions", type=int, nargs="+", default=[1, 5])
    arguments.add_argument("--rounds", type=int, default=1)
    given = arguments.parse_args()
    sizes = [100_000] if given.quick else sorted(n * 1_000_000 for n in given.millions)
    every = {}
    for lines in sizes:
        every[lines] = measured(lines, given.rounds, pandas=lines == sizes[0])
        show(lines, every[lines])
    goals(every)


if __name__ == "__main__":
    main()
