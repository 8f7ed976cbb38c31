"""Denials and claims that were not taken in, for the plain reference.

What belongs here: the denials of step 7 of the specification (usage against charges, section 1) and
its denial map.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

from usage_reference_lines import Accounts, Finding
from usage_reference_masters import ZERO, Row, Tables

DENIALS = {
    **dict.fromkeys(("16", "252", "226", "199", "4", "107", "B15", "189"), "DN01"),
    **dict.fromkeys(("151", "222"), "DN03"),
    **dict.fromkeys(("97", "234", "236"), "DN02"),
    "18": "DN04",
    "29": "DN07",
}
REJECTED = {"A3", "A6", "A7", "A8"}
# Which of two remittances is the newer, and which of its rows the later.
PLACE = ("remittance_id", "claim_no", "adjustment_no")


def denials(tables: Tables, accounts: Accounts) -> list[Finding]:
    """DN01 to DN07 by reason code, where it is not the patient's; DN05 refused before it came.

    What is denied of a claim's line counts less what was taken back of its reason, and is called as
    the newest denial for it was; of the reports about a claim the newest.
    """
    claims = {(r["remittance_id"], r["claim_no"]): r for r in tables.get("claim_payment", [])}
    lines: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in tables.get("claim_adjustment", []):
        if row["carc"] in DENIALS and row["group_code"] != "PR":
            claim = claims.get((row["remittance_id"], row["claim_no"]), {}).get("claim_key")
            account = accounts.survivor(row["account_key"])
            lines[account, claim, row["line_no"], row["carc"]].append(row)
    denied: dict[tuple[Any, ...], Fraction] = defaultdict(Fraction)
    for (account, claim, line, carc), rows in lines.items():
        newest = max(rows, key=lambda r: (r["amount"] > 0, *(r[k] for k in PLACE)))
        said = {
            r["rarc"]
            for r in tables.get("service_remark", [])
            if all(r[k] == newest[k] for k in ("remittance_id", "claim_no", "line_no"))
        }
        claim_said = claims.get((newest["remittance_id"], newest["claim_no"]), {}).get("rarc")
        said |= set((claim_said or "").split())
        code = "DN02" if carc == "16" and "M15" in said else DENIALS[carc]
        denied[account, claim, line, code] += sum(Fraction(r["amount"]) for r in rows)
    payers = {r["remittance_id"]: r.get("payer_id") for r in tables.get("remittance", [])}
    decisions: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in claims.values():
        if row["claim_key"]:
            further = {"1": "N", "19": "N"} | dict.fromkeys(("2", "3", "20", "21"), "Y")
            by = row | {"payer_id": payers.get(row["remittance_id"])}
            by["further"] = further.get(row["status_code"])
            by["last"] = row.get("statement_to") or row.get("statement_from")
            decisions[accounts.survivor(row["account_key"]), row["claim_key"]].append(by)
    copies = {(a, c) for (a, c, _, code), worth in denied.items() if code == "DN04" and worth > 0}
    found = [
        Finding(code, account, None, worth)
        for (account, claim, _, code), worth in denied.items()
        if worth > 0 and not is_decided_anew(account, claim, decisions, copies)
    ]
    return [*found, *refused(tables, accounts)]


def is_decided_anew(account: str, claim: str | None, decisions: Any, copies: Any) -> bool:
    """Whether a later payment is for a replacement of the claim, or for the same anew."""

    def most(rows: list[Row], column: str) -> Any:
        return max((r[column] for r in rows if r.get(column) is not None), default=None)

    def least(rows: list[Row], column: str) -> Any:
        return min((r[column] for r in rows if r.get(column) is not None), default=None)

    def paid(key: tuple[str, str | None]) -> tuple[list[Row], list[Row]]:
        rows = decisions.get(key, [])
        back = [r for r in rows if r["status_code"] == "22"]
        return [r for r in rows if r not in back], back

    first, _ = paid((account, claim))
    for who, other in decisions:
        rows, back = paid((who, other))
        dates = most(first, "payment_date"), most(rows, "payment_date")
        if who != account or other == claim or (who, other) in copies or None in dates:
            continue
        end = most(back, "payment_date")
        is_same = (most(rows, "charge") or 0) > 0 and most(rows, "charge") == most(first, "charge")
        alike = all(
            len({most(first, column), most(rows, column)} - {None}) < 2
            for column in ("payer_id", "further", "place_of_service")
        )
        sides = [r for part in paid((account, claim)) for r in part], [*rows, *back]
        began = [least(side, "statement_from") for side in sides]
        ended = [most(side, "last") for side in sides]
        meet = all(not a or not b or a <= b for a, b in zip(began, ended[::-1], strict=True))
        if (
            dates[0] < dates[1]
            and (end is None or end < dates[1])
            and (is_same or most(rows, "frequency_code") == "7")
            and alike
            and meet
        ):
            return True
    return False


def refused(tables: Tables, accounts: Accounts) -> list[Finding]:
    """DN05: the newest report about a claim says in any of its rows that it is not taken in.

    What it is about is the claim, as the report says, else the lines that it refuses, else the
    claim as it was sent.
    """
    reports: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in tables.get("claim_status", []):
        if row["account_key"] is None:
            continue
        account = accounts.survivor(row["account_key"])
        reports[account, row.get("claim_key"), row["report_id"]].append(row)
    found: dict[tuple[Any, ...], Fraction] = {}
    for (account, claim, report), rows in reports.items():
        rejected = [r for r in rows if r["category_code"] in REJECTED]
        later = [
            other
            for (who, number, name), other in reports.items()
            if who == account
            and (sent_on(other), number == claim and name > report) > (sent_on(rows), False)
            and ((number is not None and number == claim) or may_be_one(rows, other))
        ]
        if rejected and not later:
            stated: dict[Any, Fraction] = {}
            for row in rejected:
                if row.get("charge") is not None:
                    worth, line = Fraction(row["charge"]), row.get("line_no")
                    stated[line] = max(stated.get(line, worth), worth)
            sent = [
                Fraction(r["charge"] or 0)
                for r in tables.get("claim", [])
                if claim is not None
                and (accounts.survivor(r["account_key"]), r.get("claim_key")) == (account, claim)
            ]
            worth = stated.get(None, sum(stated.values(), ZERO)) or max(sent or [ZERO])
            found[account, claim] = found.get((account, claim), ZERO) + worth
    by_name = [Finding("DN05", account, None, worth) for (account, _), worth in found.items()]
    return [*by_name, *refused_whole(tables.get("claim_status", []))]


def refused_whole(rows: list[Row]) -> list[Finding]:
    """DN05 of a report that refuses what was sent and names no claim that it refuses."""
    named = {r["report_id"] for r in rows if r["account_key"] and r["category_code"] in REJECTED}
    above: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["account_key"] is None:
            above[row["report_id"]].append(row)

    def worth(told: list[Row]) -> Fraction:
        return max((Fraction(r["charge"] or 0) for r in told), default=ZERO)

    found = []
    for report, told in above.items():
        no = [r for r in told if r["category_code"] in REJECTED]
        later = [other for other in above.values() if sent_on(other) > sent_on(told)]
        taken = [other for other in later if all(r["category_code"] not in REJECTED for r in other)]
        if no and report not in named and worth(no) not in {worth(o) or -1 for o in taken}:
            found.append(Finding("DN05", None, None, worth(no)))
    return found


def sent_on(report: list[Row]) -> date:
    return max(row["status_date"] or date.min for row in report)


def may_be_one(one: list[Row], other: list[Row]) -> bool:
    """Whether nothing that both reports say tells their claims apart."""

    def said(report: list[Row], column: str) -> set[Any]:
        return {r.get(column) for r in report if r.get(column)}

    def kinds(report: list[Row]) -> set[str]:
        return {kind.lstrip("0")[:2] for kind in said(report, "bill_type")}

    def days(report: list[Row]) -> tuple[date, date]:
        whole = [r for r in report if r.get("line_no") is None and r.get("service_from")]
        first = min((r["service_from"] for r in whole), default=date.min)
        last = max((r.get("service_to") or r["service_from"] for r in whole), default=date.max)
        return first, last

    payers = said(one, "payer_id"), said(other, "payer_id")
    bills = kinds(one), kinds(other)
    (start, end), (other_start, other_end) = days(one), days(other)
    return (
        all(not a or not b or a == b for a, b in (payers, bills))
        and start <= other_end
        and other_start <= end
    )
