"""Who gets the goods may be a patient at home: no name is stored, and no number of a person."""

from datetime import date

import pytest
from x12_written import interchange

import recon
from recon.canonical.mapping import mapping_mistakes
from recon.parse import parse
from recon.parse.privacy import Tokens
from recon.site import Feed

DAY = date(2026, 3, 2)
CONNECTOR = {"kind": "folder", "path": ".", "pattern": "*"}


def feed(*mappings):
    declared = {"name": "x", "owner": "x", "connector": CONNECTOR, "extract": "append"}
    return Feed.model_validate({**declared, "format": {"kind": "x12"}, "records": list(mappings)})


def order(ship_to):
    return (
        *("BEG*00*SA*PO-1**20260302", ship_to, "N1*BY*DOE*92*0815", "N1*SE*ACME*UL*0899990000108"),
        *("PO1*1*2*EA*5*PE*VN*A-100", "CTT*1"),
    )


@pytest.mark.parametrize(
    ("party", "number"),
    [
        pytest.param("N1*ST*MERCY*UL*0012345000003", "0012345000003", id="a GLN"),
        pytest.param("N1*ST*DOE, JANE*92*4711", "4711", id="a number of the buyer's"),
        pytest.param("N1*ST*DOE, JANE", None, id="a name alone"),
        pytest.param("N1*ST*DOE, JANE*34*078051120", None, id="a social security number"),
        pytest.param("N1*ST*DOE, JANE*MI*W20057334", None, id="a member number"),
    ],
)
def test_a_party_is_known_by_an_organisations_number_and_never_by_name(party, number):
    parsed = parse(feed(), interchange(("850", order(party))), Tokens(), DAY)
    assert (parsed.records_in, parsed.quarantined) == (1, 0)
    for record in ("purchase_order", "purchase_order_line"):
        row = parsed.records[record].row(0, named=True)
        assert row["ship_to_id"] == number, record
        assert row["seller_id"] == "0899990000108", "another party's number stays"
        assert not {"ship_to_name", "buyer_name", "bill_to_name"} & row.keys()
    head = parsed.records["purchase_order"].row(0, named=True)
    assert (head["buyer_id"], head["seller_name"]) == ("0815", "ACME")


def test_of_three_orders_the_one_to_a_home_loses_its_number():
    home, ward = order("N1*ST*DOE*34*078051120"), order("N1*ST*MERCY*92*4711")
    data = interchange(("850", home), ("850", ward)) + interchange(("850", ward))
    parsed = parse(feed(), data, Tokens(), DAY)
    assert parsed.records["purchase_order_line"]["ship_to_id"].to_list() == [None, "4711", "4711"]


def test_a_notebook_gets_what_was_sent():
    found = recon.read_x12(interchange(("850", order("N1*ST*DOE, JANE*34*078051120"))))
    row = found.records["purchase_order"].row(0, named=True)
    assert (row["ship_to_name"], row["ship_to_id"]) == ("DOE, JANE", "078051120")


def test_a_mapping_cannot_use_the_name_of_who_gets_the_goods(tmp_path):
    mapping = {
        "table": "purchase_order",
        "from": "purchase_order",
        "columns": {"po_number": "ship_to_name"},
    }
    told = [message for _, message in mapping_mistakes(feed(mapping), tmp_path)]
    assert any("no column 'ship_to_name'" in message for message in told), told
