"""What an acknowledgement (X12 855) says that the order does not, before any invoice arrives.

Every case is an order of its own supplier: one line unless stated, 10 EA of item A at 50.00,
catalogue number AB-100; a box is ten. All are matched in one run.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import polars as pl
import pytest

from recon.reconcile import three_way_match

AS_OF = date(2026, 3, 31)
BACK_ORDER = ("ACK_BACKORDER", "0.00", 4)
TWO_MORE = ("ACK_PRICE_CHANGED", "20.00", 10)  # 2.00 on each of ten


class Case(NamedTuple):
    """What is ordered, answered, received and billed, and the warnings: (code, impact, qty)."""

    says: str
    answers: list[dict]
    warnings: list[tuple]
    order: dict | None = None
    receipts: tuple[str, ...] = ()
    bills: tuple[str, ...] = ()


def ack(code, qty=None, price=None, **more):
    return {"line_no": "1", "ack_seq": 1, "ack_code": code, "qty": qty, "price": price, **more}


def price_changed(impact, qty):
    return ("ACK_PRICE_CHANGED", impact, qty)


def qty_changed(impact, qty):
    return ("ACK_QTY_CHANGED", impact, qty)


def rejected(impact, qty):
    return ("ACK_REJECTED", impact, qty)


def substituted(impact):
    return ("ACK_SUBSTITUTED", impact, 10)


def _accepted():
    for code in ("IA", "AC", "SP", "DR"):
        yield Case(f"{code} is accepted, whatever stands beside it", [ack(code, "10", "52.00")], [])


def _prices():
    for says, price, warnings in (
        ("two dollars more on ten", "52.00", [TWO_MORE]),
        ("a cent less", "49.99", [price_changed("-0.10", 10)]),
        ("the order's own price", "50.00", []),
        ("no price stated", None, [price_changed("0.00", 10)]),
    ):
        yield Case(f"changed price: {says}", [ack("IP", "10", price)], warnings)
    yield Case(
        "a price is counted on what is acknowledged at it",  # 4 x 2.00; six stay at 50.00
        [ack("IA", "6", "50.00"), ack("IP", "4", "52.00", ack_seq=2)],
        [price_changed("8.00", 4)],
    )
    # 500.00 a box of ten is 50.00 each; 505.00 is 0.50 more on each of ten.
    yield Case("the same price, per box", [ack("IP", "1", "500.00", uom="BX")], [])
    yield Case(
        "a price per box goes through the unit",
        [ack("IP", "1", "505.00", uom="BX")],
        [price_changed("5.00", 10)],
    )
    # 5,000.00 a hundred is 50.00 each; 5,200.00 is 2.00 more on each of ten.
    yield Case(
        "a price per hundred is compared with the order's price per hundred",
        [ack("IP", "10", "5200.00")],
        [TWO_MORE],
        order={"price": "5000.00", "price_per": Decimal(100)},
    )
    yield Case(
        "a unit that cannot be converted is told without dollars",
        [ack("IP", "1", "505.00", uom="DZ")],
        [price_changed("0.00", 10)],
    )


def _quantities():
    for says, answers, warnings in (
        ("four fewer", [("IQ", "6")], [qty_changed("-200.00", -4)]),
        ("two more", [("IQ", "12")], [qty_changed("100.00", 2)]),
        ("as ordered", [("IQ", "10")], []),
        ("in two parts", [("IQ", "6"), ("IA", "4")], []),
        ("the rest back-ordered", [("IQ", "6"), ("IB", "4")], [BACK_ORDER]),
        (
            "the rest rejected",
            [("IQ", "6"), ("IR", "4")],
            [qty_changed("-200.00", -4), rejected("-200.00", -4)],
        ),
    ):
        rows = [ack(code, qty, ack_seq=n) for n, (code, qty) in enumerate(answers, start=1)]
        yield Case(f"changed quantity: {says}", rows, warnings)
    yield Case(
        "a cancelled part is not missed",
        [ack("IQ", "6")],
        [],
        order={"cancelled_qty": Decimal(4)},
    )
    yield Case("accepted with changes, and nothing differs", [ack("IC", "10", "50.00")], [])
    yield Case(
        "accepted with changes is told by what differs",
        [ack("IC", "8", "51.00")],
        [price_changed("8.00", 8), qty_changed("-100.00", -2)],
    )


def _substitutes():
    for says, item, price, warnings in (
        ("another item", "B", None, [substituted("0.00")]),
        ("at another price", "XY-9", "53.00", [substituted("30.00")]),
        ("the order's item", "A", None, []),
        ("the order's catalogue number", "00ab.100", None, []),
    ):
        yield Case(f"substitute: {says}", [ack("IS", "10", price, item_catalog_no=item)], warnings)


def _rejections():
    for code in ("IR", "R1", "R3", "ID"):
        yield Case(f"{code} will not be billed", [ack(code)], [rejected("-500.00", -10)])
        yield Case(f"{code} of nothing is of all", [ack(code, "0")], [rejected("-500.00", -10)])
        yield Case(f"{code} of a part", [ack(code, "3")], [rejected("-150.00", -3)])
        yield Case(f"{code} of a cancelled line", [ack(code)], [], order={"status": "CANCELLED"})


def _over():
    rest = [ack("IA", "6"), ack("IB", "4", ack_seq=2)]
    yield Case("back order, nothing received", rest, [BACK_ORDER])
    yield Case("back order, a part received", rest, [BACK_ORDER], receipts=("6",))
    yield Case("back order, all received: over", rest, [], receipts=("6", "4"))
    for answer, warning in (
        (ack("IP", "10", "52.00"), TWO_MORE),
        (ack("IQ", "8"), qty_changed("-100.00", -2)),
        (ack("IS", "10"), substituted("0.00")),
    ):
        code = answer["ack_code"]
        yield Case(f"{code} before an invoice", [answer], [warning])
        yield Case(f"{code} ended by an invoice", [answer], [], receipts=("2",), bills=("2",))
    for code, warning in (("IB", BACK_ORDER), ("IR", rejected("-200.00", -4))):
        answers = [ack("IA", "6"), ack(code, "4", ack_seq=2)]
        part = f"{code}: an invoice of a part does not end it for the rest"
        yield Case(part, answers, [warning], receipts=("6",), bills=("6",))
        yield Case(f"{code}: an invoice of all", answers, [], receipts=("6",), bills=("10",))


def _several():
    first = [
        ack("IA", "6", acknowledged_date=date(2026, 3, 2)),
        ack("IB", "4", ack_seq=2, acknowledged_date=date(2026, 3, 2)),
    ]
    second = ack("IA", "10", ack_seq=7, acknowledged_date=date(2026, 3, 4))
    tomorrow = {**second, "acknowledged_date": date(2026, 4, 1)}
    yield Case("one acknowledgement of two parts", first, [BACK_ORDER])
    yield Case("of several the newest counts whole", [*first, second], [])
    yield Case("what comes tomorrow does not count yet", [*first, tomorrow], [BACK_ORDER])
    day = {"acknowledged_date": date(2026, 3, 2)}
    old = ack("IB", "10", ack_id="S-000000001-0001", **day)
    new = ack("IA", "10", ack_seq=2, ack_id="S-000000001-0002", **day)
    yield Case("of one day the greater identity is the newer", [new, old], [])


def _lines():
    yield Case(
        "a line number is the same with leading zeros",
        [ack("IP", "10", "52.00", line_no="001")],
        [TWO_MORE],
    )
    yield Case("an answer to a line that is not ordered", [ack("IR", line_no="2")], [])


CASES = [
    *_accepted(),
    *_prices(),
    *_quantities(),
    *_substitutes(),
    *_rejections(),
    *_over(),
    *_several(),
    *_lines(),
]


def rows(found):
    """A frame of rows in which a column may be absent; text of numbers as decimals."""
    numbers = ("qty", "price", "amount", "total")
    return pl.DataFrame(
        [
            {k: Decimal(v) if k in numbers else v for k, v in row.items() if v is not None}
            for row in found
        ],
        infer_schema_length=None,
    )


@pytest.fixture(scope="module")
def warnings():
    """Order -> its warnings, of all cases in one match."""
    order, line, answers, receipts, invoices, bills = ([] for _ in range(6))
    for n, case in enumerate(CASES):
        po, one = f"P{n}", {"po_id": f"P{n}", "line_no": "1"}
        supplier = {"supplier_id": f"S{n}"}
        day = {"order_date": date(2026, 3, 1)}
        order.append({"po_id": po, "po_number": po, "facility_id": "F1", **supplier, **day})
        ordered = {"item_id": "A", "catalog_no": "AB-100", "qty": "10", "uom": "EA"}
        line.append({**one, **ordered, "price": "50.00", **(case.order or {})})
        answers += [{"po_id": po, **answer} for answer in case.answers]
        for m, qty in enumerate(case.receipts):
            got = {"receipt_id": f"R{n}-{m}", "line_no": "1", "receipt_date": date(2026, 3, 10)}
            receipts.append({**got, "po_id": po, "po_line_no": "1", "qty": qty, "uom": "EA"})
        for m, qty in enumerate(case.bills):
            invoice, amount = f"V{n}-{m}", str(Decimal(qty) * 50)
            named = {"invoice_id": invoice, "invoice_number": invoice, "po_number_raw": po}
            dated = {"invoice_date": date(2026, 3, 15), "total": amount}
            invoices.append({**named, **supplier, **dated})
            billed = {"po_line_raw": "1", "uom": "EA", "price": "50.00"}
            bills.append(
                {"invoice_id": invoice, "line_no": 1, "qty": qty, "amount": amount, **billed}
            )
    units = [("EA", 1), ("BX", 10)]
    tables = {
        "supplier": [{"supplier_id": f"S{n}", "name": f"Supplier {n}"} for n in range(len(CASES))],
        "item": [{"item_id": "A", "description": "Item", "base_uom": "EA"}],
        "item_uom": [
            {"item_id": "A", "uom": uom, "to_base_num": n, "to_base_den": 1} for uom, n in units
        ],
        "purchase_order": order,
        "purchase_order_line": line,
        "po_ack_line": answers,
        "receipt_line": receipts,
        "invoice": invoices,
        "invoice_line": bills,
    }
    given = {name: rows(found) for name, found in tables.items()}
    found = three_way_match(given, AS_OF)["exception"]
    found = found.filter(pl.col("code").str.starts_with("ACK_")).sort("code")
    assert not found["hold"].any()
    said = {f"P{n}": [] for n in range(len(CASES))}
    for po, code, impact, qty in found.select("po_id", "code", "impact", "qty").rows():
        said[po].append((code, str(impact), None if qty is None else int(qty)))
    return said


@pytest.mark.parametrize("n", range(len(CASES)), ids=[case.says for case in CASES])
def test_an_acknowledgement_warns_of_what_differs(warnings, n):
    assert warnings[f"P{n}"] == CASES[n].warnings
