"""A scenario of use and charge, as canonical tables and rule tables.

What belongs here: how the keys of ``usage_charge.json`` become columns, and what an absent key
means. The form of the files is described in ``README.md`` beside them.
"""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
from adapter import frame
from charge_cells import codes, day, decimal, instant, messages
from charge_claims import claim_tables
from charge_udi import with_udi

from recon import rules

Scenario = dict[str, Any]
Rows = list[dict[str, Any]]

AS_OF = date(2026, 3, 31)
MASTER = json.loads((Path(__file__).parent / "usage_charge_master.json").read_text("utf-8"))


def charge_as_of(scenario: Scenario) -> date:
    return day(scenario.get("as_of")) or AS_OF


def charge_tables(scenarios: list[Scenario]) -> dict[str, pl.DataFrame]:
    """The tables of several scenarios as those of one night: each is a hospital of its own."""
    joined: dict[str, Rows] = _masters()
    for scenario in scenarios:
        for name, rows in _rows(scenario).items():
            joined.setdefault(name, []).extend(rows)
    return {name: frame(name, rows) for name, rows in joined.items()}


def charge_rules() -> dict[str, pl.DataFrame]:
    """The shipped rules: they hold what the master file says under ``config`` and ``markup``."""
    return rules.load_all()


def _masters() -> dict[str, Rows]:
    return {
        "item": [
            {
                "item_id": item,
                "description": f"Item {item}",
                "base_uom": "EA",
                "implant_flag": bool(row.get("implant")),
                "unit_cost": decimal(row.get("cost")),
            }
            for item, row in MASTER["item"].items()
        ],
        "item_uom": [
            row for item, own in MASTER["item"].items() for row in _units(item, own["uom"])
        ],
        "cdm": [
            _cdm("*", code, row) for code, versions in MASTER["cdm"].items() for row in versions
        ],
        "item_cdm_map": [_map("*", item, row) for item, row in MASTER["map"].items()],
    }


def _cdm(facility: str, code: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "facility_id": facility,
        "cdm_code": code,
        "valid_from": day(row.get("from", "2025-01-01")),
        "valid_to": day(row.get("to")),
        "description": row.get("desc", code),
        "revenue_code": row.get("rev"),
        "hcpcs": row.get("hcpcs"),
        "price": decimal(row.get("price")),
        "method": row.get("method"),
        "schedule_id": row.get("sched"),
        "chargeable": row.get("chargeable"),
    }


def _map(facility: str, item: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "facility_id": facility,
        "item_id": item,
        "dept_id": row.get("dept", "*"),
        "location_id": row.get("loc", "*"),
        "valid_from": day(row.get("from", "2025-01-01")),
        "valid_to": day(row.get("to")),
        "cdm_code": row.get("cdm"),
        "units_per_each_num": Fraction(str(row["units"])).numerator,
        "units_per_each_den": Fraction(str(row["units"])).denominator,
        "chargeable": row["chargeable"],
        "threshold": decimal(row.get("threshold")),
    }


def _units(item: str, factors: dict[str, Any]) -> Rows:
    return [
        {
            "item_id": item,
            "uom": uom,
            "to_base_num": Fraction(str(factor)).numerator,
            "to_base_den": Fraction(str(factor)).denominator,
        }
        for uom, factor in factors.items()
    ]


def _rows(scenario: Scenario) -> dict[str, Rows]:
    given = scenario["input"]
    facility = scenario["id"]
    return {
        **_accounts(given, facility),
        **_usage(given, facility),
        **_charges(given, facility),
        **_stock(given, facility),
        **claim_tables(given, facility),
        # The hospital's own rows of charge master and map beat those of the master file.
        "cdm": [_cdm(facility, row["code"], row) for row in given.get("cdm", [])],
        "item_cdm_map": [_map(facility, row["item"], row) for row in given.get("map", [])],
        "item_uom": [
            row for item, own in given.get("uom", {}).items() for row in _units(item, own)
        ],
        "shifted_fields": [
            {
                "feed": row["feed"],
                "file_name": row["file"],
                "facility_id": facility,
                "records": row["records"],
                "reason": row["reason"],
            }
            for row in given.get("shifted", [])
        ],
    }


def _accounts(given: dict[str, Any], facility: str) -> dict[str, Rows]:
    return {
        "patient_account": [
            {
                "facility_id": facility,
                "account_key": row["account"],
                "message_id": row.get("ctl", f"{facility}-A{number}"),
                "event_at": instant(row.get("at")),
                "event_code": row.get("event"),
                "mrn_key": row.get("mrn"),
                "visit_key": row.get("visit"),
                "patient_class": row.get("class"),
                "admit_date": day(row.get("admit")),
                "discharge_date": day(row.get("discharge")),
                "final_bill_date": day(row.get("final_bill")),
                "bill_status": row.get("status"),
                "payer_class": row.get("payer"),
                "merged_into": row.get("merged_into"),
            }
            for number, row in enumerate(given.get("accounts", []))
        ]
    }


def _usage(given: dict[str, Any], facility: str) -> dict[str, Rows]:
    orders = {(row.get("case"), row["item"]): row["po"] for row in given.get("po", [])}
    return {
        "usage_event": [
            {
                "system_id": ".".join(filter(None, [facility, row.get("system")])),
                "usage_id": row["id"],
                "message_id": message,
                "facility_id": facility,
                "account_key": row.get("account"),
                "visit_key": row.get("visit"),
                "case_key": row.get("case"),
                "used_date": day(row["ts"][:10]),
                "used_at": instant(row["ts"]),
                "documented_at": instant(row.get("documented")),
                "dept_id": row.get("dept"),
                "location_id": row.get("loc"),
                "item_id": row.get("item"),
                "catalog_no": row.get("catalog"),
                "udi_key": row.get("udi"),
                "udi_di": row.get("di"),
                "udi_verdict": row.get("udi_verdict", "VALID" if row.get("udi") else None),
                "lot": row.get("lot"),
                "serial_key": row.get("serial"),
                "donation_key": row.get("donation"),
                "expiry_date": day(row.get("expiry")),
                "qty": decimal(row["qty"]),
                "uom": row.get("uom"),
                "disposition": row.get("disp"),
                "mode": row.get("mode"),
                "po_id": row.get("po", orders.get((row.get("case"), row.get("item")))),
                "unit_cost": decimal(row.get("cost")),
                "status": row.get("status"),
            }
            for message, row in messages(
                with_udi(given.get("usage", []), AS_OF), "id", f"{facility}-U"
            )
        ],
        "purchase_order": [
            {
                "po_id": f"{facility}.{row['po']}",
                "po_number": row["po"],
                "supplier_id": "S1",
                "facility_id": facility,
                "order_date": date(2026, 3, 1),
                "type": "BILL_ONLY",
                "currency": "USD",
            }
            for row in {row["po"]: row for row in given.get("po", [])}.values()
        ],
        "purchase_order_line": [
            {
                "po_id": f"{facility}.{row['po']}",
                "line_no": str(number),
                "item_id": row["item"],
                "qty": decimal(row["qty"]),
                "uom": row.get("uom", "EA"),
                "price": decimal(row["price"]),
                "price_per": decimal(row.get("per")),
                "cancelled_qty": decimal(row.get("cancelled")),
                "match_type": "BILL_ONLY",
                "match_basis": "QTY",
                "status": row.get("status", "OPEN"),
            }
            for number, row in enumerate(given.get("po", []), start=1)
        ],
    }


def _charges(given: dict[str, Any], facility: str) -> dict[str, Rows]:
    return {
        "charge_event": [
            {
                "system_id": facility,
                "txn_id": row["txn"],
                "message_id": message,
                "facility_id": facility,
                "account_key": row.get("account"),
                "service_date": day(row["service"][:10]),
                "service_at": instant(row["service"]) if "T" in row["service"] else None,
                "post_date": day(row["post"][:10]) if row.get("post") else None,
                "posted_at": instant(row["post"]) if "T" in row.get("post", "") else None,
                "type": row.get("type"),
                "cdm_code": row["cdm"],
                "qty": decimal(row["qty"]),
                "ext_amount": decimal(row.get("ext")),
                "unit_amount": decimal(row.get("unit")),
                "dept_id": row.get("dept"),
                "location_id": row.get("loc"),
                "revenue_code": row.get("rev_code"),
                "hcpcs": row.get("hcpcs"),
                "mods": codes(row.get("mods")),
                "item_id": row.get("item"),
                "lot": row.get("lot"),
                "serial_key": row.get("serial"),
                "order_id": row.get("order"),
                "reverses_txn_id": row.get("rev"),
                "repeat_reason": row.get("repeat"),
                "status": row.get("status"),
            }
            for message, row in messages(given.get("charges", []), "txn", f"{facility}-C")
        ]
    }


def _stock(given: dict[str, Any], facility: str) -> dict[str, Rows]:
    balances = given.get("balances", [])
    return {
        "inventory_balance": [
            {
                "facility_id": facility,
                "location_id": row["loc"],
                "item_id": row["item"],
                "lot": row.get("lot", "*"),
                "count_date": date(2026, 3, 31),
                "on_hand": decimal(row["on_hand"]),
                "on_order": decimal(row.get("on_order")),
            }
            for row in balances
        ],
        "reorder_rule": [
            {
                "facility_id": facility,
                "location_id": row["loc"],
                "item_id": row["item"],
                "method": row["rule"].get("method"),
                "reorder_point": decimal(row["rule"].get("rop", row["rule"].get("min"))),
                "max_qty": decimal(row["rule"].get("max")),
                "order_qty": decimal(row["rule"].get("order_qty", row["rule"].get("qty"))),
                "pack_qty": decimal(row["rule"].get("pack")),
            }
            for row in balances
            if row.get("rule")
        ],
        "inventory_txn": [
            {
                "facility_id": facility,
                "txn_id": f"D{number}",
                "location_id": row["loc"],
                "item_id": row["item"],
                "txn_date": date(2026, 3, 2),
                "type": row.get("type", "ISSUE"),
                "qty": decimal(row["qty"]),
                "usage_id": row.get("usage"),
            }
            for number, row in enumerate(given.get("inventory_txn", []))
        ]
        + [
            {
                "facility_id": facility,
                "txn_id": f"P{number}",
                "location_id": row["loc"],
                "item_id": row["item"],
                "txn_date": date(2026, 3, 1),
                "type": "ISSUE",
                "qty": decimal(row["issued"]),
                "usage_id": None,
            }
            for number, row in enumerate(given.get("par", []))
        ],
    }
