"""A scenario, as canonical tables and rule tables.

What belongs here: how the keys of a scenario file become columns, and what an absent key means.
The form of the files is described in ``README.md`` beside them.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from recon import rules
from recon.canonical.describe import ORIGIN, polars_schema
from recon.reconcile.inputs import declared_tables

Scenario = dict[str, Any]
Rows = list[dict[str, Any]]

AS_OF = date(2026, 3, 31)
LONG_AGO = date(2000, 1, 1)
CENT = Decimal("0.01")
SUPPLIED_ELSEWHERE = ("DROP_SHIP", "BILL_ONLY", "CONSIGNMENT")
# Columns that hold an id of ours, or an order number, which is one in all scenarios.
IDS = {
    *("supplier_id", "parent_supplier_id", "item_id", "kit_item_id", "component_item_id"),
    *("facility_id", "location_id", "contract_id", "po_id", "po_number", "po_number_raw"),
    *("receipt_id", "ref_receipt_id", "usage_id", "invoice_id", "rule_id"),
}


def as_of(scenario: Scenario) -> date:
    return _day(scenario.get("as_of")) or AS_OF


def tables(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """Every canonical table the scenario speaks of, with only business columns."""
    return {name: frame(name, rows) for name, rows in _rows(scenario).items()}


def rule_tables(scenario: Scenario) -> dict[str, pl.DataFrame]:
    """The shipped rules, with the scenario's tolerances among them."""
    shipped = rules.load_all()
    own = frame("tolerance_rule", _tolerances(scenario))
    keys = ["check", "supplier_id", "category", "facility_id"]
    kept = shipped["tolerance_rule"].join(own, on=keys, how="anti", nulls_equal=True)
    stated = {"tolerance_rule": pl.concat([own, kept])}
    chosen = _policies(scenario)
    stated["policy"] = shipped["policy"].with_columns(
        pl.col("policy").replace_strict(chosen, default=pl.col("value")).alias("value")
    )
    return {**shipped, **stated}


def together(scenarios: list[Scenario]) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """Tables and rules of several scenarios as those of one night.

    Every id gets its scenario before it, ``S01.V1``; what is printed on documents stays as it is.
    """
    joined: dict[str, Rows] = {}
    for scenario in scenarios:
        parts = {**_rows(scenario), "tolerance_rule": _tolerances(scenario)}
        # Columns that hold an id only where the text is one: else a packing slip, "all", a number.
        known = {
            "cites": {row["receipt_id"] for row in parts["receipt_line"]},
            "facility_scope": {row["facility_id"] for row in parts["location"]},
            "item_catalog_no": {row["item_id"] for row in parts["item"]},
        }
        for name, rows in parts.items():
            joined.setdefault(name, []).extend(
                {
                    column: f"{scenario['id']}.{value}"
                    if value is not None and (column in IDS or value in known.get(column, ()))
                    else value
                    for column, value in row.items()
                }
                for row in rows
            )
    frames = {name: frame(name, rows) for name, rows in joined.items()}
    shipped = rules.load_all()
    tolerances = pl.concat([frames.pop("tolerance_rule"), shipped["tolerance_rule"]])
    return frames, {**shipped, "tolerance_rule": tolerances}


def can_stand_together(scenario: Scenario) -> bool:
    """Whether what it decides for itself is decided for its own suppliers, or facilities, only."""
    tolerances = scenario.get("tolerance", [])
    return (
        as_of(scenario) == AS_OF
        and all(row.get("supplier") or row.get("facility") for row in tolerances)
        and not _policies(scenario)
    )


def _policies(scenario: Scenario) -> dict[str, str]:
    """What it chooses for the whole night; the suppliers of ``policy`` are its own."""
    stated = scenario.get("policy", {})
    return {name: value for name, value in stated.items() if name != "po_exempt_suppliers"}


def frame(name: str, rows: Rows) -> pl.DataFrame:
    """Rows as a frame of the table's business columns."""
    declared = declared_tables()[name]
    schema = {c: t for c, t in polars_schema(declared).items() if c not in ORIGIN}
    return pl.DataFrame(rows, schema=schema)


def _rows(scenario: Scenario) -> dict[str, Rows]:
    return {
        **_masters(scenario),
        **_orders(scenario),
        **_receipts(scenario),
        **_invoices(scenario),
    }


def _tolerances(scenario: Scenario) -> Rows:
    return [
        {
            "rule_id": f"SCENARIO-{number}",
            "check": row["check"],
            "supplier_id": row.get("supplier"),
            "category": row.get("category"),
            "facility_id": row.get("facility"),
            "pct": _decimal(row.get("pct")),
            "abs": _decimal(row.get("abs")),
            "mode": row.get("mode", "ALL"),
            "valid_from": _day(row.get("from")) or LONG_AGO,
            "valid_to": _day(row.get("to")),
            "approved_by": "scenario",
            "source": scenario["id"],
        }
        for number, row in enumerate(scenario.get("tolerance", []))
    ]


def _masters(scenario: Scenario) -> dict[str, Rows]:
    exempt = scenario.get("policy", {}).get("po_exempt_suppliers", [])
    orders, invoices = scenario.get("po", []), scenario.get("invoices", [])
    described = scenario.get("suppliers", {})
    suppliers = {"S1", *exempt, *described}
    suppliers |= {row["parent"] for row in described.values() if row.get("parent")}
    suppliers |= {row["supplier"] for row in [*orders, *invoices] if row.get("supplier")}
    units = scenario.get("uom", {})
    kits = scenario.get("kits", {})
    items = {
        "A",
        *units,
        *kits,
        *scenario.get("category", {}),
        *scenario.get("contract_items", []),
        *scenario.get("item_xref", {}).values(),
    }
    items |= {row["item"] for row in scenario.get("acks", []) if row.get("item")}
    items |= {c for parts in kits.values() for c in parts}
    items |= set(scenario.get("ack_substitute", {}).values())
    items |= {row["item"] for row in orders if row.get("item")}
    items |= {ln["item"] for inv in invoices for ln in inv["lines"] if ln.get("item")}
    base = {item: units.get(item, {}).get("_base", "EA") for item in items}
    taxed = scenario.get("taxed", [])
    facilities = {"F1", *taxed, *(r["facility"] for r in [*orders, *invoices] if "facility" in r)}
    return {
        "supplier": [
            {
                "supplier_id": supplier,
                "name": f"Supplier {supplier}",
                "parent_supplier_id": described.get(supplier, {}).get("parent"),
                "currency": "USD",
                "po_required": supplier not in exempt,
                "ers": described.get(supplier, {}).get("ers"),
                "price_basis": described.get(supplier, {}).get("price_basis"),
            }
            for supplier in suppliers
        ],
        "item": [
            {
                "item_id": item,
                "description": f"Item {item}",
                "category": scenario.get("category", {}).get(item),
                "base_uom": base[item],
                "contract_flag": item in scenario.get("contract_items", []),
                "implant_flag": item in scenario.get("implants", []),
            }
            for item in items
        ],
        "item_uom": [
            {
                "item_id": item,
                "uom": uom,
                "to_base_num": Fraction(str(factor)).numerator,
                "to_base_den": Fraction(str(factor)).denominator,
                "gtin": scenario.get("gtin", {}).get(item, {}).get(uom),
                "hibcc": scenario.get("hibcc", {}).get(item, {}).get(uom),
            }
            for item in items
            for uom, factor in {base[item]: 1, **units.get(item, {})}.items()
            if uom != "_base"
        ],
        "item_xref": [
            {
                "supplier_id": supplier,
                "catalog_no_norm": catalog,
                "valid_from": LONG_AGO,
                "item_id": item,
                "kind": "SUPPLIER",
            }
            for catalog, item in scenario.get("item_xref", {}).items()
            for supplier in suppliers
        ],
        "kit_component": [
            {"kit_item_id": kit, "component_item_id": component, "qty": Decimal(str(qty))}
            for kit, parts in kits.items()
            for component, qty in parts.items()
        ],
        "location": [
            {"facility_id": facility, "location_id": facility, "tax_exempt": facility not in taxed}
            for facility in facilities
        ],
        "contract_price": [
            {
                "contract_id": f"K{number}",
                "item_id": row["item"],
                "facility_scope": row.get("facility", "*"),
                "tier": row.get("tier", ""),
                "valid_from": _day(row["from"]),
                "valid_to": _day(row.get("to")),
                "supplier_id": row.get("supplier", "S1"),
                "uom": row.get("uom", base.get(row["item"], "EA")),
                "price": _decimal(row["price"]),
                "markup_pct": _decimal(row.get("markup")),
                "status": row.get("status"),
            }
            for number, row in enumerate(scenario.get("contract", []))
        ],
    }


def _orders(scenario: Scenario) -> dict[str, Rows]:
    # What any line of an order says of its header holds for the order.
    orders: dict[str, dict[str, Any]] = {}
    for row in scenario.get("po", []):
        orders.setdefault(row["po"], {}).update(row)
    heads = [
        {
            "po_id": po,
            "po_number": row.get("number", po),
            "supplier_id": row.get("supplier", "S1"),
            "facility_id": row.get("facility", "F1"),
            "order_date": _day(row.get("date", "2026-03-01")),
            "type": row.get("type", "BLANKET" if row.get("valid_to") else "STANDARD"),
            "currency": row.get("currency", "USD"),
            "freight_terms": row.get("freight", "ALLOWED"),
            "valid_from": _day(row.get("valid_from")),
            "valid_to": _day(row.get("valid_to")),
        }
        for po, row in orders.items()
    ]
    lines = [
        {
            "po_id": row["po"],
            "line_no": str(row["line"]),
            "item_id": row.get("item", "A"),
            "catalog_no": row.get("catalog"),
            "qty": _decimal(row.get("qty", 0)),
            "uom": row.get("uom", "EA"),
            "price": _decimal(row.get("price", 0)),
            "price_per": _decimal(row.get("per")),
            "currency": row.get("line_currency"),
            # Of an order that says how it is supplied the line need not.
            "match_type": row.get(
                "match", None if row.get("type") in SUPPLIED_ELSEWHERE else "3WAY"
            ),
            "match_basis": row.get("basis", "QTY"),
            "limit_amount": _decimal(row.get("limit")),
            "status": row.get("status", "OPEN"),
            "cancelled_qty": _decimal(row.get("cancelled")),
        }
        for row in scenario.get("po", [])
    ]
    acknowledged = [
        {
            "po_id": order_line.rpartition("/")[0],
            "line_no": order_line.rpartition("/")[2],
            "ack_seq": 1,
            "ack_code": "IS",
            "item_catalog_no": item,
        }
        for order_line, item in scenario.get("ack_substitute", {}).items()
    ] + [
        {
            "po_id": row["po"],
            "line_no": str(row["line"]),
            "ack_seq": number,
            "ack_code": row["code"],
            "qty": _decimal(row.get("qty")),
            "uom": row.get("uom"),
            "price": _decimal(row.get("price")),
            "item_catalog_no": row.get("item", row.get("catalog")),
            "acknowledged_date": _day(row.get("date")),
        }
        for number, row in enumerate(scenario.get("acks", []), start=1)
    ]
    return {"purchase_order": heads, "purchase_order_line": lines, "po_ack_line": acknowledged}


def _receipts(scenario: Scenario) -> dict[str, Rows]:
    receipts = [
        {
            "receipt_id": row["id"],
            "line_no": str(number),
            "po_id": row["po"],
            "po_line_no": str(row["line"]),
            "kind": row.get("kind", "RETURN" if Decimal(str(row["qty"])) < 0 else "RECEIPT"),
            "ref_receipt_id": row.get("ref"),
            "receipt_date": _day(row["date"]),
            "qty": _decimal(row["qty"]),
            "uom": row.get("uom", "EA"),
            "accepted_qty": _decimal(row.get("accepted")),
            "packing_slip": row.get("slip"),
            "status": row.get("status", "POSTED"),
        }
        for number, row in _numbered(scenario.get("receipts", []))
    ]
    usage = [
        {
            "usage_id": row["id"],
            "po_id": row["po"],
            "po_line_no": str(row["line"]),
            "item_id": row.get("item"),
            "case_date": _day(row["date"]),
            "qty": _decimal(row["qty"]),
            "lot": row.get("lot"),
        }
        for row in scenario.get("usage", [])
    ]
    return {"receipt_line": receipts, "usage_line": usage}


def _invoices(scenario: Scenario) -> dict[str, Rows]:
    heads: Rows = []
    lines: Rows = []
    for row in scenario.get("invoices", []):
        amounts = [_amount(line) for line in row["lines"]]
        discount = row.get("discount") or {}
        heads.append(
            {
                "invoice_id": row["id"],
                "supplier_id": row.get("supplier", "S1"),
                "facility_id": row.get("facility"),
                "invoice_number": row.get("number", row["id"]),
                "doc_type": row.get("type", "INVOICE"),
                "invoice_date": _day(row["date"]),
                "currency": row.get("currency", "USD"),
                "total": _decimal(row.get("total", sum(amounts, Decimal(0)))),
                "po_number_raw": row.get("po"),
                "disc_pct": _decimal(discount.get("pct")),
                "disc_days": discount.get("days"),
                "status": row.get("status", "PAID" if row.get("paid") else "OPEN"),
            }
        )
        lines += [
            {
                "invoice_id": row["id"],
                "line_no": line["line"],
                "line_type": line.get("type", "ITEM"),
                "po_number_raw": line.get("po"),
                "po_line_raw": line.get("po_line"),
                "catalog_no": line.get("catalog"),
                "item_id": line.get("item"),
                "qty": _decimal(line.get("qty")),
                "uom": line.get("uom", "EA") if line.get("qty") is not None else None,
                "price": _decimal(line.get("price")),
                "amount": amount,
                "lot": line.get("lot"),
                "cites": line.get("receipt_ref"),
                "ref_invoice_number": line.get("ref"),
                "adj_kind": line.get("adj"),
            }
            for line, amount in zip(row["lines"], amounts, strict=True)
        ]
    return {"invoice": heads, "invoice_line": lines}


def _numbered(rows: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with its place among the rows of its document, from 1."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row["id"]] += 1
        yield seen[row["id"]], row


def _amount(line: dict[str, Any]) -> Decimal:
    if line.get("amount") is not None:
        return Decimal(str(line["amount"]))
    extended = Decimal(str(line.get("qty") or 0)) * Decimal(str(line.get("price") or 0))
    return extended.quantize(CENT, ROUND_HALF_UP)


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
