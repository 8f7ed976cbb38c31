"""UDI strings: the parts and verdicts that the agencies' rules give, worked out by hand."""

from datetime import date
from functools import cache

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import recon

AS_OF = date(2026, 3, 31)
GS = "\x1d"
XIENCE = "08717648200274"  # check digit 4


@cache
def read(text: str | None, as_of: date = AS_OF) -> dict[str, object]:
    return recon.parse_udi(pl.Series([text], dtype=pl.String), as_of).to_dicts()[0]


def parts(text: str, as_of: date = AS_OF) -> dict[str, object]:
    """What is not empty, without the original, agency and verdict."""
    return filled(read(text, as_of))


def filled(found: dict[str, object]) -> dict[str, object]:
    beside = ("udi", "issuer", "verdict", "remark")
    return {
        name: value for name, value in found.items() if value is not None and name not in beside
    }


def verdict(text: str, as_of: date = AS_OF) -> object:
    return read(text, as_of)["verdict"]


# --- every agency -------------------------------------------------------------------------------


def test_null_and_blank_have_no_verdict():
    assert read(None)["verdict"] is None
    assert read("   ")["verdict"] is None


@pytest.mark.parametrize("text", ["SN-12345", XIENCE, "http://example.org/udi", "(x)"])
def test_what_starts_like_no_agency_is_malformed(text):
    found = read(text)
    assert (found["issuer"], found["verdict"], found["di"]) == (None, "MALFORMED", None)
    assert "does not start like a UDI" in found["remark"]


def test_the_original_and_the_order_are_kept():
    texts = [" (01)08717648200274 ", None, "+H123ABC01234567890D", "(01)08717648200274"]
    found = recon.parse_udi(pl.Series("scan", texts), AS_OF)
    assert found["udi"].to_list() == texts
    assert found["issuer"].to_list() == ["GS1", None, "HIBCC", "GS1"]


def test_no_rows_no_failure():
    found = recon.parse_udi(pl.Series([], dtype=pl.String), AS_OF)
    assert found.height == 0
    assert found.schema["expiry_date"] == pl.Date()


def test_a_remark_holds_no_number_of_the_string():
    for text in ("(01)08717648200275(21)SECRET1", "+H123ABC0/$+SECRET1X", "=,SECRT1=>014400"):
        assert "SECR" not in read(text)["remark"]


# --- GS1 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        "(01)08717648200274(11)240131(17)270200(10)L-7/B(21)S9(30)12",
        "(01) 08717648200274 (11) 240131 (17) 270200 (10) L-7/B (21) S9 (30) 12",
        f"0108717648200274112401311727020010L-7/B{GS}21S9{GS}3012",
        f"]d2{GS}0108717648200274112401311727020010L-7/B{GS}21S9{GS}3012{GS}",
        "]C1<FNC1>0108717648200274112401311727020010L-7/B<GS>21S9<GS>3012",
        "0108717648200274112401311727020010L-7/B{GS}21S9{GS}3012",
        "0108717648200274112401311727020010L-7/B\u241d21S9\u241d3012",
        f"21S9{GS}10L-7/B{GS}3012{GS}010871764820027417270200 11240131".replace(" ", ""),
    ],
)
def test_every_form_of_gs1_gives_the_same_parts(form):
    assert verdict(form) == "VALID"
    assert parts(form) == {
        "di": XIENCE,
        "lot": "L-7/B",
        "serial": "S9",
        "made_date": date(2024, 1, 31),
        "expiry_date": date(2027, 2, 28),
        "qty": 12,
    }


def test_fields_that_are_not_read_do_not_disturb():
    text = f"(01){XIENCE}(240)REF 1".replace(" ", "-") + "(10)AB(91)inner(3103)000250"
    assert (verdict(text), parts(text)) == ("VALID", {"di": XIENCE, "lot": "AB"})


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("240229", date(2024, 2, 29)),
        ("240200", date(2024, 2, 29)),
        ("250200", date(2025, 2, 28)),
        ("251200", date(2025, 12, 31)),
        ("760704", date(2076, 7, 4)),  # 50 years on: still this century
        ("770101", date(1977, 1, 1)),  # 51 years on: the last one
        ("000131", date(2000, 1, 31)),
    ],
)
def test_a_day_of_expiry(day, expected):
    text = f"(01){XIENCE}(17){day}"
    assert (verdict(text), parts(text)["expiry_date"]) == ("VALID", expected)


def test_late_in_a_century_small_years_are_of_the_next():
    assert parts(f"(01){XIENCE}(17)100131", date(2070, 1, 1))["expiry_date"] == date(2110, 1, 31)


@pytest.mark.parametrize("day", ["250230", "251301", "250001", "25AB01", "2502"])
def test_an_impossible_day_leaves_the_other_parts(day):
    text = f"(01){XIENCE}(17){day}(10)AB"
    assert (verdict(text), parts(text)) == ("MALFORMED", {"di": XIENCE, "lot": "AB"})


@pytest.mark.parametrize(
    ("day", "made"),
    [
        ("270101", date(2027, 1, 1)),  # a wrong day: kept as it stands
        ("760704", date(1976, 7, 4)),  # a year of the last century, by its two digits
    ],
)
def test_a_day_of_making_in_the_future_is_flagged(day, made):
    found = read(f"(01){XIENCE}(11){day}")
    assert (found["verdict"], found["made_date"]) == ("AMBIGUOUS", made)
    assert "in the future" in found["remark"]


def test_made_today_is_not_in_the_future():
    assert verdict(f"(01){XIENCE}(11)260331") == "VALID"


def test_a_wrong_check_digit_keeps_the_parts():
    found = read("(01)08717648200275(10)AB")
    assert (found["verdict"], found["di"], found["lot"]) == ("CHECK_FAILED", "08717648200275", "AB")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(01)8717648200274(10)AB", {"lot": "AB"}),  # thirteen digits
        ("(10)AB(21)S1", {"lot": "AB", "serial": "S1"}),
        (f"(01){XIENCE}(10)AB(10)CD", {"di": XIENCE, "lot": "AB"}),
        (f"(01){XIENCE}(10)" + "A" * 21, {"di": XIENCE}),
        (f"(01){XIENCE}(10)A\u00c4", {"di": XIENCE}),
        (f"(01){XIENCE}(30)12A", {"di": XIENCE}),
        (f"01{XIENCE}05123", {"di": XIENCE}),  # 05 is no identifier
    ],
)
def test_what_breaks_the_form_is_malformed_and_sound_parts_stay(text, found):
    assert (verdict(text), parts(text)) == ("MALFORMED", found)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("10ABC21XYZ", "AMBIGUOUS"),  # a lot ABC and a serial number XYZ, or a lot of eight
        ("10ABC17270228", "AMBIGUOUS"),
        ("21S9110AB", "AMBIGUOUS"),
        ("10ABC", "VALID"),
        ("10ABC17271399", "VALID"),  # 271399 is no day: nothing else can be meant
        (f"10ABC21XYZ{GS}", "VALID"),  # the sender ends its fields
        (f"21S9{GS}10ABC17270228", "VALID"),
    ],
)
def test_a_field_that_may_hold_another_one_is_flagged_and_not_cut(field, expected):
    found = read(f"01{XIENCE}{field}")
    assert found["verdict"] == expected
    if expected == "AMBIGUOUS":
        assert field[2:] in (found["lot"], found["serial"])


# --- HIBCC --------------------------------------------------------------------------------------
# Check characters by hand: H123ABC0 is 17+1+2+3+10+11+12+0 and + is 41: 97, modulo 43 is 11: B.


def _hibcc(body: str) -> str:
    """With its check character, from the standard's own table of values."""
    values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
    return body + values[sum(values.index(c) for c in body) % 43]


def test_the_check_character_by_hand():
    assert _hibcc("+H123ABC0") == "+H123ABC0B"
    assert verdict("+H123ABC0B") == "VALID"
    assert verdict("*+H123ABC0B*") == "VALID"


@pytest.mark.parametrize(
    ("secondary", "expected"),
    [
        ("$LOT1", {"lot": "LOT1"}),
        ("$+SER1", {"serial": "SER1"}),
        ("$$0927LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        ("$$2093027LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        ("$$3270930LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        ("$$427093023LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        ("$$527273LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        ("$$62727323LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        ("$$7LOT1", {"lot": "LOT1"}),
        ("$$8120927LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30), "qty": 12}),
        ("$$9001203270930L", {"lot": "L", "expiry_date": date(2027, 9, 30), "qty": 120}),
        ("$$8127LOT1", {"lot": "LOT1", "qty": 12}),
        ("$$+3270930SER1", {"serial": "SER1", "expiry_date": date(2027, 9, 30)}),
        ("$$+7SER1", {"serial": "SER1"}),
        ("$$3270930", {"expiry_date": date(2027, 9, 30)}),
        ("27273LOT1", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        ("$LOT1/SSER1", {"lot": "LOT1", "serial": "SER1"}),
        ("SSER1", {"serial": "SER1"}),
        ("$LOT1/14D20270930", {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}),
        (
            "14D20270930/16D20240131",
            {"expiry_date": date(2027, 9, 30), "made_date": date(2024, 1, 31)},
        ),
        ("$LOT1/Q500", {"lot": "LOT1", "qty": 500}),
    ],
)
def test_every_form_of_the_secondary_code(secondary, expected):
    text = _hibcc(f"+H123ABC0/{secondary}")
    assert (verdict(text), parts(text)) == ("VALID", {"di": "H123ABC0", **expected})


@pytest.mark.parametrize(
    ("secondary", "expected"),
    [
        ("$$3270230LOT1", {"lot": "LOT1"}),
        ("$$1327LOT1", {"lot": "LOT1"}),  # month 13
        ("$LOT1/14D20270230", {"lot": "LOT1"}),
        ("ZZZ", {}),
        ("$LOT1/ZZZ", {"lot": "LOT1"}),
    ],
)
def test_a_secondary_code_that_breaks_the_form(secondary, expected):
    text = _hibcc(f"+H123ABC0/{secondary}")
    assert (verdict(text), parts(text)) == ("MALFORMED", {"di": "H123ABC0", **expected})


def test_a_secondary_code_alone_has_no_device():
    # L links it to its primary code.
    text = _hibcc("+$$3270930LOT1L")
    assert verdict(text) == "MALFORMED"
    assert parts(text) == {"lot": "LOT1", "expiry_date": date(2027, 9, 30)}


def test_a_blank_as_check_character_that_was_cut_off():
    body = next(b for n in range(1000) if (b := f"+H123ABC0/$Y{n}") and _hibcc(b).endswith(" "))
    assert verdict(body + "_") == "VALID"
    assert verdict(body + " ") == "VALID"
    found = read(body)
    assert (found["verdict"], found["lot"]) == ("AMBIGUOUS", body[body.index("Y") :])


# --- ICCBBA -------------------------------------------------------------------------------------

TISSUE = "=/A9999XYZ100T0944"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{TISSUE}=,000025", {"di": TISSUE[2:], "serial": "000025"}),
        (f"{TISSUE}=A99971312345600", {"di": TISSUE[2:], "donation": "A99971312345600"}),
        (f"{TISSUE}=>028060", {"di": TISSUE[2:], "expiry_date": date(2028, 2, 29)}),
        (f"{TISSUE}=>999365", {"di": TISSUE[2:], "expiry_date": date(1999, 12, 31)}),
        (f"{TISSUE}&>0280602359", {"di": TISSUE[2:], "expiry_date": date(2028, 2, 29)}),
        (
            "=)1TE123456A=,000025&)RZ12345678",
            {"di": "1TE123456A", "lot": "RZ12345678", "serial": "000025"},
        ),
        (f"=+02000{TISSUE}=,000025", {"di": TISSUE[2:], "serial": "000025"}),
    ],
)
def test_fields_of_isbt_128(text, expected):
    assert (verdict(text), parts(text)) == ("VALID", expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=,000025", {"serial": "000025"}),
        (f"{TISSUE}=>027366", {"di": TISSUE[2:]}),  # 2027 has 365 days
        (f"{TISSUE}=,00002", {"di": TISSUE[2:]}),
        (f"{TISSUE}=,000025=,000026", {"di": TISSUE[2:], "serial": "000025"}),
        (f"=+03000{TISSUE}=,000025", {"di": TISSUE[2:], "serial": "000025"}),
    ],
)
def test_what_breaks_isbt_128(text, expected):
    assert (verdict(text), parts(text)) == ("MALFORMED", expected)


# --- built from parts, the parts come back ------------------------------------------------------

_GS1_TEXT = st.text(
    "!\"%&'*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    min_size=1,
    max_size=20,
).filter(lambda t: "<GS>" not in t and "<FNC1>" not in t)


def _gtin(digits: str) -> str:
    total = sum(int(d) * w for d, w in zip(digits, [3, 1] * 7, strict=False))
    return digits + str(-total % 10)


def several(**parts):
    """Strings of these parts that are read together: one alone costs as much as ten."""
    return st.lists(st.fixed_dictionaries(parts), min_size=1, max_size=10)


def read_as(texts, expected):
    """Each text is VALID and has exactly the parts of ``expected``."""
    found = recon.parse_udi(pl.Series(texts, dtype=pl.String), AS_OF)
    assert found["verdict"].to_list() == ["VALID"] * len(texts)
    assert [filled(row) for row in found.iter_rows(named=True)] == expected


@settings(max_examples=40, deadline=None)
@given(
    several(
        digits=st.text("0123456789", min_size=13, max_size=13),
        lot=_GS1_TEXT,
        serial=_GS1_TEXT,
        expiry=st.dates(date(1980, 1, 1), date(2070, 12, 31)),
        made=st.dates(date(1980, 1, 1), AS_OF),
        order=st.permutations(["01", "11", "17", "10", "21"]),
    )
)
def test_a_gs1_string_of_parts_gives_the_parts(cases):
    texts, expected = [], []
    for case in cases:
        values = {
            "01": _gtin(case["digits"]),
            "11": f"{case['made']:%y%m%d}",
            "17": f"{case['expiry']:%y%m%d}",
            "10": case["lot"],
            "21": case["serial"],
        }
        texts.append("".join(f"({ai}){values[ai]}" for ai in case["order"]))
        ends = dict.fromkeys(("10", "21"), GS)
        texts.append(GS + "".join(ai + values[ai] + ends.get(ai, "") for ai in case["order"]))
        one = {
            "di": values["01"],
            "lot": case["lot"],
            "serial": case["serial"],
            "made_date": case["made"],
            "expiry_date": case["expiry"],
        }
        expected += [one, one]
    read_as(texts, expected)


@settings(max_examples=40, deadline=None)
@given(
    several(
        labeler=st.from_regex(r"[A-Z][0-9A-Z]{3}", fullmatch=True),
        product=st.from_regex(r"[0-9A-Z]{1,18}", fullmatch=True),
        unit=st.integers(0, 9),
        lot=st.from_regex(r"[0-9A-Z]{1,18}", fullmatch=True),
        serial=st.from_regex(r"[0-9A-Z]{1,18}", fullmatch=True),
        expiry=st.dates(date(1980, 1, 1), date(2070, 12, 31)),
        qty=st.integers(1, 99999),
    )
)
def test_a_hibcc_string_of_parts_gives_the_parts(cases):
    texts, expected = [], []
    for case in cases:
        di = "{labeler}{product}{unit}".format(**case)
        rest = "$$9{qty:05}3{expiry:%y%m%d}{lot}/S{serial}".format(**case)
        text = _hibcc(f"+{di}/{rest}")
        # A blank that is the check character, after a letter that would be one too: nothing tells.
        assume(not (text.endswith(" ") and text == _hibcc(text[:-2]) + " "))
        texts.append(text)
        told = {name: case[name] for name in ("lot", "serial", "qty")}
        expected.append({"di": di, **told, "expiry_date": case["expiry"]})
    read_as(texts, expected)


def test_a_hibcc_blank_after_what_would_be_a_check_character_too_is_ambiguous():
    text = "+A0QX9IJ0/$$90202330001010/S9IQXJ "  # J checks what stands before it, and so does " "
    assert _hibcc(text[:-1]) == text
    assert _hibcc(text[:-2]) == text[:-1]
    assert verdict(text) == "AMBIGUOUS"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=20))
def test_no_text_fails(texts):
    written = [before + text for text in texts for before in ("", "(01)", "+", "=", "01")]
    found = recon.parse_udi(pl.Series(written), AS_OF)
    assert found.height == len(written)
    assert (
        found["verdict"]
        .drop_nulls()
        .is_in(["VALID", "CHECK_FAILED", "AMBIGUOUS", "MALFORMED"])
        .all()
    )
