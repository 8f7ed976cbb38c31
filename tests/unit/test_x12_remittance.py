"""835: what was paid for every claim and service, what was taken off, and whether it adds up."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12
from recon.parse.x12.private import PRIVATE

HEADER = [
    "BPR*I*186.5*C*ACH*CCP*01*011*DA*0*1512345678**01*012*DA*0*20260305",
    "TRN*1*T-9001*1512345678",
    "REF*EV*CLEARINGHOUSE",
    "DTM*405*20260304",
    "N1*PR*SOME PAYER*XV*12345",
    "N3*1 PAYER WAY",
    "REF*2U*P999",
    "PER*BL*HELP DESK*TE*5550100",
    "N1*PE*NORTHFIELD GENERAL*XX*1234567893",
    "REF*PQ*PQ1",
    "REF*TJ*361234567",
]
# Charge 150, paid 90: 10 off the claim, 30 + 20 off its two services.
SERVICED = [
    "LX*1",
    "CLP*ACC-1*1*150*90*25*12*ICN-1*13*7**470",
    "CAS*CO*253*10",
    "NM1*QC*1*DOE*JANE****MI*W1",
    "MOA***MA01*N130",
    "REF*F8*NOT THE CLAIM",
    "DTM*232*20260201",
    "DTM*233*20260203",
    "DTM*050*20260210",
    "AMT*AU*100",
    "SVC*HC>C1776>RT>59>KX>GA*100*70*0278*2**3",
    "DTM*472*20260202",
    "CAS*CO*45*25*1*97*5*2",
    "REF*6R*LINE-1",
    "AMT*B6*75",
    "LQ*HE*M99",
    "LQ*HE*N4",
    "SVC*NU>0270*50*30***HC>A4550*1",
    "DTM*150*20260201",
    "DTM*151*20260203",
    "CAS*PR*3*15**5*5",
]
# Claim 1 taken back, then a claim that has no services.
UNSERVICED = [
    "LX*2",
    "CLP*ACC-1*22*-20*-20**12*ICN-1",
    "CLP*ACC-2*1*500*120*0*MA*ICN-2*11*1",
    "CAS*CO*45*380",
    "MIA*0***120*MA02***************N1*N2*N3*N5",
]
# The payment is 90 - 20 + 120 less these: 3.50.
PROVIDER = ["PLB*1234567893*20261231*WO>ICN-0*4.5*L6*-1"]
REMITTANCE = [*HEADER, *SERVICED, *UNSERVICED, *PROVIDER]


def replaced(segments, old, new):
    assert segments.count(old) == 1
    return [new if segment == old else segment for segment in segments]


def records(*segments):
    x12 = read_x12(interchange(("835", list(segments))))
    assert x12.transactions["accepted"].to_list() == [True]
    return x12.records


def columns(rows, *names):
    return rows.select(names).rows()


def test_a_remittance():
    (remittance,) = records(*REMITTANCE)["remittance"].rows(named=True)
    assert remittance["payment_amount"] == Decimal("186.50")
    assert (remittance["handling_code"], remittance["credit_debit_code"]) == ("I", "C")
    assert (remittance["payment_method"], remittance["payment_date"]) == ("ACH", date(2026, 3, 5))
    assert (remittance["trace_number"], remittance["trace_originator"]) == ("T-9001", "1512345678")
    assert remittance["production_date"] == date(2026, 3, 4)
    assert remittance["payer_name"] == "SOME PAYER"
    assert (remittance["payer_qualifier"], remittance["payer_id"]) == ("XV", "12345")
    assert remittance["payer_ref_id"] == "P999"
    assert remittance["payee_name"] == "NORTHFIELD GENERAL"
    assert (remittance["payee_qualifier"], remittance["payee_id"]) == ("XX", "1234567893")
    assert remittance["payee_tax_id"] == "361234567"
    assert remittance["claim_count"] == 3


def test_its_claims():
    claims = records(*REMITTANCE)["claim_payment"]
    first, reversal, second = claims.rows(named=True)
    assert claims["claim_no"].to_list() == [1, 2, 3]
    assert set(claims["trace_number"]) == {"T-9001"}
    assert set(claims["payment_date"]) == {date(2026, 3, 5)}
    assert (first["account_number"], first["payer_claim_number"]) == ("ACC-1", "ICN-1")
    assert (first["status_code"], first["filing_code"]) == ("1", "12")
    assert (first["charge"], first["paid"], first["patient_responsibility"]) == (150, 90, 25)
    assert (first["place_of_service"], first["frequency_code"]) == ("13", "7")
    assert first["drg_code"] == "470"
    assert (first["statement_from"], first["statement_to"]) == (
        date(2026, 2, 1),
        date(2026, 2, 3),
    )
    assert first["received_date"] == date(2026, 2, 10)
    remarks = [f"remark_code_{n}" for n in range(1, 6)]
    assert [first[name] for name in remarks] == ["MA01", "N130", None, None, None]
    assert [second[name] for name in remarks] == ["MA02", "N1", "N2", "N3", "N5"]
    assert (reversal["status_code"], reversal["charge"], reversal["paid"]) == ("22", -20, -20)
    assert reversal["statement_from"] is None


def test_its_services():
    first, second = records(*REMITTANCE)["service_payment"].rows(named=True)
    assert (first["claim_no"], first["service_no"]) == (1, 1)
    assert (second["claim_no"], second["service_no"]) == (1, 2)
    for service in (first, second):
        assert service["account_number"] == "ACC-1"
        assert service["payer_claim_number"] == "ICN-1"
        assert service["trace_number"] == "T-9001"
    assert (first["procedure_qualifier"], first["procedure_code"]) == ("HC", "C1776")
    assert [first[f"modifier_{n}"] for n in range(1, 5)] == ["RT", "59", "KX", "GA"]
    assert (first["charge"], first["paid"], first["allowed"]) == (100, 70, 75)
    assert first["revenue_code"] == "0278"
    assert (first["paid_qty"], first["billed_qty"]) == (2, 3)
    assert first["line_control_number"] == "LINE-1"
    assert (first["service_from"], first["service_to"]) == (date(2026, 2, 2), date(2026, 2, 2))
    assert (second["procedure_qualifier"], second["procedure_code"]) == ("NU", "0270")
    assert (second["billed_procedure_qualifier"], second["billed_procedure_code"]) == (
        "HC",
        "A4550",
    )
    assert (second["service_from"], second["service_to"]) == (date(2026, 2, 1), date(2026, 2, 3))
    assert second["line_control_number"] is None


def test_every_adjustment_of_a_segment_is_a_row_and_says_what_it_stands_under():
    adjustments = records(*REMITTANCE)["claim_adjustment"]
    names = (
        *("claim_no", "service_no", "adjustment_no", "group_code", "reason_code", "amount", "qty"),
        *("account_number", "line_control_number"),
    )
    assert columns(adjustments, *names) == [
        (1, None, 1, "CO", "253", 10, None, "ACC-1", None),
        (1, 1, 2, "CO", "45", 25, 1, "ACC-1", "LINE-1"),
        (1, 1, 3, "CO", "97", 5, 2, "ACC-1", "LINE-1"),
        (1, 2, 4, "PR", "3", 15, None, "ACC-1", None),
        (1, 2, 5, "PR", "5", 5, None, "ACC-1", None),
        (3, None, 1, "CO", "45", 380, None, "ACC-2", None),
    ]


def test_remarks_and_other_amounts_say_what_they_stand_under():
    found = records(*REMITTANCE)
    assert columns(
        found["service_remark"], "claim_no", "service_no", "code_list", "remark_code"
    ) == [(1, 1, "HE", "M99"), (1, 1, "HE", "N4")]
    assert columns(
        found["supplemental_amount"], "claim_no", "service_no", "amount_code", "amount"
    ) == [(1, None, "AU", 100), (1, 1, "B6", 75)]


def test_every_pair_of_a_provider_adjustment_is_a_row():
    found = records(*REMITTANCE)["provider_adjustment"]
    assert columns(found, "adjustment_no", "reason_code", "reference", "amount") == [
        (1, "WO", "ICN-0", Decimal("4.50")),
        (2, "L6", None, Decimal("-1.00")),
    ]
    assert set(found["provider_id"]) == {"1234567893"}
    assert set(found["fiscal_period_end"]) == {date(2026, 12, 31)}
    assert set(found["trace_number"]) == {"T-9001"}


def test_claims_need_no_header_number():
    segments = [s for s in REMITTANCE if not s.startswith("LX*")]
    assert records(*segments)["claim_payment"]["claim_no"].to_list() == [1, 2, 3]
    assert records(*segments)["claim_adjustment"].height == 6


def test_a_remittance_that_adds_up():
    x12 = read_x12(interchange(("835", REMITTANCE)))
    assert controls(x12, "SVC03") == [(70, 70, True), (30, 30, True)]
    assert controls(x12, "CLP04") == [(90, 90, True), (-20, -20, True), (120, 120, True)]
    assert controls(x12, "CLP04 services") == [(90, 90, True)]  # 70 + 30 - 10
    assert controls(x12, "BPR02") == [(Decimal("186.5"), Decimal("186.5"), True)]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        pytest.param(
            "CAS*PR*3*15**5*5",
            "CAS*PR*3*15**5*4.99",
            {"SVC03": ("30", "30.01"), "CLP04": ("90", "90.01")},
            id="a-cent-of-a-service-is-not-explained",
        ),
        pytest.param(
            "CAS*CO*253*10",
            "CAS*CO*253*11",
            {"CLP04": ("90", "89"), "CLP04 services": ("90", "89")},
            id="too-much-is-taken-off-the-claim",
        ),
        pytest.param(
            "CLP*ACC-1*22*-20*-20**12*ICN-1",
            "CLP*ACC-1*22*-20*-21**12*ICN-1",
            {"CLP04": ("-21", "-20"), "BPR02": ("186.5", "185.5")},
            id="more-is-taken-back-than-was-charged",
        ),
        pytest.param(
            "PLB*1234567893*20261231*WO>ICN-0*4.5*L6*-1",
            "PLB*1234567893*20261231*WO>ICN-0*4.5",
            {"BPR02": ("186.5", "185.5")},
            id="an-adjustment-of-the-provider-is-not-told",
        ),
    ],
)
def test_what_does_not_add_up_is_told_and_refuses_nothing(old, new, wrong):
    x12 = read_x12(interchange(("835", replaced(REMITTANCE, old, new))))
    assert x12.transactions["accepted"].to_list() == [True]
    failed = x12.controls.filter(~x12.controls["agrees"])
    found = {
        control: (Decimal(declared), Decimal(found))
        for control, declared, found in failed.select("control", "declared", "found").rows()
    }
    assert found == {
        control: (Decimal(declared), Decimal(found)) for control, (declared, found) in wrong.items()
    }


def test_two_remittances_do_not_share_their_sums():
    other = replaced(REMITTANCE, "CAS*CO*253*10", "CAS*CO*253*9")
    x12 = read_x12(interchange(("835", REMITTANCE), ("835", other)))
    found = x12.controls.filter(x12.controls["control"] == "CLP04")
    assert columns(found, "transaction_no", "agrees") == [
        *[(1, True)] * 3,
        *[(2, False), (2, True), (2, True)],
    ]


def test_a_payment_of_nothing_balances():
    nothing = ["BPR*H*0*C*NON************20260305", "TRN*1*T-1*1512345678", *HEADER[4:]]
    x12 = read_x12(interchange(("835", nothing)))
    assert controls(x12, "BPR02") == [(0, 0, True)]


@pytest.mark.parametrize(
    ("segments", "code", "at"),
    [
        pytest.param(REMITTANCE[1:], "required:payment_amount", "ST", id="no-BPR"),
        pytest.param(
            [REMITTANCE[0], *REMITTANCE[2:]], "required:trace_number", "ST", id="no-trace-number"
        ),
        pytest.param(
            [*HEADER, *SERVICED, "N1*PR*SOME PAYER*XV*12345"],
            "loop_repeats",
            "N1",
            id="the-header-begins-again",
        ),
        pytest.param([*HEADER, "CLP*ACC-1*1*150"], "required:paid", "CLP", id="a-claim-cut-short"),
        pytest.param(
            [*REMITTANCE, "PLB*1234567893*20261231*14.8"],
            "required:amount",
            "PLB",
            id="an-amount-where-the-reason-should-be",
        ),
        pytest.param(
            [*REMITTANCE, "CAS*CO*45"], "required:amount", "CAS", id="an-adjustment-without-amount"
        ),
    ],
)
def test_what_the_guide_demands(segments, code, at):
    x12 = read_x12(interchange(("835", segments)))
    assert x12.transactions["accepted"].to_list() == [False]
    errors = x12.defects.filter(x12.defects["severity"] == "error")
    assert columns(errors, "code", "tag") == [(code, at)]


def test_numbers_of_persons_are_private():
    assert PRIVATE["claim_payment"] == {"account_number": "account", "payer_claim_number": "claim"}
    for record in ("service_payment", "claim_adjustment", "service_remark", "supplemental_amount"):
        assert PRIVATE[record] == {
            "account_number": "account",
            "payer_claim_number": "claim",
            "line_control_number": "account",  # many write the account there
        }
    assert PRIVATE["provider_adjustment"] == {"reference": "claim"}
