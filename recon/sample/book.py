"""Where planted stories are written down: their documents, and what must be found because of them.

A story places orders, receives and bills against them, each on a night, and says which exceptions
must be open on which nights. Each has orders and invoice numbers of its own, so that no story
touches another or the ordinary business around it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from recon.sample.chance import Chance
from recon.sample.documents import SCHEMAS, Documents, night_date
from recon.sample.exchange import Exchanged
from recon.sample.network import (
    CATALOGUED,
    ERS_SUPPLIER,
    HOSPITALS,
    SUPPLIER,
    Cents,
    Hospital,
    Item,
    Network,
    Price,
)
from recon.sample.paper import SAME, Bill, Finding, Order, Sold, Wanted, cents

FIRST_DOC = 100_000_000  # story documents come after the ordinary ones of their night
FIRST_ORDER = 7_700_001
FIRST_NUMBER = 30_000_004
# The night on which contracts, items and units are delivered a second time.
MASTERS_AGAIN = 4
FIVE_DOLLARS: Price = 50_000


class Book:
    """The planted documents of one sample and what must be found.

    Args:
        net: the network.
        chance: draws of the stories.
        nights: length of the sample.
        first_night: business date of night 1.
    """

    def __init__(self, net: Network, chance: Chance, nights: int, first_night: date) -> None:
        self.net = net
        self.chance = chance.stream("stories")
        self.nights = nights
        self.first_night = first_night
        self.story = ""
        self.findings: list[Finding] = []
        self.log: list[tuple[str, str, str, int]] = []  # story, kind, number, night
        self.late_contracts: list[Item] = []
        self.late_units: list[Item] = []
        self.no_dozen: list[Item] = []
        self.wrong_trailers: set[tuple[int, str]] = set()
        self.resent: list[tuple[str, int]] = []
        self.used: list[dict[str, object]] = []
        self.exchanged = Exchanged()
        self._orders: list[Order] = []
        self._rows: dict[str, list[dict[str, object]]] = {
            name: [] for name in ("receipt", "invoice", "invoice_line", "charge")
        }
        self._numbers = 0
        self._reserved = {
            role: net.role(role) for role in ("lapsed", "future", "unlisted", CATALOGUED)
        }

    def plant(self, story: Callable[["Book", int], None], copies: int, span: int) -> None:
        """Tell one story several times, each beginning so early that ``span`` nights follow."""
        for _ in range(copies):
            self.story = story.__name__
            story(self, self.chance.one(1, max(1, self.nights - span)))

    def day(self, night: int) -> date:
        """The business date of a night."""
        return night_date(self.first_night, night)

    # --- what a story is about ------------------------------------------------------------------

    def item(
        self,
        *,
        portal: bool | None = None,
        echo: bool = False,
        contract: bool | None = None,
        supplier: str | None = None,
        counted_in: str | None = None,
        other_than: Sequence[Item] = (),
        sends: str = "",
    ) -> Item:
        """An item of $5.04 or more each, in eaches, boxes and cases.

        Args:
            portal: its supplier uses the invoice portal (True) or X12 (False).
            echo: its supplier repeats the order's line numbers.
            contract: it is on contract, or is not.
            supplier: of this supplier.
            counted_in: its base unit is this.
            other_than: not one of these.
            sends: its supplier sends this transaction set.
        """
        among = [
            i
            for i in self.net.items
            if not i.role and not i.fine and len(i.units) > 1 and i.each >= FIVE_DOLLARS
            and (i.supplier != ERS_SUPPLIER or supplier == ERS_SUPPLIER)
            and (portal is None or (SUPPLIER[i.supplier].habit is None) == portal)
            and (not echo or getattr(SUPPLIER[i.supplier].habit, "lines", "echo") == "echo")
            and (contract is None or i.contract == contract)
            and (supplier is None or i.supplier == supplier)
            and (counted_in is None or i.base == counted_in)
            and (not sends or sends in getattr(SUPPLIER[i.supplier].habit, "sends", ()))
            and i not in other_than
        ]  # fmt: skip
        return self.chance.pick(among)

    def several(self, count: int, *, portal: bool | None = None, echo: bool = False) -> list[Item]:
        """Different items of one supplier."""
        found = [self.item(portal=portal, echo=echo)]
        while len(found) < count:
            found.append(self.item(supplier=found[0].supplier, other_than=found))
        return found

    def reserved(self, role: str, supplier: str = "") -> Item | None:
        """An item kept for contract stories; none when all of them have been used."""
        left = [i for i in self._reserved[role] if supplier in ("", i.supplier)]
        if not left:
            return None
        item = left[self.chance.one(0, len(left) - 1)]
        self._reserved[role].remove(item)
        return item

    def hospital(self, *, erp: bool | None = None, taxed: bool = False) -> Hospital:
        """A facility."""
        return self.chance.pick(
            [h for h in HOSPITALS if (erp is None or h.erp == erp) and (not taxed or h.taxed)]
        )

    def wanted(
        self, item: Item, *, uom: str | None = None, least: int = 4, most: int = 20
    ) -> Wanted:
        """An order line at the item's price."""
        unit = uom or self.chance.pick(list(item.units))
        return Wanted(item, self.chance.one(least, most), unit, item.price(unit))

    def number(self) -> str:
        """A new invoice number, like no other."""
        self._numbers += 1
        return str(FIRST_NUMBER + 137 * self._numbers)

    # --- documents ------------------------------------------------------------------------------

    def order(
        self,
        night: int,
        lines: Sequence[Wanted],
        *,
        hospital: Hospital | None = None,
        dated: date | None = None,
        po_number: str | None = None,
        **header: object,
    ) -> Order:
        """Place an order; it is loaded on ``night``."""
        where = hospital or self.hospital()
        order = Order(
            po_number or f"{where.letter}{FIRST_ORDER + len(self._orders)}",
            where,
            lines[0].item.supplier,
            night,
            dated or self.day(night),
            header,
            list(lines),
        )
        self._orders.append(order)
        self._version(order, night)
        self.log.append((self.story, "order", order.po_number, night))
        return order

    def amend(self, order: Order, night: int, line: int, **change: object) -> None:
        """From ``night`` on, one line of an order is another."""
        for row in order.rows:
            row["until"] = night - 1 if row["until"] is None else row["until"]
        order.lines[line - 1] = replace(order.lines[line - 1], **change)  # type: ignore[arg-type]  # fields by name
        self._version(order, night)
        self.log.append((self.story, "amended order", order.po_number, night))

    def receive(
        self,
        night: int,
        order: Order,
        line: int = 1,
        qty: int | None = None,
        *,
        uom: str | None = None,
        kind: str = "RECEIPT",
        status: str = "POSTED",
        back: str | None = None,
        accepted: int | None = None,
        file: str | None = None,
        receipt_id: str | None = None,
    ) -> str:
        """Goods in or, with ``back`` naming the receipt, goods out; gives the receipt's number."""
        wanted = order.lines[line - 1]
        if receipt_id is None:
            order.receipts += 1
            receipt_id = f"R{order.hospital.letter}{order.po_number[1:]}-{order.receipts}"
        self._rows["receipt"].append(
            {
                "night": night,
                "file": file or order.hospital.id,
                "facility_id": order.hospital.id,
                "po_number": order.po_number,
                "po_line_no": line,
                "receipt_id": receipt_id,
                "line_no": 1,
                "kind": kind,
                "receipt_date": self.day(min(night, self.nights)),
                "qty": wanted.qty if qty is None else qty,
                "uom": uom or wanted.uom,
                "accepted": accepted,
                "packing_slip": f"PS{receipt_id[2:].replace('-', '')}",
                "ref_receipt_id": back,
                "ref_line_no": None if back is None else 1,
                "status": status,
            }
        )
        self.log.append((self.story, kind.lower(), receipt_id, night))
        return receipt_id

    def bill(
        self,
        night: int,
        order: Order | None,
        sold: Sequence[Sold],
        *,
        number: str | None = None,
        dated: date | None = None,
        charges: Sequence[tuple[str, Cents]] = (),
        misstated: Cents = 0,
        credits_number: str | None = None,
        credit: bool = False,
        currency: str = "USD",
        po_number: str | None = "",
        supplier: str | None = None,
        hospital: Hospital | None = None,
        discount: tuple[int, int] = (0, 0),
        by_portal: bool = False,
        flaw: str = "",
    ) -> Bill:
        """Send an invoice, or a credit memo with negative quantities.

        Args:
            night: when it arrives.
            order: what it bills; None where there is no order to take items and prices from.
            sold: its lines.
            number: its number; a new one if not given.
            dated: its date; the night's if not given.
            charges: kind and amount, taxes first.
            misstated: the stated total is this much more than its lines.
            credits_number: the invoice that a credit refers to.
            credit: whether it is one.
            currency: ISO 4217 code.
            po_number: as printed; the order's if not given, None for none at all.
            supplier: who sends it; the order's if not given.
            hospital: who is billed; the order's if not given.
            discount: percent and days.
            by_portal: typed into the portal although the supplier sends X12.
            flaw: what is wrong with its transmission.
        """
        doc = FIRST_DOC + len(self._rows["invoice"])
        where = hospital or (order.hospital if order else self.hospital())
        lines = [self._sold(doc, n, s, order, credits_number) for n, s in enumerate(sold, start=1)]
        amounts = [int(str(line["amount"])) for line in lines] + [amount for _, amount in charges]
        bill = Bill(
            doc,
            number or self.number(),
            night,
            dated or self.day(night),
            order,
            where,
            supplier or (order.supplier if order else ""),
            tuple(amounts),
            sum(amounts) + misstated,
            tuple([s.line for s in sold] + [None] * len(charges)),
        )
        printed = po_number if po_number != "" else order.po_number if order else None
        self._rows["invoice_line"] += lines
        self._rows["charge"] += [
            {"doc": doc, "charge_no": n, "kind": kind, "amount": amount}
            for n, (kind, amount) in enumerate(charges, start=1)
        ]
        self._rows["invoice"].append(
            {
                "doc": doc,
                "night": night,
                "supplier_id": bill.supplier,
                "facility_id": where.id,
                "invoice_number": bill.number,
                "doc_type": "CREDIT" if credit else "INVOICE",
                "invoice_date": bill.dated,
                "currency": currency,
                "total": bill.total,
                "po_number": printed,
                "disc_pct": discount[0],
                "disc_days": discount[1],
                "by_portal": by_portal,
                "flaw": flaw,
            }
        )
        self.log.append((self.story, "credit" if credit else "invoice", bill.number, night))
        return bill

    # --- what must be found ---------------------------------------------------------------------

    def find(
        self,
        code: str,
        bill: Bill,
        line: int | None,
        impact: Cents,
        first: int | None = None,
        until: int | None = None,
    ) -> None:
        """An exception on a bill's line, or on the whole of it.

        Args:
            code: what it is called.
            bill: the document.
            line: its line; None for the whole document.
            impact: in cents.
            first: the first night on which it is open; the bill's if not given.
            until: the night on which it is gone; never if not given.
        """
        order_line = bill.order_lines[line - 1] if line else None
        po_number = bill.order.po_number if bill.order else None
        self.findings.append(
            Finding(
                *(code, bill.hospital.id, bill.doc, line),
                *(po_number, order_line if bill.order else None, impact),
                *(first or bill.night, until, self.story),
            )
        )

    def find_on_order(
        self,
        code: str,
        order: Order,
        line: int,
        impact: Cents,
        first: int,
        until: int | None = None,
    ) -> None:
        """An exception on an order line, whoever billed it."""
        self.findings.append(
            Finding(
                *(code, order.hospital.id, None, None, order.po_number, line, impact),
                *(first, until, self.story),
            )
        )

    def held_whole(self, code: str, bill: Bill, until: int | None = None) -> None:
        """Every line of a bill is held in full."""
        for n, amount in enumerate(bill.amounts, start=1):
            self.find(code, bill, n, amount, until=until)

    def documents(self) -> Documents:
        """All documents that arrive within the sample."""
        orders = [row for order in self._orders for row in order.rows]
        rows = {**self._rows, "order": orders, "usage": self.used}
        frames = {name: pl.DataFrame(rows[name], schema=schema) for name, schema in SCHEMAS.items()}
        for name in ("order", "receipt", "invoice", "usage"):
            frames[name] = frames[name].filter(pl.col("night") <= self.nights)
        for name in ("invoice_line", "charge"):
            frames[name] = frames[name].join(frames["invoice"], on="doc", how="semi")
        return Documents(**frames)

    def _version(self, order: Order, night: int) -> None:
        header = {
            "type": "STANDARD",
            "freight_terms": "ALLOWED",
            "valid_from": None,
            "valid_to": None,
            **order.header,
        }
        order.rows += [
            {
                **header,
                "night": night,
                "facility_id": order.hospital.id,
                "po_number": order.po_number,
                "supplier_id": order.supplier,
                "order_date": order.dated,
                "line_no": n,
                "item_id": line.item.id,
                "catalog_no": line.item.catalog_no,
                "qty": line.qty,
                "uom": line.uom,
                "price": line.price,
                "match_type": line.match_type,
                "match_basis": line.match_basis,
                "limit_amount": line.limit,
                "line_status": line.status,
                "until": None,
                "flaw": line.flaw,
            }
            for n, line in enumerate(order.lines, start=1)
        ]

    def _sold(
        self, doc: int, n: int, sold: Sold, order: Order | None, credits_number: str | None
    ) -> dict[str, object]:
        wanted = order.lines[sold.line - 1] if order else None
        item = sold.item or (wanted.item if wanted else None)
        qty = sold.qty if sold.qty is not None else wanted.qty if wanted else 1
        uom = sold.uom or (wanted.uom if wanted else "EA")
        price = sold.price if sold.price is not None else wanted.price if wanted else 0
        return {
            "doc": doc,
            "line_no": n,
            "po_line_no": (sold.line if order else None) if sold.printed == SAME else sold.printed,
            "catalog_no": item.catalog_no if item else None,
            "gtin": item.gtin if item else None,
            "item_id": item.id if item else None,
            "qty": qty,
            "uom": uom,
            "price": price,
            "amount": sold.amount if sold.amount is not None else cents(qty, price),
            "lot": sold.lot,
            "packing_slip": None,
            "ref_invoice_number": credits_number,
            "adj_kind": sold.adj_kind,
        }
