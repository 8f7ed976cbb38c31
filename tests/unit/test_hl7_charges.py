"""Charges of HL7: what is plausible, what is quarantined and why, and the profile that fits."""

from datetime import date
from decimal import Decimal

import pytest

from recon import read_hl7
from recon.parse.hl7 import parse

HEAD = (
    "MSH|^~\\&|OR|HOSP|FIN|HOSP|20260301120000-0600||DFT^P03^DFT_P03|C1|P|2.5.1\r"
    "PID|1||4711^^^H^MR||Doe^Jane||19700101|F||||||||||A900\r"
)
GOOD = "FT1|1|T1||20260301|20260302|CG|C100^Stent|||2|200.00&USD|100.00^USD|OR7"
WHOLE = "(01)00643169001763(17)280712(21)SERU"
NOT_ONE = "if that means one, the profile needs `default_quantity: 1`"


def of(*segments):
    return (HEAD + "".join(f"{segment}\r" for segment in segments)).encode()


def reasons(data, **profile):
    defects = read_hl7(data, profile or None).defects
    return defects.filter(defects["severity"] == "error")["message"].to_list()


def test_a_charge_is_read_with_its_units_and_amounts():
    row = read_hl7(of(GOOD)).records["charge"].row(0, named=True)
    assert (row["txn_id"], row["type"], row["code"], row["dept"]) == ("T1", "CG", "C100", "OR7")
    assert (row["service_date"], row["posted_date"]) == (date(2026, 3, 1), date(2026, 3, 2))
    assert (row["quantity"], row["extended"]) == (Decimal(2), Decimal(200))
    assert row["unit_amount"] == Decimal(100)


@pytest.mark.parametrize(
    ("charge", "reason"),
    [
        pytest.param(
            "FT1|1|T1||20260301||CG|20260302|||2",
            "a date where the code should be (FT1-7)",
            id="date-for-code",
        ),
        pytest.param(
            "FT1|1|T1||20260229||CG|C100|||2",
            "a day or hour that does not exist where the date of service should be (FT1-4)",
            id="no-such-day",
        ),
        pytest.param(
            "FT1|1|T1||202603012400|20260230|CG|C100|||2",
            "a day or hour that does not exist where the date of service should be (FT1-4), "
            "a day or hour that does not exist where the date of posting should be (FT1-5)",
            id="no-such-hour",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|Doe Jane|||2",
            "text where the code should be (FT1-7)",
            id="name-for-code",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|DOE,JANE|||2",
            "text where the code should be (FT1-7)",
            id="name-with-comma-for-code",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|C100|||C1713",
            "a code where the quantity should be (FT1-10)",
            id="code-for-quantity",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|C100|||20260301",
            "a date where the quantity should be (FT1-10)",
            id="date-for-quantity",
        ),
        pytest.param(
            "FT1|1|T1||20260301||288.81|C100|||1",
            "an amount where the type should be (FT1-6)",
            id="amount-for-type",
        ),
        pytest.param(
            "FT1|1|T1||20260301||P|C100|||1",
            "'P' is not a transaction type (FT1-6): if it means a charge, the profile needs "
            "`type_aliases: {P: CG}`",
            id="type-P",
        ),
        pytest.param(
            "FT1|1|T1||20260301||1|C100|||1",
            "'1' is not a transaction type (FT1-6): if it means a charge, the profile needs "
            '`type_aliases: {"1": CG}`',
            id="type-1",
        ),
        pytest.param(
            "FT1|1|T1||20260301|||C100|||1",
            "nothing where the type should be (FT1-6): if that means a charge, the profile needs "
            "`default_type: CG`",
            id="no-type",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|C100|||",
            f"nothing where the quantity should be (FT1-10): {NOT_ONE}",
            id="no-quantity",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG||||1" + "|" * 15 + "99213^OFFICE VISIT^C4",
            "nothing where the code should be (FT1-7): if the procedure of FT1-25 is what was "
            "charged, the profile needs `positions: {FT1.code: 25}`",
            id="a-procedure-alone",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG||||1",
            "nothing where the code should be (FT1-7)",
            id="neither-code-nor-procedure",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|150.00|1|Units",
            "an amount where the code should be (FT1-7), nothing where the quantity should be "
            "(FT1-10)",
            id="amount-for-code",
        ),
        pytest.param(
            "FT1|1|T1||20269901||CG|C100|||1",
            "a number where the date of service should be (FT1-4)",
            id="no-month-99",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|C100|||1|Smith^J",
            "a word where the extended amount should be (FT1-11)",
            id="name-for-amount",
        ),
        pytest.param(
            "FT1|1|20260301|20260302|CG|C100|||2|200.00|100.00",
            "a transaction type where the date of service should be (FT1-4), a code where the date "
            "of posting should be (FT1-5), nothing where the type should be (FT1-6), nothing where "
            "the code should be (FT1-7), an amount where the quantity should be (FT1-10): this "
            "feed looks shifted by two from FT1-4 on",
            id="two-to-the-left",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|C100|MRN12345|2||200.00",
            "nothing where the quantity should be (FT1-10): this feed looks shifted by one in "
            "FT1-10 alone",
            id="quantity-in-9",
        ),
        pytest.param(
            "FT1|1|T1|20260301|20260301|CG|C100||1|6840",
            "a transaction type where the date of posting should be (FT1-5), a code where the type "
            "should be (FT1-6), nothing where the code should be (FT1-7), nothing where the "
            "quantity should be (FT1-10): this feed looks shifted by one from FT1-4 on, and by two "
            "from FT1-10 to FT1-12",
            id="and-no-description",
        ),
        pytest.param(
            "FT1|1|T1||20260301||CG|C100||1|250.00",
            "an amount where the quantity should be (FT1-10): this feed looks shifted by one from "
            "FT1-10 on",
            id="amount-for-quantity",
        ),
        pytest.param(
            "FT1|1||B7|20260301|CG|C100|250.00",
            "a transaction type where the date of posting should be (FT1-5), a code where the type "
            "should be (FT1-6), an amount where the code should be (FT1-7), nothing where the "
            "quantity should be (FT1-10)",
            id="one-amount-is-no-quantity",
        ),
        pytest.param(
            "FT1|1|20260301|20260301|CG|P|C100|1|||4711^Doe",
            "a transaction type where the date of service should be (FT1-4), a word where the date "
            "of posting should be (FT1-5), a code where the type should be (FT1-6)",
            id="a-letter-is-no-code",
        ),
        pytest.param(
            "FT1|1|500^A|U|open|x|y|||",
            "date of service, type and quantity are all not where a charge has them, "
            "and no single shift explains it: a record of another kind, or a layout whose fields "
            "the profile must name",
            id="private-record",
        ),
    ],
)
def test_what_is_not_plausible_is_quarantined_with_the_reason(charge, reason):
    assert reasons(of(charge)) == [reason]
    assert "charge" not in read_hl7(of(charge)).records


@pytest.mark.parametrize("kind", ["MR", "MRN", "PI", ""])
def test_a_record_number_is_one_by_whatever_senders_call_it(kind):
    typed = of("FT1|1|T1||20260301||CG|C100|||1").decode().replace("^^^H^MR", f"^^^H^{kind}")
    assert read_hl7(typed.encode()).records["charge"]["mrn"].to_list() == ["4711"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("C100|||2.00|200.00", id="with-cents-and-amount"),
        pytest.param("C100|||2.00", id="with-cents"),
        pytest.param("C100||12 MM|2.00", id="behind-a-description"),
    ],
)
def test_a_quantity_with_cents_is_one_unless_a_count_stands_before_it(sent):
    charges = read_hl7(of(f"FT1|1|T1||20260301||CG|{sent}")).records["charge"]
    assert charges["quantity"].to_list() == [Decimal(2)]


def test_a_sender_who_places_the_quantity_is_believed():
    charge = "FT1|1|T1||20260301||CG|C100||1|250.00"
    charges = read_hl7(of(charge), {"positions": {"FT1.quantity": 10}}).records["charge"]
    assert charges["quantity"].to_list() == [Decimal(250)]


@pytest.mark.parametrize(("sent", "told"), [("^^^H^EPI~8^^^H^SS", ["unkind"]), ("^^^H", [])])
def test_a_patient_whose_numbers_are_of_no_kind_that_is_read_is_told(sent, told):
    hl7 = read_hl7(of(GOOD).replace(b"^^^H^MR", sent.encode()))
    assert hl7.records["charge"]["mrn"].to_list() == [None if told else "4711"]
    assert hl7.defects.select("code", "severity", "segment", "field").rows() == [
        (code, "info", "PID", 3) for code in told
    ]


def test_what_a_profile_declares_is_used():
    row = (
        read_hl7(
            of("FT1|1|T1||20260301||P|C100"),
            {"default_quantity": "1", "type_aliases": {"P": "CG"}, "positions": {"FT1.dept": 2}},
        )
        .records["charge"]
        .row(0, named=True)
    )
    assert (row["quantity"], row["type"], row["dept"]) == (Decimal(1), "CG", "T1")


def test_a_position_may_be_of_another_segment():
    data = of(GOOD).replace(b"|A900", b"A901|")
    found = read_hl7(data, {"positions": {"PID.account": 17}}).records["charge"]
    assert found["account"].to_list() == ["A901"]
    found = read_hl7(data, {"positions": {"PID.account": "FT1-13.1"}}).records["charge"]
    assert found["account"].to_list() == ["OR7"]


def test_what_is_not_where_a_profile_has_it_far_behind_is_refused_with_its_place():
    (reason,) = reasons(of(GOOD), positions={"FT1.code": 60})
    assert reason == "something else where the code should be (FT1-60)"


@pytest.mark.parametrize(
    ("positions", "told"),
    [
        ({"FT1.cod": 7}, "no field 'FT1.cod' is read; did you mean 'FT1.code'?"),
        ({"FT1.code": "x"}, "'FT1-x' is not the place of a field, such as FT1-7 or PID-18.1"),
    ],
)
def test_a_profile_that_places_nothing_is_an_error(positions, told):
    with pytest.raises(ValueError, match="FT1") as raised:
        read_hl7(of(GOOD), {"positions": positions})
    assert str(raised.value) == told


def test_one_charge_is_refused_and_its_neighbours_go_on():
    found = parse(of(GOOD, GOOD.replace("C100^Stent", "20260301"), GOOD), None, date(2026, 3, 1))
    assert (found.records_in, found.quarantined) == (3, 1)
    (reject,) = found.rejects.to_dicts()
    assert (reject["record"], reject["source_record"], reject["rule"]) == (
        "charge",
        4,
        "implausible",
    )
    assert reject["byte_offset"] == len(of(GOOD))
    assert reject["raw"] == "MSH OR HOSP DFT P03 C1"


PAID = "FT1|9|{}||20260301||{}|||||||OR7"  # no code, no quantity, no amount


def test_payments_adjustments_and_co_payments_are_no_charges_and_are_passed_over():
    paid = [PAID.format(f"P{n}", kind) for n, kind in enumerate(("PY", "AJ", "CO", "PY"))]
    data = of(GOOD, *paid, device("S1"), GOOD.replace("|CG|", "|PY|"))
    hl7 = read_hl7(data)
    assert hl7.records["charge"]["txn_id"].to_list() == ["T1"]
    assert "charge_device" not in hl7.records
    (told,) = hl7.defects.to_dicts()
    assert (told["code"], told["severity"], told["found"]) == (
        "no_charge",
        "info",
        "1 AJ, 1 CO, 3 PY",
    )
    assert told["byte_offset"] == len(of(GOOD))
    read = parse(data, None, date(2026, 3, 1))
    assert (read.records_in, read.quarantined) == (6, 0)


def test_a_payment_by_the_senders_own_word_is_passed_over_too():
    found = read_hl7(of(PAID.format("P1", "P")), {"type_aliases": {"P": "PY"}})
    assert found.defects["code"].to_list() == ["no_charge"]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        pytest.param("", "PY", id="a-payment-without-a-day"),
        pytest.param("20260301", "CD", id="a-credit-without-a-quantity"),
    ],
)
def test_what_is_no_payment_for_certain_is_judged_as_a_charge(day, kind):
    sent = PAID.format("P1", kind).replace("|20260301|", f"|{day}|")
    found = parse(of(sent), None, date(2026, 3, 1))
    assert (found.records_in, found.quarantined) == (1, 1)


def test_a_refused_message_counts_for_each_of_its_charges():
    found = parse(of(GOOD, "broken line", GOOD), None, date(2026, 3, 1))
    assert (found.records_in, found.quarantined) == (2, 2)
    assert found.rejects["record"].to_list() == ["message"]


def device(serial, **fields):
    places = {"di": 16, "expiry": 18, "lot": 19}
    sent = {10: "", 20: serial, **{places[k]: v for k, v in fields.items()}}
    return "|".join(["PRT", *(sent.get(n, "") for n in range(1, 21))])


def test_the_device_under_a_charge_is_its_own():
    other = GOOD.replace("|1|T1|", "|2|T2|")
    hl7 = read_hl7(of(GOOD, "PRT|1|||AT||9^Dr", device("S1", di="0064", lot="L1"), other))
    assert hl7.records["charge"].select("udi_di", "lot", "serial").rows() == [
        ("0064", "L1", "S1"),
        (None, None, None),
    ]
    assert hl7.records["charge_device"]["serial"].to_list() == ["S1"]


def test_of_two_devices_under_a_charge_none_is_its_own():
    hl7 = read_hl7(of(GOOD, device("S1"), device("S2")))
    assert hl7.records["charge"]["serial"].to_list() == [None]
    devices = hl7.records["charge_device"]
    assert devices.select("parent_record", "serial").rows() == [(3, "S1"), (3, "S2")]
    assert hl7.defects["code"].to_list() == ["devices"]


def dev(serial, lot="", udi=""):
    sent = {2: udi, 9: "0064", 10: lot, 11: serial, 12: "20250101", 13: "20301231", 15: "D1"}
    return "|".join(["DEV", *(sent.get(n, "") for n in range(1, 18))])


def test_a_device_may_stand_in_dev():
    """Devices of DEV were lost, and with them the lot and the serial number of a charge."""
    charges = [GOOD.replace("|1|T1|", f"|{n}|T{n}|") for n in range(1, 6)]
    bad = GOOD.replace("|CG|", "|?|")
    result = "OBX|1|ST|74711-3^UDI^LN||+H123/$S8"
    hl7 = read_hl7(
        of(
            *(charges[0], dev("S1", "L1"), charges[1], dev("S2"), dev("S3")),
            *(charges[2], device("S4"), dev("S4"), charges[3], result, bad, dev("S5")),
            *(charges[4], dev("", udi=WHOLE)),
        )
    )
    parts = ("txn_id", "udi_di", "lot", "serial", "donation", "expiry_date", "udi_verdict")
    assert hl7.records["charge"].select(parts).rows() == [
        ("T1", "0064", "L1", "S1", "D1", date(2030, 12, 31), None),
        ("T2", *[None] * 6),
        ("T3", None, None, "S4", None, None, None),
        ("T4", *[None] * 6),
        ("T5", "0064", None, "SERU", "D1", date(2030, 12, 31), "VALID"),
    ]
    assert hl7.records["charge_device"].select("txn_id", "parent_record", "serial").rows() == [
        *(("T1", 3, "S1"), ("T2", 5, "S2"), ("T2", 5, "S3"), ("T3", 8, "S4"), ("T3", 8, "S4")),
        ("T5", 15, "SERU"),
    ]
    told = hl7.defects.select("code", "segment_no")
    assert told.rows() == [("devices", 5), ("udi_in_result", 12), ("implausible", 13)]


def test_a_device_in_front_of_every_charge_is_told():
    """It was lost without a word: nothing says whose device it is."""
    order = HEAD + dev("S1") + "\r" + device("S2") + "\r" + GOOD + "\r" + dev("S3") + "\r"
    hl7 = read_hl7(order.encode())
    assert hl7.records["charge"]["serial"].to_list() == ["S3"]
    told = hl7.defects.select("code", "segment_no", "message").rows()
    said = "is not read: no charge (FT1) stands before it, whose device it would be"
    assert told == [("device_apart", 3, f"DEV {said}"), ("device_apart", 4, f"PRT {said}")]


def test_of_two_devices_one_may_have_been_taken_out():
    """Which of the two is in the patient was not read, and none of them could be charged."""
    old, new = dev("OLD") + "Explanted", dev("NEW") + "Implanted"
    devices = read_hl7(of(GOOD, old, new, GOOD, device("S3"))).records["charge_device"]
    assert devices.select("serial", "implant_status").rows() == [
        ("OLD", "Explanted"),
        ("NEW", "Implanted"),
        ("S3", None),
    ]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        pytest.param("20280215", date(2028, 2, 15), id="day"),
        pytest.param("202802", date(2028, 2, 29), id="month"),
        pytest.param("202712", date(2027, 12, 31), id="december"),
    ],
)
def test_a_month_on_a_label_is_its_last_day(written, day):
    """HL7 takes a month for a date; the message was refused with all its charges."""
    prt = f"PRT{'|' * 16}00643169001763|{written}|{written}|L1|S1"
    row = read_hl7(of(GOOD, prt)).records["charge"].row(0, named=True)
    assert (row["made_date"], row["expiry_date"]) == (day, day)
    sent = dev("S1").replace("20250101", written).replace("20301231", written)
    row = read_hl7(of(GOOD, sent)).records["charge"].row(0, named=True)
    assert (row["made_date"], row["expiry_date"]) == (day, day)


@pytest.mark.parametrize("written", ["2028", "202813", "202800", "990101", "2028-2"])
def test_what_is_neither_a_day_nor_a_month_refuses_the_message(written):
    hl7 = read_hl7(of(GOOD, f"PRT{'|' * 18}{written}|L1|S1"))
    assert hl7.records == {}
    assert set(hl7.defects["code"]) == {"type"}


@pytest.mark.parametrize("sent", ["20260301120000", "20260301"])
def test_a_udi_is_read_as_of_the_day_of_a_message_that_tells_no_zone(sent):
    """Without an offset in MSH-7 no UDI was read, and no one was told."""
    data = of(GOOD, dev("", udi=WHOLE)).replace(b"20260301120000-0600", sent.encode())
    row = read_hl7(data).records["charge"].row(0, named=True)
    assert (row["serial"], row["udi_verdict"]) == ("SERU", "VALID")


def test_a_udi_fills_what_prt_leaves_empty_and_prt_counts_where_they_differ():
    udi = "(01)00643169001763(17)280712(10)LOTU(21)SERU"
    prt = device("S9").replace("PRT" + "|" * 10, "PRT" + "|" * 10 + udi)
    row = read_hl7(of(GOOD, prt)).records["charge"].row(0, named=True)
    assert (row["udi_di"], row["lot"], row["serial"]) == ("00643169001763", "LOTU", "S9")
    assert row["expiry_date"] == date(2028, 7, 12)
    assert row["udi_remark"] == "serial is not the UDI's"


MORE = "udi_di was more than a device identifier"


@pytest.mark.parametrize(
    ("di", "udi", "expected"),
    [
        pytest.param("00643169001763", "", ("00643169001763", None, None), id="gs1"),
        pytest.param("A9999XYZ100T0944", "", ("A9999XYZ100T0944", None, None), id="iccbba"),
        pytest.param("H123ABC01234567890", "", ("H123ABC01234567890", None, None), id="hibcc"),
        pytest.param(WHOLE, "", ("00643169001763", "SERU", MORE), id="whole"),
        pytest.param(WHOLE, WHOLE, ("00643169001763", "SERU", MORE), id="whole-twice"),
        pytest.param("010064316900176321SERU", "", ("00643169001763", "SERU", MORE), id="bare"),
    ],
)
def test_a_whole_udi_for_its_identifier_shows_no_serial_number(di, udi, expected):
    sent = f"PRT{'|' * 10}{udi}{'|' * 6}{di}"
    parsed = parse(of(GOOD, sent), None, date(2026, 3, 1))
    row = parsed.records["charge"].row(0, named=True)
    assert (row["udi_di"], row["serial"], row["udi_remark"]) == expected
    assert row["udi"] == (udi or (WHOLE if di == WHOLE else di if expected[1] else None))


def test_a_second_value_where_a_charge_has_one_is_told():
    """Of several codes the first was charged, and a unit behind the quantity passed in silence."""
    charge = "FT1|1|T1||20260301||CG|{}|||{}"
    sent = [
        charge.format("C1^Stent^L&X", "2"),
        charge.format("C1^Stent~", "2^"),
        charge.format("C1~C2^Wire", "2^BX"),
        charge.format("C1", "2~3") + "|" * 15 + "99213^Visit~99214",
    ]
    found = read_hl7(of(*sent))
    assert found.records["charge"].select("code", "quantity").rows() == [("C1", 2)] * 4
    told = found.defects.select("code", "severity", "segment_no", "field", "message")
    says = "holds more than one value: the first alone is read"
    assert told.rows() == [
        ("several_values", "info", row, field, f"FT1-{field} {says}")
        for row, field in ((5, 7), (5, 10), (6, 10), (6, 25))
    ]


def test_modifiers_are_all_repetitions():
    sent = GOOD + "|" * 12 + "C1874^Stent^HCPCS|LT~59^Distinct"
    found = read_hl7(of(sent)).records["charge"]
    assert found.select("procedure", "modifiers").row(0) == ("C1874", "LT 59")


def test_modifiers_emptied_on_purpose_are_none():
    """The charge was refused, for two quotation marks are no modifier."""
    charge = GOOD + 13 * "|" + '""' + 10 * "|" + '""'
    found = read_hl7(of(charge, "PR1|1||33208" + 13 * "|" + 'LT~""'))
    assert found.defects.is_empty()
    columns = ("modifiers", "special_processing", "pr1_modifiers")
    assert found.records["charge"].select(columns).rows() == [(None, None, "LT")]


@pytest.mark.parametrize("kind", ["ORM^O01", "OMS^O05", "OMN^O07", "RAS^O17", "DFT^P11"])
def test_other_messages_charge_too(kind):
    data = of(GOOD).replace(b"DFT^P03^DFT_P03", kind.encode())
    assert read_hl7(data).records["charge"].height == 1


def ordered(kind, *segments):
    return read_hl7(of(*segments).replace(b"DFT^P03^DFT_P03", kind.encode()))


@pytest.mark.parametrize("kind", ["ORM^O01", "OMS^O05", "RDS^O13", "ORU^R01"])
def test_in_a_message_of_orders_a_charge_is_of_the_order_before_it(kind):
    second = GOOD.replace("|1|T1|", "|2|T2|")
    sent = ["ORC|NW|P1|F1", "RQD|1|I1", GOOD, "ORC|NW|P2|F2", "RQD|2|I2", second]
    charges = ordered(kind, *sent).records["charge"]
    assert charges.select("txn_id", "placer_order", "order_filler").rows() == [
        ("T1", "P1", "F1"),
        ("T2", "P2", "F2"),
    ]


@pytest.mark.parametrize("kind", ["DFT^P03", "DFT^P11"])
def test_in_a_financial_message_the_order_of_a_charge_follows_it(kind):
    second = GOOD.replace("|1|T1|", "|2|T2|")
    charges = ordered(kind, "ORC|NW|P0", GOOD, "ORC|NW|P1|F1", second).records["charge"]
    assert charges.select("txn_id", "placer_order").rows() == [("T1", "P1"), ("T2", None)]


def test_a_charge_in_a_message_that_carries_none_is_told():
    hl7 = ordered("ADT^A08", GOOD)
    assert "charge" not in hl7.records or hl7.records["charge"].is_empty()
    (told,) = hl7.defects.rows(named=True)
    assert (told["code"], told["severity"], told["segment"]) == ("unread", "info", "FT1")
    assert told["message"] == "FT1 in a message that carries none; it is not read"


@pytest.mark.parametrize(
    ("kind", "segments", "told"),
    [
        pytest.param("MFN^M10", ["MFE|MAD|||C1", "CDM|C1", "PRC|C1"] * 2, ["CDM", "PRC"], id="M10"),
        pytest.param("MFR^M04", ["MFE|MAD|||C1", "CDM|C1", "CDM|C2"], ["CDM"], id="an-answer"),
        pytest.param("MFN^M01", ["MFE|MAD|||I1", "ITM|I1"], ["ITM"], id="items"),
        pytest.param("ADT^A31", ["MRG|17"], ["MRG"], id="a-merge"),
        pytest.param("MFN^M15", ["MFE|MAD|||I1", "IIM|I1"], [], id="read"),
    ],
)
def test_a_record_in_a_message_that_carries_none_is_told_once(kind, segments, told):
    defects = ordered(kind, *segments).defects
    assert defects["code"].to_list() == ["unread"] * len(told)
    assert defects["segment"].to_list() == told


def test_a_message_that_does_not_say_what_it_is_is_told_once():
    assert ordered("", GOOD).defects["code"].to_list() == ["MSH09"]


@pytest.mark.parametrize(
    ("segments", "code", "accepted"),
    [
        pytest.param([GOOD, "ADD|59~76"], "ADD", False, id="of-a-charge"),
        pytest.param([GOOD, "ADD|59", "ADD|76"], "ADD", False, id="twice"),
        pytest.param([GOOD, "NTE|1||so", "ADD| on"], "ADD_text", True, id="of-a-note"),
    ],
)
def test_a_segment_that_add_continues_is_not_read_short(segments, code, accepted):
    hl7 = read_hl7(of(*segments))
    assert set(hl7.defects["code"]) == {code}
    assert hl7.messages["accepted"].to_list() == [accepted]


def test_no_column_holds_a_name_or_a_date_of_birth():
    hl7 = read_hl7(of(GOOD, "NTE|1||she said", "GT1|1||Doe^John", "IN1|1|PLAN7|||||||||||||Doe^J"))
    told = repr([rows.rows() for rows in hl7.records.values()])
    for value in ("Doe", "Jane", "1970", "she said", "John"):
        assert value not in told
