"""One way to hold one folder of use against its charges; prints what it cost as JSON.

    python contenders.py NAME FOLDER [MEMORY_LIMIT]

What belongs here: each contender. What does not: the tables (``events.py``), rounds and the table
of figures (``compare.py``).
"""

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
AS_OF = date(2026, 3, 31)
Found = dict[str, float]


def floor(folder: Path, limit: str | None) -> Callable[[], Found]:
    """The least there is to do: read the columns, join on account, code and day, add up, write."""
    import duckdb

    out = folder / "written_floor"
    out.mkdir(exist_ok=True)

    def work() -> Found:
        with duckdb.connect() as con:
            con.execute("set preserve_insertion_order = false")
            if limit:
                con.execute(f"set memory_limit = '{limit}'")
                con.execute(f"set temp_directory = '{folder / 'spill'}'")
            for name in ("usage_event", "charge_event", "item_cdm_map", "item_uom"):
                con.from_parquet(str(folder / f"{name}.parquet")).create_view(name)
            con.execute((HERE / "floor.sql").read_text(encoding="utf-8"))
            con.execute(f"copy joined to '{out / 'joined'}.parquet'")
            rows = con.from_parquet(str(out / "joined.parquet")).count("*").fetchall()[0][0]
        return {"rows": rows}

    return work


def recon(folder: Path, limit: str | None) -> Callable[[], Found]:
    """``write_usage_charge``: every check, every result table written."""
    import polars as pl

    from recon.reconcile.charges import write_usage_charge
    from recon.reconcile.engine import Limits

    out = folder / "written_recon"
    tables = {path.stem: [path] for path in folder.glob("*.parquet")}

    def work() -> Found:
        write_usage_charge(tables, AS_OF, out, limits=Limits(limit, None, folder / "spill"))
        uses = pl.scan_parquet(out / "usage_line_result.parquet")
        charges = pl.scan_parquet(out / "charge_line_result.parquet")
        net = charges.select(pl.len(), (pl.col("units") - pl.col("credited")).sum()).collect()
        expected = uses.select(pl.len(), pl.sum("expected")).collect()
        found = pl.scan_parquet(out / "charge_exception.parquet").group_by("code")
        codes = found.len().sort("code").collect()
        return {
            "uses": expected.item(0, 0),
            "charges": net.item(0, 0),
            "expected": float(expected.item(0, 1)),
            "charged": float(net.item(0, 1)),
            **dict(codes.rows()),
        }

    return work


def pandas(folder: Path, _limit: str | None) -> Callable[[], Found]:
    """What an analyst writes: sums by account, code and day, then by account and code, in floats.

    It knows replays, credits, units and one map for all; it says of each account and code how much
    is missing or too much, and what that is worth, and of no line why.
    """
    import pandas as pd

    def work() -> Found:
        use = pd.read_parquet(folder / "usage_event.parquet")
        charge = pd.read_parquet(folder / "charge_event.parquet")
        item_map = pd.read_parquet(folder / "item_cdm_map.parquet")
        unit = pd.read_parquet(folder / "item_uom.parquet")
        master = pd.read_parquet(folder / "cdm.parquet")
        use = use.sort_values("message_id").drop_duplicates(["system_id", "usage_id"], keep="last")
        charge = charge.sort_values("message_id").drop_duplicates(
            ["system_id", "txn_id"], keep="last"
        )
        use = use.merge(item_map[["item_id", "cdm_code", "units_per_each_num"]], on="item_id")
        use = use.merge(unit[["item_id", "uom", "to_base_num"]], on=["item_id", "uom"])
        use["units"] = use["qty"].astype(float) * use["to_base_num"] * use["units_per_each_num"]
        charge["units"] = charge["qty"].astype(float)
        charge.loc[charge["type"] == "CD", "units"] *= -1
        keys = ["facility_id", "account_key", "cdm_code"]
        by_day = (
            use.rename(columns={"used_date": "day"})
            .groupby([*keys, "day"], as_index=False)["units"]
            .sum()
            .merge(
                charge.rename(columns={"service_date": "day", "units": "charged"})
                .groupby([*keys, "day"], as_index=False)["charged"]
                .sum(),
                on=[*keys, "day"],
                how="outer",
            )
            .fillna({"units": 0.0, "charged": 0.0})
        )
        total = by_day.groupby(keys, as_index=False)[["units", "charged"]].sum()
        total = total.merge(master[["cdm_code", "price"]], on="cdm_code", how="left")
        total["gap"] = total["units"] - total["charged"]
        total["gross"] = (total["gap"] * total["price"].astype(float)).round(2)
        out = folder / "written_pandas"
        out.mkdir(exist_ok=True)
        total[total["gap"] != 0].to_parquet(out / "gap.parquet")
        return {
            "uses": len(use),
            "expected": float(use["units"].sum()),
            "charged": float(charge["units"].sum()),
        }

    return work


CONTENDERS = {f.__name__: f for f in (floor, recon, pandas)}


def main() -> None:
    """Run one and print what it cost."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    work = CONTENDERS[name](folder, sys.argv[3] if len(sys.argv) > 3 else None)
    began, cpu = time.perf_counter(), time.process_time()
    found = work()
    cost = {
        "wall": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    shutil.rmtree(folder / "spill", ignore_errors=True)
    print(json.dumps({**cost, "found": found}))


if __name__ == "__main__":
    main()
