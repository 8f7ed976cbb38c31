"""837 Claim, professional, institutional and dental: levels (HL), claims (CLM), lines (LX).

A claim stands under its subscriber or, where the patient is another, under the patient; who bills
and who pays is read from the levels around it. The three guides differ in the segment of a line's
service (SV1, SV2, SV3), which fill the same columns.

The patient is known by the account number of the provider (CLM01), and in no other way. The dates
of HI are not read: those of the occurrence codes A1, B1 and C1 are birth dates.
"""

from recon.parse.x12.declare import (
    Column,
    Kind,
    Record,
    TransactionSet,
    column,
    listed,
    loop,
    number_of,
    ordinal,
)

_LOOPS = (
    loop("submitter", "NM101:41", holds="N2"),
    loop("contact", "PER", within="submitter", at_most=2),
    loop("receiver", "NM101:40", holds="N2"),
    loop("billing_provider", "HL03:20"),
    loop("subscriber", "HL03:22"),
    loop("patient", "HL03:23"),
    loop("claim", "CLM", within="subscriber|patient"),
    # What another payer did with the claim: its references and dates are not the claim's own.
    loop("other_payer", "SBR", within="claim"),
    # The institutional guide's limit; the professional and dental ones say 50.
    loop("line", "LX", within="claim", at_most=999),
)

_CLAIM: tuple[Column, ...] = (
    column("submission_number", Kind.TEXT, inherit=True),
    ordinal("claim_no", "claim"),
    column("account_number", Kind.TEXT, "claim.CLM01", private="account"),
)

_SUBMISSION = Record(
    "claim_submission",
    (
        column("purpose_code", Kind.CODE, "BHT02"),
        column("submission_number", Kind.TEXT, "BHT03", private="account"),
        column("created_date", Kind.DATE, "BHT04"),
        column("type_code", Kind.CODE, "BHT06"),
        column("submitter_qualifier", Kind.CODE, "NM108:41", codes="46"),
        column("submitter_id", Kind.TEXT, "NM109:41"),
        column("destination_qualifier", Kind.CODE, "NM108:40", codes="46"),
        column("destination_id", Kind.TEXT, "NM109:40"),
        number_of("claim_count", "claim"),
    ),
)

_CLAIM_HEADER = Record(
    "claim",
    (
        column("submission_number", Kind.TEXT, inherit=True),
        column("created_date", Kind.DATE, inherit=True),
        ordinal("claim_no"),
        column("account_number", Kind.TEXT, "CLM01", required=True, private="account"),
        column("original_claim_number", Kind.TEXT, "REF02:F8", private="claim"),
        column("charge", Kind.MONEY, "CLM02", required=True),
        column("place_of_service", Kind.CODE, "CLM05-1"),
        column("place_qualifier", Kind.CODE, "CLM05-2"),
        column("frequency_code", Kind.CODE, "CLM05-3"),
        column("statement_from", Kind.PERIOD_START, "DTP03:434"),
        column("statement_to", Kind.PERIOD_END, "DTP03:434"),
        # A date with its hour (CCYYMMDDHHMM), or either alone, as DTP02 says.
        column("admitted", Kind.TEXT, "DTP03:435"),
        column("discharged", Kind.TEXT, "DTP03:096"),
        column("service_from", Kind.PERIOD_START, "DTP03:472"),
        column("service_to", Kind.PERIOD_END, "DTP03:472"),
        column("billing_provider_qualifier", Kind.CODE, "billing_provider.NM108:85"),
        column("billing_provider_id", Kind.TEXT, "billing_provider.NM109:85"),
        column("billing_provider_tax_id", Kind.TEXT, "billing_provider.REF02:EI"),
        column("payer_qualifier", Kind.CODE, "subscriber.NM108:PR"),
        column("payer_id", Kind.TEXT, "subscriber.NM109:PR"),
        column("payer_order", Kind.CODE, "subscriber.SBR01"),
        column("filing_code", Kind.CODE, "subscriber.SBR09"),
        listed("value_codes", "HI01+1", "BE"),
        listed("condition_codes", "HI01+1", "BG"),
    ),
    loop="claim",
)

_CLAIM_LINE = Record(
    "claim_line",
    (
        *_CLAIM,
        ordinal("line_no", within="claim"),
        column("line_control_number", Kind.TEXT, "REF02:6R", private="account"),
        column("procedure_qualifier", Kind.QUALIFIER, "SV101-1", "SV202-1", "SV301-1"),
        column("procedure_code", Kind.CODE, "SV101-2", "SV202-2", "SV301-2"),
        column("modifier_1", Kind.CODE, "SV101-3", "SV202-3", "SV301-3"),
        column("modifier_2", Kind.CODE, "SV101-4", "SV202-4", "SV301-4"),
        column("modifier_3", Kind.CODE, "SV101-5", "SV202-5", "SV301-5"),
        column("modifier_4", Kind.CODE, "SV101-6", "SV202-6", "SV301-6"),
        column("revenue_code", Kind.CODE, "SV201"),
        column("charge", Kind.MONEY, "SV102", "SV203", "SV302", required=True),
        column("non_covered", Kind.MONEY, "SV207"),
        column("uom", Kind.CODE, "SV103", "SV204"),
        column("qty", Kind.QUANTITY, "SV104", "SV205", "SV306"),
        column("place_of_service", Kind.CODE, "SV105", "SV303"),
        column("service_from", Kind.PERIOD_START, "DTP03:472"),
        column("service_to", Kind.PERIOD_END, "DTP03:472"),
        column("ndc", Kind.CODE, "LIN02+:N4"),
        # Of a device; only where the payer asks for it.
        column("gtin", Kind.CODE, "LIN02+:UK|UP|EN"),
        column("hibcc", Kind.TEXT, "LIN02+:HI"),
        column("ndc_qty", Kind.QUANTITY, "CTP04"),
        column("ndc_uom", Kind.CODE, "CTP05-1"),
    ),
    loop="line",
)

_CLAIM_CODE = Record(
    "claim_code",
    (
        *_CLAIM,
        ordinal("code_no", within="claim"),
        column("code_list", Kind.QUALIFIER, "HI01-1"),
        column("code", Kind.CODE, "HI01-2"),
        column("amount", Kind.QUANTITY, "HI01-5"),
        column("present_on_admission", Kind.CODE, "HI01-9"),
    ),
    tags=("HI",),
    each="HI01+1",
)

_CHECKED = (
    Record(
        "person",
        (
            column("birth_date", Kind.DATE, "DMG02"),
            column("sex", Kind.TEXT, "DMG03", codes="F|M|U"),
        ),
        tags=("DMG",),
    ),
    Record(
        "contact",
        (column("kind", Kind.TEXT, "PER03", codes="ED|EM|EX|FX|TE"),),
        tags=("PER",),
    ),
    # A procedure may be left out, but not be blank.
    Record(
        "procedure",
        (column("qualifier", Kind.QUALIFIER, "SV202-1", required=True),),
        tags=("SV2",),
        each="SV202^",
    ),
    Record(
        "procedure_of_other_payer",
        (column("qualifier", Kind.QUALIFIER, "SVD03-1", required=True),),
        tags=("SVD",),
        each="SVD03^",
    ),
)

CLAIM = TransactionSet(
    code="837",
    title="Health care claim",
    loops=_LOOPS,
    records=(_SUBMISSION, _CLAIM_HEADER, _CLAIM_LINE, _CLAIM_CODE),
    needs=(
        "BHT",
        "NM101:41",
        "NM101:40",
        "HL",
        "billing_provider.NM1",
        "subscriber.SBR",
        "subscriber.NM1",
    ),
    once=("BHT",),
    checked=_CHECKED,
    # What is said of the patient and the treatment, who else is named, other days than those of
    # the claim, and what other payers did: their own remittances tell that. Of numbers those of
    # the member, of who treats, of what was authorised, and of how the claim was sent on.
    ignored="PRV PAT OI CL1 CAS AMT MIA MOA CRC CR1 CR2 CR3 CR5 CR6 DN1 DN2 FRM LQ MEA QTY TOO "
    "TST K3 HSD CUR NM1 DTP REF01:EI|F8|SY|IG|1W|23|Y4|0B|1A|1B|1C|1D|1G|1H|1J|B3|BQ|FH|G2|G5|LU|"
    "N5|U3|X5|2U|FY|NF|TJ|4N|F5|EW|9F|G1|X4|9A|9C|LX|D9|EA|P4|G4|9B|9D|F4|BT|XZ|VY|T4|87",
    about_persons=True,
    balances=("claim",),
)
