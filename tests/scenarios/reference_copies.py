"""Which documents are seen, what they state, and which are copies, for the plain reference.

What belongs here: steps 0 and 2 of the specification (three-way match 1.2). Written from the
specification as a person would explain it; nothing here is taken from the SQL.
"""

import re
from datetime import date
from fractions import Fraction
from typing import Any

AS_OF = date(2026, 3, 31)
LOOKALIKES = str.maketrans("OILSBZ", "011582")

Row = dict[str, Any]


def cents(value: Fraction) -> Fraction:
    """Rounded to the cent, half away from zero."""
    whole, rest = divmod(abs(value) * 100, 1)
    rounded = Fraction(whole + (1 if rest >= Fraction(1, 2) else 0), 100)
    return rounded if value >= 0 else -rounded


def seen(case: Row) -> list[Row]:
    return [
        i
        for i in case["invoices"]
        if date.fromisoformat(i["date"]) <= AS_OF and i.get("status") != "VOID"
    ]


def is_paid(invoice: Row) -> bool:
    """Paid or posted: what it took is frozen."""
    return bool(invoice.get("paid")) or invoice.get("status") in ("PAID", "POSTED")


def company(case: Row, document: Row) -> str:
    """The supplier of a document or order, or the parent it shares with its sisters."""
    supplier = document.get("supplier", "S1")
    parent = case.get("suppliers", {}).get(supplier, {}).get("parent")
    return str(parent or supplier)


def orders_named(invoice: Row) -> set[str]:
    """Every order that the document or a line of it names."""
    return {po for r in [invoice, *invoice["lines"]] if (po := r.get("po"))}


def is_in(row: Row, prefix: str, day: str) -> bool:
    """Whether a day lies in the period of a row; an empty end is none."""
    return bool((row.get(f"{prefix}from") or "") <= day <= (row.get(f"{prefix}to") or "9999"))


def stated_amount(row: Row) -> Fraction:
    if row.get("amount") is not None:
        return Fraction(row["amount"])
    return cents(Fraction(row["qty"]) * Fraction(row["price"]))


def stated_total(invoice: Row) -> Fraction:
    if "total" in invoice:
        return Fraction(invoice["total"])
    return sum((stated_amount(row) for row in invoice["lines"]), Fraction(0))


def has_minus(invoice: Row) -> bool:
    return any((r.get("qty") or 0) < 0 or stated_amount(r) < 0 for r in invoice["lines"])


def copies(case: Row) -> dict[str, tuple[str, str]]:
    """Document -> (code, the document it looks like), by the strongest likeness."""
    strength = ["DUP_EXACT", "DUP_PROBABLE", "DUP_POSSIBLE", "INV_NUMBER_REUSED"]
    # What is paid stays; of the rest the first by date and id.
    queue = sorted(seen(case), key=lambda i: (not is_paid(i), i["date"], i["id"]))
    found: dict[str, tuple[str, str]] = {}
    for at, later in enumerate(queue):
        likeness = [
            (strength.index(code), place, code, earlier["id"])
            for place, earlier in enumerate(queue[:at])
            if (code := likeness_of(case, earlier, later))
        ]
        if likeness:
            _, _, code, original = min(likeness)
            found[later["id"]] = code, original
    return found


def likeness_of(case: Row, one: Row, other: Row) -> str | None:
    """Why two documents look like one, if they do (1.2 step 2)."""
    if (one.get("type"), company(case, one)) != (other.get("type"), company(case, other)):
        return None
    apart = abs((date.fromisoformat(one["date"]) - date.fromisoformat(other["date"])).days)
    same_total = stated_total(one) == stated_total(other)
    a, b = (plain_number(i.get("number", i["id"])) for i in (one, other))
    if a == b:
        return "DUP_EXACT" if same_total and apart <= 365 else "INV_NUMBER_REUSED"
    if not same_total or orders_named(one) != orders_named(other):
        return None
    if apart <= 90 and is_variant(a, b):
        return "DUP_PROBABLE"
    return "DUP_POSSIBLE" if apart == 0 else None


def is_variant(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    swapped = len(a) == len(b) >= 5 and any(
        a[:i] + a[i + 1] + a[i] + a[i + 2 :] == b for i in range(len(a) - 1)
    )
    suffixed = long.startswith(short) and re.fullmatch(
        "[A-Z]{1,2}|R[0-9]+|DUP|COPY", long[len(short) :]
    )
    # A letter O before a number is a zero before it.
    one, other = (number.translate(LOOKALIKES).lstrip("0") for number in (a, b))
    return one == other or swapped or bool(suffixed)


def plain_number(number: str) -> str:
    """Capitals and digits, without INV or INVOICE before them and without leading zeros."""
    bare = re.sub("[^A-Z0-9]", "", number.upper()) or number.strip().upper()
    return re.sub("^(INVOICE|INV)", "", bare).lstrip("0") or bare
