"""A scenario of use against charges, as canonical tables.

What belongs here: how the keys of ``usage_charge.json`` and its master file become columns, and
what an absent key means. The form of the files is described in ``README.md`` beside them.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from collected import HERE, SHARED
from usage_reference_masters import Rules

FILE, MASTER = "usage_charge.json", "usage_charge_master.json"
FACILITY = "F1"
LONG_AGO = date(2000, 1, 1)
Scenario = dict[str, Any]
Rows = list[dict[str, Any]]


def read(name: str) -> Any:
    """A file of this folder, else the shared one; None where it is absent."""
    for folder in (HERE, SHARED):
        if (folder / name).exists():
            return json.loads((folder / name).read_text(encoding="utf-8"))
    return None


def decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value[:10])


def rules(master: Scenario) -> Rules:
    config = master["config"]
    return Rules(
        hold=config["bill_hold"],
        post_days=config["post_sla"],
        window_days=config["pre_window"],
        price_abs=Fraction(config["price_abs"]),
        tiers={
            schedule: [
                (Fraction(least), None if below is None else Fraction(below), Fraction(times))
                for least, below, times in tiers
            ]
            for schedule, tiers in master["markup"].items()
        },
        not_implant=frozenset(master["not_implant"]),
        device_codes=frozenset(master["device_codes"]),
        device_intensive=frozenset(master["device_intensive"]),
        device_needs={c: frozenset(own) for c, own in master["device_needs_proc"].items()},
    )


def tables(scenario: Scenario, master: Scenario) -> dict[str, Rows]:
    """The scenario's tables; its ``master`` says what of the master file it changes."""
    given, own = scenario["input"], scenario.get("master", {})
    changed = {name: {**master[name]} for name in own}
    for name, rows in own.items():
        changed[name] |= {key: {**master[name][key], **row} for key, row in rows.items()}
    master = {**master, **changed}
    return {**_masters(master), **_people(given), **_behind(given), **_stock(given)}


def _masters(master: Scenario) -> dict[str, Rows]:
    return {
        "item": [
            {
                "item_id": item,
                "description": item,
                "base_uom": "EA",
                "implant_flag": own.get("implant", False),
                "unit_cost": decimal(own.get("cost")),
            }
            for item, own in master["item"].items()
        ],
        "item_uom": [
            {"item_id": item, "uom": uom, "to_base_num": factor, "to_base_den": 1}
            for item, own in master["item"].items()
            for uom, factor in own["uom"].items()
        ],
        "cdm": [
            {
                "facility_id": "*",
                "cdm_code": code,
                "valid_from": day(row["from"]),
                "valid_to": day(row.get("to")),
                "description": row["desc"],
                "revenue_code": row["rev"],
                "hcpcs": row["hcpcs"],
                "price": decimal(row["price"]),
                "method": row.get("method"),
                "schedule_id": row.get("sched"),
            }
            for code, rows in master["cdm"].items()
            for row in rows
        ],
        "item_cdm_map": [
            {
                "facility_id": "*",
                "item_id": item,
                "dept_id": "*",
                "location_id": "*",
                "valid_from": LONG_AGO,
                "cdm_code": row["cdm"],
                "units_per_each_num": Fraction(row["units"]).numerator,
                "units_per_each_den": Fraction(row["units"]).denominator,
                "chargeable": row["chargeable"],
                "threshold": decimal(row.get("threshold")),
            }
            for item, row in master["map"].items()
        ],
    }


def _people(given: Scenario) -> dict[str, Rows]:
    ordered = {(row["case"], row["item"]): row["po"] for row in given.get("po", [])}
    return {
        "patient_account": [
            {
                "facility_id": FACILITY,
                "account_key": row["account"],
                "message_id": f"ADT-{row['account']}",
                "mrn_key": row.get("mrn"),
                "patient_class": row.get("class"),
                "admit_date": day(row.get("admit")),
                "discharge_date": day(row.get("discharge")),
                "final_bill_date": day(row.get("final_bill")),
                "merged_into": row.get("merged_into"),
            }
            for row in given.get("accounts", [])
        ],
        "usage_event": [
            {
                "system_id": "USE",
                "usage_id": row["id"],
                "message_id": f"{number}",
                "facility_id": FACILITY,
                "account_key": row.get("account"),
                "case_key": row.get("case"),
                "used_date": day(row["ts"]),
                "used_at": datetime.fromisoformat(row["ts"]),
                "dept_id": row.get("dept"),
                "location_id": row.get("loc"),
                "item_id": row["item"],
                "udi_key": row.get("udi"),
                "lot": row.get("lot"),
                "serial_key": row.get("serial"),
                "expiry_date": day(row.get("expiry")),
                "qty": decimal(row["qty"]),
                "uom": row.get("uom"),
                "disposition": row.get("disp"),
                "mode": row.get("mode"),
                "po_id": ordered.get((row.get("case"), row["item"])),
                "unit_cost": decimal(row.get("cost")),
            }
            for number, row in enumerate(given.get("usage", []))
        ],
        "charge_event": [
            {
                "system_id": "BILL",
                "txn_id": row["txn"],
                "message_id": row.get("ctl", f"{number}"),
                "facility_id": FACILITY,
                "account_key": row.get("account"),
                "service_date": day(row["service"]),
                "post_date": day(row.get("post")),
                "type": row.get("type"),
                "cdm_code": row["cdm"],
                "qty": decimal(row["qty"]),
                "ext_amount": decimal(row.get("ext")),
                "unit_amount": decimal(row.get("unit")),
                "dept_id": row.get("dept"),
                "location_id": row.get("loc"),
                "revenue_code": row.get("rev_code"),
                "hcpcs": row.get("hcpcs"),
                "item_id": row.get("item"),
                "lot": row.get("lot"),
                "serial_key": row.get("serial"),
                "reverses_txn_id": row.get("rev"),
            }
            for number, row in enumerate(given.get("charges", []))
        ],
    }


def _behind(given: Scenario) -> dict[str, Rows]:
    claims = given.get("claims", [])
    adjusted = [
        {"row": row, "cas": cas, "no": number}
        for number, (row, cas) in enumerate(
            ((row, cas) for row in given.get("remits", []) for cas in row["cas"]), 1
        )
    ]
    return {
        "claim": [
            {
                "claim_id": row["claim"],
                "facility_id": FACILITY,
                "account_key": row["account"],
                "bill_type": row.get("bill_type"),
                "value_codes": " ".join(row.get("value_codes", [])) or None,
                "condition_codes": " ".join(row.get("condition_codes", [])) or None,
            }
            for row in claims
        ],
        "claim_line": [
            {
                "claim_id": row["claim"],
                "line_no": number,
                "hcpcs": line["hcpcs"],
                "mods": " ".join(line.get("mods", [])) or None,
                "service_date": day(line["service"]),
            }
            for row in claims
            for number, line in enumerate(row["lines"], 1)
        ],
        "device_credit": [
            {
                "credit_id": row["id"],
                "facility_id": FACILITY,
                "account_key": row["account"],
                "cost": decimal(row["cost"]),
                "credit": decimal(row["credit"]),
            }
            for row in given.get("credits", [])
        ],
        "claim_adjustment": [
            {
                "remittance_id": f"R-{one['row']['claim']}",
                "claim_no": 1,
                "adjustment_no": one["no"],
                "line_no": one["row"].get("line"),
                "facility_id": FACILITY,
                "account_key": one["row"]["account"],
                "group_code": one["cas"]["group"],
                "carc": one["cas"]["carc"],
                "amount": decimal(one["cas"]["amt"]),
            }
            for one in adjusted
        ],
        "service_remark": [
            {
                "remittance_id": f"R-{row['claim']}",
                "claim_no": 1,
                "line_no": row["line"],
                "rarc": rarc,
                "facility_id": FACILITY,
                "account_key": row["account"],
            }
            for row in given.get("remits", [])
            for rarc in row.get("rarc", [])
        ],
        "claim_status": [
            {
                "report_id": f"S{number}",
                "status_no": 1,
                "facility_id": FACILITY,
                "account_key": row["account"],
                "category_code": row["cat"],
                "charge": decimal(row.get("amt")),
            }
            for number, row in enumerate(given.get("status277", []))
        ],
        "recall": [
            {
                "recall_id": f"RC{number}",
                "line_no": line,
                "recall_date": day(row["date"]),
                "item_id": row["item"],
                "lot_from": lot,
            }
            for number, row in enumerate(given.get("recalls", []))
            for line, lot in enumerate(row["lots"], 1)
        ],
        "purchase_order": [
            {
                "po_id": row["po"],
                "po_number": row["po"],
                "supplier_id": "S1",
                "facility_id": FACILITY,
                "order_date": date(2026, 3, 1),
                "type": "BILL_ONLY",
            }
            for row in given.get("po", [])
        ],
        "purchase_order_line": [
            {
                "po_id": row["po"],
                "line_no": "1",
                "item_id": row["item"],
                "uom": "EA",
                "qty": decimal(row["qty"]),
                "price": decimal(row["price"]),
            }
            for row in given.get("po", [])
        ],
    }


def _stock(given: Scenario) -> dict[str, Rows]:
    moved = [(row, row["qty"]) for row in given.get("inventory_txn", [])]
    moved += [(row, row["issued"]) for row in given.get("par", [])]
    balances = given.get("balances", [])
    return {
        "inventory_txn": [
            {
                "facility_id": FACILITY,
                "txn_id": f"M{number}",
                "location_id": row["loc"],
                "item_id": row["item"],
                "txn_date": date(2026, 3, 2),
                "type": "ISSUE",
                "qty": decimal(qty),
                "usage_id": row.get("usage"),
            }
            for number, (row, qty) in enumerate(moved)
        ],
        "inventory_balance": [
            {
                "facility_id": FACILITY,
                "location_id": row["loc"],
                "item_id": row["item"],
                "lot": "*",
                "count_date": date(2026, 3, 31),
                "on_hand": decimal(row["on_hand"]),
                "on_order": decimal(row.get("on_order")),
            }
            for row in balances
        ],
        "reorder_rule": [
            {
                "facility_id": FACILITY,
                "location_id": row["loc"],
                "item_id": row["item"],
                "reorder_point": decimal(row["rule"]["rop"]),
                "max_qty": decimal(row["rule"].get("max")),
                "pack_qty": decimal(row["rule"].get("pack")),
            }
            for row in balances
            if "rule" in row
        ],
    }
