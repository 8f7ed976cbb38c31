"""What is wrong with a single record of use or charge, for the plain reference.

What belongs here: step 7 of the specification (usage against charges, section 1), but for claims
and stock (``usage_reference_claims.py``).
"""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from usage_reference_lines import Accounts, Charge, Finding, Use
from usage_reference_masters import ZERO, Masters, Row, Tables, cents, cut, in_force
from usage_reference_match import Match, supply

IN_PATIENT = (None, "USED", "IMPLANTED", "WASTED_CONTACT")
CENT = Fraction(1, 100)


def checks(match: Match, tables: Tables, masters: Masters, accounts: Accounts) -> list[Finding]:
    found = []
    surviving = [c for c in match.charges if c.net and supply(masters, c)]
    for charge in surviving:
        found += [*prices(charge, match, masters), *codes(charge, masters, accounts)]
        found += dates(charge, masters, accounts)
    # Charged for no unit, and at an amount.
    for charge in match.charges:
        worth = Fraction(charge.row.get("ext_amount") or 0)
        if not charge.units and abs(worth) > masters.rules.price_abs and supply(masters, charge):
            found.append(Finding("SP02", charge.account, None, -worth, charge.row["cdm_code"]))
    for use in match.uses:
        found += on_use(use, masters, tables.get("recall", []))
    return found + reused(match.uses)


def prices(charge: Charge, match: Match, masters: Masters) -> list[Finding]:
    """SP01 price, SP02 extension, SP06 no price."""
    row, found = charge.row, []
    code, day, least = row["cdm_code"], row["service_date"], masters.rules.price_abs
    is_stated = row.get("unit_amount") is not None or row.get("ext_amount") is not None
    units, short = short_of_price(charge, match, masters.cdm(code, day))
    if is_stated and abs(short) > least * units:
        worth = cents(short)
        found.append(
            Finding("SP01" if charge.price else "SP06", charge.account, units, worth, code)
        )
    elif is_stated and not charge.price and not units:
        found.append(Finding("SP06", charge.account, charge.net, ZERO, code))
    if row.get("ext_amount") is not None and is_stated:
        short = cents(charge.units * charge.price) - Fraction(row["ext_amount"])
        if abs(short) > least:
            found.append(Finding("SP02", charge.account, None, short, code))
    return found


def short_of_price(charge: Charge, match: Match, master: Row | None) -> tuple[Fraction, Fraction]:
    """Units of a charge whose price is known, and by how much they should come to more.

    A code that is not in force has no price. A fixed price is the charge master's, where it is not
    0, which means priced elsewhere; one that follows the cost is that of the use behind the charge;
    one set by hand is known to nobody.
    """
    if master is None or not in_force(master, charge.row["service_date"]):
        return ZERO, ZERO
    if master.get("method") == "COST_MARKUP":
        code = charge.row["cdm_code"]
        behind = [m for m in match.matched if m.charge is charge and m.use.code == code]
        priced = [m for m in behind if m.use.price]
        units = sum((m.units for m in priced), ZERO)
        worth = cents(sum((m.units * m.use.price for m in priced), ZERO))
        return units, worth - cents(units * charge.price)
    if master.get("method") not in (None, "FIXED") or not master.get("price"):
        return ZERO, ZERO
    return charge.net, charge.net * (Fraction(master["price"]) - charge.price)


def codes(charge: Charge, masters: Masters, accounts: Accounts) -> list[Finding]:
    """SP03 retired, SP04 outpatient implant without HCPCS, SP05 revenue code, SD10 no implant."""
    row, found = charge.row, []
    code, master = row["cdm_code"], masters.cdm(row["cdm_code"], row["service_date"])
    hcpcs = row.get("hcpcs") or (master and master.get("hcpcs"))
    revenue = row.get("revenue_code") or (master and master.get("revenue_code"))
    is_implant = revenue in masters.rules.implant_revenue
    if master is None or not in_force(master, row["service_date"]):
        found.append(Finding("SP03", charge.account, code=code))
    is_outpatient = charge.account and accounts.get(charge.account).get("patient_class") != "I"
    if is_outpatient and is_implant and not hcpcs:
        found.append(Finding("SP04", charge.account, code=code))
    listed = master and master.get("revenue_code")
    if listed and row.get("revenue_code") not in (None, listed):
        found.append(Finding("SP05", charge.account, code=code))
    if is_implant and hcpcs in masters.rules.not_implant:
        found.append(Finding("SD10", charge.account, code=code))
    return found


def dates(charge: Charge, masters: Masters, accounts: Accounts) -> list[Finding]:
    """ST01 slow, ST02 late, ST03 after the final bill: the worst; ST04 outside the stay."""
    row, rules, found = charge.row, masters.rules, []
    account = accounts.get(charge.account)
    day, worth = row["service_date"], cents(charge.net * charge.price)
    posted = row.get("post_date") or day
    left, billed = account.get("discharge_date"), account.get("final_bill_date")
    hold = rules.hold.get(account.get("patient_class"), rules.hold.get("*"))
    name = None
    if billed and posted > billed:
        name = "ST03"
    elif left and hold is not None and (posted - left).days > hold:
        name = "ST02"
    elif (posted - day).days > rules.post_days:
        name = "ST01"
    if name:
        found.append(Finding(name, charge.account, None, worth, row["cdm_code"]))
    came = account.get("admit_date")
    is_before = came is not None and (came - day).days > rules.window_days
    if is_before or (left is not None and day > left):
        found.append(Finding("ST04", charge.account, None, worth, row["cdm_code"]))
    return found


def on_use(use: Use, masters: Masters, recalls: list[Row]) -> list[Finding]:
    """DQ01, DQ06, DQ07; SC09 no map; SD05 to SD08 the device and its label."""
    row, found = use.row, []
    is_left = Fraction(row["qty"]) > 0 and (use.eaches is None or use.eaches > 0)
    if use.account is None and (is_left or use.is_unmet):
        found.append(Finding("DQ01", None))
    if use.account is not None and use.beyond:
        found.append(Finding("DQ07", use.account, cut(use.beyond)))
    if use.status == "NO_UNIT":
        found.append(Finding("DQ06", use.account))
    if use.status == "UNMAPPED" and use.eaches:
        cost = masters.cost(row)
        each = ZERO if cost is None else masters.marked_up(cost, None)
        found.append(Finding("SC09", use.account, use.eaches, cents(each * use.eaches)))
    if not is_left or row.get("disposition") not in IN_PATIENT:
        return found
    label = ("udi_key", "udi_di", "lot", "serial_key", "donation_key")
    is_implant = masters.items.get(row.get("item_id") or "", {}).get("implant_flag")
    stays = ("IMPLANTED", None, "USED") if is_implant else ("IMPLANTED",)
    if row.get("disposition") in stays and not any(row.get(part) for part in label):
        found.append(Finding("SD05", use.account))
    if row.get("udi_verdict") not in (None, "VALID"):
        found.append(Finding("SD06", use.account))
    if row.get("expiry_date") and row["expiry_date"] < row["used_date"]:
        found.append(Finding("SD07", use.account))
    if any(names(recall, row) for recall in recalls):
        found.append(Finding("SD08", use.account))
    return found


def names(recall: Row, row: Row) -> bool:
    """Whether a recall in force on the day of use means this device."""
    if recall["recall_date"] > row["used_date"]:
        return False
    item, di = recall.get("item_id"), recall.get("udi_di")
    is_it = item is not None and item == row.get("item_id")
    is_it |= di is not None and di == row.get("udi_di")
    if recall.get("serial_key") is not None:
        return is_it and recall["serial_key"] == row.get("serial_key")
    first, last = recall.get("lot_from"), recall.get("lot_to")
    if first is None and last is None:
        return is_it
    lot = row.get("lot")
    return is_it and lot is not None and series(first) <= series(lot) <= series(last or first)


def series(lot: str | None) -> tuple[int, str]:
    """Where a lot stands in its series: of two numbers the longer is the greater."""
    return len(lot or ""), lot or ""


def reused(uses: list[Use]) -> list[Finding]:
    """SD09: one serial number of an item used twice, told of the first.

    A record without an item is of the one that another with its device identifier names.
    """
    groups: dict[Any, list[Use]] = defaultdict(list)
    marked = []
    for use in uses:
        row = use.row
        is_left = row["qty"] > 0 and (use.eaches is None or use.eaches > 0)
        if row.get("serial_key") and row.get("disposition") in IN_PATIENT and is_left:
            marked.append(use)
    said: dict[str, set[str]] = defaultdict(set)
    for use in marked:
        if use.row.get("item_id") and use.row.get("udi_di"):
            said[use.row["udi_di"]].add(use.row["item_id"])
    for use in marked:
        item, di = use.row.get("item_id"), use.row.get("udi_di")
        if not item and len(said[di]) == 1:
            [item] = said[di]
        groups[item or di, use.row["serial_key"]].append(use)
    return [
        Finding("SD09", min(alike, key=lambda u: u.order).account)
        for alike in groups.values()
        if len(alike) > 1
    ]
