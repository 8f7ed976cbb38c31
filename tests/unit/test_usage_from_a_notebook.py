"""``usage_charge`` from frames as a notebook has them: instants in any time zone and unit."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

import recon
from recon.errors import InputError

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
