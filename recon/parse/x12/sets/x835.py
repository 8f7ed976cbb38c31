"""835 Claim payment (remittance advice): header (BPR), claims (CLP), services (SVC), PLB.

An adjustment (CAS) stands under a claim or under a service, and says which. Every claim may be
paid, denied, or reversed (CLP02 is 22) and paid again under the same number: no row is left out.
The patient is known by the account number of the provider (CLP01), and in no other way.
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
    party,
)

_LOOPS = (
    loop("payer", "N101:PR", holds="N2 N3 N4 REF PER", at_most=1),
    loop("payee", "N101:PE", holds="N2 N3 N4 REF RDM", at_most=1),
    loop("header_number", "LX"),
    loop("claim", "CLP", within="header_number|"),
    loop("service", "SVC", within="claim"),
)

_PAYMENT: tuple[Column, ...] = (
    column("trace_number", Kind.TEXT, inherit=True),
    column("trace_originator", Kind.TEXT, inherit=True),
    column("payee_id", Kind.TEXT, inherit=True),
    column("payment_date", Kind.DATE, inherit=True),
)

_CLAIM: tuple[Column, ...] = (
    ordinal("claim_no", "claim"),
    column("account_number", Kind.TEXT, "claim.CLP01", private="account"),
    column("payer_claim_number", Kind.TEXT, "claim.CLP07", private="claim"),
)

_SERVICE: tuple[Column, ...] = (
    ordinal("service_no", "service", within="claim"),
    column("line_control_number", Kind.TEXT, "service.REF02:6R", private="account"),
)

_REMITTANCE = Record(
    "remittance",
    (
        column("handling_code", Kind.CODE, "BPR01"),
        column("payment_amount", Kind.MONEY, "BPR02", required=True),
        column("credit_debit_code", Kind.CODE, "BPR03", codes="C|D"),
        column("payment_method", Kind.CODE, "BPR04"),
        column("payment_date", Kind.DATE, "BPR16"),
        column("trace_number", Kind.TEXT, "TRN02", required=True),
        column("trace_originator", Kind.TEXT, "TRN03"),
        column("production_date", Kind.DATE, "DTM02:405"),
        column("currency", Kind.CODE, "CUR02"),
        *party("payer", "PR"),
        column("payer_ref_id", Kind.TEXT, "N1:PR>REF02:2U|NF|HI|EO"),
        *party("payee", "PE"),
        column("payee_tax_id", Kind.TEXT, "N1:PE>REF02:TJ"),
        number_of("claim_count", "claim"),
    ),
)

_CLAIM_PAYMENT = Record(
    "claim_payment",
    (
        *_PAYMENT,
        ordinal("claim_no"),
        column("account_number", Kind.TEXT, "CLP01", required=True, private="account"),
        column("payer_claim_number", Kind.TEXT, "CLP07", private="claim"),
        column("status_code", Kind.CODE, "CLP02", required=True),
        column("charge", Kind.MONEY, "CLP03", required=True),
        column("paid", Kind.MONEY, "CLP04", required=True),
        column("patient_responsibility", Kind.MONEY, "CLP05"),
        column("filing_code", Kind.CODE, "CLP06"),
        column("place_of_service", Kind.CODE, "CLP08"),
        column("frequency_code", Kind.CODE, "CLP09"),
        column("drg_code", Kind.CODE, "CLP11"),
        column("statement_from", Kind.DATE, "DTM02:232"),
        column("statement_to", Kind.DATE, "DTM02:233"),
        column("received_date", Kind.DATE, "DTM02:050"),
        # MIA reports an inpatient claim and MOA an outpatient one; a claim has one of the two.
        column("remark_code_1", Kind.CODE, "MIA05", "MOA03"),
        column("remark_code_2", Kind.CODE, "MIA20", "MOA04"),
        column("remark_code_3", Kind.CODE, "MIA21", "MOA05"),
        column("remark_code_4", Kind.CODE, "MIA22", "MOA06"),
        column("remark_code_5", Kind.CODE, "MIA23", "MOA07"),
    ),
    loop="claim",
)

_SERVICE_PAYMENT = Record(
    "service_payment",
    (
        *_PAYMENT,
        *_CLAIM,
        ordinal("service_no", within="claim"),
        column("line_control_number", Kind.TEXT, "REF02:6R", private="account"),
        column("procedure_qualifier", Kind.QUALIFIER, "SVC01-1"),
        column("procedure_code", Kind.CODE, "SVC01-2"),
        column("modifier_1", Kind.CODE, "SVC01-3"),
        column("modifier_2", Kind.CODE, "SVC01-4"),
        column("modifier_3", Kind.CODE, "SVC01-5"),
        column("modifier_4", Kind.CODE, "SVC01-6"),
        column("revenue_code", Kind.CODE, "SVC04"),
        column("charge", Kind.MONEY, "SVC02", required=True),
        column("paid", Kind.MONEY, "SVC03", required=True),
        column("allowed", Kind.MONEY, "AMT02:B6"),
        column("paid_qty", Kind.QUANTITY, "SVC05"),
        # Only where the payer paid under another code than was billed.
        column("billed_procedure_qualifier", Kind.QUALIFIER, "SVC06-1"),
        column("billed_procedure_code", Kind.CODE, "SVC06-2"),
        column("billed_qty", Kind.QUANTITY, "SVC07"),
        column("service_from", Kind.DATE, "DTM02:472|150"),
        column("service_to", Kind.DATE, "DTM02:151|472"),
    ),
    loop="service",
)

_CLAIM_ADJUSTMENT = Record(
    "claim_adjustment",
    (
        *_PAYMENT,
        *_CLAIM,
        *_SERVICE,
        ordinal("adjustment_no", within="claim"),
        column("group_code", Kind.CODE, "CAS01", codes="CO|CR|OA|PI|PR"),
        column("reason_code", Kind.CODE, "CAS02"),
        column("amount", Kind.MONEY, "CAS03", required=True),
        column("qty", Kind.QUANTITY, "CAS04"),
    ),
    tags=("CAS",),
    each="CAS02+3",
)

_SERVICE_REMARK = Record(
    "service_remark",
    (
        *_PAYMENT,
        *_CLAIM,
        *_SERVICE,
        column("code_list", Kind.QUALIFIER, "LQ01"),
        column("remark_code", Kind.CODE, "LQ02"),
    ),
    tags=("LQ",),
)

_SUPPLEMENTAL_AMOUNT = Record(
    "supplemental_amount",
    (
        *_PAYMENT,
        *_CLAIM,
        *_SERVICE,
        column("amount_code", Kind.CODE, "AMT01"),
        column("amount", Kind.MONEY, "AMT02"),
    ),
    tags=("AMT",),
)

_PROVIDER_ADJUSTMENT = Record(
    "provider_adjustment",
    (
        *_PAYMENT,
        ordinal("adjustment_no"),
        column("provider_id", Kind.TEXT, "PLB01"),
        column("fiscal_period_end", Kind.DATE, "PLB02"),
        column("reason_code", Kind.CODE, "PLB03-1"),
        # A recovery names the claim it takes back, by the payer's number or the provider's.
        column("reference", Kind.TEXT, "PLB03-2", private="claim"),
        column("amount", Kind.MONEY, "PLB04", required=True),
    ),
    tags=("PLB",),
    each="PLB03+2",
)

REMITTANCE = TransactionSet(
    code="835",
    title="Claim payment",
    loops=_LOOPS,
    summary=("PLB",),
    records=(
        _REMITTANCE,
        _CLAIM_PAYMENT,
        _SERVICE_PAYMENT,
        _CLAIM_ADJUSTMENT,
        _SERVICE_REMARK,
        _SUPPLEMENTAL_AMOUNT,
        _PROVIDER_ADJUSTMENT,
    ),
    once=("BPR",),
    # Who was treated and by whom; of numbers those of the member, of the plan, of who treated or
    # receives, of what was authorised, of how the payer prices; until when the member is covered.
    ignored="NM1 DTM01:036 REF01:EV|F2|PQ|1L|1W|28|6P|9A|9C|A6|BB|CE|EA|G1|G3|IG|SY|0B|1A|1B|1C|1D|"
    "1G|1H|1J|D3|G2|HPI|1S|APC|E9|LU|RB|0K",
    about_persons=True,
    balances=("remittance",),
)
