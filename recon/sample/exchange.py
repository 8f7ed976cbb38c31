"""What partners exchange beside orders, receipts and invoices, as a story says it.

Acknowledgements, shipment notices, price catalogues, order changes and remittances. A story sends
them (``send.py``); ``write_x12_supplier.py`` and ``write_x12_network.py`` write them. There are a
few of each, so they are plain objects and no frames.
"""

from dataclasses import dataclass, field
from datetime import date

from recon.sample.network import SUPPLIER, Cents, Hospital, Item, Price
from recon.sample.paper import Order, Wanted


@dataclass(frozen=True)
class Answer:
    """What a supplier answers to a line: one ACK; several may answer one line.

    Attributes:
        line: of the order.
        code: ACK01.
        qty: of it; the line's if not given.
        price: of the line from now on; the order's if not given.
        item: sent in the place of the ordered one.
    """

    line: int
    code: str
    qty: int | None = None
    price: Price | None = None
    item: Item | None = None


@dataclass(frozen=True)
class Acknowledgement:
    """An 855; without answers it says of the whole order what ``type_code`` (BAK02) says."""

    night: int
    order: Order
    lines: tuple[Wanted, ...]  # as they were when it was sent
    dated: date
    type_code: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Packed:
    """An item of a shipment notice."""

    line: int
    wanted: Wanted
    lot: str
    serial: str
    expires: date


@dataclass(frozen=True)
class Notice:
    """An 856; ``flaw`` is the rule it breaks, empty for none."""

    night: int
    order: Order
    number: str
    shipped: date
    expected: date
    items: tuple[Packed, ...]
    flaw: str

    @property
    def identity(self) -> str:
        """Under which it is loaded."""
        habit = SUPPLIER[self.order.supplier].habit
        return f"{habit.sender if habit else ''}-{self.number}"


@dataclass(frozen=True)
class Level:
    """A packaging level of an item, as its supplier states it: ``qty`` are in the largest."""

    uom: str
    qty: int
    gtin: str


@dataclass(frozen=True)
class Catalogue:
    """An item of an 832: its contract price of one ``uom`` from ``since`` on, and its units."""

    night: int
    item: Item
    contract_no: str
    uom: str
    price: Price
    since: date
    ladder: tuple[Level, ...]


@dataclass(frozen=True)
class Change:
    """A POC of an 860: ``wanted`` is the line from now on; with the code DI it is taken out."""

    night: int
    order: Order
    line: int
    wanted: Wanted
    code: str


@dataclass(frozen=True)
class Payment:
    """A line of an 820; ``adjusted`` is what less is paid, with a reason."""

    night: int
    hospital: Hospital
    supplier: str
    number: str
    po_number: str
    invoiced: Cents
    paid: Cents
    discount: Cents
    adjusted: Cents


@dataclass(frozen=True)
class Paid:
    """What must be told of an invoice from night ``first`` on, after it was paid."""

    supplier: str
    number: str
    first: int
    status: str
    paid: Cents
    difference: Cents | None
    beyond: Cents | None


@dataclass(frozen=True)
class Announced:
    """What must be warned of from night ``first`` on."""

    what: str
    document: str
    line: str
    first: int


@dataclass
class Exchanged:
    """All that the stories of a book exchanged, and what must be told because of it."""

    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    catalogues: list[Catalogue] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    announced: list[Announced] = field(default_factory=list)
