"""What is compared: each way of reading DFT messages, run by itself in a process of its own.

    python contenders.py read_hl7 FILE

It prints what it cost and what it found, as JSON; reading the file and importing are not part of
the cost. python-hl7 and hl7apy read message by message; neither gives types.
"""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def split(data: bytes) -> Callable[[], int]:
    """``bytes.split`` by segment, then by field: no components, no types, no check."""
    segments = [segment.split(b"|") for segment in data.split(b"\r")]
    return lambda: sum(segment[0] == b"FT1" for segment in segments)


def split_ft1(data: bytes) -> Callable[[], int]:
    """The same, of the FT1 segments alone: no account, no device, no message."""
    segments = [s.split(b"|") for s in data.split(b"\r") if s.startswith(b"FT1")]
    return lambda: len(segments)


def split_components(data: bytes) -> Callable[[], int]:
    """The fields that a charge needs, cut to components, still as bytes."""
    charges, account = [], b""
    for segment in data.split(b"\r"):
        fields = segment.split(b"|")
        if fields[0] == b"PID":
            account = fields[18].split(b"^")[0]
        elif fields[0] == b"FT1":
            ends = [field.split(b"^")[0].split(b"&")[0] for field in fields]
            charges.append((account, *(ends[n] for n in (2, 4, 5, 6, 7, 10, 11, 12, 13))))
    return lambda: len(charges)


def read_hl7(data: bytes) -> Callable[[], int]:
    """``recon.read_hl7``: typed charges, devices, all checks."""
    import recon

    hl7 = recon.read_hl7(data)
    return lambda: hl7.records["charge"].height


def python_hl7(data: bytes) -> Callable[[], int]:
    """python-hl7, every message parsed."""
    import hl7

    parsed = [hl7.parse(text) for text in _messages(data)]
    return lambda: sum(len(message.segments("FT1")) for message in parsed)


def hl7apy(data: bytes) -> Callable[[], int]:
    """hl7apy in its tolerant mode, every message parsed."""
    from hl7apy.parser import parse_message

    parsed: list[Any] = [parse_message(text, find_groups=False) for text in _messages(data)]
    return lambda: sum(len(message.ft1) for message in parsed)


def _messages(data: bytes) -> list[str]:
    return [f"MSH{text}" for text in data.decode().split("MSH")[1:]]


CONTENDERS = {
    f.__name__: f for f in (split, split_ft1, split_components, read_hl7, python_hl7, hl7apy)
}


def main() -> None:
    """Run the contender that is named on the file that is named."""
    data, work = Path(sys.argv[2]).read_bytes(), CONTENDERS[sys.argv[1]]
    work(data[: data.index(b"MSH", 1)])  # imports, and what a first call makes ready
    gc.disable()  # it has nothing to find, and would slow the splits most
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    count = work(data)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "charges": count()}))


if __name__ == "__main__":
    main()
