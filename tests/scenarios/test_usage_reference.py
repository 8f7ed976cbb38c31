"""The plain reference of use against charges comes out as the scenarios were set by hand."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from usage_reference import reference
from usage_scenarios import FILE, MASTER, read, rules, tables

SCENARIOS = {s["id"]: s for s in read(FILE) or []}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario):
    master = read(MASTER)
    expected = Counter(
        (name, who, worth(n), worth(gross)) for name, who, n, gross in scenario["expect"]
    )
    for order in range(4):
        given = tables(scenario, master)
        for rows in given.values():
            Random(order).shuffle(rows)
        found = reference(given, rules(master)).found
        units = {name: n is not None for name, _, n, _ in scenario["expect"]}
        assert expected == Counter(
            (f.name, f.account, f.units if units.get(f.name) else None, f.gross) for f in found
        )


def worth(text):
    return None if text is None else Fraction(text)
