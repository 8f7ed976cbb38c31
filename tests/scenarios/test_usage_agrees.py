"""Use against charges agrees with the plain reference, unit by unit, on random cases.

5,000 cases with everything the reference knows of use and charges. More:

    RECON_CASES=50000 python -m pytest -n 2 tests/scenarios/test_usage_agrees.py
"""

import os

import pytest
from usage_answer import AS_OF, RULES, plain, tabled
from usage_random import random_cases, together
from usage_reference import reference

from recon.reconcile.charges import usage_charge

NIGHT = 2500
NIGHTS = range(int(os.environ.get("RECON_CASES", "5000")) // NIGHT)


@pytest.mark.parametrize("seed", NIGHTS)
def test_use_against_charges_agrees_with_the_plain_reference(seed):
    cases = [*random_cases(seed, NIGHT - 500), *random_cases(seed, 500, even=True)]
    found = tabled(usage_charge(together(cases), AS_OF))
    differing = {}
    for case in cases:
        expected, answer = plain(reference(case.tables, RULES)), found[f"F{case.id}"]
        differing |= {
            (case.id, name): (part, vars(answer)[name])
            for name, part in vars(expected).items()
            if part != vars(answer)[name]
        }
    assert dict(list(differing.items())[:3]) == {}
