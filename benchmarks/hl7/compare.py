"""What reading DFT messages costs, beside the other ways there are.

    python benchmarks/hl7/compare.py            100,000 messages
    python benchmarks/hl7/compare.py --quick    20,000

A file is generated (``messages.py``); every contender (``contenders.py``) reads it in a process of
its own, one after another and the whole round again; the table holds the medians. python-hl7 and
hl7apy take seconds for what the others do in a millisecond, so they read the first messages alone;
they are installed into an environment of their own. All must find the same charges.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
WORK = HERE.parent / "scratch" / "hl7"
SEED = 2026
# Times as fast as each: the goals.
GOALS = {"split": 1.0, "python_hl7": 80.0, "hl7apy": 2000.0}


def generated(messages: int) -> Path:
    """The file; made by a process of its own."""
    file = WORK / f"{messages}.hl7"
    command = [sys.executable, HERE / "messages.py", file, str(messages), str(SEED)]
    subprocess.run(command, check=True)
    return file


def others_python() -> str | None:
    """An interpreter that has python-hl7 and hl7apy; None, having said so, where there is none."""
    python = WORK / "others" / "bin" / "python"
    uv = str(Path(sys.executable).with_name("uv"))
    locked = ("--require-hashes", "-r", str(HERE / "requirements.txt"))
    try:
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(WORK / "others")],
            [uv, "pip", "install", "--quiet", "--python", str(python), *locked],
        ):
            subprocess.run(command, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as failed:
        print(f"\npython-hl7 and hl7apy ARE SKIPPED, they cannot be installed: {failed}\n")
        return None
    return str(python)


def run(name: str, file: Path, python: str) -> dict[str, Any]:
    """What it cost and found."""
    command = [python, str(HERE / "contenders.py"), name, str(file)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> None:
    """Generate, install, measure, compare, print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="20,000 messages")
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    messages = 20_000 if given.quick else 100_000
    file, python = generated(messages), others_python()
    entries = {n: (file, messages, sys.executable) for n in ("split", "split_ft1")}
    entries |= {n: (file, messages, sys.executable) for n in ("split_components", "read_hl7")}
    if python:
        entries["python_hl7"] = (generated(1000), 1000, python)
        entries["hl7apy"] = (generated(100), 100, python)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in entries}
    for _ in range(given.rounds):
        for name, (read, _, by) in entries.items():
            runs[name].append(run(name, read, by))
    found: dict[Path, set[int]] = {}
    for name, told in runs.items():
        found.setdefault(entries[name][0], set()).update(one["charges"] for one in told)
    if any(len(counts) > 1 for counts in found.values()):
        sys.exit(f"the charges found differ, nothing is compared: {found}")
    # Microseconds a message, of the processor: other work on the machine counts least there.
    cpu = {n: median(o["cpu"] for o in told) / entries[n][1] * 1e6 for n, told in runs.items()}
    wall = {n: median(o["wall"] for o in told) / entries[n][1] * 1e6 for n, told in runs.items()}
    print(f"{messages:,} messages, {file.stat().st_size / 1e6:.0f} MB, seed {SEED}")
    print(f"{'contender':<18}{'messages':>10}{'wall us':>10}{'CPU us':>10}{'read_hl7 is':>16}")
    for name, (_, size, _) in entries.items():
        times = f"{wall[name] / wall['read_hl7']:.4g} x"
        print(f"{name:<18}{size:>10,}{wall[name]:>10.2f}{cpu[name]:>10.2f}{times:>16}")
    for name, goal in GOALS.items():
        if name in wall:
            reached = wall[name] / wall["read_hl7"]
            met = "met   " if reached >= goal else "MISSED"
            print(f"  {met} times as fast as {name}: {reached:.4g} (goal {goal:g})")


if __name__ == "__main__":
    main()
