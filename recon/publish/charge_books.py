"""Which workbooks of use against charge there are, and who works what.

One for each group of queues that one office works. What belongs here: names, queues and words.
What does not: sheets (``charge_workbook.py``, ``charge_summary.py``).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Book:
    """One workbook.

    Attributes:
        stem: its name in the file's name.
        title: its title.
        queues: the queues whose findings it holds.
        lost: what gross under is called in it, and what it is.
        overcharged: what gross over is called in it, and what it is.
        gaps: whether it lists the gaps of the charge master.
        stock: whether it lists what is to be ordered.
    """

    stem: str
    title: str
    queues: tuple[str, ...]
    lost: tuple[str, str] = ("Lost", "used, and not or not fully charged")
    overcharged: tuple[str, str] = ("Charged too much", "nothing supports it")
    gaps: bool = False
    stock: bool = False


BOOKS = (
    Book(
        "Revenue_Integrity", "Revenue integrity", ("DEPT", "PFS", "HIM", "COMP", "CODING", "FEED")
    ),
    Book("Charge_Master", "Charge master", ("CDM",), gaps=True),
    Book("Device_Safety", "Device safety", ("SAFETY", "OR")),
    Book("Denials", "Denials", ("DENIAL",), lost=("Denied", "not paid, or the claim not taken in")),
    Book(
        "Supply",
        "Supplies on shelves and bill-only orders",
        ("SUPPLY",),
        overcharged=("Orders differ", "bill-only use without its order"),
        stock=True,
    ),
)

# Who works each queue.
OWNERS = {
    "DEPT": "Department that used it",
    "PFS": "Patient financial services",
    "HIM": "Health information management",
    "COMP": "Compliance",
    "CODING": "Coding",
    "FEED": "Whoever runs the feed",
    "CDM": "Charge master",
    "SAFETY": "Patient safety",
    "OR": "Operating room",
    "DENIAL": "Denials",
    "SUPPLY": "Supply chain",
}
