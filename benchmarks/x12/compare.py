"""What reading X12 costs, beside the other ways there are.

    python benchmarks/x12/compare.py            50 MB, and 1 GB for what can be streamed
    python benchmarks/x12/compare.py --quick    10 MB

A file is generated (``documents.py``); every contender (``contenders.py``) reads it in a process
of its own, one after another and the whole round again, because a machine has better and worse
minutes; the table holds the median. What they find is compared too: a figure of a reader that
lost something, or refused what is right, is not printed. pyx12 reads the first group of
remittances alone, under a megabyte, because it has no map for an invoice and takes seconds for
that much; it is installed into an environment of its own.

What belongs here: the rounds and the table. What does not: what is read, and by what. Nothing
large is imported: the peak memory of a process begins at that of the one it was started by.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
WORK = HERE.parent / "scratch" / "x12"
SEED = 2026
OURS = ("read_x12", "write_parquet")


@dataclass(frozen=True)
class Entry:
    """A contender and the file it reads."""

    name: str
    file: Path
    python: str = sys.executable

    def run(self) -> dict[str, Any]:
        """What it cost and found, in a process of its own."""
        shutil.rmtree(self.file.with_suffix(".parquet"), ignore_errors=True)
        command = [self.python, str(HERE / "contenders.py"), self.name, str(self.file)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        told: dict[str, Any] = json.loads(done.stdout)
        return told


@dataclass(frozen=True)
class Figures:
    """The medians of an entry's runs."""

    entry: Entry
    runs: list[dict[str, Any]]

    @property
    def megabytes(self) -> float:
        """Of its file."""
        return self.entry.file.stat().st_size / 1e6

    @property
    def speeds(self) -> list[float]:
        """Megabytes a second, from the slowest run to the fastest."""
        return sorted(self.megabytes / run["wall"] for run in self.runs)

    @property
    def speed(self) -> float:
        """Megabytes a second."""
        return median(self.speeds)

    @property
    def cpu(self) -> float:
        """Seconds of all cores together."""
        return float(median(run["cpu"] for run in self.runs))

    @property
    def peak(self) -> float:
        """Gigabytes of memory at its highest, the interpreter and its libraries included."""
        return float(median(run["peak"] for run in self.runs)) / 1e9

    @property
    def found(self) -> dict[str, int]:
        """What it found; every run finds the same."""
        first: dict[str, int] = self.runs[0]["found"]
        if any(run["found"] != first for run in self.runs):
            sys.exit(f"{self.entry.name} found something else in each run: nothing is compared")
        return first


def generated(megabytes: int) -> Path:
    """The file of that size; made by a process of its own."""
    file = WORK / f"{megabytes}MB.edi"
    command = [sys.executable, str(HERE / "documents.py"), str(file), str(megabytes), str(SEED)]
    subprocess.run(command, check=True)
    return file


def remittances_only(file: Path) -> Path:
    """The first group of remittances of ``file``, as an interchange of its own."""
    with file.open("rb") as whole:
        head = whole.read(8_000_000)
    isa = head[: head.index(b"~") + 1]
    begin = head.index(b"GS*HP*")
    end = head.index(b"~", head.index(b"~GE*", begin) + 1) + 1
    part = file.with_name("remittances.edi")
    part.write_bytes(isa + head[begin:end] + b"IEA*1*" + isa.split(b"*")[13] + b"~")
    return part


def pyx12_python() -> str | None:
    """An interpreter that has pyx12; None, having said so, where it cannot be installed."""
    python = WORK / "pyx12" / "bin" / "python"
    uv = str(Path(sys.executable).with_name("uv"))
    locked = ("--require-hashes", "-r", str(HERE / "requirements-pyx12.txt"))
    try:
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(WORK / "pyx12")],
            [uv, "pip", "install", "--quiet", "--python", str(python), *locked],
        ):
            subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError as missing:
        why = str(missing)
    except subprocess.CalledProcessError as failed:
        why = failed.stderr.strip().splitlines()[-1]
    else:
        return str(python)
    print(f"\npyx12 IS SKIPPED, it cannot be installed: {why}\n")
    return None


def measured(entries: list[Entry], rounds: int) -> list[Figures]:
    """Every entry in turn, and again."""
    runs: dict[Entry, list[dict[str, Any]]] = {entry: [] for entry in entries}
    for n in range(rounds):
        for entry in entries:
            runs[entry].append(entry.run())
            took = f"{entry.name} {entry.file.name}: {runs[entry][-1]['wall']:.1f} s"
            print(f"  round {n + 1} of {rounds}: {took}", file=sys.stderr)
    return [Figures(entry, told) for entry, told in runs.items()]


def check(figures: list[Figures]) -> None:
    """End where two readers differ or one refused a document: all of them are right."""
    for column in ("segments", "rows", "transactions"):
        told = {(f.entry.file.name, f.entry.name): f.found.get(column) for f in figures}
        for file in {name for name, _ in told}:
            counts = {by: n for (name, by), n in told.items() if name == file and n is not None}
            if len(set(counts.values())) > 1:
                sys.exit(f"{column} of {file} differ, nothing is compared: {counts}")
    for f in figures:
        found = f.found
        refused = found.get("transactions", 0) - found.get("accepted", 0)
        if refused or found.get("disagreeing") or found.get("defects"):
            sys.exit(f"{f.entry.name} objects to correct documents, nothing is compared: {found}")


def show(figures: list[Figures]) -> None:
    """Print the table, and the goals with what was reached."""
    by = {(f.entry.name, f.entry.file): f for f in figures}
    pyx12 = next((f for f in figures if f.entry.name == "pyx12"), None)
    ours = [f for f in figures if f.entry.name in OURS]
    found = ours[0].found
    print(
        f"{ours[0].entry.file.name}: {found['segments']:,} segments, {found['transactions']:,} "
        f"documents, {found['rows']:,} rows; all accepted, {found['controls']:,} checks agree"
    )
    head = f"{'contender':<15}{'file':>16}{'MB/s':>9}{'of all runs':>17}{'CPU s':>8}{'peak GB':>9}"
    print(f"{head}{'x floor':>9}{'x pyx12':>9}")

    def ratio(f: Figures, to: Figures | None) -> str:
        return f"{f.speed / to.speed:>9.2f}" if to else f"{'-':>9}"

    for f in figures:
        speeds = f"{f.speeds[0]:.4g} to {f.speeds[-1]:.4g}"
        print(
            f"{f.entry.name:<15}{f.entry.file.name:>16}{f.speed:>9.4g}{speeds:>17}{f.cpu:>8.2f}"
            f"{f.peak:>9.2f}{ratio(f, by.get(('floor', f.entry.file)))}{ratio(f, pyx12)}"
        )
    print()
    for f in ours:
        name, floor = f"{f.entry.name} {f.entry.file.name}", by.get(("floor", f.entry.file))
        if floor:
            _goal(f"{name}: half the floor's speed", f.speed / floor.speed, 0.5)
        _goal(f"{name}: MB/s on two cores", f.speed, 60)
        if pyx12:
            _goal(f"{name}: times pyx12", f.speed / pyx12.speed, 300)
        if f.megabytes > 999:
            _goal(f"{name}: GB of memory at most", f.peak, 1.2, at_most=True)


def _goal(what: str, reached: float, goal: float, *, at_most: bool = False) -> None:
    met = reached <= goal if at_most else reached >= goal
    print(f"  {'met   ' if met else 'MISSED'} {what}: {reached:.4g} (goal {goal:g})")


def main() -> None:
    """Generate, install, measure, compare, print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="10 MB, and no 1 GB")
    arguments.add_argument("--gigabyte", action=argparse.BooleanOptionalAction, default=True)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("polars", "numpy", "pyarrow"))
    print(f"Python {sys.version.split()[0]}, {libraries}; {os.cpu_count()} cores; seed {SEED}")
    file = generated(10 if given.quick else 50)
    entries = [Entry(name, file) for name in ("split_loop", "floor", *OURS)]
    python = pyx12_python()
    if python:
        entries.append(Entry("pyx12", remittances_only(file), python))
    figures = measured(entries, given.rounds)
    if given.gigabyte and not given.quick:
        large = generated(1000)
        streamed = [Entry("write_parquet", large)]
        needs = 20 * next(f.peak for f in figures if f.entry.name == "floor")
        if needs < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2e9:
            streamed.insert(0, Entry("floor", large))
        else:
            print(f"the floor of 1 GB IS SKIPPED: {needs:.0f} GB are over half this machine's")
        figures += measured(streamed, given.rounds)
    check(figures)
    show(figures)
    for read in {f.entry.file for f in figures}:
        read.unlink()
        shutil.rmtree(read.with_suffix(".parquet"), ignore_errors=True)


if __name__ == "__main__":
    main()
