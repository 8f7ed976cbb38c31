"""Claims of a scenario, and what payers answer, as canonical tables.

What belongs here: the keys ``claims``, ``remits`` and ``status277`` of ``usage_charge.json``. What
does not: the other keys (``charge_adapter.py``).
"""

from decimal import Decimal
from typing import Any

from charge_cells import codes, day, decimal

Rows = list[dict[str, Any]]


def _decided(row: dict[str, str]) -> dict[str, Any]:
    """What a payment says of a claim beside its reasons: the key is its trace and the claim."""
    return {
        "status_code": row.get("status", "1"),
        "payment_date": day(row.get("date")),
        "charge": decimal(row.get("charge", "0")),
        "frequency_code": row.get("frequency"),
        "place_of_service": row.get("kind"),
        "statement_from": day(row.get("from")),
        "statement_to": day(row.get("to")),
    }


def claim_tables(given: dict[str, Any], facility: str) -> dict[str, Rows]:
    claims = given.get("claims", [])
    remits = given.get("remits", [])
    numbers = {
        claim: n for n, claim in enumerate(sorted({row["claim"] for row in remits}), start=1)
    }
    return {
        "claim": [
            {
                "claim_id": f"{facility}.{number}.{row['claim']}",
                "facility_id": facility,
                "account_key": row["account"],
                "claim_key": row["claim"],
                "claim_date": day(row.get("date")),
                "bill_type": row.get("bill_type"),
                "frequency_code": row.get("frequency"),
                "value_codes": codes(row.get("value_codes")),
                "condition_codes": codes(row.get("condition_codes")),
                "charge": decimal(row.get("charge")),
            }
            # A replacement may have the number of the claim that it replaces.
            for number, row in enumerate(claims)
        ],
        "claim_line": [
            {
                "claim_id": f"{facility}.{number}.{row['claim']}",
                "line_no": line.get("line", place),
                "revenue_code": line.get("rev"),
                "hcpcs": line.get("hcpcs"),
                "mods": codes(line.get("mods")),
                "qty": decimal(line.get("qty", line.get("units"))),
                "charge": decimal(line.get("charge")),
                "service_date": day(line.get("service")),
            }
            for number, row in enumerate(claims)
            for place, line in enumerate(row.get("lines", []), start=1)
        ],
        "device_credit": [
            {
                "credit_id": f"{facility}.{row['id']}",
                "facility_id": facility,
                "account_key": row.get("account"),
                "item_id": row.get("item"),
                "serial_key": row.get("serial"),
                "type": row.get("type"),
                "cost": decimal(row["cost"]),
                "credit": decimal(row["credit"]),
            }
            for row in given.get("credits", [])
        ],
        "recall": [
            {
                "recall_id": f"{facility}.R{number}",
                "line_no": place,
                "recall_date": day(row["date"]),
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
                "amount": decimal(cas["amt"]),
            }
            for number, row in enumerate(remits)
            for place, cas in enumerate(row["cas"])
        ],
        "service_remark": [
            {
                "remittance_id": f"{facility}.{trace}",
                "claim_no": numbers[claim],
                "line_no": line,
                "rarc": rarc,
                "facility_id": facility,
                "account_key": account,
            }
            # Rows of one line may each repeat its remark.
            for (trace, claim, line, rarc), account in {
                (row.get("trace", "R"), row["claim"], row["line"], rarc): row["account"]
                for row in remits
                if row.get("line") is not None
                for rarc in row.get("rarc", [])
            }.items()
        ],
        "claim_payment": [
            {
                "remittance_id": f"{facility}.{trace}",
                "claim_no": numbers[claim],
                "facility_id": facility,
                "account_key": account,
                "claim_key": claim,
                "paid": Decimal(0),
                **_decided(given.get("decisions", {}).get(f"{trace} {claim}", {})),
                "rarc": " ".join(
                    rarc
                    for row in remits
                    if (row.get("trace", "R"), row["claim"]) == (trace, claim)
                    if row.get("line") is None
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
                # Statuses of two days are two reports.
                "report_id": f"{facility}.277{row.get('report', row.get('date', ''))}",
                "status_no": number,
                "facility_id": facility,
                "account_key": row.get("account"),
                "claim_key": row.get("claim"),
                "payer_id": row.get("payer"),
                "bill_type": row.get("bill_type"),
                "line_no": row.get("line"),
                "service_from": day(row.get("from")),
                "service_to": day(row.get("to")),
                "status_date": day(row.get("date", "2026-03-20")),
                "category_code": row["cat"],
                "status_code": row.get("code", row.get("status")),
                "charge": decimal(row.get("amt")),
            }
            for number, row in enumerate(given.get("status277", []), start=1)
        ],
    }
