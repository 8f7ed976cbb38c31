"""837, 276 and 277: claims with lines and codes, what is asked about them, what they became."""

from datetime import date
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12
from recon.parse.x12.private import PRIVATE
from recon.parse.x12.sets import SETS

# All that tells who the patient or the subscriber is.
PERSON = ["DOE", "JANE", "QUINCY", "19570413", "ELM STREET", "SPRINGFIELD", "W20057334", "5550137"]

HEADER = [
    "BHT*0019*00*S-1*20260302*1200*CH",
    "NM1*41*2*NORTHFIELD GENERAL*****46*SUB1",
    "PER*IC*BILLING*TE*5550100",
    "PER*IC*BILLING*EM*A",
    "NM1*40*2*SOME PAYER*****46*REC1",
    "HL*1**20*1",
    "PRV*BI*PXC*282N00000X",
    "NM1*85*2*NORTHFIELD GENERAL*****XX*1234567893",
    "N3*1 HOSPITAL WAY",
    "REF*EI*361234567",
    "PER*IC*BILLING*TE*5550100",
    "PER*IC*BILLING*TE*5550101",
    "PER*IC*BILLING*TE*5550102",
]
SUBSCRIBER = [
    "HL*2*1*22*0",
    "SBR*P*18*******MA",
    "NM1*IL*1*DOE*JANE*QUINCY***MI*W20057334",
    "N3*12 ELM STREET",
    "N4*SPRINGFIELD*IL*62701",
    "DMG*D8*19570413*F",
    "NM1*PR*2*SOME PAYER*****PI*PAY1",
]
INSTITUTIONAL = [
    "CLM*ACC-1*6880.5***11>A>7**A*Y*Y",
    "DTP*434*RD8*20260201-20260203",
    "DTP*435*DT*202602010830",
    "DTP*096*TM*1130",
    "CL1*1*7*01",
    "REF*F8*ICN-0",
    "NTE*ADD*CALL JANE DOE AT 5550137",
    "HI*ABK>M1711>>>>>>>Y*ABJ>M1712",
    "HI*BH>A1>D8>19570413",
    "HI*BE>FD>>>1200.5",
    "HI*BG>50",
    "NM1*71*1*SURGEON*SAM****XX*1999999984",
    "REF*G2*OF THE SURGEON",
    "SBR*S*18*******CI",
    "AMT*D*100",
    "NM1*IL*1*DOE*JANE*QUINCY***MI*W20057334",
    "NM1*PR*2*OTHER PAYER*****PI*PAY2",
    "DTP*573*D8*20260220",
    "REF*F8*ICN OF THE OTHER PAYER",
    "LX*1",
    "SV2*0278*HC>C1776>RT>59>KX>GA>HIP OF JANE DOE*6400*UN*1**50",
    "DTP*472*D8*20260202",
    "REF*6R*LINE-1",
    "SVD*PAY2*100*HC>C1776**1",
    "DTP*573*D8*20260220",
    "LX*2",
    "SV2*0270**480.5*UN*12",
    "DTP*472*RD8*20260201-20260203",
]
PROFESSIONAL = [
    "HL*3*1*22*1",
    "SBR*P********CI",
    "NM1*IL*1*DOE*JOHN****MI*W20057335",
    "NM1*PR*2*THIRD PAYER*****XV*PAY3",
    "HL*4*3*23*0",
    "PAT*19",
    "NM1*QC*1*DOE*JANE",
    "DMG*D8*19570413*F",
    "CLM*ACC-2*300***22>B>1*Y*A*Y*Y",
    "HI*ABK>J4520",
    "LX*1",
    "SV1*HC>J0585>JW*250*UN*100*22**1",
    "DTP*472*D8*20260204",
    "LIN**N4*00023114501",
    "CTP****2.5*ML",
    "REF*XZ*PRESCRIPTION",
    "NM1*DK*1*ORDERER*OLLIE****XX*1888888886",
    "LX*2",
    "SV1*HC>99213*50*UN*1***1",
    "DTP*472*D8*20260204",
    "CLM*ACC-3*75***11>B>1*Y*A*Y*Y",
    "DTP*472*D8*20260205",
    "LX*1",
    "SV3*AD>D2150*75****2",
]
CLAIMS = [*HEADER, *SUBSCRIBER, *INSTITUTIONAL, *PROFESSIONAL]


def replaced(segments, old, new):
    assert segments.count(old) == 1
    return [new if segment == old else segment for segment in segments]


def without(segments, *begins):
    return [s for s in segments if not s.startswith(begins)]


def read(code, segments):
    x12 = read_x12(interchange((code, segments)))
    assert x12.defects["code"].to_list() == []
    assert x12.transactions["accepted"].to_list() == [True]
    return x12.records


def columns(rows, *names):
    return rows.select(names).rows()


def test_a_submission_of_claims():
    (sent,) = read("837", CLAIMS)["claim_submission"].rows(named=True)
    assert (sent["purpose_code"], sent["type_code"]) == ("00", "CH")
    assert (sent["submission_number"], sent["created_date"]) == ("S-1", date(2026, 3, 2))
    assert (sent["submitter_qualifier"], sent["submitter_id"]) == ("46", "SUB1")
    assert (sent["destination_qualifier"], sent["destination_id"]) == ("46", "REC1")
    assert sent["claim_count"] == 3


def test_a_claim_and_the_levels_around_it():
    claims = read("837", CLAIMS)["claim"]
    first, second, third = claims.rows(named=True)
    assert columns(claims, "claim_no", "account_number", "charge") == [
        (1, "ACC-1", Decimal("6880.50")),
        (2, "ACC-2", 300),
        (3, "ACC-3", 75),
    ]
    assert [(c["place_of_service"], c["place_qualifier"]) for c in (first, second, third)] == [
        ("11", "A"),
        ("22", "B"),
        ("11", "B"),
    ]
    assert (first["frequency_code"], second["frequency_code"]) == ("7", "1")
    assert (first["statement_from"], first["statement_to"]) == (date(2026, 2, 1), date(2026, 2, 3))
    assert (first["admitted"], first["discharged"]) == ("202602010830", "1130")
    assert (third["service_from"], third["service_to"]) == (date(2026, 2, 5), date(2026, 2, 5))
    assert second["service_from"] is None  # its lines' is not its own
    for claim in (first, second, third):
        assert claim["submission_number"] == "S-1"
        assert claim["created_date"] == date(2026, 3, 2)
        assert claim["billing_provider_qualifier"] == "XX"
        assert claim["billing_provider_id"] == "1234567893"
        assert claim["billing_provider_tax_id"] == "361234567"
    payers = ("payer_qualifier", "payer_id", "payer_order", "filing_code")
    assert [tuple(c[name] for name in payers) for c in (first, second, third)] == [
        ("PI", "PAY1", "P", "MA"),
        ("XV", "PAY3", "P", "CI"),  # the subscriber's, for the patient in another level
        ("XV", "PAY3", "P", "CI"),
    ]


def test_the_original_claim_is_that_of_this_payer():
    assert read("837", CLAIMS)["claim"]["original_claim_number"].to_list() == ["ICN-0", None, None]
    fresh = without(CLAIMS, "REF*F8*ICN-0")
    assert read("837", fresh)["claim"]["original_claim_number"].to_list() == [None, None, None]


def test_the_lines_of_three_guides_fill_the_same_columns():
    lines = read("837", CLAIMS)["claim_line"]
    assert columns(
        lines,
        *("claim_no", "line_no", "account_number", "revenue_code"),
        *("procedure_qualifier", "procedure_code", "charge", "qty", "uom"),
    ) == [
        (1, 1, "ACC-1", "0278", "HC", "C1776", 6400, 1, "UN"),
        (1, 2, "ACC-1", "0270", None, None, Decimal("480.50"), 12, "UN"),
        (2, 1, "ACC-2", None, "HC", "J0585", 250, 100, "UN"),
        (2, 2, "ACC-2", None, "HC", "99213", 50, 1, "UN"),
        (3, 1, "ACC-3", None, "AD", "D2150", 75, 2, None),
    ]
    implant, supplies, drug, visit, dental = lines.rows(named=True)
    assert [implant[f"modifier_{n}"] for n in range(1, 5)] == ["RT", "59", "KX", "GA"]
    assert (drug["modifier_1"], drug["place_of_service"]) == ("JW", "22")
    assert (implant["non_covered"], implant["line_control_number"]) == (50, "LINE-1")
    assert (implant["service_from"], implant["service_to"]) == (
        date(2026, 2, 2),
        date(2026, 2, 2),
    )
    assert (supplies["service_from"], supplies["service_to"]) == (
        date(2026, 2, 1),
        date(2026, 2, 3),
    )
    assert (drug["ndc"], drug["ndc_qty"], drug["ndc_uom"]) == ("00023114501", Decimal("2.5"), "ML")
    assert visit["ndc"] is None
    assert dental["service_from"] is None


def test_every_code_of_a_claim_is_a_row():
    codes = read("837", CLAIMS)["claim_code"]
    assert columns(
        codes, "claim_no", "code_no", "code_list", "code", "amount", "present_on_admission"
    ) == [
        (1, 1, "ABK", "M1711", None, "Y"),
        (1, 2, "ABJ", "M1712", None, None),
        (1, 3, "BH", "A1", None, None),  # without its date, which is a birth date
        (1, 4, "BE", "FD", Decimal("1200.5"), None),
        (1, 5, "BG", "50", None, None),
        (2, 1, "ABK", "J4520", None, None),
    ]
    assert codes["account_number"].to_list() == ["ACC-1"] * 5 + ["ACC-2"]


def test_the_codes_of_a_list_stand_on_their_claim_in_order():
    more = replaced(CLAIMS, "HI*BE>FD>>>1200.5", "HI*BE>FD>>>1200.5*BE>A1>>>2")
    claims = read("837", more)["claim"]
    assert claims["value_codes"].to_list() == ["FD A1", None, None]
    assert claims["condition_codes"].to_list() == ["50", None, None]


def test_a_claim_is_compared_with_its_lines():
    charged = Decimal("6880.5")
    x12 = read_x12(interchange(("837", CLAIMS)))
    assert controls(x12, "CLM02") == [(charged, charged, True), (300, 300, True), (75, 75, True)]
    less = replaced(CLAIMS, "SV2*0270**480.5*UN*12", "SV2*0270**480*UN*12")
    x12 = read_x12(interchange(("837", less)))
    assert controls(x12, "CLM02") == [(charged, 6880, False), (300, 300, True), (75, 75, True)]
    assert x12.transactions["accepted"].to_list() == [True]


def test_a_claim_without_lines_is_not_compared():
    bare = without([*HEADER, *SUBSCRIBER, *INSTITUTIONAL], "LX", "SV", "SVD")
    assert controls(read_x12(interchange(("837", bare))), "CLM02") == []


@pytest.mark.parametrize(
    ("segments", "code", "tag"),
    [
        pytest.param(CLAIMS[1:], "segment_missing", "ST", id="no-BHT"),
        pytest.param(without(CLAIMS, "NM1*41", "PER"), "segment_missing", "ST", id="no-submitter"),
        pytest.param(without(CLAIMS, "NM1*40"), "segment_missing", "ST", id="no-receiver"),
        pytest.param(HEADER[:5], "segment_missing", "ST", id="no-levels"),
        pytest.param(
            without(CLAIMS, "NM1*85"), "segment_missing", "HL", id="who-bills-is-not-told"
        ),
        pytest.param(
            replaced(CLAIMS, "SBR*P*18*******MA", "K3*X"), "segment_missing", "HL", id="no-SBR"
        ),
        pytest.param(
            [*HEADER[:4], "PER*IC*BILLING*FX*B", *CLAIMS[4:]],
            "loop_repeats",
            "PER",
            id="three-contacts-of-the-submitter",
        ),
        pytest.param(
            replaced(CLAIMS, "CLM*ACC-3*75***11>B>1*Y*A*Y*Y", "CLM**75***11>B>1*Y*A*Y*Y"),
            "required:account_number",
            "CLM",
            id="a-claim-without-account",
        ),
        pytest.param(
            replaced(CLAIMS, "SV3*AD>D2150*75****2", "SV3*AD>D2150*****2"),
            "required:charge",
            "SV3",
            id="a-line-without-charge",
        ),
    ],
)
def test_what_the_guide_demands(segments, code, tag):
    x12 = read_x12(interchange(("837", segments)))
    assert columns(x12.defects, "code", "tag") == [(code, tag)]
    assert x12.transactions["accepted"].to_list() == [False]


@pytest.mark.parametrize(
    ("lines", "defects"),
    [
        pytest.param(999, [], id="as-many-as-a-hospital-may-send"),
        pytest.param(1000, ["loop_repeats"], id="one-more"),
    ],
)
def test_a_claim_has_at_most_999_lines(lines, defects):
    many = [s for n in range(lines) for s in (f"LX*{n + 1}", "SV2*0270**1*UN*1")]
    segments = [
        *HEADER,
        *SUBSCRIBER,
        *without(INSTITUTIONAL, "LX", "SV", "DTP*472", "REF*6R"),
        *many,
    ]
    assert read_x12(interchange(("837", segments))).defects["code"].to_list() == defects


ASKED = [
    "BHT*0010*13*Q-1*20260310*1200",
    "HL*1**20*1",
    "NM1*PR*2*SOME PAYER*****PI*PAY1",
    "HL*2*1*21*1",
    "NM1*41*2*NORTHFIELD GENERAL*****46*SUB1",
    "HL*3*2*19*1",
    "NM1*1P*2*NORTHFIELD GENERAL*****XX*1234567893",
    "HL*4*3*22*0",
    "DMG*D8*19570413*F",
    "NM1*IL*1*DOE*JANE****MI*W20057334",
    "TRN*1*TRACE-1",
    "REF*1K*ICN-1",
    "REF*BLT*117",
    "REF*EJ*ACC-1",
    "AMT*T3*6880.5",
    "DTP*472*RD8*20260201-20260203",
    "TRN*1*TRACE-2",
    "DTP*232*RD8*20260204-20260205",
]


def test_what_is_asked_about_claims():
    found = read("276", ASKED)
    (request,) = found["status_request"].rows(named=True)
    assert (request["request_number"], request["created_date"]) == ("Q-1", date(2026, 3, 10))
    assert (request["purpose_code"], request["claim_count"]) == ("13", 2)
    first, second = found["claim_status_request"].rows(named=True)
    assert (first["claim_no"], first["trace_number"]) == (1, "TRACE-1")
    assert (first["account_number"], first["payer_claim_number"]) == ("ACC-1", "ICN-1")
    assert (first["bill_type"], first["charge"]) == ("117", Decimal("6880.50"))
    assert (first["service_from"], first["service_to"]) == (date(2026, 2, 1), date(2026, 2, 3))
    for claim in (first, second):
        assert claim["request_number"] == "Q-1"
        assert claim["payer_id"] == "PAY1"
        assert (claim["provider_qualifier"], claim["provider_id"]) == ("XX", "1234567893")
    assert (second["claim_no"], second["trace_number"]) == (2, "TRACE-2")
    assert (second["account_number"], second["charge"]) == (None, None)
    assert (second["service_from"], second["service_to"]) == (date(2026, 2, 4), date(2026, 2, 5))


ANSWERED = [
    "BHT*0085*08*R-1*20260311*1200*TH",
    "HL*1**20*1",
    "NM1*PR*2*SOME PAYER*****PI*PAY1",
    "TRN*1*OF-THE-PAYER",
    "DTP*050*D8*20260311",
    "HL*2*1*21*1",
    "NM1*41*2*NORTHFIELD GENERAL*****46*SUB1",
    "TRN*2*S-1",
    "STC*A1>20*20260311*WQ*7255.5",
    "QTY*90*2",
    "AMT*YU*7255.5",
    "HL*3*2*19*1",
    "NM1*85*2*NORTHFIELD GENERAL*****XX*1234567893",
    "HL*4*3*PT",
    "NM1*QC*1*DOE*JANE****MI*W20057334",
    "TRN*2*ACC-1",
    "STC*A3>21>82*20260311*U*6880.5******A7>460>82*A8>476*CALL JANE DOE",
    "STC*A3>116",
    "REF*1K*ICN-1",
    "REF*BLT*117",
    "DTP*472*RD8*20260201-20260203",
    "SVC*HC>C1776*6400**0278",
    "STC*A7>454*20260312*U",
    "REF*FJ*LINE-1",
    "DTP*472*D8*20260202",
    "HL*5*3*PT",
    "NM1*QC*1*DOE*JANE",
    "TRN*2*TRACE-2",
    "STC*F1>65*20260312**375*300*20260310*ACH*20260311*T-9001",
    "REF*EJ*ACC-2",
]


def test_what_became_of_claims():
    found = read("277", ANSWERED)
    (report,) = found["status_report"].rows(named=True)
    assert (report["report_number"], report["created_date"]) == ("R-1", date(2026, 3, 11))
    assert (report["purpose_code"], report["type_code"]) == ("08", "TH")
    assert report["claim_count"] == 2

    rows = found["claim_status"]
    assert columns(
        rows,
        *("status_no", "level_code", "claim_no", "service_no", "batch_number"),
        *("account_number", "payer_claim_number", "category_code", "status_code", "entity_code"),
    ) == [
        (1, "21", None, None, "S-1", None, None, "A1", "20", None),
        (2, "PT", 1, None, None, "ACC-1", "ICN-1", "A3", "21", "82"),
        (3, "PT", 1, None, None, "ACC-1", "ICN-1", "A3", "116", None),
        (4, "PT", 1, 1, None, "ACC-1", "ICN-1", "A7", "454", None),
        (5, "PT", 2, None, None, "ACC-2", None, "F1", "65", None),
    ]
    batch, claim, more, service, paid = rows.rows(named=True)
    assert (batch["action_code"], batch["charge"]) == ("WQ", Decimal("7255.50"))
    assert batch["provider_id"] is None
    for row in (claim, more, service, paid):
        assert (row["payer_id"], row["provider_id"]) == ("PAY1", "1234567893")
        assert row["report_number"] == "R-1"
    second = ("category_code_2", "status_code_2", "entity_code_2")
    third = ("category_code_3", "status_code_3", "entity_code_3")
    assert tuple(claim[name] for name in second) == ("A7", "460", "82")
    assert tuple(claim[name] for name in third) == ("A8", "476", None)
    assert (claim["status_date"], claim["action_code"]) == (date(2026, 3, 11), "U")
    assert (claim["charge"], claim["bill_type"]) == (Decimal("6880.50"), "117")
    assert (claim["service_from"], claim["service_to"]) == (date(2026, 2, 1), date(2026, 2, 3))
    assert (service["procedure_code"], service["revenue_code"]) == ("C1776", "0278")
    assert (service["line_control_number"], service["service_from"]) == (
        "LINE-1",
        date(2026, 2, 2),
    )
    assert (paid["trace_number"], paid["charge"], paid["paid"]) == ("TRACE-2", 375, 300)
    assert (paid["finalised_date"], paid["check_date"]) == (date(2026, 3, 10), date(2026, 3, 11))
    assert paid["check_number"] == "T-9001"


def test_how_much_of_what_was_sent_is_taken():
    """The totals of an acknowledgement were lost: no one saw that fewer claims came in."""
    totals = read("277", ANSWERED)["status_total"]
    wanted = ("report_number", "level_code", "batch_number", "total_code", "claims", "amount")
    assert columns(totals, *wanted) == [
        ("R-1", "21", "S-1", "90", 2, None),
        ("R-1", "21", "S-1", "YU", None, Decimal("7255.50")),
    ]


@pytest.mark.parametrize(
    ("number", "found"),
    [
        pytest.param("N4*00023114501", ("00023114501", None, None), id="NDC"),
        pytest.param("UK*10603369000015", (None, "10603369000015", None), id="GTIN-14"),
        pytest.param("UP*603369000015", (None, "603369000015", None), id="GTIN-12"),
        pytest.param("HI*A99912345", (None, None, "A99912345"), id="HIBCC"),
    ],
)
def test_a_line_of_a_device_has_its_number(number, found):
    """Of the numbers that a payer may ask for, the drug's alone was read."""
    at = CLAIMS.index("LIN**N4*00023114501")
    lines = read("837", [*CLAIMS[:at], f"LIN**{number}", *CLAIMS[at + 1 :]])["claim_line"]
    assert columns(lines, "ndc", "gtin", "hibcc")[2] == found


@pytest.mark.parametrize(
    ("code", "segments"),
    [
        pytest.param("837", CLAIMS, id="claims"),
        pytest.param("276", ASKED, id="asked"),
        pytest.param("277", ANSWERED, id="answered"),
    ],
)
def test_nothing_tells_who_the_patient_is(code, segments):
    x12 = read_x12(interchange((code, segments)))
    written = "".join(rows.write_csv(date_format="%Y%m%d") for rows in x12.records.values())
    assert "1234567893" in written
    assert [word for word in PERSON if word in written] == []


def test_numbers_of_persons_are_private_and_nothing_is_quoted():
    own = {"account_number": "account", "submission_number": "account"}
    assert PRIVATE["claim"] == {**own, "original_claim_number": "claim"}
    assert PRIVATE["claim_line"] == {**own, "line_control_number": "account"}
    assert PRIVATE["claim_code"] == own
    asked = {
        "trace_number": "account",
        "account_number": "account",
        "payer_claim_number": "claim",
    }
    assert PRIVATE["claim_status_request"] == {**asked, "request_number": "account"}
    reported = {"line_control_number": "account", "report_number": "account"}
    assert PRIVATE["claim_status"] == {**asked, **reported}
    assert all(SETS[code].about_persons for code in ("835", "837", "276", "277"))
