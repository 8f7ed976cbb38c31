"""Devices on charges: the parts of a UDI beside what PRT says of the same.

What belongs here: which of the two counts, and whose a device is that stands in DEV. What does
not: reading a UDI (``parse/udi``).
"""

from datetime import date

import polars as pl

from recon.parse import values
from recon.parse.hl7.sets.charges import CHARGE, DEVICE
from recon.parse.udi import parse_udi, whole_apart

# Column of the record -> part of the UDI.
_PARTS = {
    "udi_di": "di",
    "lot": "lot",
    "serial": "serial",
    "donation": "donation",
    "made_date": "made_date",
    "expiry_date": "expiry_date",
}


def with_dev(records: dict[str, pl.DataFrame], devices: pl.DataFrame) -> None:
    """Take the devices that stand in DEV into ``records``, beside those of PRT.

    A charge that has none of PRT has the one DEV under it; of several none is its own.
    """
    own = devices.filter(pl.len().over("parent_record") == 1)
    if DEVICE.name in records:
        prt = records[DEVICE.name]
        own = own.join(prt, on="parent_record", how="anti")
        devices = pl.concat([prt, devices]).sort("source_record")
    records[DEVICE.name] = devices
    if CHARGE.name in records:
        parts = own.select(pl.col("parent_record").alias("source_record"), "udi", *_PARTS)
        records[CHARGE.name] = records[CHARGE.name].update(parts, on="source_record")


def with_udi(rows: pl.DataFrame, as_of: date | None) -> pl.DataFrame:
    """The rows with what their UDI says: its verdict, and the parts that PRT-16 to -21 leave empty.

    Where both say something and not the same, PRT counts and ``udi_remark`` names the part.

    Args:
        rows: with the columns of ``_PARTS`` and ``udi``.
        as_of: as of ``parse_udi``; None: no UDI is read.
    """
    apart = whole_apart(rows)
    if as_of is None or apart["udi"].null_count() == rows.height:
        nothing = values.constant(None, rows.height, pl.String())
        return rows.hstack([nothing.alias("udi_verdict"), nothing.alias("udi_remark")])
    read = parse_udi(apart["udi"], as_of)
    parts = read.select(pl.col(part).alias(f"udi part {part}") for part in _PARTS.values())
    both = apart.hstack(parts)
    differing = [
        pl.when(pl.col(name) != pl.col(f"udi part {part}")).then(pl.lit(f"{name} is not the UDI's"))
        for name, part in _PARTS.items()
    ]
    said = pl.concat_str(
        ["whole", pl.Series("said", read["remark"]), *differing], separator="; ", ignore_nulls=True
    )
    return both.select(
        *(name for name in rows.columns if name not in _PARTS),
        *(pl.coalesce(name, f"udi part {part}").alias(name) for name, part in _PARTS.items()),
        udi_verdict=read["verdict"],
        udi_remark=pl.when(said != "").then(said),
    ).select(*rows.columns, "udi_verdict", "udi_remark")
