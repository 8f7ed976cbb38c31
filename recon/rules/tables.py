"""Every rule table: the single declaration of its columns.

Same conventions as ``recon/canonical/tables.py``. The rows are the CSV files beside this module;
a site's ``rules/<name>.csv`` replaces the shipped one whole.
"""

import polars as pl

from recon.canonical.tables import Fraction, Money, Table, key, optional, required


class ToleranceRule(Table):
    """One row per tolerance: the row with the most specific keys decides a check, whole.

    Three-way match 1.3: an empty limit is no limit, 0 is exact, limits are inclusive.
    """

    rule_id: str = key("Name of the row; shown with every exception it decided.")
    check: str = required(
        "What is compared.",
        values=(
            "PRICE",
            "QTY_RECEIVED",
            "QTY_ORDERED",
            "AMT_ORDERED",
            "CONTRACT",
            "LINE_MATH",
            "HEADER_BALANCE",
            "FREIGHT_CAP",
        ),
    )
    supplier_id: str = optional("Only this supplier; empty means any. Weighs 4.")
    category: str = optional("Only items of this category; empty means any. Weighs 2.")
    facility_id: str = optional("Only this hospital; empty means any. Weighs 1.")
    pct: Fraction = optional(
        "Most that may differ, as a fraction: 0.02 is 2 %; empty is no limit.", least=0
    )
    abs: Money = optional(
        "Most that may differ, per line (CONTRACT: per unit); empty is no limit.",
        unit="USD",
        least=0,
    )
    mode: str = required(
        "ALL: every limit given must hold. ANY: one is enough.", values=("ALL", "ANY")
    )
    valid_from: pl.Date = required("First invoice date it holds for.")
    valid_to: pl.Date = optional("Last invoice date it holds for; empty means no end.")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class ExceptionCode(Table):
    """One row per exception code: what it means, who works it, what closes it."""

    code: str = key("Exception code.")
    hold: str = required("Y: holds money. N: warns.", values=("Y", "N"))
    severity: pl.Int32 = required("1 (first) to 4 (last).", values=(1, 2, 3, 4))
    queue: str = required("Who works it.", values=("AP", "BUY", "REC", "CON", "ITM", "OR", "REQ"))
    title: str = required("A few words for a heading.")
    reason: str = required("What is wrong, in plain words; {names} are filled by the workbook.")
    suggested_action: str = required("What to do.")
    closes_when: str = required("What makes it close by itself.")


class Policy(Table):
    """One row per choice that is not a number."""

    policy: str = key("What is chosen.")
    value: str = required("The choice.")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class AgeBucket(Table):
    """One row per ageing bucket."""

    bucket: str = key("Name, as shown.")
    from_days: pl.Int32 = required("Youngest age in it.", unit="days")
    to_days: pl.Int32 = optional("Oldest age in it; empty means no end.", unit="days")


class Deadline(Table):
    """One row per wait after which somebody is told."""

    deadline: str = key(
        "What is waited for.",
        values=("SHIPMENT_RECEIVED", "ANSWER_RECEIVED", "ANSWER_GIVEN_UP", "ANSWER_SENT"),
    )
    days: pl.Int32 = required("Days after which it is late.", unit="days")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


RULE_TABLES: list[type[Table]] = [ToleranceRule, ExceptionCode, Policy, AgeBucket, Deadline]
