"""TDS01 against lines, charges and taxes: what is added, how it is rounded, what is sent twice."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from x12_written import controls, interchange

from recon.parse.x12 import read_x12


def checked(*body):
    """What is compared of an invoice: control, declared, found, verdict."""
    x12 = read_x12(interchange(("810", ["BIG*20260331*INV-1", *body])))
    assert x12.transactions["accepted"].to_list() == [True]
    names = [c for c in x12.controls["control"].to_list() if c.startswith("TDS01")]
    return [(name, *row) for name in names for row in controls(x12, name)]


LINE = "IT1*1*10*EA*1.5**VC*A1"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param([LINE], "15.00", id="a-line"),
        pytest.param([LINE, "SAC*C*D240***1250"], "27.50", id="a-charge-adds"),
        pytest.param([LINE, "SAC*A*C310***250"], "12.50", id="an-allowance-takes-off"),
        pytest.param([LINE, "SAC*A*C310***-250"], "12.50", id="an-allowance-written-with-a-minus"),
        pytest.param([LINE, "SAC*N*F050***999"], "15.00", id="a-note-does-nothing"),
        pytest.param([LINE, "SAC*C*D240****1*10"], "15.00", id="a-charge-without-an-amount"),
        pytest.param([LINE, "TXI*ST*1.05*7"], "16.05", id="a-tax-adds"),
        pytest.param([LINE, "TXI*ST*1.05*7****A"], "16.05", id="a-tax-that-says-so"),
        pytest.param([LINE, "TXI*ST*1.05*7****I"], "15.00", id="a-tax-that-the-price-includes"),
        pytest.param([LINE, "TXI*ST*1.05*7****O"], "15.00", id="a-tax-for-information"),
        pytest.param([LINE, "IT1*2*-3*EA*2"], "9.00", id="a-line-returned"),
        pytest.param([LINE, "IT1*2*3*EA"], "15.00", id="a-line-without-a-price"),
        pytest.param(["SAC*C*D240***1250"], "12.50", id="no-line-at-all"),
    ],
)
def test_what_counts(body, found):
    cents = found.replace(".", "")
    assert checked(*body, f"TDS*{cents}") == [("TDS01", Decimal(found), Decimal(found), True)]
    assert checked(*body, "TDS*1") == [("TDS01", Decimal("0.01"), Decimal(found), False)]


def test_charges_after_the_total_count_as_well():
    assert checked(LINE, "TDS*2805", "TXI*ST*1.05", "SAC*C*D240***1200") == [
        ("TDS01", Decimal("28.05"), Decimal("28.05"), True)
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param("IT1*1*1*EA*.005", "0.01", id="half-a-cent-up"),
        pytest.param("IT1*1*-1*EA*.005", "-0.01", id="half-a-cent-away-from-zero"),
        pytest.param("IT1*1*1*EA*.004999", "0.00", id="just-under-half-a-cent"),
        pytest.param("IT1*1*3*EA*.333333", "1.00", id="the-product-not-the-price"),
        pytest.param("IT1*1*250*EA*12*HP", "30.00", id="a-price-per-hundred"),
        pytest.param("IT1*1*250*EA*12*TM", "3.00", id="a-price-per-thousand"),
        pytest.param("IT1*1*5*EA*.3*PN", "0.15", id="a-price-per-ten"),
        # 7 x 10 / 12 = 5.8333, and 9 x 0.02 / 12 = 0.015
        pytest.param("IT1*1*7*EA*10*PD", "5.83", id="a-price-per-dozen"),
        pytest.param("IT1*1*9*EA*.02*TD", "0.02", id="half-a-cent-of-a-dozen"),
        pytest.param("IT1*1*250*EA*12*PE", "3000.00", id="a-price-each"),
        pytest.param(
            "IT1*1*999999999999.999999*EA*999999999999.999999",
            # (10**12 - 10**-6) ** 2 is 10**24 - 2 x 10**6 and a part of a cent
            "999999999999999998000000.00",
            id="the-largest-numbers",
        ),
    ],
)
def test_a_line_is_rounded_once_half_away_from_zero(line, found):
    (only,) = checked(line, "TDS*0")
    assert only[2] == Decimal(found)


def test_every_line_is_rounded_by_itself():
    lines = ["IT1*1*1*EA*.005", "IT1*2*1*EA*.005"]
    assert checked(*lines, "TDS*2") == [("TDS01", Decimal("0.02"), Decimal("0.02"), True)]


TAXED = [LINE, "TXI*ST*1.05", "IT1*2*2*EA*5", "TXI*ST*.7"]


@pytest.mark.parametrize(
    ("lines", "total", "summary", "verdict"),
    [
        # 15 + 10 + 1.05 + 0.70 = 26.75, with the summary's copy 28.50
        pytest.param(
            TAXED, 2675, ["TXI*ST*1.75"], ("TDS01_summary_tax", "26.75", True), id="sent-twice"
        ),
        pytest.param(
            [*TAXED, "SAC*C*H850***25"],
            2700,
            ["TXI*ST*1.75", "SAC*C*H850***25"],
            ("TDS01_summary_tax", "27.00", True),
            id="sent-twice-as-a-charge-too",
        ),
        pytest.param(TAXED, 2850, ["TXI*ST*1.75"], ("TDS01", "28.50", True), id="both-are-due"),
        pytest.param(TAXED, 2675, ["TXI*ST*1.8"], ("TDS01", "28.55", False), id="not-the-same-tax"),
        pytest.param(
            TAXED, 2600, ["TXI*ST*1.75"], ("TDS01", "28.50", False), id="closes-neither-way"
        ),
        pytest.param(
            [LINE], 1500, ["TXI*ST*1.05"], ("TDS01", "16.05", False), id="sent-in-the-summary-only"
        ),
    ],
)
def test_a_tax_under_the_lines_and_again_in_the_summary(lines, total, summary, verdict):
    control, found, agrees = verdict
    declared = Decimal(total).scaleb(-2)
    assert checked(*lines, f"TDS*{total}", *summary) == [
        (control, declared, Decimal(found), agrees)
    ]


# Lines of 15.00 and 10.00, each with freight and a tax: named as SAC, and divided in TXI.
FREIGHT = [LINE, "SAC*C*G830***300", "IT1*2*2*EA*5", "SAC*C*G830***200"]
NAMED = [LINE, "SAC*C*H850***120", "TXI*ST*1", "TXI*CT*.2", "IT1*2*2*EA*5"]


@pytest.mark.parametrize(
    ("lines", "total", "summary", "control", "found"),
    [
        # 25.00 + 5.00, with the summary's copy 35.00
        pytest.param(
            FREIGHT, 3000, ["SAC*C*G830***500"], "TDS01_sent_twice", "30.00", id="freight"
        ),
        pytest.param(FREIGHT, 3500, ["SAC*C*G830***500"], "TDS01", "35.00", id="both-are-due"),
        pytest.param(FREIGHT, 3000, ["SAC*C*D240***500"], "TDS01", "35.00", id="another-charge"),
        pytest.param(FREIGHT, 3000, ["SAC*C*G830***501"], "TDS01", "35.01", id="another-amount"),
        pytest.param(
            [LINE, "SAC*A*C310***100"],
            1400,
            ["SAC*A*C310***100"],
            "TDS01_sent_twice",
            "14.00",
            id="an-allowance",
        ),
        # 25.00 + 1.20; 27.40 with the tax both named and divided
        pytest.param(NAMED, 2620, [], "TDS01_sent_twice", "26.20", id="named-and-divided"),
        pytest.param(NAMED, 2740, [], "TDS01", "27.40", id="two-taxes"),
        pytest.param(
            [LINE],
            1620,
            ["SAC*C*H850***120", "TXI*ST*1", "TXI*CT*.2"],
            "TDS01_sent_twice",
            "16.20",
            id="named-and-divided-in-the-summary",
        ),
        # 25.00 + 5.00 + 1.20: the summary repeats the freight, the tax and what divides it
        pytest.param(
            [*NAMED, "SAC*C*G830***500"],
            3120,
            ["SAC*C*G830***500", "SAC*C*H850***120", "TXI*ST*1", "TXI*CT*.2"],
            "TDS01_sent_twice",
            "31.20",
            id="all-of-it-again",
        ),
        pytest.param(
            [*NAMED, "SAC*C*G830***500"],
            3100,
            ["SAC*C*G830***500", "SAC*C*H850***120", "TXI*ST*1", "TXI*CT*.2"],
            "TDS01",
            "39.80",
            id="closes-no-way",
        ),
    ],
)
def test_what_is_sent_twice_and_counted_once(lines, total, summary, control, found):
    assert checked(*lines, f"TDS*{total}", *summary) == [
        (
            control,
            Decimal(total).scaleb(-2),
            Decimal(found),
            Decimal(total).scaleb(-2) == Decimal(found),
        )
    ]


@pytest.mark.parametrize(
    ("body", "total", "found"),
    [
        pytest.param(["IT1*1*-10*EA*1.5", "SAC*A*C310***-150"], -1350, "-13.50", id="given-back"),
        pytest.param(["IT1*1*-10*EA*1.5", "SAC*A*C310***150"], -1650, "-16.50", id="literally"),
        pytest.param(["IT1*1*-10*EA*1.5", "SAC*C*D240***-150"], -1650, "-16.50", id="a-charge"),
        pytest.param(["IT1*1*10*EA*1.5", "SAC*A*C310***150"], 1350, "13.50", id="without-a-minus"),
    ],
)
def test_a_credit_written_with_a_minus_gives_its_allowances_back(body, total, found):
    x12 = read_x12(
        interchange(("810", ["BIG*20260331*CR-1****CR", *body, f"TDS*{total}"])),
    )
    assert controls(x12, "TDS01") == [(Decimal(found), Decimal(found), True)]


def test_each_invoice_is_compared_by_itself():
    first = ["BIG*20260331*INV-1", LINE, "TDS*1500"]
    second = ["BIG*20260331*INV-2", "IT1*1*1*EA*2", "SAC*C*D240***100", "TDS*1500"]
    x12 = read_x12(interchange(("810", first), ("810", second)))
    rows = x12.controls.filter(x12.controls["control"] == "TDS01")
    assert rows.select("transaction_no", "source_record", "found", "agrees").rows() == [
        (1, 3, "15.00", True),
        (2, 8, "3.00", False),
    ]


@pytest.mark.parametrize(
    ("total", "compared"),
    [
        pytest.param(["AMT*TT*28.2"], [("28.20", "28.20", True)], id="the-sum"),
        pytest.param(["AMT*TT*28.19"], [("28.19", "28.20", False)], id="a-cent-under"),
        pytest.param(["AMT*1*5"], [], id="another-amount"),
        pytest.param([], [], id="none"),
    ],
)
def test_the_total_of_an_order_is_compared_with_its_lines(total, compared):
    order = ["BEG*00*SA*PO-1**20260301", "PO1*1*2*CA*12.345678", "PO1*2*.5*EA*7.02", "CTT*2"]
    x12 = read_x12(interchange(("850", [*order, *total])))
    assert controls(x12, "AMT*TT") == [
        (Decimal(declared), Decimal(found), agrees) for declared, found, agrees in compared
    ]


def test_files_are_compared_side_by_side_in_any_number_of_threads():
    def found(cents):
        price = Decimal(cents).scaleb(-2)
        body = ["BIG*20260331*INV", *[f"IT1**1*EA*{price}"] * 50, f"TDS*{50 * cents}"]
        return controls(read_x12(interchange(("810", body))), "TDS01")

    with ThreadPoolExecutor(4) as pool:
        compared = list(pool.map(found, range(1, 41)))
    assert compared == [[(Decimal(n) / 2, Decimal(n) / 2, True)] for n in range(1, 41)]
