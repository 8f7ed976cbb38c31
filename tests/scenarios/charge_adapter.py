"""A scenario of use and charge, as canonical tables and rule tables.

What belongs here: how the keys of ``usage_charge.json`` become columns, and what an absent key
means. The form of the files is described in ``README.md`` beside them.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
from adapter import frame
from charge_udi import with_udi

from recon import rules

Scenario = dict[str, Any]
Rows = list[dict[str, Any]]

AS_OF = date(2026, 3, 31)
SYSTEM = "S"
MASTER = json.loads((Path(__file__).parent / "usage_charge_master.json").read_text("utf-8"))


def charge_as_of(scenario: Scenario) -> date:
    return _day(scenario.get("as_of")) or AS_OF


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
                "unit_cost": _decimal(row.get("cost")),
            }
            for item, row in MASTER["item"].items()
        ],
        "item_uom": [
            {
                "item_id": item,
                "uom": uom,
                "to_base_num": Fraction(str(factor)).numerator,
                "to_base_den": Fraction(str(factor)).denominator,
            }
            for item, row in MASTER["item"].items()
            for uom, factor in row["uom"].items()
        ],
        "cdm": [
            {
                "facility_id": "*",
                "cdm_code": code,
                "valid_from": _day(row["from"]),
                "valid_to": _day(row.get("to")),
                "description": row["desc"],
                "revenue_code": row["rev"],
                "hcpcs": row["hcpcs"],
                "price": _decimal(row["price"]),
                "method": row.get("method"),
                "schedule_id": row.get("sched"),
            }
            for code, versions in MASTER["cdm"].items()
            for row in versions
        ],
        "item_cdm_map": [_map("*", item, row) for item, row in MASTER["map"].items()],
    }


def _map(facility: str, item: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "facility_id": facility,
        "item_id": item,
        "dept_id": row.get("dept", "*"),
        "location_id": row.get("loc", "*"),
        "valid_from": date(2025, 1, 1),
        "cdm_code": row["cdm"],
        "units_per_each_num": Fraction(str(row["units"])).numerator,
        "units_per_each_den": Fraction(str(row["units"])).denominator,
        "chargeable": row["chargeable"],
        "threshold": _decimal(row.get("threshold")),
    }


def _rows(scenario: Scenario) -> dict[str, Rows]:
    given = scenario["input"]
    facility = scenario["id"]
    return {
        **_accounts(given, facility),
        **_usage(given, facility),
        **_charges(given, facility),
        **_stock(given, facility),
        **_claims(given, facility),
        # The hospital's own rows of the map beat those of the master file.
        "item_cdm_map": [_map(facility, row["item"], row) for row in given.get("map", [])],
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
                "event_at": _instant(row.get("at")),
                "event_code": row.get("event"),
                "mrn_key": row.get("mrn"),
                "visit_key": row.get("visit"),
                "patient_class": row.get("class"),
                "admit_date": _day(row.get("admit")),
                "discharge_date": _day(row.get("discharge")),
                "final_bill_date": _day(row.get("final_bill")),
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
                "system_id": facility,
                "usage_id": row["id"],
                "message_id": row.get("ctl", f"{facility}-U{number}"),
                "facility_id": facility,
                "account_key": row.get("account"),
                "visit_key": row.get("visit"),
                "case_key": row.get("case"),
                "used_date": _day(row["ts"][:10]),
                "used_at": _instant(row["ts"]),
                "documented_at": _instant(row.get("documented")),
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
                "expiry_date": _day(row.get("expiry")),
                "qty": _decimal(row["qty"]),
                "uom": row.get("uom"),
                "disposition": row.get("disp"),
                "mode": row.get("mode"),
                "po_id": row.get("po", orders.get((row.get("case"), row.get("item")))),
                "unit_cost": _decimal(row.get("cost")),
                "status": row.get("status"),
            }
            for number, row in enumerate(with_udi(given.get("usage", []), AS_OF))
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
                "qty": _decimal(row["qty"]),
                "uom": row.get("uom", "EA"),
                "price": _decimal(row["price"]),
                "match_type": "BILL_ONLY",
                "match_basis": "QTY",
                "status": "OPEN",
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
                "message_id": row.get("ctl", f"{facility}-C{number}"),
                "facility_id": facility,
                "account_key": row.get("account"),
                "service_date": _day(row["service"][:10]),
                "service_at": _instant(row["service"]) if "T" in row["service"] else None,
                "post_date": _day(row["post"][:10]) if row.get("post") else None,
                "posted_at": _instant(row["post"]) if "T" in row.get("post", "") else None,
                "type": row.get("type"),
                "cdm_code": row["cdm"],
                "qty": _decimal(row["qty"]),
                "ext_amount": _decimal(row.get("ext")),
                "unit_amount": _decimal(row.get("unit")),
                "dept_id": row.get("dept"),
                "location_id": row.get("loc"),
                "revenue_code": row.get("rev_code"),
                "hcpcs": row.get("hcpcs"),
                "mods": _codes(row.get("mods")),
                "item_id": row.get("item"),
                "lot": row.get("lot"),
                "serial_key": row.get("serial"),
                "order_id": row.get("order"),
                "reverses_txn_id": row.get("rev"),
                "repeat_reason": row.get("repeat"),
                "status": row.get("status"),
            }
            for number, row in enumerate(given.get("charges", []))
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
                "on_hand": _decimal(row["on_hand"]),
                "on_order": _decimal(row.get("on_order")),
            }
            for row in balances
        ],
        "reorder_rule": [
            {
                "facility_id": facility,
                "location_id": row["loc"],
                "item_id": row["item"],
                "method": row["rule"].get("method"),
                "reorder_point": _decimal(row["rule"]["rop"]),
                "max_qty": _decimal(row["rule"].get("max")),
                "order_qty": _decimal(row["rule"].get("order_qty", row["rule"].get("qty"))),
                "pack_qty": _decimal(row["rule"].get("pack")),
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
                "qty": _decimal(row["qty"]),
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
                "qty": _decimal(row["issued"]),
                "usage_id": None,
            }
            for number, row in enumerate(given.get("par", []))
        ],
    }


def _claims(given: dict[str, Any], facility: str) -> dict[str, Rows]:
    claims = given.get("claims", [])
    remits = given.get("remits", [])
    numbers = {
        claim: n for n, claim in enumerate(sorted({row["claim"] for row in remits}), start=1)
    }
    return {
        "claim": [
            {
                "claim_id": f"{facility}.{row['claim']}",
                "facility_id": facility,
                "account_key": row["account"],
                "claim_key": row["claim"],
                "claim_date": _day(row.get("date")),
                "bill_type": row.get("bill_type"),
                "frequency_code": row.get("frequency"),
                "value_codes": _codes(row.get("value_codes")),
                "condition_codes": _codes(row.get("condition_codes")),
                "charge": _decimal(row.get("charge")),
            }
            for row in claims
        ],
        "claim_line": [
            {
                "claim_id": f"{facility}.{row['claim']}",
                "line_no": line.get("line", number),
                "revenue_code": line.get("rev"),
                "hcpcs": line.get("hcpcs"),
                "mods": _codes(line.get("mods")),
                "qty": _decimal(line.get("qty", line.get("units"))),
                "charge": _decimal(line.get("charge")),
                "service_date": _day(line.get("service")),
            }
            for row in claims
            for number, line in enumerate(row.get("lines", []), start=1)
        ],
        "device_credit": [
            {
                "credit_id": f"{facility}.{row['id']}",
                "facility_id": facility,
                "account_key": row.get("account"),
                "item_id": row.get("item"),
                "serial_key": row.get("serial"),
                "type": row.get("type"),
                "cost": _decimal(row["cost"]),
                "credit": _decimal(row["credit"]),
            }
            for row in given.get("credits", [])
        ],
        "recall": [
            {
                "recall_id": f"{facility}.R{number}",
                "line_no": place,
                "recall_date": _day(row["date"]),
                "item_id": row.get("item"),
                "udi_di": row.get("di"),
                "lot_from": lot,
                "lot_to": row.get("lot_to"),
                "serial_key": row.get("serial"),
            }
            for number, row in enumerate(given.get("recalls", []))
            for place, lot in enumerate(row.get("lots") or [row.get("lot_from")], start=1)
        ],
        "claim_adjustment": [
            {
                "remittance_id": f"{facility}.{row.get('trace', 'R')}",
                "claim_no": numbers[row["claim"]],
                "adjustment_no": 100 * number + place,
                "line_no": row.get("line"),
                "facility_id": facility,
                "account_key": row["account"],
                "group_code": cas["group"],
                "carc": cas["carc"],
                "amount": _decimal(cas["amt"]),
            }
            for number, row in enumerate(remits)
            for place, cas in enumerate(row["cas"])
        ],
        "service_remark": [
            {
                "remittance_id": f"{facility}.{row.get('trace', 'R')}",
                "claim_no": numbers[row["claim"]],
                "line_no": row["line"],
                "rarc": rarc,
                "facility_id": facility,
                "account_key": row["account"],
            }
            for row in remits
            if row.get("line") is not None
            for rarc in row.get("rarc", [])
        ],
        "claim_payment": [
            {
                "remittance_id": f"{facility}.{trace}",
                "claim_no": numbers[claim],
                "facility_id": facility,
                "account_key": account,
                "claim_key": claim,
                "status_code": "1",
                "charge": Decimal(0),
                "paid": Decimal(0),
                "rarc": " ".join(
                    rarc
                    for row in remits
                    if row["claim"] == claim and row.get("line") is None
                    for rarc in row.get("rarc", [])
                )
                or None,
            }
            for trace, claim, account in sorted(
                {(row.get("trace", "R"), row["claim"], row["account"]) for row in remits}
            )
        ],
        "claim_status": [
            {
                "report_id": f"{facility}.277{row.get('report', '')}",
                "status_no": number,
                "facility_id": facility,
                "account_key": row["account"],
                "claim_key": row.get("claim"),
                "status_date": _day(row.get("date", "2026-03-20")),
                "category_code": row["cat"],
                "status_code": row.get("code", row.get("status")),
                "charge": _decimal(row.get("amt")),
            }
            for number, row in enumerate(given.get("status277", []), start=1)
        ],
    }


def _codes(value: object) -> str | None:
    """Codes with blanks between, from a list of them or of rows that hold one, or as they are."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, dict):
        return " ".join(value) or None
    assert isinstance(value, list)
    return (
        " ".join(str(v.get("code", "")) if isinstance(v, dict) else str(v) for v in value) or None
    )


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text[:10])


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
