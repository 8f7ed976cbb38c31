"""Every rule table: the single declaration of its columns.

Same conventions as ``recon/canonical/tables.py``. The rows are the CSV files beside this module;
a site's ``rules/<name>.csv`` replaces the shipped one whole.
"""

import polars as pl

from recon.canonical.tables import Fraction, Money, Quantity, Table, key, optional, required

# Who works an exception: of the match, then of charges.
MATCH_QUEUES = ("AP", "BUY", "REC", "CON", "ITM", "OR", "REQ")
QUEUES = (
    *MATCH_QUEUES,
    *("DEPT", "CDM", "PFS", "HIM", "COMP", "CODING", "SAFETY", "SUPPLY", "DENIAL", "FEED"),
)


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
            "FREIGHT",
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
    in_sums: str = required(
        "Of findings on charges. Y: the amount is lost or charged too much. N: it was charged, "
        "only late or outside the stay; summed up, such amounts would outgrow every real loss.",
        values=("Y", "N"),
    )
    severity: pl.Int32 = required("1 (first) to 4 (last).", values=(1, 2, 3, 4))
    queue: str = required("Who works it.", values=QUEUES)
    title: str = required("A few words for a heading.")
    reason: str = required("What is wrong, in plain words; {names} are filled by the workbook.")
    suggested_action: str = required("What to do.")
    closes_when: str = required("What makes the exception close by itself.")


class ClosingKind(Table):
    """One row per exception code and kind of document that may close it: it is then looked for."""

    code: str = key("Exception code.")
    kind: str = key(
        "ORDER found, CHANGE of the order, RECEIPT or use, RETURN, CREDIT memo.",
        values=("ORDER", "CHANGE", "RECEIPT", "RETURN", "CREDIT"),
    )


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
    days: pl.Int32 = required(
        "Days after which the answer or arrival is late.", unit="days", least=0
    )
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class ClaimDeadline(Table):
    """One row per supplier: how long it takes claims. None is shipped: contracts say it."""

    supplier_id: str = key("Supplier, or * for any other.")
    days: pl.Int32 = required(
        "Days after the invoice date in which a claim is taken.", unit="days", least=0
    )
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class PatientClass(Table):
    """One row per class of patient."""

    patient_class: str = key("Class as accounts have it, or * for any other.")
    is_inpatient: str = required("Y: a stay. N: a visit.", values=("Y", "N"))
    hold_days: pl.Int32 = required("Days after discharge until the bill drops.", unit="days")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class FilingLimit(Table):
    """One row per kind of payer: how long it takes claims.

    A calendar year is stated as 365 days: across 29 February that is a day early, never late.
    """

    payer_class: str = key("Kind of payer as accounts have it, or * for any other.")
    days: pl.Int32 = required("Days after discharge in which a claim is taken.", unit="days")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class ChargeSetting(Table):
    """One row per number that the reconciliation of charges compares with."""

    setting: str = key(
        "What the setting is for.",
        values=(
            "POSTING_DAYS",
            "BEFORE_STAY_DAYS",
            "PRICE_ABS",
            "PRICE_PCT",
            "RAISE_FROM",
            "RAISE_TO_SECOND_FROM",
            "CREDIT_SHARE",
        ),
    )
    value: Quantity = required("The number.", least=0)
    unit: str = required("Unit of the value.", values=("days", "USD", "fraction"))
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class MarkupTier(Table):
    """One row per schedule and range of cost: how a price follows the cost."""

    schedule_id: str = key("Schedule, as the charge master names it.")
    cost_from: Money = key("Lowest cost of one base unit in the tier.", unit="USD")
    cost_to: Money = optional("Cost from which the next begins; empty means no end.", unit="USD")
    multiplier: Fraction = required("Times the cost.")
    add_on: Money = required("Added after that.", unit="USD")
    round_rule: str = required("CENT or DOLLAR.", values=("CENT", "DOLLAR"))
    min_price: Money = optional("Least price.", unit="USD")
    max_price: Money = optional("Most.", unit="USD")
    for_estimates: str = required(
        "Y: also estimates what an item without a map is worth.", values=("Y", "N")
    )
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class EditCode(Table):
    """One row per code of a list that charges and claims are held against."""

    kind: str = key(
        "Which list.",
        values=(
            *("NOT_IMPLANT", "DEVICE", "NEEDS_DEVICE", "NEEDS_PROCEDURE", "DEVICE_BILL"),
            *("BYPASS_MODIFIER", "REPEAT_MODIFIER", "CREDIT_MODIFIER"),
            *("CREDIT_VALUE", "CREDIT_CONDITION", "REJECTED", "BILLED_QUEUE"),
        ),
    )
    code: str = key("Code, modifier, category, or first digits of a bill type.")
    needs: str = key(
        "NEEDS_PROCEDURE: a procedure that will do; BILLED_QUEUE: who works the finding once the "
        "final bill is out; CREDIT_MODIFIER: first digits of the bill types it is for, or * for "
        "all; else *."
    )
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class SupplyRevenue(Table):
    """One row per family of revenue codes that is for supplies."""

    revenue_prefix: str = key("First digits of the revenue code.")
    is_implant: str = required("Y: for implants.", values=("Y", "N"))
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class DenialCode(Table):
    """One row per adjustment reason that is a denial; any other is none."""

    carc: str = key("Claim adjustment reason code.")
    rarc: str = key("Remark code that must be beside it, or *: the more exact row counts.")
    code: str = required(
        "Exception code of the denial.", values=("DN01", "DN02", "DN03", "DN04", "DN07")
    )
    meaning: str = required("In our own words.")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class DenialCause(Table):
    """One row per denial and finding that may stand behind it.

    Rows for a remark code replace those for any: what it says is missing is what is looked for.
    """

    code: str = key("Exception code of the denial.")
    rarc: str = key("Remark code beside the reason, or * for any other.")
    cause_code: str = key("Exception code of the cause.")
    place: pl.Int32 = required("The lower, the likelier.")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class NetYield(Table):
    """One row per payer, class and revenue family: what part of a charge is paid."""

    payer_class: str = key("Kind of payer, or *.")
    patient_class: str = key("Class of patient, or *.")
    revenue_family: str = key("First three digits of the revenue code, or *.")
    paid_part: Fraction = required("Paid part of a charge; 0 where the payer pays by the case.")
    approved_by: str = required("Who approved it.")
    source: str = required("Where it is written down.")


class ChargeAgeBucket(Table):
    """One row per ageing bucket of findings on charges."""

    bucket: str = key("Name, as shown.")
    from_days: pl.Int32 = required("Youngest age in it.", unit="days")
    to_days: pl.Int32 = optional("Oldest age in it; empty means no end.", unit="days")


RULE_TABLES: list[type[Table]] = [
    *(ToleranceRule, ExceptionCode, ClosingKind, Policy, AgeBucket, Deadline, ClaimDeadline),
    *(PatientClass, FilingLimit, ChargeSetting, MarkupTier, EditCode, SupplyRevenue),
    *(DenialCode, DenialCause, NetYield, ChargeAgeBucket),
]
