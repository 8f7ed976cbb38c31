"""What is shown of a refused stretch: which document it is, and nobody's name."""

import polars as pl
import pytest

from recon.parse.x12.shown import SHOWN, figure, leading

ISA = (
    "ISA*00*          *01*SECRETWORD*ZZ*SENDER         *ZZ*RECEIVER       "
    "*260302*1200*^*00501*000000001*0*P*:~"
)


@pytest.mark.parametrize(
    ("stretch", "shown"),
    [
        pytest.param(
            "ST*850*0001~BEG*00*CN*P-5001**20260302*K-17~N1*ST*JANE DOE~",
            "ST*850*0001~BEG*00*CN*P-5001**20260302~",
            id="an order, up to its first party",
        ),
        pytest.param(
            "ST|835|0001\nBPR|I|80|C|ACH|CCP|01|011|DA|777|1|X|01|012|DA|888|20260302\nTRN|1|T-9\n",
            "ST|835|0001\nBPR|I|80|C|ACH",
            id="a payment without its bank accounts",
        ),
        pytest.param(
            "ST*276*0001*005010X212~BHT*0010*13*PAT-1017*20260302*1200~",
            "ST*276*0001~",
            id="a request about a patient",
        ),
        pytest.param(
            ISA + "GS*PO*S*R*20260302*1200*1*X*004010~",
            ISA.replace("SECRETWORD", "").replace("*00*          *", "*00**").replace("0*P*:", "*P")
            + "GS*PO*S*R*20260302*1200*1*X*004010~",
            id="an interchange without its passwords",
        ),
        pytest.param(
            "ST*850*0001~BEG*00*CN*P-5001**20260302\r\nMSG*PT: DOE, JANE~",
            "ST*850*0001~BEG*00*CN*P-5001~",
            id="a terminator lost before a line break",
        ),
        pytest.param(
            "ST*850*0001~BEG*00*CN*P-5001**20260302MSG*PT: DOE, JANE~",
            "ST*850*0001~BEG*00*CN*P-5001**20260302MSG~",
            id="a terminator lost altogether",
        ),
        pytest.param(
            "ST*810*0001~BIG*20260302*I-1N1*ST*JANE DOE~",
            "ST*810*0001~BIG*20260302*I-1N1~",
            id="a terminator lost where optional elements are not sent",
        ),
        pytest.param("ST*850*0001~BEG*00*CN*P-5001**2026", "ST*850*0001~", id="cut off"),
        pytest.param("N1*ST*JANE DOE~ST*850*0001~", "", id="it begins with a name"),
        pytest.param("Dear Mrs JANE DOE, 12 ELM~ST*850*1~", "", id="it is a letter"),
        pytest.param("JANE*DOE~", "", id="its tag is a name"),
    ],
)
def test_of_a_refused_stretch_the_document_is_shown(stretch, shown):
    assert leading(stretch, ["~", "\n"] if "~" not in stretch else ["~"]) == shown


def test_nothing_is_shown_where_no_segment_can_be_told_from_the_next():
    assert leading("ST*850*0001~BEG*00*CN*P-5001~", []) == ""


def test_what_is_shown_fits_a_cell():
    many = "GS*PO*S*R*20260302*1200*1*X*004010~" * 20
    assert len(leading(many, ["~"])) == 200


def test_no_segment_that_may_name_a_person_is_on_the_list():
    names = {"NM1", "N1", "N2", "N3", "N4", "PER", "DMG", "MSG", "NTE", "PID", "REF", "TRN", "CLP"}
    assert names & set(SHOWN) == set()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        pytest.param("17", "17", id="a count"),
        pytest.param("000000001", "000000001", id="a control number"),
        pytest.param("-500.25", "-500.25", id="a sum"),
        pytest.param("", "", id="nothing"),
        pytest.param(None, None, id="no element"),
        pytest.param("JANE DOE", "a value of 8 characters", id="a name"),
        pytest.param("W20057334", "a value of 9 characters", id="a member's number"),
        pytest.param(
            "1234567890123", "a value of 13 characters", id="more digits than a count has"
        ),
    ],
)
def test_of_what_a_sender_counted_only_figures_are_shown(sent, shown):
    frame = pl.DataFrame({"sent": [sent]}, schema={"sent": pl.String})
    assert frame.select(figure(pl.col("sent"))).item() == shown
