"""Claims, bill-only orders, stock and denials, for the plain reference.

What belongs here: the claim checks, PO, inventory and denials of step 7 of the specification
(usage against charges, section 1).
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from usage_reference_lines import Accounts, Finding, Use
from usage_reference_masters import ZERO, Masters, Row, Tables, cents
from usage_reference_match import Match

PROCEDURE_NOT_DONE = {"52", "73", "74"}
DENIALS = {
    **dict.fromkeys(("16", "252", "226", "199", "4", "107", "B15", "189"), "DN01"),
    **dict.fromkeys(("151", "222"), "DN03"),
    **dict.fromkeys(("97", "234", "236"), "DN02"),
    "18": "DN04",
    "29": "DN07",
}
REJECTED = {"A3", "A6", "A7", "A8"}
HALF = Fraction(1, 2)
TAKEN_OUT = ("EXPLANTED", "RETURNED")


def behind(match: Match, tables: Tables, masters: Masters, accounts: Accounts) -> list[Finding]:
    return [
        *(Finding("DQ01", account) for account in accounts.in_circles()),
        *(Finding("DQ03", None, Fraction(r["records"])) for r in tables.get("shifted_fields", [])),
        *claims(tables, masters, accounts),
        *credits(match, tables, accounts),
        *bill_only(match, tables, masters),
        *decrements(match, tables),
        *shelves(match, tables, masters),
        *denials(tables),
    ]


def standing(tables: Tables, accounts: Accounts) -> list[Row]:
    """Claims that no later replacement or void of their account takes the place of."""

    def kind(claim: Row) -> str:
        """1 first, 7 replacement, 8 void: as stated, else the last digit of the type of bill."""
        return claim.get("frequency_code") or (claim.get("bill_type") or "0131")[3:4] or "1"

    def sent(claim: Row) -> date:
        return claim.get("claim_date") or date.min

    found = []
    for claim in tables.get("claim", []):
        other = [c for c in tables["claim"] if accounts.of(c) == accounts.of(claim)]
        ends = [sent(c) for c in other if kind(c) in "78"]
        is_last = not ends or sent(claim) > max(ends)
        is_last |= kind(claim) == "7" and sent(claim) == max(ends)
        if kind(claim) != "8" and is_last:
            found.append(claim)
    return found


def claims(tables: Tables, masters: Masters, accounts: Accounts) -> list[Finding]:
    """SD01, SD02: the procedure and the device, on one claim and day."""
    rules, found = masters.rules, []
    for claim in standing(tables, accounts):
        # The edit is of outpatient bills (013x, 076x).
        if (claim.get("bill_type") or "013").lstrip("0")[:2] not in ("13", "76"):
            continue
        own = [r for r in tables.get("claim_line", []) if r["claim_id"] == claim["claim_id"]]
        for line in own:
            day = {r["hcpcs"] for r in own if r["service_date"] == line["service_date"]}
            code, mods = line["hcpcs"], set((line.get("mods") or "").split())
            needs = code in rules.device_intensive and not mods & PROCEDURE_NOT_DONE
            if needs and not day & rules.device_codes:
                found.append(Finding("SD01", claim["account_key"]))
            if code in rules.device_needs and not day & rules.device_needs[code]:
                found.append(Finding("SD02", claim["account_key"]))
    return found


def credits(match: Match, tables: Tables, accounts: Accounts) -> list[Finding]:
    """SD03: a credit of half the cost or more that no claim reports; SD04: explanted, no credit."""
    found, given = [], tables.get("device_credit", [])
    for credit in given:
        own = [c for c in standing(tables, accounts) if accounts.of(c) == accounts.of(credit)]
        is_told = any(
            "FD" in (c.get("value_codes") or "").split()
            and {"49", "50", "53"} & set((c.get("condition_codes") or "").split())
            for c in own
        ) or any(
            {"FB", "FC"} & set((line.get("mods") or "").split())
            for line in tables.get("claim_line", [])
            if line["claim_id"] in {c["claim_id"] for c in own}
        )
        worth = Fraction(credit["credit"])
        if own and not is_told and worth >= Fraction(credit["cost"]) * HALF:
            found.append(Finding("SD03", credit["account_key"], None, -worth))
    for use in match.uses:
        told = any(accounts.of(c) == use.account for c in given)
        is_left = use.row["qty"] > 0 and use.eaches != 0
        if use.row.get("disposition") == "EXPLANTED" and is_left and not told:
            found.append(Finding("SD04", use.account))
    return found


def bill_only(match: Match, tables: Tables, masters: Masters) -> list[Finding]:
    """SI01 no order, SI02 its quantity, SI03 its price."""
    found: list[Finding] = []
    # What several uses take of one order is counted together, and told of the first.
    taken: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for use in match.uses:
        row = use.row
        if row.get("mode") != "BILL_ONLY" or not use.eaches or use.eaches < 0:
            continue
        named = {
            order["po_id"]
            for order in tables.get("purchase_order", [])
            if row.get("po_id") in (order["po_id"], order["po_number"])
        }
        orders = {
            (r["po_id"], r["item_id"])
            for r in tables.get("purchase_order_line", [])
            if r["po_id"] in named and r["item_id"] == row["item_id"]
        }
        for order in orders:
            taken[order].append(use)
        if not orders:
            worth = -cents((masters.cost(row) or ZERO) * use.eaches)
            found.append(Finding("SI01", use.account, use.eaches, worth))
    for order, uses in taken.items():
        ordered, price = ZERO, ZERO
        for line in tables["purchase_order_line"]:
            if (line["po_id"], line["item_id"]) == order:
                each = masters.factor(line["item_id"], line["uom"], date.max) or 1
                ordered += (Fraction(line["qty"]) - Fraction(line["cancelled_qty"] or 0)) * each
                price = Fraction(line["price"]) / Fraction(line["price_per"] or 1) / each
        off = abs(ordered - sum(use.eaches for use in uses))
        cost = max(masters.cost(use.row) or ZERO for use in uses)
        if off:
            found.append(Finding("SI02", uses[0].account, off, -cents(off * price)))
        if abs(price - cost) > masters.rules.price_abs:
            worth = -cents(abs(price - cost) * ordered)
            found.append(Finding("SI03", uses[0].account, None, worth))
    return found


def decrements(match: Match, tables: Tables) -> list[Finding]:
    """SI04: stock used and not taken off the shelf; SI05: taken off for a use nobody knows."""
    moves = [r for r in tables.get("inventory_txn", []) if r.get("usage_id")]
    taken: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in moves:
        taken[row["usage_id"], row["item_id"]] -= Fraction(row["qty"])
    known = {u.row["usage_id"] for u in match.uses}
    found = []
    for use in match.uses:
        row = use.row
        missing = (use.eaches or ZERO) - taken[row["usage_id"], row["item_id"]]
        is_stock = row.get("location_id") and row.get("mode") in (None, "STOCK")
        if moves and is_stock and missing > 0 and row.get("disposition") not in TAKEN_OUT:
            found.append(Finding("SI04", use.account, missing))
    # What was put back goes against what was taken first.
    back = {
        key: sum((Fraction(r["qty"]) for r in moves if name(r) == key and r["qty"] > 0), ZERO)
        for key in map(name, moves)
    }
    for row in sorted(moves, key=lambda r: (r["txn_date"], r["txn_id"])):
        if row["qty"] < 0 and row["usage_id"] not in known:
            met = min(-Fraction(row["qty"]), back[name(row)])
            back[name(row)] -= met
            if left := -Fraction(row["qty"]) - met:
                found.append(Finding("SI05", None, left))
    return found


def name(move: Row) -> tuple[str, str]:
    return move["usage_id"], move["item_id"]


def shelves(match: Match, tables: Tables, masters: Masters) -> list[Finding]:
    """SI06: issued to a place and not charged there; SI07 below nothing; SI08 to be ordered."""
    found = []
    issued: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in tables.get("inventory_txn", []):
        if row["type"] == "ISSUE" and not row.get("usage_id"):
            issued[row["location_id"], row["item_id"]] += Fraction(row["qty"])
    for (place, item), units in issued.items():
        day = max(r["txn_date"] for r in tables["inventory_txn"])
        mapped = masters.mapped(item, None, place, day)
        cost = masters.cost({"item_id": item})
        price = (mapped and masters.price(mapped["cdm_code"], day, cost)) or ZERO
        is_dear = mapped and price >= Fraction(mapped["threshold"] or 0)
        if mapped and (
            mapped["chargeable"] == "Y" or (mapped["chargeable"] == "THRESHOLD" and is_dear)
        ):
            code = mapped["cdm_code"]
            at = [c for c in match.charges if c.row.get("location_id") == place]
            charged = sum((c.net for c in at if c.row["cdm_code"] == code), ZERO)
            short = units * mapped_units(mapped) - charged
            if short:
                found.append(Finding("SI06", None, short, cents(short * price)))
    held: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in tables.get("inventory_balance", []):
        held[row["location_id"], row["item_id"]].append(row)
    for (place, item), rows in held.items():
        on_hand = sum((Fraction(r["on_hand"]) for r in rows), ZERO)
        coming = sum((Fraction(r["on_order"] or 0) for r in rows), ZERO)
        if on_hand < 0:
            found.append(Finding("SI07", None, on_hand))
        for rule in tables.get("reorder_rule", []):
            if (rule["location_id"], rule["item_id"]) == (place, item):
                there = on_hand + coming
                if there <= Fraction(rule["reorder_point"]):
                    pack = Fraction(rule.get("pack_qty") or 1)
                    most = rule.get("max_qty")
                    wanted = Fraction(most) - there if most else Fraction(rule["order_qty"])
                    found.append(Finding("SI08", None, -(-wanted // pack) * pack))
    return found


def mapped_units(mapped: Row) -> Fraction:
    return Fraction(mapped["units_per_each_num"], mapped["units_per_each_den"])


def denials(tables: Tables) -> list[Finding]:
    """DN01 to DN07 by reason code, where it is not the patient's; DN05 refused before it came.

    What is denied of a claim's line counts less what was taken back of it; of the reports about a
    claim the newest.
    """
    denied: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for row in tables.get("claim_adjustment", []):
        if row["carc"] in DENIALS and row["group_code"] != "PR":
            said = {
                r["rarc"]
                for r in tables.get("service_remark", [])
                if all(r[k] == row[k] for k in ("remittance_id", "claim_no", "line_no"))
            }
            code = "DN02" if row["carc"] == "16" and "M15" in said else DENIALS[row["carc"]]
            line = row["account_key"], row["claim_no"], row["line_no"], code
            denied[line] += Fraction(row["amount"])
    found = [Finding(line[-1], line[0], None, worth) for line, worth in denied.items() if worth > 0]
    newest: dict[tuple[str, ...], Row] = {}
    reports = tables.get("claim_status", [])
    for row in sorted(reports, key=lambda r: (r["status_date"], r["report_id"])):
        newest[row["account_key"], row.get("claim_key")] = row
    for row in newest.values():
        if row["category_code"] in REJECTED:
            worth = Fraction(row.get("charge") or 0)
            found.append(Finding("DN05", row["account_key"], None, worth))
    return found
