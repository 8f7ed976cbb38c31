"""A bill sent again under a wholly new number, which no number tells: what it repeats is said.

Order P1 is for 10 EA of item A at 5.00, all received, and billed by V1 on 15 March. Three-way match
1.2 step 2: "annotate it when an earlier line has the same order line, quantity and price".
"""

import pytest
from adapter import AS_OF, rule_tables, tables

from recon.reconcile import three_way_match

LINE = {"line": 1, "item": "A", "qty": 10, "price": "5.00"}


def annotated(*later):
    """Invoice -> what its QTY_OVER_BILLED is said to repeat."""
    scenario = {
        "id": "REBILL",
        "po": [{"po": "P1", "line": "1", "qty": 10, "price": "5.00"}],
        "receipts": [{"id": "R1", "po": "P1", "line": "1", "qty": 10, "date": "2026-03-10"}],
        "invoices": [
            {"id": "V1", "number": "70011", "date": "2026-03-15", "po": "P1", "lines": [LINE]},
            *(
                {"id": f"V{n}", "number": f"8{n}52{n}", "date": day, "po": "P1", "lines": [line]}
                for n, (day, line) in enumerate(later, start=2)
            ),
        ],
    }
    found = three_way_match(tables(scenario), AS_OF, rule_tables(scenario))["exception"]
    over = found.filter(code="QTY_OVER_BILLED")
    return {
        i: (related, key)
        for i, related, key in over.select("invoice_id", "related_document", "exception_key").rows()
    }


def test_the_first_bill_of_the_same_goods_quantity_and_price_is_named():
    told = annotated(("2026-03-20", LINE), ("2026-03-25", LINE))
    assert {invoice: related for invoice, (related, _) in told.items()} == {"V2": "V1", "V3": "V1"}


@pytest.mark.parametrize("changed", [{"qty": 9}, {"price": "5.01"}])
def test_another_quantity_or_price_is_another_bill(changed):
    told = annotated(("2026-03-20", {**LINE, **changed}))
    assert [related for related, _ in told.values()] == [None]


def test_the_finding_is_the_same_one_once_it_is_known_what_it_repeats():
    ((_, before),) = annotated(("2026-03-20", {**LINE, "qty": 9})).values()
    ((_, after),) = annotated(("2026-03-20", LINE)).values()
    assert before == after
