"""What must hold of any match whatever the documents (three-way match 1.8), on random cases.

2,000 cases, which are one night, in three orders of its rows; of each invariant the number it has
there. More nights, in twelve orders each:

    RECON_CASES=50000 python -m pytest -n 2 tests/scenarios/test_properties.py
"""

import os
from collections import Counter
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random

import polars as pl
import pytest
from adapter import AS_OF, together
from edge_cases import edge_cases
from random_cases import simple_cases, wild_cases
from rich_cases import rich_cases

from recon.reconcile import invariants, three_way_match
from recon.rules import load_all

NIGHT = 2000
NIGHTS = range(max(int(os.environ.get("RECON_CASES", "2000")) // NIGHT, 1))
ORDERS = 12 if "RECON_CASES" in os.environ else 3
MONEY = ["supported", "tolerated", "held", "routed"]

pytestmark = pytest.mark.parametrize("seed", NIGHTS)


def cases_of(seed):
    """Crowded cases, simple ones, fifty by fifty on one line, and numbers as large as can be."""
    parts = [rich_cases(seed, 1000), wild_cases(seed, 500), simple_cases(seed, 460)]
    return [*parts[0], *parts[1], *parts[2], *edge_cases(seed, 40)]


# One night is matched once for all that is compared with it.
@cache
def night(seed):
    given, rules = together(cases_of(seed))
    return given, rules, three_way_match(given, AS_OF, rules)


def match(cases):
    given, rules = together(cases)
    return three_way_match(given, AS_OF, rules)


def lines_of(result, *columns):
    """(document, line) -> the columns asked for."""
    rows = result["invoice_line_result"].select("invoice_id", "line_no", *columns).rows()
    return {(invoice, line): rest for invoice, line, *rest in rows}


def held_per_case(result):
    held: Counter[str] = Counter()
    for invoice, amount in result["invoice_line_result"].select("invoice_id", "held").rows():
        held[invoice.partition(".")[0]] += amount
    return held


def credits_of(case):
    return [invoice for invoice in case["invoices"] if invoice.get("type") == "CREDIT"]


def changed(old, new):
    """Lines of the old result that are not so in the new one."""
    return {line: (old[line], new.get(line)) for line in old if new.get(line) != old[line]}


def test_invariants_1_to_5_and_9(seed):
    given, rules, result = night(seed)
    broken = invariants(given, result, AS_OF, rules)
    assert {name: rows.head(3).to_dicts() for name, rows in broken.items() if rows.height} == {}


def test_invariant_6_other_orders_of_the_rows_give_the_same(seed):
    given, rules, result = night(seed)
    for order in range(ORDERS):
        shuffled = {n: t.sample(fraction=1, shuffle=True, seed=order) for n, t in given.items()}
        again = three_way_match(shuffled, AS_OF, rules)
        assert [name for name, rows in result.items() if not again[name].equals(rows)] == [], order


def test_invariant_6_a_receipt_keyed_as_two_changes_no_dollar(seed):
    after = cases_of(seed)
    for case in after:
        # On the same slip: the number of a receipt that has none would be a slip of its own.
        came = [r for r in case["receipts"] if r["qty"] > 0 and r.get("slip", "none") is not None]
        whole = next((r for r in came if Decimal(r["qty"]) % Decimal("0.000002") == 0), None)
        back = [r for r in case["receipts"] if r["qty"] < 0]
        # What goes back is taken from one receipt, and there first from what was not accepted: of
        # one accepted in part, half as much can be.
        in_part = (
            whole
            and whole.get("accepted") is not None
            and any((r["po"], r["line"]) == (whole["po"], whole["line"]) for r in back)
        )
        if whole and not in_part and not any(r.get("ref") == whole["id"] for r in back):
            second = {**whole, "id": whole["id"] + "-2", "qty": whole["qty"] / 2}
            whole["qty"] /= 2
            if whole.get("accepted") is not None:
                whole["accepted"] /= 2
                second["accepted"] = whole["accepted"]
            case["receipts"].append(second)
    old, new = (lines_of(r, "status", *MONEY) for r in (night(seed)[2], match(after)))
    assert changed(old, new) == {}


def test_invariant_7_one_more_receipt_never_holds_more(seed):
    after = cases_of(seed)
    for case in after:
        # Goods not received are tolerated at the price billed; once they are received, what is
        # above the order's price is held. A case that tolerates them may hold more.
        if any(row["check"] == "QTY_RECEIVED" for row in case.get("tolerance", [])):
            continue
        random = Random(f"more/{case['id']}")
        on = random.choice(case["po"])
        more = {"id": "MORE", "po": on["po"], "line": on["line"]}
        more |= {"qty": Decimal(random.randint(1, 60)) / 4}
        more |= {"date": str(date(2026, 3, random.randint(2, 31)))}
        if on.get("match") == "BILL_ONLY":
            case["usage"].append({**more, "lot": random.choice([None, "L1", "L2"])})
        else:
            case["receipts"].append({**more, "uom": on.get("uom", "EA")})
    old, new = held_per_case(night(seed)[2]), held_per_case(match(after))
    assert {case: (old[case], held) for case, held in new.items() if held > old[case]} == {}


def test_invariant_7_a_later_copy_of_an_invoice_changes_no_other_document(seed):
    after = cases_of(seed)
    for case in after:
        random = Random(f"copy/{case['id']}")
        seen = [i for i in case["invoices"] if date.fromisoformat(i["date"]) <= AS_OF]
        bills = [i for i in seen if i.get("type") != "CREDIT"]
        if bills:
            copied = deepcopy(random.choice(bills))
            later = date.fromisoformat(copied["date"]) + timedelta(days=random.randint(1, 20))
            day = str(min(later, AS_OF))
            case["invoices"].append({**copied, "id": "ZZ-AGAIN", "date": day, "paid": False})
    old, new = (lines_of(r, "status", *MONEY) for r in (night(seed)[2], match(after)))
    assert changed(old, new) == {}
    copies = {rest[0] for (invoice, _), rest in new.items() if invoice.endswith("ZZ-AGAIN")}
    assert copies == {"DUPLICATE"}


@pytest.mark.parametrize("check", ["PRICE", "QTY_RECEIVED", "QTY_ORDERED", "CONTRACT"])
def test_invariant_7_a_wider_tolerance_never_holds_more(seed, check):
    given, rules, result = night(seed)
    own = pl.col("check") == check
    wider = rules["tolerance_rule"].with_columns(
        # What is no limit stays none; of two limits that must both hold, both give way.
        pl.when(own).then(pl.col("pct") + Decimal("0.25")).otherwise("pct").alias("pct"),
        pl.when(own).then(pl.col("abs") + Decimal("90")).otherwise("abs").alias("abs"),
    )
    wider = wider.cast(dict(load_all()["tolerance_rule"].schema))
    widened = three_way_match(given, AS_OF, {**rules, "tolerance_rule": wider})
    old, new = held_per_case(result), held_per_case(widened)
    assert {case: (old[case], held) for case, held in new.items() if held > old[case]} == {}
    # What is above contract is a measure of its own, and holds nothing.
    assert check == "CONTRACT" or sum(new.values()) < sum(old.values())


def test_invariant_8_a_paid_line_is_as_it_was_when_another_invoice_comes(seed):
    after = cases_of(seed)
    for case in after:
        random = Random(f"new/{case['id']}")
        on = random.choice(case["po"])
        # It names its line: one that fits several equal lines of the order would pool them.
        line = {"line": 1, "po_line": on["line"], "uom": on.get("uom", "EA"), "price": on["price"]}
        line["qty"] = Decimal(random.randint(1, 9))
        new = {"id": "NEW", "number": "QQ-77", "po": on["po"], "lines": [line]}
        case["invoices"].append({**new, "date": str(date(2026, 3, random.randint(2, 31)))})
    # A credit that names no invoice takes from what was billed by its day, newest first: of a new
    # invoice of an earlier day it takes what it took of another.
    paid = {
        (f"{case['id']}.{invoice['id']}", line["line"])
        for case in after
        if all(i["date"] <= case["invoices"][-1]["date"] for i in credits_of(case))
        for invoice in case["invoices"]
        if invoice.get("paid")
        for line in invoice["lines"]
    }
    old, new = (lines_of(r, "status", *MONEY) for r in (night(seed)[2], match(after)))
    assert changed({line: rest for line, rest in old.items() if line in paid}, new) == {}
