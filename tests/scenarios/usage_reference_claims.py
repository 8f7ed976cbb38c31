"""Claims, bill-only orders and stock, for the plain reference.

What belongs here: the claim checks, PO and inventory of step 7 of the specification (usage against
charges, section 1). What does not: denials (``usage_reference_denials.py``).
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from usage_reference_denials import denials
from usage_reference_lines import Accounts, Finding, Use
from usage_reference_masters import ZERO, Masters, Row, Tables, cents, cut
from usage_reference_match import Match

PROCEDURE_NOT_DONE = {"52", "73", "74"}
HALF = Fraction(1, 2)
TAKEN_OUT = ("EXPLANTED", "RETURNED")


def behind(match: Match, tables: Tables, masters: Masters, accounts: Accounts) -> list[Finding]:
    return [
        *(Finding("DQ01", account) for account in accounts.in_circles()),
        *(Finding("DQ03", None, Fraction(r["records"])) for r in tables.get("shifted_fields", [])),
        *claims(tables, masters, accounts),
        *credits(match, tables, accounts),
        *bill_only(match, tables, masters),
        *decrements(match, tables, masters.rules.as_of),
        *shelves(match, tables, masters),
        *denials(tables, accounts),
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
        if ends and sent(claim) == max(ends):
            replaced = any(kind(c) == "7" and sent(c) == max(ends) for c in other)
            # A void of that day is of an earlier claim, where there is one.
            is_anew = any(kind(c) != "8" and sent(c) < max(ends) for c in other)
            is_last |= kind(claim) == "7" or (is_anew and not replaced)
        if kind(claim) != "8" and is_last:
            found.append(claim)
    return found


def claims(tables: Tables, masters: Masters, accounts: Accounts) -> list[Finding]:
    """SD01, SD02: the procedure and the device, on one claim and day."""
    rules, found = masters.rules, []
    edited = [
        (claim, line)
        for claim in standing(tables, accounts)
        # The edit is of outpatient bills (013x, 076x), and a claim says which it is.
        if (claim.get("bill_type") or "").lstrip("0")[:2] in ("13", "76")
        for line in tables.get("claim_line", [])
        if line["claim_id"] == claim["claim_id"] and line["hcpcs"]
    ]
    for claim, line in edited:
        alike = [(c, r) for c, r in edited if is_of_one_day(line, r)]
        day = {r["hcpcs"] for c, r in alike if c is claim}
        code, mods = line["hcpcs"], set((line.get("mods") or "").split())
        if any(
            r["hcpcs"] == code
            and accounts.of(c) == accounts.of(claim)
            and (c.get("claim_date") or date.min) > (claim.get("claim_date") or date.min)
            for c, r in alike
        ):
            continue
        needs = code in rules.device_intensive and not mods & PROCEDURE_NOT_DONE
        if needs and not day & rules.device_codes:
            found.append(Finding("SD01", accounts.of(claim)))
        if code in rules.device_needs and not day & rules.device_needs[code]:
            found.append(Finding("SD02", accounts.of(claim)))
    return found


def is_of_one_day(line: Row, other: Row) -> bool:
    """A line without a day is of every day."""
    days = line["service_date"], other["service_date"]
    return None in days or days[0] == days[1]


def is_by_modifier(claim: Row) -> bool:
    """A surgery centre's (083x, or place of service 24), or nobody says what it is."""
    kind = (claim.get("bill_type") or "").lstrip("0")[:2]
    return kind in ("", "83", "24")


def credits(match: Match, tables: Tables, accounts: Accounts) -> list[Finding]:
    """SD03: a credit of half the cost or more that no claim reports; SD04: explanted, no credit."""
    found, given = [], tables.get("device_credit", [])
    for credit in given:
        worth = Fraction(credit["credit"])
        if worth <= 0 or worth < Fraction(credit["cost"]) * HALF:
            continue
        account = accounts.of(credit)
        if account is None:
            # A maker knows the serial number: who had the device taken out?
            number = credit.get("serial_key")
            named = [u for u in taken_out(match) if number and u.row.get("serial_key") == number]
            of = {u.account for u in named} - {None}
            account = of.pop() if len(of) == 1 else None
        if account is None:
            found.append(Finding("DQ01", None))
        own = [c for c in standing(tables, accounts) if account and accounts.of(c) == account]
        is_told = any(
            "FD" in (c.get("value_codes") or "").split()
            and {"49", "50", "53"} & set((c.get("condition_codes") or "").split())
            for c in own
        ) or any(
            {"FB", "FC"} & set((line.get("mods") or "").split())
            for line in tables.get("claim_line", [])
            if line["claim_id"] in {c["claim_id"] for c in own if is_by_modifier(c)}
        )
        if own and not is_told:
            found.append(Finding("SD03", account, None, -worth))
    return found + explants(match, given, accounts)


def taken_out(match: Match) -> list[Use]:
    out = [u for u in match.uses if u.row.get("disposition") == "EXPLANTED"]
    return [u for u in out if u.row["qty"] > 0 and u.eaches != 0]


def explants(match: Match, given: list[Row], accounts: Accounts) -> list[Finding]:
    """SD04: taken out, and no credit of the maker is known: each is for one device."""
    out = sorted(taken_out(match), key=lambda u: u.order)

    def serial(row: Row) -> tuple[str, str] | None:
        return (row["facility_id"], row["serial_key"]) if row.get("serial_key") else None

    named = {serial(use.row) for use in out} - {None}
    told = {serial(credit) for credit in given} - {None}
    waiting = [use for use in out if serial(use.row) not in told]
    loose = [credit for credit in given if serial(credit) not in named]
    for is_own in (True, False):
        for credit in list(loose):
            of_account = [u for u in waiting if u.account and u.account == accounts.of(credit)]
            item = credit.get("item_id")
            fitting = [u for u in of_account if not is_own or u.row.get("item_id") == item]
            if fitting:
                waiting.remove(fitting[0])
                loose.remove(credit)
    return [Finding("SD04", use.account) for use in waiting]


def bill_only(match: Match, tables: Tables, masters: Masters) -> list[Finding]:
    """SI01 no order, SI02 its quantity, SI03 its price; DQ06 a unit that nobody knows."""
    found: list[Finding] = []
    # What several uses take of one order is counted together, and told of the first.
    taken: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for use in match.uses:
        row = use.row
        is_back = row.get("disposition") in TAKEN_OUT
        if row.get("mode") != "BILL_ONLY" or is_back or not use.eaches or use.eaches < 0:
            continue
        named = {
            order["po_id"]
            for order in tables.get("purchase_order", [])
            if row.get("po_id") in (order["po_id"], order["po_number"])
            and order.get("status") != "CANCELLED"
        }
        orders = {
            (r["po_id"], r["item_id"])
            for r in tables.get("purchase_order_line", [])
            if r["po_id"] in named
            and r["item_id"] == row["item_id"]
            and r.get("status") != "CANCELLED"
        }
        for order in orders:
            taken[order].append(use)
        if not orders:
            worth = -cents((masters.cost(row) or ZERO) * use.eaches)
            found.append(Finding("SI01", use.account, use.eaches, worth))
    for order, uses in taken.items():
        ordered, price, is_known = ZERO, ZERO, True
        lines = []
        for line in tables["purchase_order_line"]:
            is_open = line.get("status") != "CANCELLED"
            if is_open and (line["po_id"], line["item_id"]) == order:
                factor = masters.factor(line["item_id"], line["uom"], date.max)
                is_known, each = is_known and factor is not None, factor or 1
                qty = (Fraction(line["qty"]) - Fraction(line["cancelled_qty"] or 0)) * each
                own = cut(Fraction(line["price"]) / Fraction(line["price_per"] or 1) / each)
                lines.append((qty, own))
                ordered, price = ordered + qty, max(price, own)
        if not is_known:
            found.append(Finding("DQ06", uses[0].account))
            continue
        off = abs(ordered - sum(use.eaches for use in uses))
        costs = [cost for use in uses if (cost := masters.cost(use.row)) is not None]
        if off:
            found.append(Finding("SI02", uses[0].account, off, -cents(off * price)))
        apart = [(qty, abs(own - max(costs))) for qty, own in lines if costs]
        wrong = [qty * by for qty, by in apart if by > masters.rules.price_abs]
        if wrong:
            worth = -cents(sum(wrong, ZERO))
            found.append(Finding("SI03", uses[0].account, None, worth))
    return found


def decrements(match: Match, tables: Tables, as_of: date) -> list[Finding]:
    """SI04: stock used and not taken off the shelf; SI05: taken off for a use nobody knows."""
    moves = [r for r in tables.get("inventory_txn", []) if r.get("usage_id")]
    moves = [r for r in moves if r["txn_date"] <= as_of]
    taken: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in moves:
        taken[row["usage_id"], row["item_id"]] -= Fraction(row["qty"])
    known = {u.row["usage_id"] for u in match.uses}
    found = []
    for use in sorted(match.uses, key=lambda u: u.order):
        row = use.row
        # What is no item of the master file is no item of the stock.
        is_stock = row.get("item_id") and row.get("location_id")
        is_stock = is_stock and row.get("mode") in (None, "STOCK")
        is_stock = is_stock and (use.eaches or ZERO) > 0
        if moves and is_stock and row.get("disposition") not in TAKEN_OUT:
            # Of records of one number, of two systems, the first is served first.
            missing = max((use.eaches or ZERO) - taken[row["usage_id"], row["item_id"]], ZERO)
            taken[row["usage_id"], row["item_id"]] -= (use.eaches or ZERO) - missing
            if missing:
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
    found: list[Finding] = []
    found += lost_at_par(match, tables, masters)
    newest: dict[tuple[str, str, str], Row] = {}
    for row in sorted(tables.get("inventory_balance", []), key=lambda r: r["count_date"]):
        if row["count_date"] <= masters.rules.as_of:
            newest[row["location_id"], row["item_id"], row["lot"]] = row
    held: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for (place, item, _), row in newest.items():
        held[place, item].append(row)
    for (place, item), rows in held.items():
        on_hand = sum((Fraction(r["on_hand"]) for r in rows), ZERO)
        coming = sum((Fraction(r["on_order"] or 0) for r in rows), ZERO)
        if below := sum((Fraction(r["on_hand"]) for r in rows if r["on_hand"] < 0), ZERO):
            found.append(Finding("SI07", None, below))
        for rule in tables.get("reorder_rule", []):
            if (rule["location_id"], rule["item_id"]) == (place, item):
                there = on_hand + coming
                if there <= Fraction(rule["reorder_point"]):
                    pack = Fraction(rule.get("pack_qty") or 1)
                    most = rule.get("max_qty")
                    wanted = Fraction(most) - there if most else Fraction(rule["order_qty"])
                    if wanted > 0:
                        found.append(Finding("SI08", None, -(-wanted // pack) * pack))
    return found


def lost_at_par(match: Match, tables: Tables, masters: Masters) -> list[Finding]:
    """SI06: what was issued to a place under a code, less what was charged there since."""
    issued: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in tables.get("inventory_txn", []):
        goes_on = row["type"] in ("RETURN", "TRANSFER") and row["qty"] < 0
        if (row["type"] == "ISSUE" or goes_on) and not row.get("usage_id"):
            issued[row["location_id"], row["item_id"]].append(row)
    # Of several items of one code the earliest issue and the lowest price.
    shelves: dict[tuple[str, str], list[tuple[Fraction, date, Fraction]]] = defaultdict(list)
    for (place, item), rows in issued.items():
        mapped = masters.mapped(item, None, place, masters.rules.as_of)
        if mapped is None or sum(r["qty"] for r in rows) <= 0:
            continue
        each, code = mapped_units(mapped), mapped["cdm_code"]
        cost = masters.cost({"item_id": item})
        price = masters.price(code, masters.rules.as_of, cost, each) or ZERO
        is_dear = price == 0 or price >= Fraction(mapped["threshold"] or 0)
        if mapped["chargeable"] == "Y" or (mapped["chargeable"] == "THRESHOLD" and is_dear):
            units = cut(sum(Fraction(r["qty"]) for r in rows) * each)
            since = min(r["txn_date"] for r in rows if r["type"] == "ISSUE")
            shelves[place, code].append((units, since, price))
    found = []
    for (place, code), shelf in shelves.items():
        since = min(day for _, day, _ in shelf)
        charged = sum(
            (
                c.net
                for c in match.charges
                if (c.row.get("location_id"), c.row["cdm_code"]) == (place, code)
                and c.row["service_date"] >= since
            ),
            ZERO,
        )
        short = sum(units for units, *_ in shelf) - charged
        if short > 0:
            worth = cents(short * min(price for *_, price in shelf))
            found.append(Finding("SI06", None, short, worth))
    return found


def mapped_units(mapped: Row) -> Fraction:
    return Fraction(mapped["units_per_each_num"], mapped["units_per_each_den"])
