"""The canonical tables of the claims side: what payers pay, refuse and report.

A patient is known by ``account_key`` and ``claim_key``, which are tokens (``parse/privacy.py``); a
table that joins on them joins on ``facility_id`` too, for two hospitals use the same numbers.

What belongs here: names, types, keys, and what a column means, as in ``tables.py``. What does not:
which adjustment is a denial, and why (rule tables).
"""

import polars as pl

from recon.canonical.tables import Canonical, Money, Quantity, key, optional, required


class Claim(Canonical):
    """One row per claim sent to a payer."""

    claim_id: str = key("Our identity of the claim as sent.")
    facility_id: str = required("Hospital.")
    account_key: str = required("Token of our account number.", source="X12 837 CLM01")
    claim_key: str = optional("Token of the payer's number for the claim.", source="X12 837 REF*F8")
    claim_date: pl.Date = optional("Day the claim was sent.", source="X12 837 BHT04")
    bill_type: str = optional("Type of bill, four digits.", source="X12 837 CLM05")
    frequency_code: str = optional("1 original, 7 replacement, 8 void.", source="X12 837 CLM05-3")
    value_codes: str = optional("Value codes, blanks between.", source="X12 837 HI*BE")
    condition_codes: str = optional("Condition codes, blanks between.", source="X12 837 HI*BG")
    charge: Money = optional("Total charge.", unit="USD", source="X12 837 CLM02")


class ClaimLine(Canonical):
    """One row per line of a claim."""

    claim_id: str = key("Claim.")
    line_no: pl.Int32 = key("Line within the claim.", source="X12 837 LX01")
    revenue_code: str = optional(
        "Revenue code of four digits; one of three is read with a zero in front.",
        four_digits=True,
        source="X12 837 SV201",
    )
    hcpcs: str = optional("HCPCS code.", source="X12 837 SV202, SV101")
    mods: str = optional("Modifiers of the code, blanks between.")
    qty: Quantity = optional("Units.", source="X12 837 SV205, SV104")
    charge: Money = optional("Charge.", unit="USD", source="X12 837 SV203, SV102")
    service_date: pl.Date = optional("Day of service.", source="X12 837 DTP*472")


class Remittance(Canonical):
    """One row per payment of a payer for claims, or its notice that nothing is paid."""

    remittance_id: str = key("Our identity of the payment: payer, trace number, set number.")
    facility_id: str = required("Hospital that is paid.", source="X12 835 N1*PE")
    payer_id: str = optional("Who pays, as it numbers itself.", source="X12 835 N1*PR, TRN03")
    trace_number: str = required("Number of the payment.", source="X12 835 TRN02")
    payment_date: pl.Date = optional("Day of the payment.", source="X12 835 BPR16")
    amount: Money = required(
        "Amount of the payment; negative where money is taken back.",
        unit="USD",
        source="X12 835 BPR02",
    )
    method_code: str = optional(
        "How: ACH, CHK, NON (nothing is paid) ... (X12 element 591).", source="X12 835 BPR04"
    )


class ClaimPayment(Canonical):
    """One row per claim of a remittance: what was paid of it, denied, or taken back."""

    remittance_id: str = key("Payment.")
    claim_no: pl.Int32 = key(
        "Position within the payment: a claim taken back and paid anew is two rows."
    )
    facility_id: str = required("Hospital that is paid.")
    account_key: str = required(
        "Token of our account number for the patient's stay or visit.", source="X12 835 CLP01"
    )
    claim_key: str = optional("Token of the payer's number for the claim.", source="X12 835 CLP07")
    payment_date: pl.Date = optional("Day of the payment.", source="X12 835 BPR16")
    status_code: str = required(
        "1, 2, 3 processed (first, second, third payer), 4 denied, 22 taken back ... "
        "(X12 element 1029).",
        source="X12 835 CLP02",
    )
    charge: Money = required("What was charged.", unit="USD", source="X12 835 CLP03")
    paid: Money = required("What was paid.", unit="USD", source="X12 835 CLP04")
    patient_responsibility: Money = optional(
        "What the patient owes.", unit="USD", source="X12 835 CLP05"
    )
    filing_code: str = optional("Kind of insurance.", source="X12 835 CLP06")
    place_of_service: str = optional(
        "Place of service, or the first two digits of the bill type.", source="X12 835 CLP08"
    )
    frequency_code: str = optional("Last digit of the bill type.", source="X12 835 CLP09")
    drg_code: str = optional("Diagnosis related group.", source="X12 835 CLP11")
    statement_from: pl.Date = optional("First day the claim covers.", source="X12 835 DTM*232")
    statement_to: pl.Date = optional("Last day the claim covers.", source="X12 835 DTM*233")
    received_date: pl.Date = optional("Day the payer received the claim.", source="X12 835 DTM*050")
    rarc: str = optional(
        "Remark codes of the claim as a whole, blanks between.", source="X12 835 MIA, MOA"
    )


class ServicePayment(Canonical):
    """One row per line of a claim in a remittance."""

    remittance_id: str = key("Payment.")
    claim_no: pl.Int32 = key("Claim within the payment.")
    line_no: pl.Int32 = key("Line within the claim, as the payer lists them.")
    facility_id: str = required("Hospital that is paid.")
    account_key: str = required("Token of our account number.", source="X12 835 CLP01")
    revenue_code: str = optional(
        "Revenue code of four digits; one of three is read with a zero in front.",
        four_digits=True,
        source="X12 835 SVC04, SVC01 of NU",
    )
    hcpcs: str = optional("HCPCS code paid.", source="X12 835 SVC01 of HC")
    mods: str = optional("Modifiers of the code, blanks between.", source="X12 835 SVC01")
    billed_hcpcs: str = optional(
        "HCPCS code billed, where another was paid.", source="X12 835 SVC06"
    )
    charge: Money = required("What was charged.", unit="USD", source="X12 835 SVC02")
    paid: Money = required("What was paid.", unit="USD", source="X12 835 SVC03")
    allowed: Money = optional("What the payer allows.", unit="USD", source="X12 835 AMT*B6")
    qty: Quantity = optional("Units paid; empty means 1.", source="X12 835 SVC05")
    billed_qty: Quantity = optional("Units billed, where others were paid.", source="X12 835 SVC07")
    service_from: pl.Date = optional("First day of service.", source="X12 835 DTM*472, 150")
    service_to: pl.Date = optional("Last day of service.", source="X12 835 DTM*472, 151")


class ClaimAdjustment(Canonical):
    """One row per reason for which a payer does not pay all that was charged."""

    remittance_id: str = key("Payment.")
    claim_no: pl.Int32 = key("Claim within the payment.")
    adjustment_no: pl.Int32 = key("Position within the claim.")
    line_no: pl.Int32 = optional("Line within the claim; empty for the claim as a whole.")
    facility_id: str = required("Hospital that is paid.")
    account_key: str = required("Token of our account number.", source="X12 835 CLP01")
    group_code: str = required(
        "Who bears the amount: CO (we, by contract), PR (the patient), OA, PI, CR.",
        source="X12 835 CAS01",
    )
    carc: str = required("Claim adjustment reason code.", source="X12 835 CAS02, 05, 08 ...")
    amount: Money = required(
        "Amount not paid; negative for more than was charged.",
        unit="USD",
        source="X12 835 CAS03, 06, 09 ...",
    )
    qty: Quantity = optional("Units not paid.", source="X12 835 CAS04, 07, 10 ...")


class ServiceRemark(Canonical):
    """One row per remark on a line of a claim in a remittance."""

    remittance_id: str = key("Payment.")
    claim_no: pl.Int32 = key("Claim within the payment.")
    line_no: pl.Int32 = key("Line within the claim.")
    rarc: str = key("Remittance advice remark code.", source="X12 835 LQ*HE")
    facility_id: str = required("Hospital that is paid.")
    account_key: str = required("Token of our account number.", source="X12 835 CLP01")


class ProviderAdjustment(Canonical):
    """One row per part of a payment that is for no claim of it: interest, recoveries, advances.

    A payment is what its claims were paid, less these.
    """

    remittance_id: str = key("Payment.")
    adjustment_no: pl.Int32 = key("Position within the payment.")
    facility_id: str = required("Hospital that is paid.")
    reason_code: str = optional(
        "L6 interest, WO recovery ... (X12 element 426).", source="X12 835 PLB03-1"
    )
    claim_key: str = optional(
        "Token of the number that the adjustment refers to.", source="X12 835 PLB03-2"
    )
    amount: Money = required(
        "Amount held back; negative where money is added.",
        unit="USD",
        source="X12 835 PLB04, 06 ...",
    )


class ClaimStatus(Canonical):
    """One row per status a payer or a clearing house reports: of a claim, a line, or all sent."""

    report_id: str = key("Our identity of the report.")
    status_no: pl.Int32 = key("Position within the report.")
    facility_id: str = optional("Hospital; empty where the report is of more than one.")
    payer_id: str = optional("Payer, as the report numbers it.", source="X12 277 NM1*PR")
    level_code: str = optional(
        "Whose status: 20 payer, 21 receiver, 19 provider, 22 subscriber, 23 or PT patient.",
        source="X12 277 HL03",
    )
    account_key: str = optional(
        "Token of our account number; empty above the claims.", source="X12 277 TRN02, REF*EJ"
    )
    claim_key: str = optional("Token of the payer's number for the claim.", source="X12 277 REF*1K")
    bill_type: str = optional("Type of bill.", source="X12 277 REF*BLT")
    line_no: pl.Int32 = optional("Line, as the report lists them; empty for the claim as a whole.")
    revenue_code: str = optional(
        "Revenue code of four digits; one of three is read with a zero in front.",
        four_digits=True,
        source="X12 277 SVC04, SVC01 of NU",
    )
    hcpcs: str = optional("HCPCS code.", source="X12 277 SVC01 of HC")
    service_from: pl.Date = optional("First day of service.", source="X12 277 DTP*472, 232")
    service_to: pl.Date = optional("Last day of service.", source="X12 277 DTP*472, 232")
    status_date: pl.Date = optional("Day of the status.", source="X12 277 STC02")
    category_code: str = required(
        "What became of the claim: A1 to A8 acknowledged or rejected, P pending, F final ...",
        source="X12 277 STC01-1",
    )
    status_code: str = optional("Why.", source="X12 277 STC01-2")
    category_code_2: str = optional("A second category.", source="X12 277 STC10-1")
    status_code_2: str = optional("Reason within the second category.", source="X12 277 STC10-2")
    category_code_3: str = optional("A third category.", source="X12 277 STC11-1")
    status_code_3: str = optional("Reason within the third category.", source="X12 277 STC11-2")
    action_code: str = optional("WQ accepted, U rejected ...", source="X12 277 STC03")
    charge: Money = optional("What was charged.", unit="USD", source="X12 277 STC04")
    paid: Money = optional("What is paid.", unit="USD", source="X12 277 STC05")
