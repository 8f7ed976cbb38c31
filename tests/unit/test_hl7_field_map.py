"""HL7 fields as the standard numbers them: what stands in each is in the column that names it.

A segment is written with something of its own in every field, so that a column one field off reads
what no column should.
"""

from datetime import date
from decimal import Decimal

import pytest

from recon import read_hl7

HEAD = "MSH|^~\\&|APP|HOSP|FIN|HOSP|20260301120000+0000||{}|C1|P|2.9"
PID = "PID|1||4711^^^H^MR||DOE^JANE" + "|" * 13 + "A900"


def segment(tag, fields):
    """The segment with ``fields``, and in every other up to 50 a word that nothing reads."""
    return "|".join([tag, *(fields.get(n, f"{tag}{n}") for n in range(1, 51))])


def read(kind, record, *segments):
    """The one row of a record."""
    hl7 = read_hl7("".join(f"{s}\r" for s in (HEAD.format(kind), *segments)).encode())
    assert hl7.defects.rows() == []
    return hl7.records[record].row(0, named=True)


def test_every_field_of_a_charge():
    charge = {
        1: "3", 2: "T1^^^OR", 3: "B7", 4: "20260301^20260302", 5: "20260303", 6: "CG&Charge",
        7: "C100^Stent", 10: "2", 11: "200.00&USD", 12: "100.00^USD", 13: "OR7", 14: "PLAN",
        16: "WARD^2^^EAST", 17: "FEE", 22: "41.5&USD", 23: "F1^OR", 25: "C1874&Stent", 26: "LT~59",
        27: "1^Signed", 28: "76", 29: "00002-7510-01", 31: "2", 34: "I1^Stent", 35: "M9",
        36: "S1^x~S2", 41: "0278&Implant", 43: "10.5^ML&Millilitre",
    }  # fmt: skip
    row = read("DFT^P03", "charge", PID, segment("FT1", charge))
    assert {name: row[name] for name in row if name in CHARGE} == CHARGE


CHARGE = {
    "set_id": "3",
    "txn_id": "T1",
    "batch_id": "B7",
    "service_date": date(2026, 3, 1),  # of a range its first day
    "posted_date": date(2026, 3, 3),
    "type": "CG",
    "code": "C100",
    "quantity": Decimal(2),
    "extended": Decimal(200),
    "unit_amount": Decimal(100),
    "dept": "OR7",
    "plan_id": "PLAN",
    "location": "WARD",
    "facility": "EAST",
    "fee_schedule": "FEE",
    "unit_cost": Decimal("41.5"),
    "filler_order": "F1",
    "procedure": "C1874",
    "modifiers": "LT 59",
    "abn_code": "1",
    "repeat_reason": "76",
    "ndc": "00002-7510-01",
    "ndc_quantity": Decimal("10.5"),
    "ndc_uom": "ML",
    "reverses_set_id": "2",
    "item": "I1",
    "model": "M9",
    "special_processing": "S1 S2",
    "revenue_code": "0278",
}


def test_every_field_of_a_device_and_of_a_procedure_under_a_charge():
    device = {10: "=/A9999XYZ100T0944", 16: "DI16", 17: "20250101", 18: "20301231", 19: "L1",
              20: "S1", 21: "D1"}  # fmt: skip
    procedure = {3: "33208&Pacer", 5: "202603010730", 16: "RT&Right"}
    row = read(
        "DFT^P03",
        "charge",
        PID,
        "FT1|1|T1||20260301||CG|C100|||1",
        segment("PR1", procedure),
        segment("PRT", device),
    )
    assert (row["udi"], row["udi_di"]) == ("=/A9999XYZ100T0944", "DI16")
    assert (row["made_date"], row["expiry_date"]) == (date(2025, 1, 1), date(2030, 12, 31))
    assert (row["lot"], row["serial"], row["donation"]) == ("L1", "S1", "D1")
    assert (row["pr1_procedure"], row["pr1_modifiers"]) == ("33208", "RT")
    assert str(row["pr1_at"]) == "2026-03-01 07:30:00"


@pytest.mark.parametrize(("field", "column"), [(22, "unit_cost"), (43, "ndc_quantity")])
@pytest.mark.parametrize("sent", ["ten", "5.12345"])
def test_a_number_beside_a_charge_that_is_none_is_left_out_and_told(field, column, sent):
    """Its column was empty, and nothing said so; the charge is one without it."""
    empty = dict.fromkeys(range(1, 51), "")
    wrong = segment("FT1", empty | {4: "20260301", 6: "CG", 7: "C1", 10: "1", field: sent})
    hl7 = read_hl7("".join(f"{s}\r" for s in (HEAD.format("DFT^P03"), PID, wrong)).encode())
    assert hl7.records["charge"].select("code", column).rows() == [("C1", None)]
    told = f"FT1-{field} is left out: it is not a number of at most 14 digits and 4 decimals"
    assert hl7.defects.select("code", "severity", "field", "message").rows() == [
        ("left_out", "info", field, told)
    ]


def test_a_sender_who_has_something_else_there_is_told_nothing():
    empty = dict.fromkeys(range(1, 51), "")
    charge = segment("FT1", empty | {4: "20260301", 6: "CG", 7: "C1", 10: "1", 22: "ORDER-7"})
    data = "".join(f"{s}\r" for s in (HEAD.format("DFT^P03"), PID, charge)).encode()
    hl7 = read_hl7(data, {"positions": {"FT1.filler_order": 22}})
    assert hl7.records["charge"]["filler_order"].to_list() == ["ORDER-7"]
    assert hl7.defects.is_empty()


def test_every_field_of_an_item():
    row = read("MFN^M16", "item_master", "MFE|MUP||20260301|I1", segment("ITM", {
        1: "I1^Stent", 3: "A", 7: "MAKER", 9: "CAT9", 10: "H123", 11: "Y", 12: "C102",
        13: "480.00&USD", 14: "N", 24: "SET", 27: "C1713&Screw", 28: "LT~RT"}))  # fmt: skip
    assert (row["item"], row["status"], row["maker"]) == ("I1", "A", "MAKER")
    assert (row["catalog_number"], row["labeler_code"]) == ("CAT9", "H123")
    assert (row["chargeable"], row["charge_code"], row["price"]) == ("Y", "C102", Decimal(480))
    assert (row["stocked"], row["item_set"]) == ("N", "SET")
    assert (row["procedure"], row["modifiers"]) == ("C1713", "LT RT")


MASTERS = [
    pytest.param(
        "item_package",
        segment("PKG", {2: "BX^Box", 4: "2", 5: "90.00&USD", 8: "00643169001763", 10: "20"}),
        {"uom": "BX", "quantity": 2, "price": 90, "gtin": "00643169001763", "eaches": 20},
        id="package",
    ),
    pytest.param(
        "item_department",
        segment("PCE", {2: "7010", 3: "C104", 4: "520.00&USD"}),
        {"cost_center": "7010", "charge_code": "C104", "price": 520},
        id="department",
    ),
    pytest.param(
        "item_location",
        segment(
            "IVT",
            {2: "OR1", 11: "Y", 12: "C103", 13: "500", 16: "Y", 17: "N", 21: "R", 22: "7", 23: "9",
             24: "4", 25: "20", 26: "P"},
        ),
        {"location": "OR1", "chargeable": "Y", "charge_code": "C103", "price": 500,
         "consignment": "Y", "reusable": "N", "reorder_theory": "R", "safety_days": 7,
         "maximum_days": 9, "order_point": 4, "order_amount": 20, "par_decrement": "P"},
        id="place",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("record", "written", "wanted"), MASTERS)
def test_every_field_of_what_stands_under_an_item(record, written, wanted):
    row = read("MFN^M16", record, "MFE|MUP||20260301|I1", "ITM|I1", written)
    assert {name: row[name] for name in wanted} == wanted
    assert row["item"] == "I1"


def test_every_field_of_stock_by_lot():
    row = read("MFN^M15", "inventory", "MFE|MUP||20260301|I1", segment("IIM", {
        1: "I1", 3: "L1", 4: "20271231", 6: "OR1", 7: "20260201", 8: "100", 9: "BX",
        10: "2.5&USD", 11: "20260301", 12: "12", 13: "EA"}))  # fmt: skip
    assert (row["item"], row["lot"], row["expiry_date"]) == ("I1", "L1", date(2027, 12, 31))
    assert (row["location"], row["received_date"]) == ("OR1", date(2026, 2, 1))
    assert (row["received_quantity"], row["received_uom"]) == (100, "BX")
    assert (row["received_cost"], row["count_date"]) == (Decimal("2.5"), date(2026, 3, 1))
    assert (row["on_hand"], row["uom"]) == (12, "EA")


def test_every_field_of_a_charge_code_and_its_price():
    code = segment("CDM", {
        1: "C102", 2: "OLD", 3: "Screw", 4: "Bone screw", 6: "C1~C2", 7: "C1713&x", 8: "A",
        9: "I3", 11: "K1"})  # fmt: skip
    price = segment("PRC", {
        5: "480.00&USD", 7: "1", 8: "9", 9: "10", 10: "500", 11: "20260101", 12: "20261231",
        17: "3"})  # fmt: skip
    entry = "MFE|MUP||20260301|C102"
    row = read("MFN^M04", "charge_master", entry, code, price)
    assert (row["code"], row["alias"], row["description"]) == ("C102", "OLD", "Screw")
    assert (row["long_description"], row["exploding_codes"]) == ("Bone screw", "C1 C2")
    assert (row["procedure"], row["active"], row["inventory_number"]) == ("C1713", "A", "I3")
    assert (row["contract"], row["price"]) == ("K1", 480)
    assert (row["minimum_price"], row["maximum_price"]) == (10, 500)
    assert (row["valid_from"], row["valid_to"]) == (date(2026, 1, 1), date(2026, 12, 31))


def test_a_requisition_of_what_is_not_in_stock_names_its_maker_and_its_vendor():
    order = ["ORC|NW|P1", "RQD|1|I3|X3|H3|5|BX", "RQ1|5.00|ACME|CAT9|V1|VC9|Y"]
    stocked = ["ORC|NW|P2", "RQD|1|I4|||1|EA"]
    data = "".join(f"{s}\r" for s in (HEAD.format("OMN^O07"), PID, *stocked, *order)).encode()
    found = read_hl7(data).records["requisition"]
    wanted = ("item", "placer_order", "maker", "catalog_number", "vendor", "vendor_catalog")
    assert found.select(wanted).rows() == [
        ("I4", "P2", None, None, None, None),
        ("I3", "P1", "ACME", "CAT9", "V1", "VC9"),
    ]
