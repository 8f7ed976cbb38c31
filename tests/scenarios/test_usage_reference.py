"""The plain reference of use against charges comes out as the scenarios were set by hand."""

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from charge_adapter import charge_tables
from usage_answer import RULES
from usage_reference import reference

HERE = Path(__file__).parent
FILES = (
    *("usage_charge.json", "usage_codes.json", "usage_found.json"),
    *("usage_found_more.json", "usage_found_again.json", "usage_found_sixth.json"),
    *("usage_found_seventh.json", "usage_found_eighth.json", "usage_found_ninth.json"),
    "usage_udi.json",
)
SCENARIOS = {s["id"]: s for f in FILES for s in json.loads((HERE / f).read_text("utf-8"))}


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
