"""Accounts, merges, masters, orders and cases of HL7: each read beside the standard."""

from datetime import date
from decimal import Decimal

import pytest

from recon import read_hl7
from recon.parse.hl7 import PRIVATE, RECORDS
from recon.parse.hl7.sets import DECLARED
from recon.parse.privacy import DOMAINS


def records(kind, *segments):
    head = f"MSH|^~\\&|APP|HOSP|FIN|HOSP|20260301120000+0000||{kind}|C1|P|2.6"
    hl7 = read_hl7("".join(f"{s}\r" for s in (head, *segments)).encode())
    assert hl7.messages["accepted"].all(), hl7.defects.to_dicts()
    return hl7.records


def pid(account="A900", mrn="4711"):
    return "|".join(["PID", "1", "", f"{mrn}^^^H^MR", *[""] * 14, account])


def pv1(visit="V77", admit="", discharge=""):
    fields = {1: "1", 2: "I", 10: "MED", 19: visit, 44: admit, 45: discharge}
    return "|".join(["PV1", *(fields.get(n, "") for n in range(1, 46))])


def test_an_admission_is_a_row_of_its_account():
    row = records(
        "ADT^A01", "EVN||20260301113000||||20260301110000", pid(), pv1(admit="202603011055"),
        "IN1|1|PLAN7^Gold|9|Payer",
    )["account"].row(0, named=True)  # fmt: skip
    assert (row["account"], row["mrn"], row["visit"]) == ("A900", "4711", "V77")
    assert (row["event_code"], row["patient_class"], row["plan_id"]) == ("A01", "I", "PLAN7")
    assert str(row["occurred_at"]) == "2026-03-01 11:00:00"
    assert (row["admit_date"], row["discharge_at"]) == (date(2026, 3, 1), None)
    assert str(row["admit_at"]) == "2026-03-01 10:55:00"


@pytest.mark.parametrize(
    ("sent", "field", "told"),
    [
        pytest.param(pv1(), None, None, id="in-place"),
        pytest.param(pv1().replace("PV1|1|", "PV1|"), 1, "a patient class in PV1-1", id="early"),
        pytest.param(pv1().replace("PV1|", "PV1||"), 3, "a patient class in PV1-3", id="late"),
        pytest.param(pv1().replace("|I|", "|I||"), None, None, id="late-and-nothing-tells-it"),
        pytest.param(
            pv1("V77^^^ADT^VN").replace("|I|", "|I||"), 20, "a visit number (VN) in PV1-20",
            id="late-within",
        ),
        pytest.param(
            pv1("V77^^^ADT^VN").replace("|I||", "|I|"), 18, "a visit number (VN) in PV1-18",
            id="early-within",
        ),
        pytest.param(pv1("V77^^^ADT^VN") + "|", None, None, id="typed-in-place"),
        pytest.param(pv1().replace("|I|", "|1|"), None, None, id="a-class-of-the-site"),
    ],
)  # fmt: skip
def test_a_shifted_visit_refuses_the_message_and_is_told(sent, field, told):
    """Another code of PV1 was taken for the visit number: the same for every patient."""
    head = "MSH|^~\\&|APP|HOSP|FIN|HOSP|20260301120000+0000||ADT^A01|C1|P|2.6"
    data = "".join(f"{s}\r" for s in (head, pid(), sent)).encode()
    hl7 = read_hl7(data)
    found = hl7.defects.select("code", "severity", "segment_no", "field").rows()
    assert found == ([("shifted", "error", 3, field)] if field else [])
    assert hl7.messages["accepted"].to_list() == [not field]
    if field:
        assert hl7.defects["message"][0].startswith(told)
        # The sender's own word is believed.
        placed = {"positions": {"PV1.visit": 18 if field in (1, 18) else 20}}
        (row,) = read_hl7(data, placed).records["account"].rows(named=True)
        assert row["visit"] == "V77"


def test_a_discharge_cancelled_is_told_by_its_event():
    assert records("ADT^A13", pid(), pv1())["account"]["event_code"].to_list() == ["A13"]


def test_the_event_may_stand_in_evn_alone():
    assert records("BAR", "EVN|P01", pid(), pv1())["account"]["event_code"].to_list() == ["P01"]


def test_every_visit_of_a_billing_account_is_a_row_and_the_account_says_that_it_has_the_first():
    """A BAR^P01 repeats PV1: of the second visit no row spoke, and no defect."""
    head = "MSH|^~\\&|APP|HOSP|FIN|HOSP|20260301||BAR^P01|C1|P|2.6"
    first = ["EVN", pid(), pv1("V1", "20260301", "20260302"), "IN1|1|GOLD"]
    others = [pv1("V2", "20260310"), "IN1|1|SILVER", pid("A901"), pv1("V3", "20260401")]
    hl7 = read_hl7("".join(f"{s}\r" for s in (head, *first, *others)).encode())
    assert hl7.records["account"].select("account", "visit", "admit_date", "plan_id").rows() == [
        ("A900", "V1", date(2026, 3, 1), "GOLD"),
        ("A901", "V3", date(2026, 4, 1), None),
    ]
    wanted = ("account", "mrn", "visit", "admit_date", "discharge_date", "plan_id")
    assert hl7.records["account_visit"].select(wanted).rows() == [
        ("A900", "4711", "V1", date(2026, 3, 1), date(2026, 3, 2), "GOLD"),
        ("A900", "4711", "V2", date(2026, 3, 10), None, "SILVER"),
        ("A901", "4711", "V3", date(2026, 4, 1), None, None),
    ]
    assert hl7.messages["accepted"].all()
    assert hl7.defects.select("code", "segment_no", "segment", "message").rows() == [
        ("visits", 3, "PID", "2 visits of one account: it has the first, see account_visit")
    ]


@pytest.mark.parametrize(
    ("kind", "lines", "told"),
    [
        pytest.param(
            "DFT^P03",
            ["FT1|1|T1||20260301||CG|C1|||1", "PR1|1||33208", "PR1|2||33210",
             "FT1|2|T2||20260301||CG|C2|||1", "PR1|1||33211"],
            ("procedures", 3, "2 procedures (PR1) under one charge: it has the first"),
            id="procedures",
        ),
        pytest.param(
            "SIU^S12",
            ["SCH|1|2", "RGS|1", "AIS|1||HIP", "RGS|2", "AIS|1||KNEE"],
            ("services", 3, "2 services (AIS) of one case: it has the first"),
            id="services",
        ),
    ],
)  # fmt: skip
def test_of_several_segments_under_a_record_it_has_the_first_and_says_so(kind, lines, told):
    head = f"MSH|^~\\&|APP|HOSP|FIN|HOSP|20260301120000+0000||{kind}|C1|P|2.6"
    hl7 = read_hl7("".join(f"{s}\r" for s in (head, pid(), *lines)).encode())
    assert hl7.defects.select("code", "segment_no", "message").rows() == [told]


def test_what_goes_on_and_what_has_ended():
    found = records("ADT^A40", pid(), "MRG|99^^^H^MR||A800||V66", pid("A901", "12"), "MRG|13")
    told = found["account_merge"].select(
        "account", "mrn", "prior_account", "prior_mrn", "prior_visit", "scope"
    )
    assert told.rows() == [
        ("A900", "4711", "A800", "99", "V66", "patient"),
        ("A901", "12", None, "13", None, "patient"),
    ]


def test_a_visit_that_moves_ends_no_account():
    scopes = {
        event: records(f"ADT^{event}", pid(), "MRG|1||A800", pv1())["account_merge"]["scope"][0]
        for event in ("A18", "A34", "A40", "A45", "A48", "A49")
    }
    assert scopes == {
        "A18": "patient", "A34": "patient", "A40": "patient", "A45": "visit", "A48": "patient",
        "A49": "account",
    }  # fmt: skip


def test_a_stay_that_is_cancelled_before_it_began_merges_nothing():
    """A38 was on the list of merges, beside A35: it says of nobody that he was someone else."""
    assert "account_merge" not in records("ADT^A38", "EVN|A38|20260301", pid(), pv1())


def test_a_charge_master_with_a_price_for_each_facility():
    found = records(
        "MFN^M04^MFN_M04", "MFI|CDM^x^HL70175||UPD", "MFE|MUP||20260301|C102",
        "CDM|C102^Screw|OLD|Bone screw|Bone screw, titanium||C1~C2|C1713^x^HCPCS|A|I3||K1",
        "PRC|C102|NORTH|||480.00^UP||||||||||Y", "PRC|C102|SOUTH||||||||||20261231",
    )  # fmt: skip
    row = found["charge_master"].row(0, named=True)
    assert (row["action"], row["effective_date"]) == ("MUP", date(2026, 3, 1))
    assert (row["code"], row["description"], row["procedure"]) == ("C102", "Bone screw", "C1713")
    assert (row["exploding_codes"], row["inventory_number"]) == ("C1 C2", "I3")
    assert (row["price"], row["chargeable"]) == (Decimal(480), "Y")
    assert found["charge_price"].select("facility", "price", "valid_to").rows() == [
        ("NORTH", Decimal(480), None),
        ("SOUTH", None, date(2026, 12, 31)),
    ]


def test_an_item_and_its_charge_for_all_for_a_place_and_for_a_department():
    ivt = "|".join(
        ["IVT", "1", "OR1", *[""] * 8, "Y", "C103", "500", *[""] * 8, "7", "", "4", "20"]
    )
    found = records(
        "MFN^M16", "MFE|MAD||20260301|I3", "ITM|I3|Screw|A||||ACME||CAT9|A999|Y|C102|480.00^USD|Y",
        "VND|1|V1||VC9", "PKG|1|BX^Box|Y|1|90.00|||00643169001763||10", ivt, "PCE|1|7010|C104|520",
    )  # fmt: skip
    item = found["item_master"].row(0, named=True)
    assert (item["item"], item["catalog_number"], item["charge_code"]) == ("I3", "CAT9", "C102")
    place = found["item_location"].row(0, named=True)
    assert (place["item"], place["location"], place["charge_code"]) == ("I3", "OR1", "C103")
    assert (place["safety_days"], place["order_point"]) == (7, Decimal(4))
    assert place["order_amount"] == Decimal(20)
    dept = found["item_department"].row(0, named=True)
    assert (dept["item"], dept["cost_center"], dept["price"]) == ("I3", "7010", Decimal(520))
    package = found["item_package"].row(0, named=True)
    assert (package["item"], package["vendor"], package["uom"]) == ("I3", "V1", "BX")
    assert (package["gtin"], package["eaches"]) == ("00643169001763", Decimal(10))


def test_an_entry_without_its_record_is_told_and_its_neighbours_are_read():
    head = "MSH|^~\\&|APP|HOSP|FIN|HOSP|20260301||{}|C1|P|2.6\r"
    charge = ["MFE|MAD|1|20260301|C1", "CDM|C1", "MFE|MDL|2|20260301|C2", "MFE|MUP|3||C3", "CDM|C3"]
    item = ["MFE|MAD|1|20260301|I1", "ITM|I1", "IVT|1|OR", "MFE|MDL|2|20260301|I2"]
    hl7 = read_hl7(
        "".join(
            head.format(kind) + "".join(f"{s}\r" for s in segments)
            for kind, segments in {
                "MFN^M04": charge,
                "MFN^M16": item,
                "MFN^M13": charge[2:3],
            }.items()
        ).encode()
    )
    assert hl7.messages["accepted"].all()
    assert hl7.records["charge_master"]["code"].to_list() == ["C1", "C3"]
    assert hl7.defects.select("code", "message", "segment_no", "segment").rows() == [
        ("entry", "MFE without CDM behind it: the entry is not read", 4, "MFE"),
        ("entry", "MFE without ITM behind it: the entry is not read", 11, "MFE"),
    ]


def test_stock_by_lot():
    row = records(
        "MFN^M15", "MFE|MAD|||I3", "IIM|I3||L1|20271231||OR1||100|EA|2.5^USD|20260301|12|EA"
    )["inventory"].row(0, named=True)
    assert (row["item"], row["lot"], row["location"]) == ("I3", "L1", "OR1")
    assert (row["on_hand"], row["uom"], row["received_cost"]) == (Decimal(12), "EA", Decimal("2.5"))
    assert (row["count_date"], row["expiry_date"]) == (date(2026, 3, 1), date(2027, 12, 31))


def test_a_requisition_for_a_patient():
    row = records(
        "OMS^O05", pid(), pv1(), "ORC|NW|P1|F1", "RQD|1|I3^Screw|X3|H3|5|BX^Box|7010||OR1|20260305"
    )["requisition"].row(0, named=True)
    assert (row["account"], row["order_control"], row["placer_order"]) == ("A900", "NW", "P1")
    assert (row["item"], row["quantity"], row["uom"]) == ("I3", Decimal(5), "BX")
    assert (row["deliver_to"], row["needed_date"]) == ("OR1", date(2026, 3, 5))


def test_what_is_said_of_one_patient_is_not_said_of_the_next():
    charged = ["ORC|RE|P1|F1", "FT1|1|T1||20260301||CG|C100|||1"]
    found = records(
        "ORU^R01", pid(), pv1(), *charged, pid("A901", "12"), charged[1],
        pid("A902", "13"), pv1("V78"), charged[1],
    )["charge"]  # fmt: skip
    assert found.select("account", "visit", "patient_class", "order_filler").rows() == [
        ("A900", "V77", "I", "F1"),
        ("A901", None, None, None),
        ("A902", "V78", "I", None),
    ]


def test_what_stands_before_every_patient_is_said_of_all():
    merged = records("ADT^A40", "EVN||20260301", pid(), "MRG|9", pid("A901"), "MRG|8")
    assert merged["account_merge"]["event_date"].to_list() == [date(2026, 3, 1)] * 2


def test_the_vendor_of_one_item_is_not_that_of_the_next():
    first = ["MFE|MAD||20260301|I3", "ITM|I3", "VND|1|V1", "PKG|1|BX"]
    second = ["MFE|MAD||20260302|I4", "ITM|I4", "PKG|1|CA"]
    found = records("MFN^M16", *first, *second)["item_package"]
    assert found.select("item", "vendor", "effective_date").rows() == [
        ("I3", "V1", date(2026, 3, 1)),
        ("I4", None, date(2026, 3, 2)),
    ]


def test_a_case_and_its_visit():
    row = records("SIU^S12", "SCH|P9|F9|||||||||^^30^202603010730", pid(), pv1())["case"].row(
        0, named=True
    )
    assert (row["placer_case"], row["filler_case"], row["visit"]) == ("P9", "F9", "V77")
    assert str(row["start_at"]) == "2026-03-01 07:30:00"


def test_a_value_that_is_none_of_its_type_refuses_the_message_and_names_the_field():
    data = (
        b"MSH|^~\\&|A|H|||20260301||MFN^M15|C1|P|2.6\rMFE|MAD|||I3\rIIM|I3||L|2027x||O||||||many\r"
    )
    hl7 = read_hl7(data)
    assert hl7.records == {}
    assert hl7.defects["message"].to_list() == [
        "text where a date or a month (IIM-4.1) should be",
        "text where a number (IIM-12) should be",
    ]


# PID-5 to -14 and -19, NTE, OBX, GT1, NK1, DG1: a person, or what somebody wrote of one.
NEVER = {"PID": {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 19}, "IN1": {3, 4, 5, 16, 17, 18, 19, 36}}


def test_no_column_reads_a_field_of_a_person():
    for record in DECLARED.values():
        for column in record.columns:
            place = column.place
            assert place.segment not in ("NTE", "OBX", "GT1", "NK1", "DG1"), column
            assert place.field not in NEVER.get(place.segment, ()), column


def test_every_number_of_a_person_is_private():
    private = {"PID-18.1", "PID-3.1", "PV1-19.1", "MRG-1.1", "MRG-3.1", "MRG-5.1"}
    private |= {"PRT-10.1", "PRT-20.1", "PRT-21.1", "SCH-1.1", "SCH-2.1"}
    private |= {"DEV-2.1", "DEV-11.1", "DEV-15.1"}
    for record in DECLARED.values():
        for column in record.columns:
            assert (column.path in private) == bool(column.private), column
    assert {domain for columns in PRIVATE.values() for domain in columns.values()} <= set(DOMAINS)
    assert set(PRIVATE) <= set(RECORDS)
