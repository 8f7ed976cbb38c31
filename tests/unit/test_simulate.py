"""The simulator's arithmetic on documents of a hand: each line differs in one thing.

Item A (MEDSURG) is under contract at 50.00, item B (LAB) at 92.00, item C has neither contract nor
category. What is ordered is received, unless a case says otherwise.

V1  10 A ordered at 50.00, billed at 52.00                          4 %    20.00 over
V2   5 B ordered at 90.00, billed at 93.00                        3.33 %   15.00 over
V3  1000 C ordered at 5.00, billed at 5.05                          1 %    50.00 over
V4  100 C ordered at 5.00, billed at 5.05                           1 %     5.00 over: tolerated
V5  100 C at 5.00 billed, 98 received                                      10.00 not received
V6  12 C at 5.00 billed and received, 10 ordered                           10.00 beyond the order
V7  10 C at 5.00, stated as 55.00                                           5.00 of arithmetic
V8  100 C at 5.00; total 510.00                                            10.00 out of balance
V9  10 C at 5.00 and freight of 90.00, prepaid and added, cap 75.00        15.00 above the cap
VA  V3 again under the same number: a duplicate                          5050.00
VB  5 A ordered and billed at 60.00                                        50.00 above contract
C1  on the 18th: a price credit of 20.00 for V1
"""

from datetime import date
from decimal import Decimal
from functools import cache

import polars as pl
import pytest

from recon.reconcile.engine import NO_LIMITS
from recon.reconcile.simulate import compared, stakes, totals
from recon.rules import load_all

FIRST, SECOND = date(2026, 3, 16), date(2026, 3, 20)
MONEY = {"qty", "price", "amount", "total"}

# invoice: item, ordered, received, billed, order price, billed price
BILLED = {
    "V1": ("A", "10", "10", "10", "50.00", "52.00"),
    "V2": ("B", "5", "5", "5", "90.00", "93.00"),
    "V3": ("C", "1000", "1000", "1000", "5.00", "5.05"),
    "V4": ("C", "100", "100", "100", "5.00", "5.05"),
    "V5": ("C", "100", "98", "100", "5.00", "5.00"),
    "V6": ("C", "10", "12", "12", "5.00", "5.00"),
    "V7": ("C", "10", "10", "10", "5.00", "5.00"),
    "V8": ("C", "100", "100", "100", "5.00", "5.00"),
    "V9": ("C", "10", "10", "10", "5.00", "5.00"),
    "VB": ("A", "5", "5", "5", "60.00", "60.00"),
}
STATED = {"V7": "55.00"}
TOTAL = {"V8": "510.00", "V9": "140.00"}


def rows(*given):
    return pl.DataFrame(
        [{k: Decimal(v) if k in MONEY else v for k, v in row.items()} for row in given],
        infer_schema_length=None,
    )


def document(invoice_id, total, *, number=None, day=date(2026, 3, 15), **more):
    return {
        "invoice_id": invoice_id,
        "supplier_id": "S1",
        "invoice_number": number or invoice_id,
        "invoice_date": day,
        "total": total,
        "po_number_raw": more.pop("order", f"P{invoice_id}"),
        **more,
    }


def line(invoice_id, item, qty, price, amount, **more):
    found = {"invoice_id": invoice_id, "line_no": 1, "po_line_raw": "1", "item_id": item}
    return {**found, "qty": qty, "uom": "EA", "price": price, "amount": amount, **more}


def tables():
    amounts = {
        i: STATED.get(i) or str((Decimal(b[3]) * Decimal(b[5])).quantize(Decimal("0.01")))
        for i, b in BILLED.items()
    }
    orders = [
        {
            "po_id": f"P{i}",
            "po_number": f"P{i}",
            "supplier_id": "S1",
            "facility_id": "F1",
            "order_date": date(2026, 3, 1),
            "freight_terms": "PREPAID_ADD" if i == "V9" else "ALLOWED",
        }
        for i in BILLED
    ]
    order_lines = [
        {"po_id": f"P{i}", "line_no": "1", "item_id": b[0], "qty": b[1], "uom": "EA", "price": b[4]}
        for i, b in BILLED.items()
    ]
    receipts = [
        {
            "receipt_id": f"R{i}",
            "line_no": "1",
            "po_id": f"P{i}",
            "po_line_no": "1",
            "receipt_date": date(2026, 3, 10),
            "qty": b[2],
            "uom": "EA",
        }
        for i, b in BILLED.items()
    ]
    again = document("VA", "5050.00", number="V3", day=date(2026, 3, 16), order="PV3")
    credit = document("C1", "-20.00", day=date(2026, 3, 18), order="PV1", doc_type="CREDIT")
    return {
        "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Acme"]}),
        "item": pl.DataFrame(
            {
                "item_id": ["A", "B", "C"],
                "description": ["Item A", "Item B", "Item C"],
                "base_uom": ["EA", "EA", "EA"],
                "category": ["MEDSURG", "LAB", None],
            }
        ),
        "contract_price": rows(
            *(
                {
                    "contract_id": "K1",
                    "item_id": item,
                    "supplier_id": "S1",
                    "facility_scope": "*",
                    "tier": "1",
                    "valid_from": date(2026, 1, 1),
                    "uom": "EA",
                    "price": price,
                }
                for item, price in (("A", "50.00"), ("B", "92.00"))
            )
        ),
        "purchase_order": pl.DataFrame(orders),
        "purchase_order_line": rows(*order_lines),
        "receipt_line": rows(*receipts),
        "invoice": rows(
            *(document(i, TOTAL.get(i, amounts[i]), doc_type="INVOICE") for i in BILLED),
            {**again, "doc_type": "INVOICE"},
            credit,
        ),
        "invoice_line": rows(
            *(
                line(i, b[0], b[3], b[5], amounts[i], line_type="ITEM", adj_kind=None)
                | {"ref_invoice_number": None}
                for i, b in BILLED.items()
            ),
            line("V9", None, "1", "90.00", "90.00", line_type="FREIGHT") | {"line_no": 2},
            line("VA", "C", "1000", "5.05", "5050.00", line_type="ITEM"),
            line("C1", "A", "0", "0.00", "-20.00", line_type="ITEM")
            | {"adj_kind": "PRICE", "ref_invoice_number": "V1"},
        ),
    }


def rules(*changes):
    """The shipped rules; each change: rule id, pct, abs (as text, None for no limit)."""
    shipped = load_all()
    table = shipped["tolerance_rule"].to_dicts()
    for rule_id, pct, limit in changes:
        for row in table:
            if row["rule_id"] == rule_id:
                row["pct"] = Decimal(pct) if pct is not None else None
                row["abs"] = Decimal(limit) if limit is not None else None
    schema = shipped["tolerance_rule"].schema
    return {**shipped, "tolerance_rule": pl.DataFrame(table, schema=schema)}


@cache  # a match costs a second, and most tests look at the same: the shipped rules
def side(day, *changes):
    return stakes(tables(), day, rules(*changes), NO_LIMITS)


@cache
def replay(day, *changes, now=()):
    published = pl.DataFrame(schema=EXCEPTION)
    return compared(side(day, *now), side(day, *changes), published, day, NO_LIMITS)


@cache
def all_nights(*changes):
    nights = [replay(day, *changes) for day in (FIRST, SECOND)]
    stakes = [nights[0]["stake_change"].filter("is_different"), nights[1]["stake_change"]]
    given = tables()
    names = {"supplier": given["supplier"], "item": given["item"]}
    by_night = pl.concat(n["change_by_night"] for n in nights)
    return totals(pl.concat(stakes), by_night, names, SECOND, NO_LIMITS)


EXCEPTION = {
    "exception_key": pl.String,
    "code": pl.String,
    "hold": pl.Boolean,
    "queue": pl.String,
    "impact": pl.Decimal(18, 2),
    "latent": pl.Decimal(18, 2),
    "currency": pl.String,
    "basis_date": pl.Date,
    "first_seen": pl.Date,
    "times_seen": pl.Int32,
    "age_days": pl.Int32,
    "bucket": pl.String,
    "state": pl.String,
}
SIX = [f"{m}_{side}" for m in ("held", "tolerated", "leak") for side in ("before", "after")]


def told(frame):
    """Key -> (held now, then, tolerated now, then, leak now, then), as text."""
    return {
        (r["invoice_id"], r["line_no"], r["check_name"]): tuple(str(r[c]) for c in SIX)
        for r in frame.to_dicts()
    }


def test_what_is_at_stake_under_the_shipped_rules():
    found = told(replay(FIRST)["stake_change"])
    # An invoice line's held, tolerated and leak under both, which are the same rules here.
    expected = {
        ("V1", 1, "PRICE"): ("20.00", "0.00", "0.00"),
        ("V2", 1, "PRICE"): ("15.00", "0.00", "0.00"),
        ("V3", 1, "PRICE"): ("50.00", "0.00", "0.00"),
        ("V4", 1, "PRICE"): ("0.00", "5.00", "0.00"),
        ("V5", 1, "QTY_RECEIVED"): ("10.00", "0.00", "0.00"),
        ("V6", 1, "QTY_ORDERED"): ("10.00", "0.00", "0.00"),
        ("V7", 1, "LINE_MATH"): ("5.00", "0.00", "0.00"),
        ("V8", 0, "HEADER_BALANCE"): ("10.00", "0.00", "0.00"),
        ("V9", 2, "FREIGHT"): ("15.00", "0.00", "0.00"),
        ("VA", 1, "OTHER"): ("5050.00", "0.00", "0.00"),
        ("VB", 1, "CONTRACT"): ("0.00", "0.00", "50.00"),
    }
    assert found == {k: (h, h, t, t, w, w) for k, (h, t, w) in expected.items()}


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        pytest.param(
            # 5 % and 100.00. V1: 52.00 is 2.00 above contract on 10. V2: of the 15.00, what lies
            # between order and contract, 5 x 2.00, is no leak: 5.00 is. V3 has no contract.
            ("PRICE-01", "0.05", "100.00"),
            {
                ("V1", 1, "PRICE"): ("20.00", "0.00", "0.00", "20.00", "0.00", "20.00"),
                ("V2", 1, "PRICE"): ("15.00", "0.00", "0.00", "15.00", "0.00", "5.00"),
                ("V3", 1, "PRICE"): ("50.00", "0.00", "0.00", "50.00", "0.00", "0.00"),
            },
            id="price-wider",
        ),
        pytest.param(
            ("PRICE-01", "0.04", "25.00"),
            {
                ("V1", 1, "PRICE"): ("20.00", "0.00", "0.00", "20.00", "0.00", "20.00"),
                ("V2", 1, "PRICE"): ("15.00", "0.00", "0.00", "15.00", "0.00", "5.00"),
            },
            id="the-percent-alone-reaches-only-those-within-25",
        ),
        pytest.param(
            ("PRICE-01", "0", "0.00"),
            {("V4", 1, "PRICE"): ("0.00", "5.00", "5.00", "0.00", "0.00", "0.00")},
            id="price-tighter",
        ),
        pytest.param(
            ("RECEIVED-01", "0.02", "5.00"),
            {("V5", 1, "QTY_RECEIVED"): ("10.00", "0.00", "0.00", "10.00", "0.00", "0.00")},
            id="received",
        ),
        pytest.param(
            ("ORDERED-01", "0.20", "5.00"),
            {("V6", 1, "QTY_ORDERED"): ("10.00", "0.00", "0.00", "10.00", "0.00", "0.00")},
            id="ordered",
        ),
        pytest.param(
            ("MATH-01", None, "5.00"),
            {("V7", 1, "LINE_MATH"): ("5.00", "0.00", "0.00", "5.00", "0.00", "0.00")},
            id="arithmetic",
        ),
        pytest.param(
            ("BALANCE-01", None, "10.00"),
            {("V8", 0, "HEADER_BALANCE"): ("10.00", "0.00", "0.00", "10.00", "0.00", "0.00")},
            id="balance",
        ),
        pytest.param(
            # What lies within the cap is supported: released, and not tolerated.
            ("FREIGHT-01", None, "80.00"),
            {("V9", 2, "FREIGHT"): ("15.00", "10.00", "0.00", "0.00", "0.00", "0.00")},
            id="freight",
        ),
        pytest.param(
            # A wider tolerance for contracts tells less leak; nothing else is paid.
            ("CONTRACT-01", None, "10.00"),
            {("VB", 1, "CONTRACT"): ("0.00", "0.00", "0.00", "0.00", "50.00", "0.00")},
            id="contract",
        ),
        pytest.param(
            ("CONTRACT-01", None, None),
            {("VB", 1, "CONTRACT"): ("0.00", "0.00", "0.00", "0.00", "50.00", "0.00")},
            id="contract-without-a-limit",
        ),
    ],
)
def test_a_changed_rule_changes_what_it_decides_and_nothing_else(change, differing):
    assert told(replay(FIRST, change)["stake_change"].filter("is_different")) == differing


def test_without_a_limit_for_contracts_a_tolerated_price_leaks_nothing():
    wider = ("PRICE-01", "0.05", "100.00")
    found = told(replay(FIRST, wider, ("CONTRACT-01", None, None))["stake_change"])
    assert found["V1", 1, "PRICE"] == ("20.00", "0.00", "0.00", "20.00", "0.00", "0.00")


def test_both_rows_that_decide_are_named():
    found = replay(FIRST, ("PRICE-01", "0.05", "100.00"))["stake_change"]
    one = found.filter((pl.col("invoice_id") == "V1") & (pl.col("check_name") == "PRICE"))
    ((before, after, finding, then),) = one.select(
        "rule_before", "rule_after", "finding_before", "finding_after"
    ).rows()
    assert (before, after, finding, then) == ("PRICE-01", "PRICE-01", "PRICE_OVER", None)


def test_a_hold_that_a_credit_closes_is_counted_on_the_last_night_it_stood():
    found = all_nights(("PRICE-01", "0.05", "100.00"))
    counted = {
        r["invoice_id"]: (r["business_date"], r["first_different"], r["nights_different"])
        for r in found["counted_change"].filter("is_different").to_dicts()
    }
    assert counted == {
        "V1": (FIRST, FIRST, 1),  # credited before the second night
        "V2": (SECOND, FIRST, 2),
        "V3": (SECOND, FIRST, 2),
    }


def test_nights_show_what_stood_and_totals_count_it_once():
    found = all_nights(("PRICE-01", "0.05", "100.00"))
    nights = found["change_by_night"].select("business_date", "holds_released", "released").rows()
    assert nights == [(FIRST, 3, Decimal("85.00")), (SECOND, 2, Decimal("65.00"))]
    (total,) = found["change_total"].to_dicts()
    # Held on the second night: 15 + 50 + 10 + 10 + 5 + 10 + 15 + 5050; and the 20 of V1.
    assert total["held_before"] == Decimal("5185.00")
    assert total["held_after"] == Decimal("5100.00")
    assert (total["holds_before"], total["holds_after"], total["holds_released"]) == (9, 6, 3)
    assert (total["released"], total["tolerated_added"]) == (Decimal("85.00"), Decimal("85.00"))
    assert total["leak_added"] == Decimal("25.00")


def test_suppliers_and_categories_foot_to_the_total():
    found = all_nights(("PRICE-01", "0.05", "100.00"))
    by_category = {
        r["category"]: tuple(str(r[c]) for c in ("released", "tolerated_added", "leak_added"))
        for r in found["change_by_category"].to_dicts()
        if r["differing"]
    }
    assert by_category == {
        "MEDSURG": ("20.00", "20.00", "20.00"),
        "LAB": ("15.00", "15.00", "5.00"),
        "(no category)": ("50.00", "50.00", "0.00"),
    }
    ((supplier, released),) = found["change_by_supplier"].select("supplier_name", "released").rows()
    assert (supplier, released) == ("Acme", Decimal("85.00"))
    checks = found["change_tie_out"].filter(pl.col("check_no") < 5)
    assert checks.height == 4
    assert checks["agrees"].all()


def test_the_list_of_measures():
    found = all_nights(("PRICE-01", "0.05", "100.00"), ("FREIGHT-01", None, "80.00"))
    told_ = {r["measure_no"]: str(r["difference"]) for r in found["change_measure"].to_dicts()}
    assert told_ == {
        1: "-3.00",  # holds: three released, freight still is one
        2: "-3.00",
        3: "0.00",
        4: "-90.00",  # held: 85 of prices, 5 of freight
        5: "-90.00",
        6: "0.00",
        7: "85.00",
        8: "50.00",  # V3 has no contract
        9: "0.00",  # no price is off by a unit
        10: "5.00",
        11: "25.00",
    }


def test_looser_and_tighter_at_once_do_not_hide_each_other():
    found = all_nights(("PRICE-01", "0", "0.00"), ("RECEIVED-01", "0.02", "5.00"))
    told_ = {r["measure_no"]: str(r["difference"]) for r in found["change_measure"].to_dicts()}
    # V4 would be held (5.00), V5 released (10.00).
    assert [told_[n] for n in (1, 2, 3, 4, 5, 6)] == [
        "0.00",
        "-1.00",
        "1.00",
        "-5.00",
        "-10.00",
        "5.00",
    ]


def test_the_same_rules_differ_in_nothing():
    found = all_nights()
    assert found["counted_change"].filter("is_different").is_empty()
    assert set(found["change_measure"]["difference"].drop_nulls()) == {Decimal("0.00")}
    assert found["change_by_supplier_shown"].is_empty()


def test_currencies_are_never_added():
    given = tables()
    us = dict(given)
    foreign = pl.col("invoice_id") == "V3"
    for table, column in (("invoice", "invoice_id"), ("purchase_order", "po_id")):
        is_foreign = foreign if column == "invoice_id" else pl.col("po_id") == "PV3"
        us[table] = given[table].with_columns(
            currency=pl.when(is_foreign).then(pl.lit("CAD")).otherwise(pl.lit("USD"))
        )
    changed = rules(("PRICE-01", "0.05", "100.00"))
    before, after = (stakes(us, FIRST, of_side, NO_LIMITS) for of_side in (rules(), changed))
    found = compared(before, after, None, FIRST, NO_LIMITS)["change_by_night"]
    assert dict(found.select("currency", "released").rows()) == {
        "CAD": Decimal("50.00"),
        "USD": Decimal("35.00"),
    }


def test_more_suppliers_than_are_shown_stand_as_one_row():
    found = all_nights(("PRICE-01", "0.05", "100.00"))
    changes = found["counted_change"].filter("is_different")
    one = replay(SECOND, ("PRICE-01", "0.05", "100.00"))["stake_change"].filter("is_different")
    many = pl.concat(
        one.head(1).with_columns(
            supplier_id=pl.lit(f"S{n:02}"),
            invoice_id=pl.lit(f"V{n:02}"),
            line_no=pl.lit(1, pl.Int32),
        )
        for n in range(1, 16)
    )
    names = {t: tables()[t] for t in ("supplier", "item")}
    shown = totals(many, found["change_by_night"], names, SECOND, NO_LIMITS)
    last = shown["change_by_supplier_shown"].sort("place").to_dicts()[-1]
    assert (last["place"], last["suppliers"], last["supplier_id"]) == (13, 3, None)
    total = shown["change_total"]["released"].item()
    assert sum(shown["change_by_supplier_shown"]["released"]) == total
    assert changes.height == 3


def test_the_last_night_that_differs_counts_before_a_later_one_that_does_not():
    changed = ("PRICE-01", "0.05", "100.00")
    nights = [replay(day, *given) for day, given in ((FIRST, (changed,)), (SECOND, ()))]
    stakes = pl.concat(n["stake_change"].filter(pl.col("invoice_id") == "V2") for n in nights)
    by_night = pl.concat(n["change_by_night"] for n in nights)
    names = {t: tables()[t] for t in ("supplier", "item")}
    found = totals(stakes, by_night, names, SECOND, NO_LIMITS)
    ((day, nights_different, released),) = (
        found["counted_change"].select("business_date", "nights_different", "released").rows()
    )
    assert (day, nights_different, released) == (FIRST, 1, Decimal("15.00"))
