"""``usage_charge`` from frames as a notebook has them: instants in any zone, rules in part."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

import recon
from recon.errors import InputError
from recon.rules import load

AS_OF = date(2026, 3, 31)
# U1 is used two hours into the second of March in UTC, U2 at an hour nobody knows: its midnight.
USED_AT = datetime.fromisoformat("2026-03-02T02:00")


def tables(used_at):
    day = date(2026, 3, 2)
    charge = {"system_id": "S", "txn_id": "T1", "message_id": "M1", "facility_id": "F1"}
    use = {**charge, "account_key": "A1", "used_date": day, "item_id": "I1", "qty": Decimal(1)}
    mapped = {"facility_id": "*", "item_id": "I1", "dept_id": "*", "location_id": "*"}
    return {
        "usage_event": pl.DataFrame(
            [use | {"usage_id": "U1"}, use | {"usage_id": "U2"}]
        ).with_columns(used_at=used_at),
        "charge_event": pl.DataFrame(
            [
                charge
                | {"account_key": "A1", "service_date": day, "cdm_code": "C1", "qty": Decimal(1)}
            ]
        ),
        "item_cdm_map": pl.DataFrame(
            [
                mapped
                | {"valid_from": date(2026, 1, 1), "cdm_code": "C1", "chargeable": "Y"}
                | {"units_per_each_num": 1, "units_per_each_den": 1}
            ]
        ),
    }


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param(lambda s: s, id="utc"),
        pytest.param(lambda s: s.dt.cast_time_unit("ms"), id="milliseconds"),
        pytest.param(lambda s: s.dt.cast_time_unit("ns"), id="nanoseconds, as pandas has them"),
        pytest.param(lambda s: s.dt.replace_time_zone("UTC"), id="utc, and says so"),
        pytest.param(
            lambda s: s.dt.replace_time_zone("UTC").dt.convert_time_zone("America/Chicago"),
            id="of the hospital's zone",
        ),
    ],
)
def test_an_instant_is_the_same_in_every_zone_and_unit(moved):
    result = recon.usage_charge(tables(moved(pl.Series([USED_AT, None]))), AS_OF)
    assert result["allocation"]["usage_id"].to_list() == ["U2"]


def test_an_instant_in_text_is_refused_with_its_cure():
    with pytest.raises(InputError, match=r'read the text, .*: pl.col\("used_at"\).str.to_datetime'):
        recon.usage_charge(tables(pl.Series(["2026-03-02T02:00:00", None])), AS_OF)


def late(rules):
    """What is found on a charge posted nine days after its stay, and on a use beside it."""
    given = tables(pl.Series([USED_AT, None]))
    given["charge_event"] = given["charge_event"].with_columns(post_date=date(2026, 3, 11))
    account = {"facility_id": "F1", "account_key": "A1", "message_id": "M1", "patient_class": "I"}
    account |= {"admit_date": date(2026, 3, 2), "discharge_date": date(2026, 3, 2)}
    found = recon.usage_charge({**given, "patient_account": pl.DataFrame([account])}, AS_OF, rules)
    return dict(found["exception"].sort("code").select("code", "severity").rows())


WHOLE = {"SC03": 2, "SP03": 2, "ST02": 3}


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        pytest.param(
            "charge_setting",
            [{"setting": "PRICE_PCT", "value": Decimal("0.02"), "unit": "fraction"}],
            WHOLE,
            id="a setting",
        ),
        pytest.param(
            "patient_class",
            [{"patient_class": "O", "is_inpatient": "N", "hold_days": 9}],
            WHOLE,
            id="a class that is not the account's",
        ),
        pytest.param(
            "patient_class",
            [{"patient_class": "I", "is_inpatient": "Y", "hold_days": 9}],
            {"SC03": 2, "SP03": 2, "ST01": 4},
            id="the account's class",
        ),
        pytest.param("filing_limit", [{"payer_class": "X", "days": 90}], WHOLE, id="a limit"),
        pytest.param(
            "exception_code",
            load("exception_code")
            .filter(pl.col("code") == "ST02")
            .with_columns(severity=pl.lit(1, pl.Int32))
            .to_dicts(),
            WHOLE | {"ST02": 1},
            id="a code",
        ),
    ],
)
def test_of_rules_handed_in_in_part_the_rest_is_as_shipped(name, rows, expected):
    stated = pl.DataFrame(rows, schema_overrides=dict(load(name).select(*rows[0]).schema))
    assert late({name: stated}) == expected


def test_buckets_that_leave_ages_out_are_refused():
    short = load("charge_age_bucket").filter(pl.col("from_days") < 8)
    with pytest.raises(InputError, match="charge_age_bucket: the oldest bucket must have no to_d"):
        late({"charge_age_bucket": short})


def coded(revenue_code):
    """An implant under a code that only its revenue code says is a supply; nothing was used."""
    day = date(2026, 3, 2)
    code = {"facility_id": "*", "cdm_code": "C9", "valid_from": date(2026, 1, 1)}
    charge = {"system_id": "S", "txn_id": "T1", "message_id": "M1", "facility_id": "F1"}
    charge |= {"account_key": "A1", "service_date": day, "cdm_code": "C9", "qty": Decimal(1)}
    priced = {"description": "screw", "price": Decimal(480), "hcpcs": "C1725"}
    return {
        "cdm": pl.DataFrame([code | priced | {"revenue_code": revenue_code}]),
        "charge_event": pl.DataFrame([charge | {"revenue_code": "0278"}]),
    }


@pytest.mark.parametrize(
    "revenue_code",
    [
        pytest.param("0278", id="four digits"),
        pytest.param("278", id="three digits"),
        pytest.param(278, id="a number, as a CSV file is read"),
    ],
)
def test_a_revenue_code_has_four_digits_whatever_a_spreadsheet_took_away(revenue_code):
    found = recon.usage_charge(coded(revenue_code), AS_OF)["exception"]
    assert sorted(found["code"]) == ["SC02", "SD10"]
    swapped = coded("0278")
    swapped["charge_event"] = swapped["charge_event"].with_columns(
        revenue_code=pl.lit(revenue_code)
    )
    found = recon.usage_charge(swapped, AS_OF)["exception"]
    assert sorted(found["code"]) == ["SC02", "SD10"]


def test_a_revenue_code_that_differs_is_told_as_before():
    found = recon.usage_charge(coded("272"), AS_OF)["exception"]
    assert found.filter(code="SP05")["remark"].to_list() == ["0278, not 0272"]


def test_a_family_of_implants_may_be_stated_by_its_first_digits():
    given = coded("0272")
    given["charge_event"] = given["charge_event"].with_columns(revenue_code=pl.lit("0272"))
    families = load("supply_revenue")
    found = recon.usage_charge(given, AS_OF, {"supply_revenue": families})["exception"]
    assert sorted(found["code"]) == ["SC02"]
    families = families.with_columns(is_implant=pl.lit("Y"))
    found = recon.usage_charge(given, AS_OF, {"supply_revenue": families})["exception"]
    assert sorted(found["code"]) == ["SC02", "SD10"]
