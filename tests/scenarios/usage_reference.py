"""A plain, slow, second reckoning of use against charges, to hold the SQL against.

Written from the specification (usage against charges, section 1) alone, in exact fractions, a row
at a time. What belongs here: the order of its steps. Their rules stand in
``usage_reference_lines.py`` (1 to 3), ``usage_reference_match.py`` (4 to 6),
``usage_reference_checks.py``, ``usage_reference_claims.py`` and ``usage_reference_denials.py`` (7).
Where the text leaves a choice open, what was chosen is listed here:

* A record with a day and no time comes first on that day's number line.
* Every pass stays on one account, (a) too, for invariant 1 counts by account.
* A negative charge is a credit. A credit takes from the charge it names, whatever its account.
* "Some match" and the unit test of step 6 count what was matched with the code itself: a charge
  under another code is told of as SC06.
* Of charges that are the same and that no use supports the first is meant, the others are twins.
"""

from usage_reference_checks import checks
from usage_reference_claims import behind
from usage_reference_lines import Accounts, charged, used
from usage_reference_masters import Masters, Rules, Tables
from usage_reference_match import Match, classify, match, repairs


def reference(tables: Tables, rules: Rules) -> Match:
    """What one case comes to: uses, charges, what matched what, and every finding."""
    masters = Masters(tables, rules)
    accounts = Accounts(tables.get("patient_account", []), rules.as_of)
    charges, found = charged(tables, masters, accounts)
    answer = Match(used(tables, masters, accounts), charges, found=found)
    match(answer)
    open_ = {id(line): line.left for line in [*answer.uses, *answer.charges]}
    repairs(answer, masters, accounts)
    classify(answer, masters)
    # What supports nothing stays open, whatever reason was found for it.
    for line in [*answer.uses, *answer.charges]:
        line.left = open_[id(line)]
    answer.found += checks(answer, tables, masters, accounts)
    answer.found += behind(answer, tables, masters, accounts)
    return answer
