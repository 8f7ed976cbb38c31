"""HIBCC as scanners hand it over: small letters, and two labels in one scan.

Check characters by hand: + is 41, and H123ABC0 is 17+1+2+3+10+11+12+0 = 56; 97 modulo 43 is 11: B.
The secondary on its own label: +$$3270930LOT1 is 41+39+39+3+2+7+0+9+3+0+21+24+29+1 = 218, and its
link B 11: 229 modulo 43 is 14: E. The other product's +H123ABC1 is 98, modulo 43 is 12: C.
"""

from datetime import date

import polars as pl
import pytest

from recon import parse_udi

PRIMARY, SECONDARY, OTHER = "+H123ABC0B", "+$$3270930LOT1BE", "+H123ABC1C"
READ = ("VALID", "H123ABC0", "LOT1", date(2027, 9, 30))
DOUBT = "two labels in it do not belong together"


def found(text):
    row = parse_udi(pl.Series([text]), date(2026, 3, 31)).row(0, named=True)
    assert row["udi"] == text
    return row


def parts(text):
    row = found(text)
    return row["verdict"], row["di"], row["lot"], row["expiry_date"]


@pytest.mark.parametrize("between", ["", " ", "\r\n", "\t", ",", ";", "**"])
def test_a_primary_and_its_own_secondary_are_one_udi(between):
    assert parts(f"{PRIMARY}{between}{SECONDARY}") == READ
    assert parts(f"{SECONDARY}{between}{PRIMARY}") == READ


def test_a_serial_number_on_the_second_label():
    # +$+SER1 is 41+39+41+28+14+27+1 = 191, with the link B 202: modulo 43 is 30: U.
    row = found(PRIMARY + "+$+SER1BU")
    assert (row["verdict"], row["di"], row["serial"]) == ("VALID", "H123ABC0", "SER1")


def test_a_plus_that_checks_a_label_is_no_beginning():
    # E20831269 is 14+2+0+8+3+1+2+6+9 = 45, with the + 86: modulo 43 is 0: 0; of E20831267 84: +.
    # The secondary +$LOT1 is 41+39+21+24+29+1 = 155, with the link + 196: modulo 43 is 24: O.
    for text in ("+E20831267++$LOT1+O", "+$LOT1+O+E20831267+"):
        assert parts(text) == ("VALID", "E20831267", "LOT1", None)


def test_the_secondary_of_another_product_is_no_part_of_it():
    assert parts(OTHER + SECONDARY) == ("AMBIGUOUS", None, None, None)
    assert found(OTHER + SECONDARY)["remark"] == DOUBT


def test_labels_of_two_products_are_not_chosen_from():
    assert parts(PRIMARY + OTHER) == ("AMBIGUOUS", None, None, None)


def test_a_label_that_was_scanned_twice_says_what_it_says_and_not_how_many():
    row = found(PRIMARY + PRIMARY)
    assert (row["verdict"], row["di"]) == ("AMBIGUOUS", "H123ABC0")
    assert row["remark"] == "the same label is in it twice"


def test_where_a_label_fails_its_check_nothing_says_that_there_are_two():
    assert parts("+H123ABC0X" + SECONDARY)[0] == "MALFORMED"


def test_a_plus_within_one_label_is_no_second_one():
    # +H123ABC0/$$+3270930SER1 is 97+40+39+39+41+24+70 = 350: modulo 43 is 6.
    row = found("+H123ABC0/$$+3270930SER16")
    assert (row["verdict"], row["serial"]) == ("VALID", "SER1")


def test_small_letters_are_capitals_for_hibcc_has_no_other():
    assert parts("+h123abc0b") == ("VALID", "H123ABC0", None, None)
    assert parts("+h123aBC0/$lot1x")[1:3] == ("H123ABC0", "LOT1")
    assert parts(f"{PRIMARY}{SECONDARY}".lower()) == READ


def test_small_letters_whose_check_fails_are_told_as_others_are():
    assert parts("+h123abc0c") == ("CHECK_FAILED", "H123ABC0", None, None)
