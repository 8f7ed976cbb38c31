"""Stories about goods that are ordered and billed after use: usage is what supplies them."""

from dataclasses import replace

from recon.sample.book import Book
from recon.sample.paper import Order, Sold, Wanted


def _bill_only(b: Book, night: int) -> tuple[Order, Wanted, str]:
    """An order of one or two pieces, and the lot they are of."""
    wanted = b.wanted(b.item(portal=True), uom="EA", least=1, most=2)
    order = b.order(night, [replace(wanted, match_type="BILL_ONLY")], hospital=b.hospital(erp=True))
    return order, wanted, f"L{b.chance.one(10_000, 99_999)}"


def _used(b: Book, night: int, order: Order, wanted: Wanted, lot: str) -> None:
    """The operating room documents what is on the order."""
    b.used.append(
        {
            "night": night,
            "usage_id": f"U{order.po_number}",
            "facility_id": order.hospital.id,
            "po_number": order.po_number,
            "po_line_no": 1,
            "item_id": wanted.item.id,
            "used_on": b.day(min(night, b.nights)),
            "qty": wanted.qty,
            "lot": lot,
        }
    )
    b.log.append((b.story, "usage", f"U{order.po_number}", night))


def used_and_billed(b: Book, start: int) -> None:
    """The lot that is documented is the lot that is billed: nothing to find (S67)."""
    order, wanted, lot = _bill_only(b, start)
    _used(b, start, order, wanted, lot)
    b.bill(start, order, [Sold(lot=lot)])


def documented_late(b: Book, start: int) -> None:
    """The bill comes a night before the record of use (S68): held, then cleared."""
    order, wanted, lot = _bill_only(b, start)
    bill = b.bill(start, order, [Sold(lot=lot)])
    b.held_whole("BILL_ONLY_NO_USAGE", bill, until=start + 1)
    _used(b, start + 1, order, wanted, lot)


def other_lot_billed(b: Book, start: int) -> None:
    """Another lot is billed than the one that is documented."""
    order, wanted, lot = _bill_only(b, start)
    _used(b, start, order, wanted, lot)
    bill = b.bill(start, order, [Sold(lot=f"{lot}X")])
    b.held_whole("BILL_ONLY_LOT_MISMATCH", bill)
