"""The plain reference of use against charges comes out as the scenarios were set by hand."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from charge_adapter import charge_tables
from collected import GIVEN_CHARGES, HERE, OWN_CHARGES, read
from usage_answer import RULES
from usage_reference import reference

SCENARIOS = {s["id"]: s for s in read([HERE / GIVEN_CHARGES, *OWN_CHARGES])}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario(scenario):
    expected = Counter((c, who, worth(n), worth(gross)) for c, who, n, gross in scenario["expect"])
    counted = {name for name, _, units, _ in scenario["expect"] if units is not None}
    given = {name: rows.to_dicts() for name, rows in charge_tables([scenario]).items()}
    for order in range(3):
        for rows in given.values():
            Random(order).shuffle(rows)
        found = reference(given, RULES).found
        assert expected == Counter(
            (f.name, f.account, f.units if f.name in counted else None, f.gross) for f in found
        )


def worth(text):
    return None if text is None else Fraction(text)
