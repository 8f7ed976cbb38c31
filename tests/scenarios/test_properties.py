"""What must hold of any match whatever the documents (three-way match 1.8), on random cases.

RECON_EVERY_SHUFFLE=1 tries ten times as many seeds.
"""

import os
from collections import Counter
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import polars as pl
import pytest
from adapter import AS_OF, together
from random_cases import simple_cases, wild_cases

from recon.reconcile import invariants, three_way_match
from recon.rules import load_all

COUNT = 120
SEEDS = range(20 if os.environ.get("RECON_EVERY_SHUFFLE") else 2)
MONEY = ["supported", "tolerated", "held", "routed"]


def match(cases, rules=None):
    given, shipped = together(cases)
    return three_way_match(given, AS_OF, rules or shipped)


def lines_of(result, *columns):
    """(document, line) -> the columns asked for."""
    rows = result["invoice_line_result"].select("invoice_id", "line_no", *columns).rows()
    return {(invoice, line): rest for invoice, line, *rest in rows}


def held_per_case(result):
    held: Counter[str] = Counter()
    for invoice, amount in result["invoice_line_result"].select("invoice_id", "held").rows():
        held[invoice.partition(".")[0]] += amount
    return held


@pytest.mark.parametrize("seed", SEEDS)
def test_every_invariant_holds_and_order_is_nothing(seed):
    given, rules = together([*wild_cases(seed, COUNT), *simple_cases(seed, COUNT // 3)])
    result = three_way_match(given, AS_OF, rules)
    broken = invariants(given, result, AS_OF, rules)
    assert {name: rows.head(3).to_dicts() for name, rows in broken.items() if rows.height} == {}
    shuffled = {n: t.sample(fraction=1, shuffle=True, seed=seed) for n, t in given.items()}
    again = three_way_match(shuffled, AS_OF, rules)
    assert [name for name, rows in result.items() if not again[name].equals(rows)] == []


@pytest.mark.parametrize("cases", [simple_cases, wild_cases], ids=["simple", "wild"])
def test_one_more_receipt_never_holds_more(cases):
    before = cases(11, COUNT)
    after = deepcopy(before)
    for number, case in enumerate(after):
        random = Random(f"more/{number}")
        on = random.choice(case["po"])
        case["receipts"].append(
            {
                "id": "MORE",
                "po": on["po"],
                "line": on["line"],
                "uom": on.get("uom", "EA"),
                "qty": Decimal(random.randint(1, 60)) / 4,
                "date": str(date(2026, 3, random.randint(2, 31))),
            }
        )
    old, new = held_per_case(match(before)), held_per_case(match(after))
    assert {case: (old[case], held) for case, held in new.items() if held > old[case]} == {}


@pytest.mark.parametrize("cases", [simple_cases, wild_cases], ids=["simple", "wild"])
def test_a_later_copy_of_an_invoice_changes_no_other_document(cases):
    before = cases(12, COUNT)
    after = deepcopy(before)
    for number, case in enumerate(after):
        random = Random(f"copy/{number}")
        copied = deepcopy(random.choice([i for i in case["invoices"] if i.get("type") != "CREDIT"]))
        later = date.fromisoformat(copied["date"]) + timedelta(days=random.randint(1, 20))
        day = str(min(later, AS_OF))
        case["invoices"].append({**copied, "id": "ZZ-AGAIN", "date": day, "paid": False})
    old, new = (lines_of(match(c), "status", *MONEY) for c in (before, after))
    assert {line: (old[line], new[line]) for line in old if new[line] != old[line]} == {}
    copies = {rest[0] for (invoice, _), rest in new.items() if invoice.endswith("ZZ-AGAIN")}
    assert copies == {"DUPLICATE"}


@pytest.mark.parametrize("check", ["PRICE", "QTY_RECEIVED", "QTY_ORDERED"])
def test_a_wider_tolerance_never_holds_more(check):
    cases = [*wild_cases(13, COUNT // 2), *simple_cases(13, COUNT // 2)]
    shipped = load_all()
    rules = shipped["tolerance_rule"]
    widened = rules.with_columns(
        pl.when(pl.col("check") == check)
        .then(pl.lit(Decimal("0.25")))
        .otherwise("pct")
        .alias("pct"),
        pl.when(pl.col("check") == check).then(pl.lit(Decimal("90"))).otherwise("abs").alias("abs"),
    ).cast(dict(rules.schema))
    old = held_per_case(match(cases))
    new = held_per_case(match(cases, {**shipped, "tolerance_rule": widened}))
    assert {case: (old[case], held) for case, held in new.items() if held > old[case]} == {}
    assert sum(new.values()) < sum(old.values())


def test_a_receipt_keyed_as_two_changes_no_dollar():
    before = simple_cases(14, COUNT)
    after = deepcopy(before)
    for case in after:
        whole = next((r for r in case["receipts"] if r["qty"] > 0), None)
        if whole and not any(r.get("ref") == whole["id"] for r in case["receipts"]):
            half = whole["qty"] / 2
            case["receipts"].append({**whole, "id": whole["id"] + "-2", "qty": half})
            whole["qty"] -= half
    old, new = (lines_of(match(c), "status", *MONEY) for c in (before, after))
    assert {line: (old[line], new[line]) for line in old if new[line] != old[line]} == {}
