"""832 Price/Sales Catalog: header, items (LIN loop), their prices (CTP) and packaging (SLN, PKL).

An item has as many prices as classes of trade, tiers or dates. The units it comes in, each with
a GTIN of its own, are a ladder of SLN or PKL; either is optional. SLN04 and PKL04 are quantities
as sent: the standard does not say whether a box's 20 each are those of the box or of the case.
"""

from dataclasses import replace

from recon.parse.x12.declare import (
    Kind,
    Record,
    TransactionSet,
    column,
    item_ids,
    loop,
    number_of,
    ordinal,
    party,
    tag,
)
from recon.parse.x12.sets.x856 import PACK

GTIN = "UK|EN|UP|UI|UA|UD"
# Of an item under contract, or of one of its prices.
_START = ("DTM02:131|092",)
_END = ("DTM02:132|093", "DTM06:131|092 RD8")


def _of_item(sources: tuple[str, ...]) -> list[str]:
    return [f"item.{source}" for source in sources]


_CATALOG = Record(
    "price_catalog",
    (
        column("catalog_type_code", Kind.TEXT, "BCT01"),
        column("catalog_number", Kind.TEXT, "BCT02"),
        column("catalog_version", Kind.TEXT, "BCT03"),
        column("purpose_code", Kind.TEXT, "BCT10"),
        column("contract_number", Kind.TEXT, "REF02:CT|BC|VC"),
        column("currency", Kind.TEXT, "CUR02"),
        column("effective_date", Kind.DATE, "DTM02:007"),
        column("contract_start_date", Kind.PERIOD_START, "DTM02:092"),
        column("contract_end_date", Kind.PERIOD_END, "DTM02:093", "DTM06:092 RD8"),
        *party("manufacturer", "MF"),
        *party("distributor", "DS|DB"),
        *party("buying_group", "BG"),
        *party("seller", "SE|SU|VN"),
        number_of("item_count", "item"),
    ),
)

_ITEM = Record(
    "price_catalog_item",
    (
        column("catalog_number", Kind.TEXT, inherit=True),
        ordinal("item_no", "item"),
        column("assigned_id", Kind.TEXT, "LIN01"),
        *item_ids("LIN02"),
        column("contract_number", Kind.TEXT, "REF02:CT|BC|VC", inherit=True),
        column("effective_date", Kind.DATE, "DTM02:007", inherit=True),
        column("contract_start_date", Kind.PERIOD_START, *_START, inherit=True),
        column("contract_end_date", Kind.PERIOD_END, *_END, inherit=True),
        *PACK,
        column("description", Kind.TEXT, "PID05"),
    ),
    loop="item",
)

_PRICE = Record(
    "price_catalog_price",
    (
        column("catalog_number", Kind.TEXT, inherit=True),
        ordinal("item_no", "item"),
        ordinal("price_no", within="item"),
        *item_ids("item.LIN02"),
        column("class_code", Kind.TEXT, "CTP01"),
        column("price_code", Kind.TEXT, "CTP02"),
        column("price", Kind.QUANTITY, "CTP03"),
        column("qty", Kind.QUANTITY, "CTP04"),
        column("uom", Kind.TEXT, "CTP05-1", "multipack.PKL03", "unit.SLN05-1"),
        # Of the unit that a price under PKL or SLN is for; the item's own may be another unit's.
        column("unit_gtin", Kind.TEXT, f"multipack.PKL01+:{GTIN}", f"unit.SLN09+:{GTIN}"),
        column("price_basis", Kind.TEXT, "CTP09"),
        column("multiplier_code", Kind.TEXT, "CTP06"),
        column("multiplier", Kind.QUANTITY, "CTP07"),
        *PACK,  # where it stands behind the price
        column("effective_date", Kind.DATE, "DTM02:007", "item.DTM02:007", inherit=True),
        column("contract_number", Kind.TEXT, "REF02:CT|BC|VC", "item.REF02:CT|BC|VC", inherit=True),
        column("contract_start_date", Kind.PERIOD_START, *_START, *_of_item(_START), inherit=True),
        column("contract_end_date", Kind.PERIOD_END, *_END, *_of_item(_END), inherit=True),
    ),
    loop="price",
)

_UNIT = Record(
    "price_catalog_unit",
    (
        column("catalog_number", Kind.TEXT, inherit=True),
        ordinal("item_no", "item"),
        ordinal("unit_no", within="item"),
        tag("source"),
        column("assigned_id", Kind.TEXT, "SLN01"),
        column("level", Kind.TEXT, "SLN02"),
        column("relation_code", Kind.TEXT, "SLN03"),
        column("qty", Kind.QUANTITY, "SLN04", "PKL04"),
        column("uom", Kind.TEXT, "SLN05-1", "PKL03"),
        # PKL holds one pair, SLN up to ten.
        *item_ids("SLN09", "PKL01"),
        # The item that comes in these units.
        *(replace(c, name=f"item_{c.name}") for c in item_ids("item.LIN02")),
    ),
    tags=("SLN", "PKL"),
)

PRICE_CATALOG = TransactionSet(
    code="832",
    title="Price/Sales Catalog",
    loops=(
        loop("party", "N1", holds="N2 N3 N4 REF PKR PER DTM"),
        loop("item", "LIN"),
        loop("multipack", "PKL", within="item", holds="PKG"),
        loop("unit", "SLN", within="item", holds="SI PID DTM PAM PO4 PKG QTY MEA SAC MTX LM LQ"),
        loop(
            "price",
            "CTP",
            within="item|multipack|unit",
            holds="G40 DTM G36 LDT CUR PO4 CTB REF G43 SAC G26",
        ),
        loop("item_party", "N1", within="item", holds="N2 N3 N4 REF PER DTM PKG"),
    ),
    records=(_CATALOG, _ITEM, _PRICE, _UNIT),
    summary=("CTT",),
    needs=("BCT",),
    once=("BCT",),
    counts=("item",),
)
