"""What a story is made of: lines ordered and sold, orders, bills, and what must be found.

The book (``book.py``) makes these and remembers them; nothing here knows a file format.
"""

from dataclasses import dataclass, field
from datetime import date

from recon.sample.network import Cents, Hospital, Item, Price

SAME = -1


def cents(qty: int, price: Price) -> Cents:
    """Quantity times price, which a story must choose to be whole cents."""
    whole, rest = divmod(qty * price, 100)
    if rest:
        raise ValueError(
            f"{qty} x {price} ten-thousandths is not whole cents: choose other numbers"
        )
    return whole


@dataclass(frozen=True)
class Wanted:
    """A line of an order; ``price`` is that of one ``uom``."""

    item: Item
    qty: int
    uom: str
    price: Price
    match_type: str = "3WAY"
    match_basis: str = "QTY"
    limit: Cents | None = None
    status: str = "OPEN"
    flaw: str = ""


@dataclass
class Order:
    """A purchase order that a story placed."""

    po_number: str
    hospital: Hospital
    supplier: str
    night: int
    dated: date
    header: dict[str, object]
    lines: list[Wanted]
    rows: list[dict[str, object]] = field(default_factory=list)
    receipts: int = 0


@dataclass(frozen=True)
class Sold:
    """A line of an invoice; what is not given is as ordered.

    ``printed`` is the order line it states: that of ``line`` unless given, None for none at all.
    """

    line: int = 1
    qty: int | None = None
    uom: str | None = None
    price: Price | None = None
    amount: Cents | None = None
    item: Item | None = None
    printed: int | None = SAME
    adj_kind: str | None = None
    lot: str | None = None


@dataclass(frozen=True)
class Bill:
    """An invoice or credit memo that a story sent."""

    doc: int
    number: str
    night: int
    dated: date
    order: Order | None
    hospital: Hospital
    supplier: str
    amounts: tuple[Cents, ...]
    total: Cents
    order_lines: tuple[int | None, ...]


@dataclass(frozen=True)
class Finding:
    """An exception that must be open on the nights from ``first`` to the one before ``until``."""

    code: str
    facility_id: str
    doc: int | None
    line_no: int | None
    po_number: str | None
    po_line_no: int | None
    impact: Cents
    first: int
    until: int | None
    story: str
