"""276 Claim status request, and 277: the answer to it, or the acknowledgement of claims (277CA).

Both are hierarchies: source of the information (payer), its receiver, provider, subscriber, and
the patient where that is another. The claims of a person stand in that level, each begun by its
TRN. In the acknowledgement the levels above have a TRN and a status of their own, for all that
they sent: those rows have no claim.

The patient is known by the account number of the provider, and in no other way. STC12 is free text
and is not read.
"""

from recon.parse.x12.declare import (
    Column,
    Kind,
    Record,
    TransactionSet,
    column,
    loop,
    number_of,
    ordinal,
)

_LOOPS = (
    loop("source", "HL03:20"),
    loop("receiver", "HL03:21"),
    loop("provider", "HL03:19"),
    loop("subscriber", "HL03:22"),
    loop("patient", "HL03:23|PT"),
    loop("batch", "TRN", within="source|receiver|provider"),
    loop("claim", "TRN", within="subscriber|patient"),
    loop("service", "SVC", within="claim"),
)

# Who else is named, numbers that a clearing house or a pharmacy gave, and when a batch came and was
# worked on.
_LEFT_OUT = "DMG NM1 REF01:D9|XZ DTP01:009|050"

_LEVELS: tuple[Column, ...] = (
    column("payer_id", Kind.TEXT, "source.NM109:PR"),
    column("provider_qualifier", Kind.CODE, "provider.NM108:1P|85"),
    column("provider_id", Kind.TEXT, "provider.NM109:1P|85"),
)

_REQUEST = Record(
    "status_request",
    (
        column("purpose_code", Kind.CODE, "BHT02"),
        column("request_number", Kind.TEXT, "BHT03", private="account"),
        column("created_date", Kind.DATE, "BHT04"),
        number_of("claim_count", "claim"),
    ),
)

_CLAIM_REQUEST = Record(
    "claim_status_request",
    (
        column("request_number", Kind.TEXT, inherit=True),
        ordinal("claim_no"),
        *_LEVELS,
        column("trace_number", Kind.TEXT, "TRN02", required=True, private="account"),
        column("account_number", Kind.TEXT, "REF02:EJ", private="account"),
        column("payer_claim_number", Kind.TEXT, "REF02:1K", private="claim"),
        column("bill_type", Kind.CODE, "REF02:BLT"),
        column("charge", Kind.MONEY, "AMT02:T3"),
        column("service_from", Kind.PERIOD_START, "DTP03:472|232"),
        column("service_to", Kind.PERIOD_END, "DTP03:472|232"),
    ),
    loop="claim",
)

_REPORT = Record(
    "status_report",
    (
        column("purpose_code", Kind.CODE, "BHT02"),
        column("report_number", Kind.TEXT, "BHT03", private="account"),
        column("created_date", Kind.DATE, "BHT04"),
        column("type_code", Kind.CODE, "BHT06"),
        number_of("claim_count", "claim"),
    ),
)

_CLAIM_STATUS = Record(
    "claim_status",
    (
        column("report_number", Kind.TEXT, inherit=True),
        column(
            "level_code",
            Kind.CODE,
            "patient.HL03",
            "subscriber.HL03",
            "provider.HL03",
            "receiver.HL03",
            "source.HL03",
        ),
        ordinal("status_no"),
        ordinal("claim_no", "claim"),
        ordinal("service_no", "service", within="claim"),
        *_LEVELS,
        column("batch_number", Kind.TEXT, "batch.TRN02"),
        column("trace_number", Kind.TEXT, "claim.TRN02", private="account"),
        column("account_number", Kind.TEXT, "claim.REF02:EJ", "claim.TRN02", private="account"),
        column("payer_claim_number", Kind.TEXT, "claim.REF02:1K", private="claim"),
        column("bill_type", Kind.CODE, "claim.REF02:BLT"),
        column("line_control_number", Kind.TEXT, "service.REF02:FJ", private="account"),
        column("procedure_qualifier", Kind.QUALIFIER, "service.SVC01-1"),
        column("procedure_code", Kind.CODE, "service.SVC01-2"),
        column("revenue_code", Kind.CODE, "service.SVC04"),
        column("service_from", Kind.PERIOD_START, "service.DTP03:472", "claim.DTP03:472|232"),
        column("service_to", Kind.PERIOD_END, "service.DTP03:472", "claim.DTP03:472|232"),
        column("category_code", Kind.CODE, "STC01-1", required=True),
        column("status_code", Kind.CODE, "STC01-2"),
        column("entity_code", Kind.CODE, "STC01-3"),
        column("code_list", Kind.CODE, "STC01-4"),
        column("category_code_2", Kind.CODE, "STC10-1"),
        column("status_code_2", Kind.CODE, "STC10-2"),
        column("entity_code_2", Kind.CODE, "STC10-3"),
        column("category_code_3", Kind.CODE, "STC11-1"),
        column("status_code_3", Kind.CODE, "STC11-2"),
        column("entity_code_3", Kind.CODE, "STC11-3"),
        column("status_date", Kind.DATE, "STC02"),
        column("action_code", Kind.CODE, "STC03"),
        column("charge", Kind.MONEY, "STC04"),
        column("paid", Kind.MONEY, "STC05"),
        column("finalised_date", Kind.DATE, "STC06"),
        column("check_date", Kind.DATE, "STC08"),
        column("check_number", Kind.TEXT, "STC09"),
    ),
    tags=("STC",),
)

# What of all that was sent is taken and what refused: how many claims, and their charges.
_TOTAL = Record(
    "status_total",
    (
        column("report_number", Kind.TEXT, inherit=True),
        column("level_code", Kind.CODE, "provider.HL03", "receiver.HL03", "source.HL03"),
        column("batch_number", Kind.TEXT, "batch.TRN02"),
        column("total_code", Kind.CODE, "QTY01", "AMT01"),
        column("claims", Kind.COUNT, "QTY02"),
        column("amount", Kind.MONEY, "AMT02"),
    ),
    tags=("QTY", "AMT"),
)

CLAIM_STATUS_REQUEST = TransactionSet(
    code="276",
    title="Claim status request",
    loops=_LOOPS,
    records=(_REQUEST, _CLAIM_REQUEST),
    needs=("BHT", "HL"),
    once=("BHT",),
    ignored=_LEFT_OUT,
    about_persons=True,
)

CLAIM_STATUS = TransactionSet(
    code="277",
    title="Claim status",
    loops=_LOOPS,
    records=(_REPORT, _CLAIM_STATUS, _TOTAL),
    needs=("BHT", "HL"),
    once=("BHT",),
    ignored=_LEFT_OUT,
    about_persons=True,
)
