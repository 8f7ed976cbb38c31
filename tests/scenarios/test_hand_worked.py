"""Small cases, worked by hand, of what the plain reference once found wrong in the match.

What belongs here: one scenario per finding, in the form of ``README.md``, its expectation taken
from the specification before the match was mended. Common set-up: order P1/1, 10 EA of item A at
50.00 from supplier S1, dated 2026-03-01; R1 received on 03-10; V1 of 03-15.
"""

from typing import Any

import pytest
from adapter import Scenario, as_of, rule_tables, tables
from test_three_way_match import broken_invariants, expectations, outcome

from recon.reconcile import three_way_match

ORDER = {"po": "P1", "line": "1", "qty": 10, "price": "50.00"}
RECEIPT = {"id": "R1", "po": "P1", "line": "1", "qty": 10, "date": "2026-03-10"}
GOODS = {"line": 1, "item": "A", "qty": 10, "price": "50.00"}


def invoice(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "V1", "date": "2026-03-15", "po": "P1", "lines": list(lines), **more}


CASES: dict[str, Scenario] = {
    # 1.3: prepaid freight up to $75 whatever the goods beside it are; a category is the goods'.
    "freight-beside-goods-of-a-category": {
        "po": [{**ORDER, "freight": "PREPAID_ADD"}],
        "receipts": [RECEIPT],
        "category": {"A": "MEDSURG"},
        "invoices": [invoice(GOODS, {"line": 2, "type": "FREIGHT", "amount": "90.00"})],
        "expect": {
            "lines": [["V1", 1, "MATCHED", 500, 0, 0], ["V1", 2, "EXCEPTION", 75, 0, 15]],
            "exc": [["FREIGHT_OVER_CAP", "V1", "15.00"]],
        },
    },
    "freight-alone": {
        "po": [{**ORDER, "freight": "PREPAID_ADD"}],
        "receipts": [RECEIPT],
        "category": {"A": "MEDSURG"},
        "tolerance": [{"check": "FREIGHT", "facility": "F1", "abs": "100"}],
        "invoices": [invoice({"line": 1, "type": "FREIGHT", "amount": "90.00"})],
        "expect": {
            "lines": [["V1", 1, "MATCHED", 90, 0, 0]],
            "rni": [["R1", 10, "500.00", "15-30"]],
        },
    },
    # 1.3: an empty limit is no limit, for every check.
    "no-limit-on-line-math-and-balance": {
        "po": [ORDER],
        "receipts": [RECEIPT],
        "tolerance": [
            {"check": "LINE_MATH", "supplier": "S1"},
            {"check": "HEADER_BALANCE", "supplier": "S1"},
        ],
        "invoices": [invoice({**GOODS, "amount": "507.00"}, total="600.00")],
        "expect": {"lines": [["V1", 1, "MATCHED_TOL", 500, 7, 0]]},
    },
    "no-limit-on-balance-and-a-discount": {
        "po": [ORDER],
        "receipts": [RECEIPT],
        "tolerance": [{"check": "HEADER_BALANCE", "supplier": "S1"}],
        "invoices": [invoice(GOODS, total="600.00", discount={"pct": "0.02", "days": 20})],
        "expect": {"lines": [["V1", 1, "MATCHED", 500, 0, 0]]},
    },
    "no-limit-above-contract": {
        "po": [ORDER],
        "receipts": [RECEIPT],
        "contract": [{"item": "A", "price": "40.00", "from": "2026-01-01"}],
        "tolerance": [{"check": "CONTRACT", "supplier": "S1"}],
        "invoices": [invoice(GOODS)],
        "expect": {"lines": [["V1", 1, "MATCHED", 500, 0, 0]], "leak": "0"},
    },
    # 1.2 step 1: how many EA a PK holds is not known, so neither receipt nor invoice in EA is for
    # the packs ordered, though the item master knows EA well.
    "ordered-in-a-unit-nobody-knows": {
        "po": [{**ORDER, "qty": 2, "uom": "PK", "price": "250.00"}],
        "receipts": [RECEIPT],
        "invoices": [invoice(GOODS)],
        "expect": {
            "lines": [["V1", 1, "BLOCKED", 0, 0, 500]],
            "exc": [["UOM_NO_CONVERSION", "V1", "500.00"], ["UOM_NO_CONVERSION", None, "0"]],
        },
    },
    # Use is recorded in base units (``UsageLine.qty``): 12 EA used are the box of 12 ordered.
    "used-by-the-each-ordered-by-the-box": {
        "uom": {"A": {"_base": "EA", "EA": 1, "BX": 12}},
        "po": [{**ORDER, "qty": 1, "uom": "BX", "price": "120.00", "match": "BILL_ONLY"}],
        "usage": [
            {"id": "U1", "po": "P1", "line": "1", "qty": 8, "date": "2026-03-09"},
            {"id": "U2", "po": "P1", "line": "1", "qty": 5, "date": "2026-03-10"},
        ],
        "invoices": [invoice({**GOODS, "qty": 1, "uom": "BX", "price": "120.00"})],
        "expect": {
            "lines": [["V1", 1, "MATCHED", 120, 0, 0]],
            "alloc": [["V1", "U1", "8"], ["V1", "U2", "4"]],
            "rni": [["U2", 1, "10.00", "15-30"]],
        },
    },
    # 1.4: AMT_NOT_RECEIVED is the region; goods back and goods not returned are quantities, and of
    # 3 h confirmed 1 h was taken back: 2 h x 100.00 stand behind the 300.00 billed.
    "service-confirmed-and-taken-back": {
        "po": [{**ORDER, "qty": 5, "price": "100.00", "basis": "AMOUNT"}],
        "receipts": [
            {**RECEIPT, "qty": 3},
            {**RECEIPT, "id": "R2", "qty": -1, "ref": "R1", "date": "2026-03-12"},
        ],
        "invoices": [invoice({**GOODS, "qty": 3, "price": "100.00"})],
        "expect": {
            "lines": [["V1", 1, "EXCEPTION", 200, 0, 100]],
            "exc": [["AMT_NOT_RECEIVED", "V1", "100.00"]],
        },
    },
    "service-credited": {
        "po": [{**ORDER, "qty": 5, "price": "100.00", "basis": "AMOUNT"}],
        "receipts": [{**RECEIPT, "qty": 3}],
        "invoices": [
            invoice({**GOODS, "qty": 3, "price": "100.00"}),
            {
                **invoice({**GOODS, "qty": -1, "price": "100.00", "ref": "V1"}),
                "id": "C1",
                "type": "CREDIT",
            },
        ],
        "expect": {
            "lines": [["V1", 1, "MATCHED", 300, 0, 0], ["C1", 1, "CREDIT_APPLIED", -100, 0, 0]],
            "rni": [["R1", 100, "100.00", "15-30"]],
        },
    },
    # 1.2 step 5, pass A: V2 takes the 5 it cites before V1, which found 2, goes on.
    # Of 12 ordered V1 asks for the first 10 and has 7; V2 asks for 5 more, 2 of them ordered.
    "a-line-that-cites-a-small-receipt-takes-no-other-s": {
        "po": [{**ORDER, "qty": 12}],
        "receipts": [
            {**RECEIPT, "qty": 2, "slip": "PS1", "date": "2026-03-09"},
            {**RECEIPT, "id": "R2", "qty": 10, "slip": "PS2"},
        ],
        "invoices": [
            invoice({**GOODS, "receipt_ref": "PS1"}),
            {
                **invoice({**GOODS, "qty": 5, "receipt_ref": "PS2"}),
                "id": "V2",
                "date": "2026-03-16",
            },
        ],
        "expect": {
            "lines": [["V1", 1, "EXCEPTION", 350, 0, 150], ["V2", 1, "EXCEPTION", 100, 0, 150]],
            "exc": [["QTY_NOT_RECEIVED", "V1", "150.00"], ["QTY_OVER_ORDERED", "V2", "150.00"]],
            "alloc": [["V1", "R1", 2], ["V1", "R2", 5], ["V2", "R2", 5]],
        },
    },
    # 1.2 step 5: a line bound to a lot, paid or not, takes nothing of another lot.
    "a-paid-line-of-a-lot-nobody-used": {
        "po": [{**ORDER, "match": "BILL_ONLY"}],
        "usage": [
            {"id": "U1", "po": "P1", "line": "1", "qty": 5, "date": "2026-03-09", "lot": "L2"}
        ],
        "invoices": [
            invoice({**GOODS, "qty": 5, "lot": "L9"}, paid=True),
            {**invoice({**GOODS, "qty": 5, "lot": "L2"}), "id": "V2", "date": "2026-03-16"},
        ],
        "expect": {
            "lines": [["V1", 1, "EXCEPTION", 0, 0, 250], ["V2", 1, "MATCHED", 250, 0, 0]],
            "exc": [["BILL_ONLY_LOT_MISMATCH", "V1", "250.00"]],
            "alloc": [["V2", "U1", 5]],
        },
    },
    # 1.2 step 2: one or two trailing letters, also behind a number that ends in one.
    "a-letter-behind-a-letter": {
        "po": [ORDER],
        "receipts": [RECEIPT],
        "invoices": [
            invoice(GOODS, number="71904A"),
            {**invoice(GOODS, number="71904AB"), "id": "V2", "date": "2026-03-16"},
        ],
        "expect": {
            "lines": [["V1", 1, "MATCHED", 500, 0, 0], ["V2", 1, "DUPLICATE", 0, 0, 500]],
            "exc": [["DUP_PROBABLE", "V2", "500.00"]],
        },
    },
    # S67 with freight: a bill-only order is raised after use, for its charges too.
    "freight-on-a-bill-only-order": {
        "po": [{**ORDER, "match": "BILL_ONLY", "date": "2026-03-18", "freight": "PREPAID_ADD"}],
        "usage": [{"id": "U1", "po": "P1", "line": "1", "qty": 10, "date": "2026-03-10"}],
        "invoices": [invoice(GOODS, {"line": 2, "type": "FREIGHT", "amount": "20.00"})],
        "expect": {"lines": [["V1", 1, "MATCHED", 500, 0, 0], ["V1", 2, "MATCHED", 20, 0, 0]]},
    },
    # 1.2 step 3: two kits of 1 X and 10 Y each, ordered by the pair and billed as 2 X and 2 boxes
    # of 10 Y: 2 x 100.00 + 2 x 50.00 make 300.00, the price of the pair.
    "a-kit-s-components-billed-by-the-box": {
        "uom": {
            "KIT": {"_base": "EA", "EA": 1, "PR": 2, "HF": "1/2"},
            "Y": {"_base": "EA", "EA": 1, "BX": 10},
        },
        "kits": {"KIT": {"X": 1, "Y": 10}},
        "po": [{**ORDER, "item": "KIT", "qty": 1, "uom": "PR", "price": "300.00"}],
        "receipts": [{**RECEIPT, "qty": 1, "uom": "PR"}],
        "invoices": [
            invoice(
                {"line": 1, "item": "X", "qty": 2, "price": "100.00"},
                {"line": 2, "item": "Y", "qty": 2, "uom": "BX", "price": "50.00"},
            )
        ],
        "expect": {"lines": [["V1", 1, "MATCHED", 300, 0, 0]], "alloc": [["V1", "R1", 2]]},
    },
    # S62 under a limit: the components' 200.00 and 100.00 count as one against it.
    "a-kit-on-an-order-by-amount": {
        "kits": {"KIT": {"X": 1, "Y": 2}},
        "po": [
            {**ORDER, "item": "KIT", "match": "2WAY", "basis": "AMOUNT", "limit": "250.00"},
        ],
        "invoices": [
            invoice(
                {"line": 1, "item": "X", "qty": 1, "price": "200.00"},
                {"line": 2, "item": "Y", "qty": 2, "price": "50.00"},
            )
        ],
        "expect": {
            "lines": [["V1", 1, "EXCEPTION", 250, 0, 50]],
            "exc": [["AMT_OVER_ORDERED", "V1", "50.00"]],
        },
    },
    # 1.8 invariant 6: 0.5 h at 33.33 make 16.665; confirmed in two halves, they still make 33.33.
    "service-confirmed-in-two-halves": {
        "po": [{**ORDER, "qty": 1, "price": "33.33", "basis": "AMOUNT"}],
        "receipts": [{**RECEIPT, "qty": "0.5"}, {**RECEIPT, "id": "R2", "qty": "0.5"}],
        "invoices": [invoice({**GOODS, "qty": 1, "price": "33.33"})],
        "expect": {
            "lines": [["V1", 1, "MATCHED", "33.33", 0, 0]],
            "alloc": [["V1", "R1", "16.67"], ["V1", "R2", "16.66"]],
        },
    },
    # 1.4: V2 names no lot, so none of its can differ; of its 5 only 4 were used.
    "no-lot-beside-a-line-of-another-lot": {
        "po": [{**ORDER, "match": "BILL_ONLY"}],
        "usage": [
            {"id": "U1", "po": "P1", "line": "1", "qty": 4, "date": "2026-03-09", "lot": "L2"}
        ],
        "invoices": [
            invoice({**GOODS, "qty": 3, "lot": "L9"}),
            {**invoice({**GOODS, "qty": 5}), "id": "V2", "date": "2026-03-16"},
        ],
        "expect": {
            "lines": [["V1", 1, "EXCEPTION", 0, 0, 150], ["V2", 1, "EXCEPTION", 200, 0, 50]],
            "exc": [
                ["BILL_ONLY_LOT_MISMATCH", "V1", "150.00"],
                ["BILL_ONLY_NO_USAGE", "V2", "50.00"],
            ],
        },
    },
}


@pytest.mark.parametrize("name", CASES)
def test_worked_by_hand(name):
    scenario = {"id": name, **CASES[name]}
    given, rules = tables(scenario), rule_tables(scenario)
    result = three_way_match(given, as_of(scenario), rules)
    expected = expectations(scenario)
    assert outcome(result, expected) == expected
    assert broken_invariants(given, result, as_of(scenario), rules) == {}
