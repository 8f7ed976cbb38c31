"""Every scenario of use and charge comes out as set by hand, to the cent, in any order of its rows.

All stand in one night, each as a hospital of its own; every thirty-first is also run alone.
RECON_EVERY_SHUFFLE=1 runs each alone, and tries twelve orders of the input rows instead of four.
"""

import os
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from adapter import frame
from charge_adapter import AS_OF, charge_as_of, charge_rules, charge_tables
from collected import OWN_CHARGES, collected_charges, read

import recon
from recon.canonical.describe import natural_key, required_columns
from recon.reconcile.charges import CHARGE_RELATIONS, charge_invariants
from recon.reconcile.inputs import declared_tables
from recon.rules import load

THOROUGH = bool(os.environ.get("RECON_EVERY_SHUFFLE"))
SCENARIOS = collected_charges()
TOGETHER = {name: s for name, s in SCENARIOS.items() if charge_as_of(s) == AS_OF}
ALONE = {
    name: scenario
    for place, (name, scenario) in enumerate(SCENARIOS.items())
    if THOROUGH or place % 31 == 0 or name not in TOGETHER
}


# As evidence names a record of use.
KEYED = pl.concat_str("system_id", "usage_id", separator="|")


@pytest.fixture(scope="module")
def night():
    given = charge_tables(list(TOGETHER.values()))
    return given, recon.usage_charge(given, AS_OF, charge_rules())


def expectations(scenario):
    return Counter(
        (code, account, None if units is None else Decimal(units), Decimal(gross))
        for code, account, units, gross in scenario["expect"]
    )


def outcome(result, scenario):
    rows = result["exception"].filter(pl.col("facility_id") == scenario["id"])
    return Counter(rows.select("code", "account_key", "units", "gross").rows())


@pytest.mark.parametrize("scenario", TOGETHER.values(), ids=TOGETHER.keys())
def test_scenario(scenario, night):
    assert outcome(night[1], scenario) == expectations(scenario)


@pytest.mark.parametrize("scenario", ALONE.values(), ids=ALONE.keys())
def test_scenario_alone(scenario):
    given, day = charge_tables([scenario]), charge_as_of(scenario)
    result = recon.usage_charge(given, day, charge_rules())
    assert outcome(result, scenario) == expectations(scenario)
    if THOROUGH or scenario["id"] not in TOGETHER:  # those of the night are asked of all of it
        assert broken(given, result, day) == {}


@pytest.mark.parametrize("seed", range(12 if THOROUGH else 4))
def test_the_order_of_the_input_rows_changes_nothing(night, seed):
    given, result = night
    shuffled = {n: t.sample(fraction=1, shuffle=True, seed=seed) for n, t in given.items()}
    again = recon.usage_charge(shuffled, AS_OF, charge_rules())
    assert [name for name, rows in result.items() if not again[name].equals(rows)] == []


def test_every_result_stands_in_the_order_of_its_key(night):
    keys = {name: natural_key(table) for name, table in declared_tables().items()}
    for name, rows in night[1].items():
        key = keys[CHARGE_RELATIONS[name]]
        assert rows.select(key).equals(rows.select(key).sort(key)), name


def test_every_invariant_holds(night):
    given, result = night
    assert broken(given, result, AS_OF) == {}


def test_a_finding_taken_away_breaks_an_invariant(night):
    given, result = night
    less = {**result, "exception": result["exception"].filter(pl.col("code") != "SC01")}
    assert "charge_unit_explained" in broken(given, less, AS_OF)


def test_a_finding_of_other_dollars_breaks_an_invariant(night):
    given, result = night
    found = result["exception"]
    one = found.filter(pl.col("code") == "SC03").head(1)
    dearer = one.with_columns(gross=pl.col("gross") + Decimal("0.02")).cast(dict(found.schema))
    rest = found.filter(pl.col("exception_key") != one["exception_key"].item())
    other = {**result, "exception": pl.concat([dearer, rest])}
    [row] = broken(given, other, AS_OF)["charge_money_explained"]
    assert row["explained_amount"] - row["open_amount"] == Decimal("0.02")


def test_a_unit_matched_twice_breaks_an_invariant(night):
    given, result = night
    units = (pl.col("units") * 2).cast(result["allocation"].schema["units"])
    twice = {**result, "allocation": result["allocation"].with_columns(units=units)}
    assert "charge_unit_once" in broken(given, twice, AS_OF)


@pytest.mark.parametrize("lines", ["charge_line_result", "usage_line_result"])
def test_a_record_in_no_result_breaks_an_invariant(night, lines):
    given, result = night
    less = {**result, lines: result[lines].slice(1)}
    assert len(broken(given, less, AS_OF)["charge_record_accounted"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"queue": pl.lit("NOBODY")}, id="queue"),
        pytest.param({"severity": pl.lit(9, pl.Int32)}, id="severity"),
        pytest.param({"exception_key": pl.lit("x") + pl.col("exception_key")}, id="no evidence"),
    ],
)
def test_a_finding_that_is_not_filed_breaks_an_invariant(night, change):
    given, result = night
    found = result["exception"]
    one = found.head(1).with_columns(**change).cast(dict(found.schema))
    other = {**result, "exception": pl.concat([one, found.slice(1)])}
    assert len(broken(given, other, AS_OF)["charge_finding_filed"]) == 1


def test_every_code_has_a_scenario_and_every_scenario_of_ours_its_reasons():
    found = {code for s in SCENARIOS.values() for code, *_ in s["expect"]}
    codes = {code for code in load("exception_code")["code"] if re.fullmatch(r"[A-Z]{2}\d\d", code)}
    assert codes - found == set()
    ours = read(OWN_CHARGES)
    assert len({scenario["id"] for scenario in ours}) == len(ours)
    assert [s["id"] for s in ours if not (s["title"] and s["shows"] and s["sum"])] == []


def test_a_finding_on_use_names_the_item_if_all_of_it_is_of_one(night):
    result = night[1]
    used = result["usage_line_result"].select("item_id", row_key=KEYED)
    evidence = result["exception_evidence"].filter(table="usage_event")
    behind = evidence.join(used, on="row_key").group_by("exception_key")
    items = behind.agg(pl.col("item_id").unique().sort())
    lost = result["exception"].filter(code="SC01").select("exception_key", told="item_id")
    found = lost.join(items, on="exception_key")
    assert found.height == lost.height
    named = [of[0] if len(of) == 1 else None for of in found["item_id"]]
    assert found["told"].to_list() == named
    assert "I1" in named


def test_a_finding_on_uses_of_two_items_names_neither():
    used = [
        {"id": f"U-{item}", "account": "A1", "item": item, "qty": "1", "ts": "2026-03-02T10:00"}
        for item in ("I1", "I2")
    ]
    accounts = SCENARIOS["S02"]["input"]["accounts"]
    given = charge_tables([{"id": "X", "input": {"accounts": accounts, "usage": used}}])
    one_code = given["item_cdm_map"].with_columns(cdm_code=pl.lit("C100"))
    found = recon.usage_charge({**given, "item_cdm_map": one_code}, AS_OF, charge_rules())
    lost = found["exception"].filter(code="SC01")
    assert lost.select("cdm_code", "units", "item_id").rows() == [("C100", Decimal(2), None)]


@pytest.mark.parametrize(
    ("days", "item", "codes"),
    [
        pytest.param(("02", "04"), "I2", {"N1 CATH": "SI01"}, id="the record of that day"),
        pytest.param(("02", "04"), None, {"N1 CATH": "SI01"}, id="the file leaves the item empty"),
        pytest.param(("03", None), "I2", {}, id="of one record, whatever its day"),
        pytest.param(("02", "02"), "I2", {"N1 CATH": "SI02"}, id="two of that day: nobody knows"),
    ],
)
def test_an_order_that_the_usage_file_names_is_of_one_record_of_that_number(days, item, codes):
    used = {"item": "I2", "qty": "1", "mode": "BILL_ONLY", "cost": "310", "po": None}
    kept = [(name, day) for name, day in zip(("OR", "CATH"), days, strict=True) if day]
    usage = [
        used | {"id": "N1", "system": name, "account": f"A-{name}", "ts": f"2026-03-{day}T10:00"}
        for name, day in kept
    ]
    order = [{"po": "P1", "item": "I2", "qty": "1", "price": "310"}]
    given = charge_tables([{"id": "X", "input": {"usage": usage, "po": order}}])
    line = {"usage_id": "N1", "po_id": "X.P1", "po_line_no": "1", "item_id": item}
    line |= {"case_date": date(2026, 3, 2), "qty": Decimal(1)}
    lines = frame("usage_line", [line])
    found = recon.usage_charge({**given, "usage_line": lines}, AS_OF)["exception"]
    orders = found.filter(pl.col("code").str.starts_with("SI"))
    told = {
        f"{usage_id} {account.removeprefix('A-')}": code
        for usage_id, account, code in orders.select("usage_id", "account_key", "code").rows()
    }
    assert told == codes


def test_a_unit_factor_holds_the_lines_of_every_account(night):
    factor = night[1]["unit_factor"].filter(pl.col("facility_id") == "K35")
    assert factor.select(
        "item_id", "cdm_code", "factor", "direction", "accounts", "gross"
    ).rows() == [("I3", "C102", Decimal(10), "UNDER", 2, Decimal("12960.00"))]
    lines = night[1]["exception"].filter(pl.col("finding_key") == factor["finding_key"].item())
    assert lines["account_key"].sort().to_list() == ["A1", "A2"]


def test_a_unit_factor_without_dollars_is_of_the_side_that_is_left_open(night):
    factor = night[1]["unit_factor"].filter(pl.col("facility_id") == "H56")
    assert dict(factor.select("cdm_code", "direction").rows()) == {
        "C777": "UNDER",
        "C778": "UNDER",
        "C779": "OVER",
    }


def test_a_denial_names_the_finding_behind_it(night):
    found = night[1]["exception"].filter(pl.col("facility_id") == "S44")
    root = dict(found.select("code", "root_cause_key").rows())
    keys = dict(found.select("code", "exception_key").rows())
    assert root == {"SC04": None, "DN03": keys["SC04"], "DN01": None}


@pytest.mark.parametrize(("line", "code"), [(1, "C102"), (2, "C101")])
def test_a_denial_of_a_line_names_the_finding_on_what_the_line_names(line, code):
    over = {"account": "A1", "service": "2026-03-02", "post": "2026-03-03", "qty": "3"}
    used = {"account": "A1", "qty": "2", "ts": "2026-03-02T10:00", "lot": "L", "disp": "USED"}
    cas = [{"group": "CO", "carc": "151", "amt": "77"}]
    scenario = {
        "id": "X",
        "input": {
            "accounts": SCENARIOS["S44"]["input"]["accounts"],
            "usage": [{"id": "U1", "item": "I3", **used}, {"id": "U2", "item": "I2", **used}],
            "charges": [
                {"txn": "T1", "cdm": "C102", "unit": "480", **over},
                {"txn": "T2", "cdm": "C101", "unit": "950", **over},
            ],
            "remits": [{"account": "A1", "claim": "CL1", "line": line, "cas": cas, "rarc": []}],
        },
    }
    given = charge_tables([scenario])
    own = {"remittance_id": "X.R", "claim_no": 1, "facility_id": "X", "account_key": "A1"}
    own |= {"charge": Decimal(0), "paid": Decimal(0)}
    paid = [own | {"line_no": 1, "hcpcs": "C1713"}, own | {"line_no": 2, "hcpcs": "C1725"}]
    service = {"service_payment": pl.DataFrame(paid)}
    found = recon.usage_charge({**given, **service}, AS_OF)["exception"]
    key = found.filter(pl.col("code") == "DN03")["root_cause_key"].item()
    assert found.filter(pl.col("exception_key") == key).select("code", "cdm_code").rows() == [
        ("SC04", code)
    ]


def test_severity_is_one_from_five_thousand_dollars_and_two_from_five_hundred(night):
    found = night[1]["exception"].filter(pl.col("facility_id").is_in(["S03", "S05"]))
    assert dict(found.select("code", "severity").rows()) == {"SC02": 2, "SC04": 1}
    third = night[1]["exception"].filter(pl.col("code").is_in(["SP01", "ST02"]))
    gross = {"S27": Decimal("500.00"), "G31": Decimal("480.00"), "S30": Decimal("950.00")}
    assert {
        of: severity
        for of, amount, severity in third.select("facility_id", "gross", "severity").rows()
        if gross.get(of) == amount
    } == {"S27": 2, "G31": 3, "S30": 2}


def test_information_stays_information_whatever_it_is_worth(night):
    late = night[1]["exception"].filter(code="ST01", facility_id="S19")
    assert late.select("gross", "severity").rows() == [(Decimal("1900.00"), 4)]


def test_once_billed_what_was_not_used_goes_to_compliance_and_too_many_units_to_rebilling():
    given = charge_tables([SCENARIOS["S03"], SCENARIOS["S05"]])
    queues = {}
    for day in (date(2026, 3, 8), date(2026, 3, 9)):
        billed = given["patient_account"].with_columns(final_bill_date=date(2026, 3, 9))
        result = recon.usage_charge({**given, "patient_account": billed}, day)
        queues[day.day] = dict(result["exception"].select("code", "queue").rows())
        assert broken(given, result, day) == {}
    assert queues == {8: {"SC02": "DEPT", "SC04": "DEPT"}, 9: {"SC02": "COMP", "SC04": "PFS"}}


def test_the_yield_of_what_was_lost_at_par_is_that_of_its_revenue_family():
    """Nothing of the code was charged or used: it is lost whole, and its family is known still."""
    given = charge_tables(
        [{"id": "X", "input": {"par": [{"loc": "ED", "item": "I2", "issued": "6"}]}}]
    )
    yields = pl.DataFrame(
        {
            "payer_class": "*",
            "patient_class": "*",
            "revenue_family": ["027", "*"],
            "paid_part": [Decimal("0.5"), Decimal("0.1")],
            "approved_by": "CFO",
            "source": "a test",
        }
    )
    found = recon.usage_charge(given, AS_OF, {"net_yield": yields})["exception"]
    assert found.select("code", "gross", "net").rows() == [
        ("SI06", Decimal("5700.00"), Decimal("2850.00"))
    ]


def test_what_is_due_and_when(night):
    row = night[1]["exception"].filter(pl.col("facility_id") == "S02").row(0, named=True)
    assert row["bill_due_date"] == date(2026, 3, 10)
    assert row["filing_due_date"] == date(2027, 3, 5)
    assert (row["age_days"], row["bucket"], row["net"]) == (29, "15-30", None)


@pytest.mark.parametrize(
    ("said", "drops"),
    [
        pytest.param({"final_bill": "2026-03-07"}, date(2026, 3, 7), id="it has dropped"),
        pytest.param({"status": "DNFB"}, AS_OF, id="it is late, and not billed yet"),
        pytest.param({"status": "BILLED"}, date(2026, 3, 10), id="nobody says when"),
    ],
)
def test_a_bill_drops_when_it_did_and_not_while_the_account_is_not_billed(said, drops):
    """The first sheet asked for a corrected claim before the bill, and for a charge after it."""
    given = SCENARIOS["S02"]["input"]
    accounts = [account | said for account in given["accounts"]]
    tables = charge_tables([{"id": "X", "input": {**given, "accounts": accounts}}])
    found = recon.usage_charge(tables, AS_OF, charge_rules())["exception"]
    assert found["bill_due_date"].to_list() == [drops]


def test_net_is_gross_by_the_yield_that_says_most():
    given = charge_tables([SCENARIOS["S02"]])
    payer = given["patient_account"].with_columns(payer_class=pl.lit("MEDICARE"))
    given = {**given, "patient_account": payer}
    rows = [
        *(("*", "*", "*", "0.5"), ("*", "I", "*", "0"), ("*", "I", "027", "0.25")),
        ("MEDICARE", "*", "*", "0.1"),
    ]
    yields = pl.DataFrame(
        [
            {
                "payer_class": payer,
                "patient_class": patient,
                "revenue_family": family,
                "paid_part": Decimal(part),
                "approved_by": "x",
                "source": "x",
            }
            for payer, patient, family, part in rows
        ],
        schema=load("net_yield").schema,
    )
    found = recon.usage_charge(given, AS_OF, {"net_yield": yields})["exception"]
    assert found["net"].to_list() == [Decimal("1600.00")]


def test_a_finding_closes_on_the_night_its_charge_is_posted_and_starts_anew_when_it_is_credited():
    posted = [
        {"txn": "T1", "cdm": "C100", "qty": "1", "unit": "6400", "account": "A1"}
        | {"service": "2026-03-02", "post": "2026-03-04", "type": kind, "txn": txn}
        | ({"post": "2026-03-06", "rev": "T1"} if kind == "CD" else {})
        for txn, kind in (("T1", "CG"), ("T2", "CD"))
    ]
    scenario = {**SCENARIOS["S02"], "input": {**SCENARIOS["S02"]["input"], "charges": posted}}
    given, before, story = charge_tables([scenario]), {}, []
    for day in (2, 3, 4, 5, 6):
        result = recon.usage_charge({**given, **before}, date(2026, 3, day))
        before = {"previous_charge_exception": result["exception"]}
        found = result["exception"].filter(pl.col("code") == "SC01")
        story.append(found.select("state", "times_seen", "first_seen").rows())
    assert story == [
        [("OPEN", 1, date(2026, 3, 2))],
        [("OPEN", 2, date(2026, 3, 2))],
        [("AUTO_CLOSED", 2, date(2026, 3, 2))],
        [],
        [("OPEN", 1, date(2026, 3, 6))],
    ]


def test_thirds_of_a_charge_unit_come_out_whole():
    used = [
        {"id": f"U{n}", "account": "A1", "item": "I2", "qty": "1", "ts": f"2026-03-02T1{n}:00"}
        for n in range(3)
    ]
    charge = {"txn": "T1", "account": "A1", "cdm": "C101", "qty": "1", "unit": "950"}
    charge |= {"service": "2026-03-02", "post": "2026-03-03"}
    given = charge_tables(
        [
            {
                "id": "X",
                "input": {
                    "accounts": SCENARIOS["S02"]["input"]["accounts"],
                    "usage": used,
                    "charges": [charge],
                },
            }
        ]
    )
    thirds = given["item_cdm_map"].with_columns(units_per_each_den=pl.lit(3, pl.Int64))
    result = recon.usage_charge({**given, "item_cdm_map": thirds}, AS_OF)
    assert result["exception"].height == 0
    assert result["usage_line_result"]["expected"].sum() == 1


@pytest.mark.parametrize(("last", "code"), [(1, "SC03"), (2, "SC05")])
def test_a_pack_that_has_ended_is_no_factor(last, code):
    # Ten used on 03-02, one charged: 9 x 480 missing, by a box of ten while there is one.
    given = SCENARIOS["S06"]["input"]
    pieces = {**given, "usage": [{**given["usage"][0], "qty": "10", "uom": "EA"}]}
    given = charge_tables([{"id": "X", "input": pieces}])
    ended = given["item_uom"].with_columns(valid_to=pl.lit(date(2026, 3, last)))
    found = recon.usage_charge({**given, "item_uom": ended}, AS_OF)["exception"]
    assert found.select("code", "gross").rows() == [(code, Decimal("4320.00"))]


@pytest.fixture(scope="module")
def without_text():
    given = charge_tables([SCENARIOS["S01"], SCENARIOS["S11"], SCENARIOS["S32"], SCENARIOS["S39"]])
    return given, recon.usage_charge(given, AS_OF)


@pytest.mark.parametrize("form", ["frame", "lazy", "file", "file without statistics"])
def test_an_empty_text_is_no_text(without_text, form, tmp_path):
    given, alike = without_text
    blank = {}
    for name, rows in given.items():
        filled = rows.with_columns(
            pl.col(c).fill_null("")
            for c in set(rows.columns) - set(required_columns(declared_tables()[name]))
            if rows.schema[c] == pl.String and not rows[c].is_null().all()
        )
        blank[name] = filled.lazy() if form == "lazy" else filled
        if form.startswith("file"):
            blank[name] = [tmp_path / f"{name}.parquet"]
            filled.write_parquet(blank[name][0], statistics=form == "file")
    told = recon.usage_charge(blank, AS_OF)
    assert [name for name, rows in alike.items() if not told[name].equals(rows)] == []


def broken(given, result, day):
    found = charge_invariants(given, result, day, charge_rules())
    return {name: rows.to_dicts() for name, rows in found.items() if rows.height}
