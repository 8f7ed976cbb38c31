"""The tables of the exchange with partners: what we answered, and what was answered to us.

Same conventions as ``recon/canonical/tables.py``. What belongs here: their columns. What does not:
how they come about (``outbox.py``, ``sent.py``).
"""

import polars as pl

from recon.canonical.tables import Table, key, optional, required

LAYER = "publish"


class SentAcknowledgement(Table):
    """One row per interchange, functional group, transaction set and HL7 message we answered."""

    feed: str = key("Feed that delivered the file answered.")
    source_file_id: str = key("SHA-256 of the file answered.")
    interchange_no: pl.Int64 = key("Interchange of that file, from 1; 0 for HL7.")
    group_no: pl.Int64 = key(
        "Functional group of that file, from 1; 0 for the interchange and for HL7."
    )
    transaction_no: pl.Int64 = key(
        "Transaction set, or HL7 message, of that file, from 1; 0 for its group or interchange."
    )
    partner: str = required(
        "Whom we answered: qualifier and id of the sender, as ZZ-ACME; of HL7 application and "
        "facility, as OR@NGH."
    )
    code: str = optional(
        "What was answered: functional code or set code; of HL7 type and event, as DFT^P03.",
        source="X12 GS01, ST01; HL7 MSH-9",
    )
    control_number: str = optional(
        "Its control number.", source="X12 ISA13, GS06, ST02; HL7 MSH-10"
    )
    form: str = required("TA1, 997 or 999; of HL7 ACK or MFK.")
    answer: str = required(
        "A accepted, E accepted with errors, P accepted in part, R refused; of HL7 AA, AE or AR."
    )
    error_codes: str = optional(
        "Why, in the standard's codes, blanks between.",
        source="X12 TA105, AK905, AK502; HL7 ERR-3",
    )
    answer_interchange: pl.Int64 = optional(
        "Number of our interchange; empty for HL7.", source="X12 ISA13"
    )
    answer_group: pl.Int64 = optional("Number of our functional group.", source="X12 GS06")
    outbox_file: str = required("The file, within the outbox.")
    sha256: str = required("SHA-256 of that file.")


class SentDocumentStatus(Table):
    """One row per transaction set we sent whose acknowledgement is awaited, or came tonight."""

    feed: str = key("Feed of the copies of what we sent.")
    source_file_id: str = key("SHA-256 of the copy.")
    transaction_no: pl.Int64 = key("Transaction set of that file, from 1.")
    byte_offset: pl.Int64 = required("Where it starts in that file, from 0.", unit="bytes")
    partner_id: str = required("To whom we sent it.", source="X12 ISA08")
    interchange_control_number: str = optional("Our interchange.", source="X12 ISA13")
    functional_code: str = optional("Kind of functional group.", source="X12 GS01")
    group_no: pl.Int64 = required("Functional group of that file, from 1.")
    group_control_number: str = optional("Our functional group.", source="X12 GS06")
    set_code: str = optional("Kind of document.", source="X12 ST01")
    transaction_control_number: str = optional("Its number in the group.", source="X12 ST02")
    document_number: str = optional("Order number, of orders and changes.")
    sent_date: pl.Date = required("Business date of the copy.")
    state: str = required(
        "ACCEPTED, REJECTED, PARTIAL (its group in part, and nothing says which sets) or NO_ACK."
    )
    answer: str = optional("The partner's own code.", source="X12 TA104, AK901, AK501")
    error_codes: str = optional(
        "Why, in the standard's codes, blanks between.", source="X12 TA105, AK905, AK502"
    )
    answer_file_id: str = optional("SHA-256 of the file that held the answer.")
    age_days: pl.Int32 = required("Business date minus the date it was sent.", unit="days")
    is_overdue: bool = required("Not acknowledged within the days of deadline ANSWER_RECEIVED.")


PUBLISHED: list[type[Table]] = [SentAcknowledgement, SentDocumentStatus]
