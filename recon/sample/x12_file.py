"""An X12 file of a few transaction sets: envelopes, counts, separators, what must be refused.

What belongs here: what all such files have in common. What does not: any transaction set
(``write_x12_supplier.py``, ``write_x12_network.py``), nor files of thousands (``write_x12.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from recon.sample.files import File, Refused
from recon.sample.habits import Habit
from recon.sample.network import Cents, Price
from recon.sample.write_x12 import Group, interchange


@dataclass(frozen=True)
class Kind:
    """A transaction set, its functional group (GS01), and the feed that brings it."""

    code: str
    group: str
    feed: str


@dataclass(frozen=True)
class Set:
    """The segments of a transaction set between ST and SE; ``flaw`` is the rule it breaks."""

    segments: Sequence[str]
    flaw: str = ""


def segment(*elements: object) -> str:
    """One segment; empty elements at its end are left out."""
    return "*".join(str(e) for e in elements).rstrip("*") + "~"


def dollars(amount: Cents) -> str:
    """Whole cents as a decimal number."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def price_text(price: Price) -> str:
    """Ten-thousandths of a dollar, with two decimals, or four where it has fractions of a cent."""
    return dollars(price // 100) if price % 100 == 0 else f"{price // 10_000}.{price % 10_000:04d}"


def day_text(day: date) -> str:
    """CCYYMMDD."""
    return f"{day:%Y%m%d}"


def x12_file(
    kind: Kind,
    name: str,
    night: int,
    day: date,
    sender: Habit,
    receiver: str,
    number: int,
    sets: Sequence[Set],
) -> File:
    """The sets in one group of one interchange, in the sender's separators.

    Args:
        kind: what they are.
        name: of the file.
        night: on which it is dropped.
        day: its date.
        sender: whose interchange it is.
        receiver: for whom.
        number: which interchange of its kind from this sender it is: no number is left out.
        sets: the transaction sets.
    """
    texts = []
    for n, of in enumerate(sets, start=1):
        count = len(of.segments) + 2 + (of.flaw == "SE01")
        opening, closing = segment("ST", kind.code, f"{n:04d}"), segment("SE", count, f"{n:04d}")
        texts.append("".join([opening, *of.segments, closing]))
    control = int(kind.code) * 10_000 + number
    group = Group(kind.group, control, len(texts), "".join(texts))
    whole = interchange(sender.sender, receiver, sender.component, day, control, [group])
    refused = []
    start = whole.index("ST*")
    for text, of in zip(texts, sets, strict=True):
        if of.flaw:
            refused.append(Refused(whole.count("~", 0, start) + 1, of.flaw))
        start += len(text)
    written = whole.replace("*", sender.element).replace("~", sender.terminator)
    if not sender.last_terminator:
        written = written[: -len(sender.terminator)]
    return File(kind.feed, name, night, written.encode(), len(sets), refused)
