"""What must hold of use against charges whatever the records (usage and charge 1), on random cases.

2,000 cases, which are one night; of each invariant the number it has there. More nights:

    RECON_CASES=50000 python -m pytest -n 2 tests/scenarios/test_usage_properties.py
"""

import os
from collections import Counter, defaultdict
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random

import polars as pl
import pytest
from usage_answer import AS_OF
from usage_random import Case, random_cases, together

from recon.canonical.describe import polars_schema, table_name
from recon.reconcile.charges import CHARGE_RELATIONS, charge_invariants, usage_charge
from recon.reconcile.results import CHARGE_RESULTS

NIGHT = 2000
NIGHTS = range(max(int(os.environ.get("RECON_CASES", "2000")) // NIGHT, 1))
HALF_A_CENT = Fraction(1, 200)
# What is left of use, and of charges, is told of under one of these.
ON_USE = ("SC01", "SC03")
ON_CHARGE = ("SC02", "SC04", "SC08", "SC10", "SC11")
REPAIRED = ("SC06", "SC07")

pytestmark = pytest.mark.parametrize("seed", NIGHTS)


def cases_of(seed):
    """Cases with everything, and cases whose charges are all at the charge master's price."""
    return [*random_cases(seed, 1000), *random_cases(seed, 1000, even=True)]


# One night is reconciled once for all that is compared with it.
@cache
def night(seed):
    given = together(cases_of(seed))
    return given, usage_charge(given, AS_OF)


def exceptions(result, *codes):
    return result["exception"].filter(pl.col("code").is_in(codes))


def summed(rows, keys, value):
    """Key -> sum of the column."""
    return {tuple(k): Fraction(v) for *k, v in rows.group_by(keys).agg(pl.sum(value)).rows()}


def changed(old, new):
    """Tables of the old result that are not so in the new one."""
    return [name for name, rows in old.items() if not new[name].equals(rows)]


def test_invariant_1_what_is_missing_of_a_code_is_what_its_findings_say(seed):
    result = night(seed)[1]
    key = ["facility_id", "account_key", "cdm_code"]
    even = pl.col("facility_id").str.starts_with("Fe")
    repaired = exceptions(result, *REPAIRED)
    apart = {
        (row["facility_id"], account, code)
        for row in repaired.iter_rows(named=True)
        for account in (row["account_key"], row["other_account_key"])
        for code in (row["cdm_code"], row["other_cdm_code"])
    }
    gap: Counter = Counter()
    expected = result["usage_line_result"].filter(even).with_columns(units="expected")
    charged = result["charge_line_result"].filter(even)
    charged = charged.with_columns(units=pl.col("units") - pl.col("credited"))
    for rows, sign in ((expected, 1), (charged, -1)):
        for line, units in summed(rows, key, "units").items():
            gap[line] += sign * units
    price = {
        (code): Fraction(price)
        for code, price in night(seed)[0]["cdm"].select("cdm_code", "price").rows()
    }
    told = defaultdict(Fraction)
    rows: Counter = Counter()
    codes = (*ON_USE, *ON_CHARGE, "SC05")
    for *line, gross in exceptions(result, *codes).filter(even).select(*key, "gross").rows():
        told[tuple(line)] += Fraction(gross)
        rows[tuple(line)] += 1
    lines = {line for line in {*gap, *told} - apart if line[1] and line[2]}
    # Each record's amount is rounded to the cent; a case has ten at most.
    differing = {
        line: (gap[line] * price[line[2]], told[line])
        for line in lines
        if abs(gap[line] * price[line[2]] - told[line]) > 10 * HALF_A_CENT
    }
    assert len(lines) > 500
    assert dict(list(differing.items())[:3]) == {}


def test_invariant_2_orders_of_the_rows_give_the_same(seed):
    given, result = night(seed)
    for order in range(4):
        shuffled = {n: t.sample(fraction=1, shuffle=True, seed=order) for n, t in given.items()}
        assert changed(result, usage_charge(shuffled, AS_OF)) == [], order


def test_invariant_3_a_file_loaded_again_changes_nothing(seed):
    given, result = night(seed)
    twice = dict(given)
    for name in ("usage_event", "charge_event", "patient_account"):
        # A blank sorts before everything else: each copy stands just after its original.
        again = given[name].with_columns(pl.col("message_id") + " again")
        twice[name] = pl.concat([given[name], again])
    assert changed(result, usage_charge(twice, AS_OF)) == []


def test_invariant_4_a_unit_is_matched_once_and_what_is_left_has_one_code(seed):
    result = night(seed)[1]
    uses, charges = result["usage_line_result"], result["charge_line_result"]
    allocated = result["allocation"]
    assert allocated.filter(pl.col("units") <= 0).height == 0
    parts = uses.select("facility_id", "system_id", "usage_id", "expected", "matched", "open")
    on_use = summed(allocated, ["facility_id", "usage_system_id", "usage_id"], "units")
    for *line, expected, matched, left in parts.rows():
        assert matched == on_use.get(tuple(line), 0)
        assert expected == matched + left
        assert left >= 0
    parts = charges.select(
        "facility_id", "system_id", "txn_id", "units", "credited", "matched", "open"
    )
    on_charge = summed(allocated, ["facility_id", "charge_system_id", "txn_id"], "units")
    for *line, units, credited, matched, left in parts.rows():
        assert matched == on_charge.get(tuple(line), 0)
        assert units == credited + matched + left
        assert left >= 0
        assert credited >= 0
    key = ["facility_id", "account_key", "cdm_code"]
    mine = pl.col("account_key").is_not_null()
    suggested = exceptions(result, *REPAIRED).filter("is_suggested")
    other = suggested.with_columns(
        pl.coalesce("other_account_key", "account_key").alias("account_key"),
        pl.coalesce("other_cdm_code", "cdm_code").alias("cdm_code"),
    )
    # Which side an SC05 is on is not said where its charges were at no price.
    either = exceptions(result, "SC05").select(key)
    for rows, codes, pairs in ((uses, ON_USE, suggested), (charges, ON_CHARGE, other)):
        open_ = rows.filter(mine & (pl.col("open") > 0)).join(either, on=key, how="anti")
        told = pl.concat([exceptions(result, *codes), pairs]).join(either, on=key, how="anti")
        assert summed(told, key, "units") == summed(open_, key, "open")
    told = pl.concat([exceptions(result, *ON_USE, *ON_CHARGE, "SC05"), suggested, other])
    lines = pl.concat([uses.select(*key, "open"), charges.select(*key, "open")])
    left = summed(lines.filter(mine & (pl.col("open") > 0)), key, "open")
    assert summed(told, key, "units") == left


def test_the_invariants_that_every_night_is_checked_for(seed):
    given, result = night(seed)
    broken = charge_invariants(given, result, AS_OF)
    assert {name: rows.head(3).to_dicts() for name, rows in broken.items() if rows.height} == {}


def test_invariant_5_every_record_is_in_force_or_superseded_or_taken_back(seed):
    given, result = night(seed)
    used, charged = (
        newest(given["usage_event"], "usage_id"),
        newest(given["charge_event"], "txn_id"),
    )
    used = {k for k, row in used.items() if row["status"] != "DELETED"}
    kept = {
        k
        for k, row in charged.items()
        if row["status"] != "DELETED" and row["type"] in (None, "CG") and row["qty"] >= 0
    }
    lines = result["usage_line_result"].select("facility_id", "usage_id").rows()
    assert (len(lines), set(lines)) == (len(used), used)
    lines = result["charge_line_result"].select("facility_id", "txn_id").rows()
    assert (len(lines), set(lines)) == (len(kept), kept)


def newest(rows, number):
    """Hospital and number -> the version that counts."""
    moment = "documented_at" if number == "usage_id" else "posted"
    if number == "txn_id":
        rows = rows.with_columns(posted=pl.coalesce("post_date", "service_date"))
    return {
        (row["facility_id"], row[number]): row
        for row in rows.sort(
            moment,
            pl.col("message_id").str.strip_chars_end("0123456789"),
            pl.col("message_id").str.len_chars(),
            "message_id",
        ).iter_rows(named=True)
    }


def test_invariant_7_a_charge_for_what_was_not_charged_never_raises_what_is_missing(seed):
    result, after = night(seed)[1], deepcopy(cases_of(seed))
    left: defaultdict = defaultdict(list)
    for row in result["usage_line_result"].iter_rows(named=True):
        if row["open"] > 0 and not row["matched"] and row["account_key"]:
            left[row["facility_id"]].append(row)
    added = {case.id for case in after if charge_one(case, left[f"F{case.id}"])}
    assert len(added) > 200
    new = usage_charge(together(after), AS_OF)
    lost = [summed(exceptions(r, "SC01", "SC03"), ["facility_id"], "gross") for r in (result, new)]
    missing = [summed(exceptions(r, "SC01"), ["facility_id"], "gross") for r in (result, new)]
    assert {c: v for c, v in missing[1].items() if v > missing[0].get(c, 0)} == {}
    assert sum(lost[1].values()) < sum(lost[0].values())


def charge_one(case: Case, left: list) -> bool:
    """Add the charge that one record of use has none of."""
    if not left:
        return False
    use = Random(f"add/{case.id}").choice(left)
    row = next(r for r in case.tables["usage_event"] if r["usage_id"] == use["usage_id"])
    case.add(
        "charge_event",
        system_id=f"BILL-{case.id}",
        txn_id="NEW",
        message_id="NEW",
        facility_id=row["facility_id"],
        account_key=use["account_key"],
        service_date=row["used_date"],
        cdm_code=use["cdm_code"],
        qty=use["open"],
        unit_amount=Decimal(1),
        order_id=use["usage_id"],
    )
    return True


def test_invariant_9_no_float(seed):
    declared = {table_name(t): polars_schema(t) for t in CHARGE_RESULTS}
    result = night(seed)[1]
    assert {CHARGE_RELATIONS[name] for name in result} == set(declared)
    for name, rows in result.items():
        assert rows.schema == declared[CHARGE_RELATIONS[name]]
        assert [column for column, t in rows.schema.items() if t.is_float()] == []
