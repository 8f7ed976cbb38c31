"""One way to match one folder of tables, in a process of its own; prints what it cost as JSON.

    python contenders.py NAME FOLDER [MEMORY_LIMIT]

What belongs here: each contender. What does not: the tables (``documents.py``), rounds and the
table of figures (``compare.py``).
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
    """The least there is to do: read the columns, join on the order line, write as many rows."""
    import duckdb

    out = folder / "written_floor"
    out.mkdir(exist_ok=True)

    def work() -> Found:
        with duckdb.connect() as con:
            con.execute("set preserve_insertion_order = false")
            if limit:
                con.execute(f"set memory_limit = '{limit}'")
                con.execute(f"set temp_directory = '{folder / 'spill'}'")
            for name in ("invoice", "invoice_line", "purchase_order_line", "receipt_line"):
                con.from_parquet(str(folder / f"{name}.parquet")).create_view(name)
            con.execute((HERE / "floor.sql").read_text(encoding="utf-8"))
            for name in ("line", "receipt"):
                con.execute(f"copy joined_{name} to '{out / name}.parquet'")
            lines = con.from_parquet(str(out / "line.parquet")).count("*").fetchall()[0][0]
        return {"lines": lines}

    return work


def recon(folder: Path, limit: str | None) -> Callable[[], Found]:
    """``recon.write_three_way_match``: every check, every result table written."""
    import polars as pl

    from recon.reconcile import write_three_way_match
    from recon.reconcile.engine import Limits

    out = folder / "written_recon"
    tables = {path.stem: [path] for path in folder.glob("*.parquet")}

    def work() -> Found:
        spill = folder / "spill"
        write_three_way_match(tables, AS_OF, out, limits=Limits(limit, None, spill))
        lines = pl.scan_parquet(out / "invoice_line_result.parquet")
        told = lines.select(pl.len(), pl.sum("held"), pl.sum("tolerated")).collect().row(0)
        codes = pl.scan_parquet(out / "exception.parquet").group_by("code").len().collect()
        return {
            "lines": told[0],
            "held": float(told[1]),
            "tolerated": float(told[2]),
            **dict(sorted(codes.rows())),
        }

    return work


def pandas(folder: Path, _limit: str | None) -> Callable[[], Found]:
    """What an analyst writes: cumulative sums per order line, intervals that overlap, in floats.

    It knows one unit and one way to find an order line, and says of each invoice line what is
    held for its price, for what was not received and for what was not ordered.
    """
    import numpy as np
    import pandas as pd

    def work() -> Found:
        order = pd.read_parquet(folder / "purchase_order_line.parquet")
        receipt = pd.read_parquet(folder / "receipt_line.parquet")
        document = pd.read_parquet(folder / "invoice.parquet")
        line = pd.read_parquet(folder / "invoice_line.parquet")
        for frame in (order, receipt, line):
            frame["qty"] = frame["qty"].astype(float)
        for frame in (order, line):
            frame["price"] = frame["price"].astype(float)
        boxes = line["uom"] == "BX"
        line.loc[boxes, "qty"] *= 10
        line.loc[boxes, "price"] /= 10
        line["amount"] = line["amount"].astype(float)
        line = line.merge(
            document[["invoice_id", "invoice_date", "po_number_raw"]], on="invoice_id"
        )
        line["po_id"] = line["po_number_raw"].str[1:]
        line = line.merge(
            order.rename(columns={"qty": "ordered", "price": "agreed", "line_no": "po_line_raw"})[
                ["po_id", "po_line_raw", "ordered", "agreed"]
            ],
            on=["po_id", "po_line_raw"],
        )
        line = line.sort_values(["po_id", "po_line_raw", "invoice_date", "invoice_id", "line_no"])
        keys = ["po_id", "po_line_raw"]
        line["hi"] = line.groupby(keys)["qty"].cumsum()
        line["lo"] = line["hi"] - line["qty"]
        receipt = receipt.sort_values(["po_id", "po_line_no", "receipt_date", "receipt_id"])
        receipt = receipt.rename(columns={"po_line_no": "po_line_raw"})
        receipt["upto"] = receipt.groupby(keys)["qty"].cumsum()
        receipt["since"] = receipt["upto"] - receipt["qty"]
        pairs = line[[*keys, "invoice_id", "line_no", "lo", "hi"]].merge(
            receipt[[*keys, "receipt_id", "since", "upto"]], on=keys
        )
        pairs["qty"] = np.minimum(pairs["hi"], pairs["upto"]) - np.maximum(
            pairs["lo"], pairs["since"]
        )
        pairs = pairs[pairs["qty"] > 0]
        matched = pairs.groupby(["invoice_id", "line_no"], as_index=False)["qty"].sum()
        line = line.merge(
            matched.rename(columns={"qty": "matched"}), on=["invoice_id", "line_no"], how="left"
        ).fillna({"matched": 0.0})
        beyond = np.maximum(0, line["hi"] - np.maximum(line["lo"], line["ordered"]))
        over_price = np.maximum(0, line["price"] - line["agreed"]) * line["qty"]
        line["price_held"] = over_price.where(
            (over_price > 25) | (over_price > 0.02 * line["qty"] * line["agreed"]), 0
        )
        line["short_held"] = (line["qty"] - line["matched"]) * line["price"]
        line["over_held"] = np.minimum(beyond, line["matched"]) * np.minimum(
            line["price"], line["agreed"]
        )
        line["held"] = line[["price_held", "short_held", "over_held"]].sum(axis=1).round(2)
        out = folder / "written_pandas"
        out.mkdir(exist_ok=True)
        line.to_parquet(out / "line.parquet")
        pairs.to_parquet(out / "allocation.parquet")
        return {"lines": len(line), "held": float(line["held"].sum())}

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
