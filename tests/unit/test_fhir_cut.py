"""A FHIR file cut into resources: Bundle, array, NDJSON, and what is broken, byte by byte."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.errors import SenderError
from recon.parse.fhir import read_fhir
from recon.parse.fhir.cut import cut

AS_OF = date(2026, 3, 31)
# A name that tries the brackets: quotes, backslashes, braces and letters beyond ASCII in strings.
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"text": 'O"B\\\\rien {[ "entry": ['}]}
DEVICE = {"resourceType": "Device", "id": "d1", "lotNumber": "Lä{1"}
CHARGE = {"resourceType": "ChargeItem", "id": "c1", "status": "billable"}


def bundle(*resources, **more):
    entries = [{"fullUrl": f"urn:uuid:{n}", "resource": r} for n, r in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", **more, "entry": entries}


def read(data):
    return read_fhir(data if isinstance(data, bytes) else data.encode(), AS_OF)


def places(parsed):
    """Record number and offset of every resource, refused or not."""
    frames = [*parsed.records.values(), parsed.rejects]
    found = {r for f in frames for r in f.select("source_record", "byte_offset").rows()}
    return sorted(found)


def ids(parsed):
    return parsed.records["device"]["device_id"].to_list(), parsed.records["charge_item"][
        "charge_id"
    ].to_list()


def written(resources, layout, indent):
    if layout == "ndjson":
        return "\n".join(json.dumps(r, ensure_ascii=False) for r in resources) + "\n"
    document = bundle(*resources) if layout == "bundle" else resources
    return json.dumps(document, ensure_ascii=False, indent=indent)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("layout", ["bundle", "array", "ndjson"])
def test_every_layout_gives_the_same_records_with_their_places(layout, indent):
    text = written([PATIENT, DEVICE, CHARGE], layout, indent)
    parsed = read(text)
    assert (parsed.records_in, parsed.quarantined) == (3, 0)
    assert ids(parsed) == (["d1"], ["c1"])
    assert parsed.records["device"]["lot"].to_list() == ["Lä{1"]
    assert parsed.records["other_resource"]["resource_type"].to_list() == ["Patient"]
    data = text.encode()
    for number, offset in places(parsed):
        # From there on stands the resource, or the Bundle's entry that holds it.
        first = json.JSONDecoder().raw_decode(data[offset:].decode())[0]
        held = first.get("resource", first)
        assert held == [PATIENT, DEVICE, CHARGE][number - 1]


def test_a_byte_order_mark_moves_the_offsets():
    parsed = read(b"\xef\xbb\xbf" + json.dumps([DEVICE]).encode())
    assert places(parsed) == [(1, 4)]


def test_one_resource_alone_printed_over_lines():
    parsed = read(json.dumps(DEVICE, indent=2))
    assert (parsed.records_in, ids(parsed)[0]) == (1, ["d1"])


@pytest.mark.parametrize(
    "text", ["", "\n", "[]", json.dumps(bundle()), '{"resourceType":"Bundle"}']
)
def test_an_empty_file_has_no_resource(text):
    parsed = read(text)
    assert (parsed.records_in, parsed.quarantined) == (0, 0)


def test_lists_of_a_bundle_that_are_not_its_entries_are_no_resources():
    links = [{"relation": "self", "url": "http://example.org/{["}]
    parsed = read(json.dumps(bundle(DEVICE, link=links, identifier={"entry": [1, 2]})))
    assert (parsed.records_in, ids(parsed)[0]) == (1, ["d1"])


@pytest.mark.parametrize("first", ["link", "entry"])
def test_a_page_of_a_search_says_that_others_are_missing(first):
    links = [
        {"relation": "self", "url": "http://ö/Device"},
        {"relation": "next", "url": "http://2"},
    ]
    whole = bundle(DEVICE, type="searchset", link=links)
    whole = {**{name: whole[name] for name in ("resourceType", first)}, **whole}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    parsed = read(text)
    assert (parsed.records_in, parsed.quarantined, ids(parsed)[0]) == (2, 1, ["d1"])
    ((number, offset, length, rule),) = refusals(parsed)
    assert (number, rule) == (2, "next_page")
    assert json.loads(text.encode()[offset : offset + length]) == links


def test_the_last_page_of_a_search_is_whole():
    links = [
        {"relation": name, "url": "http://1"} for name in ("self", "first", "previous", "last")
    ]
    item = {**PATIENT, "link": [{"relation": "next"}]}
    parsed = read(json.dumps(bundle(DEVICE, item, type="searchset", link=links)))
    assert (parsed.records_in, parsed.quarantined) == (2, 0)


@pytest.mark.parametrize("text", ["hello", "MSH|^~\\&|", "<Bundle/>", '"a"'])
def test_what_is_no_json_is_refused_as_a_file(text):
    with pytest.raises(SenderError, match="not FHIR in JSON"):
        read(text)


def refusals(parsed):
    return parsed.rejects.select("source_record", "byte_offset", "byte_length", "rule").rows()


def test_a_broken_line_is_refused_alone():
    good = json.dumps(DEVICE).encode()
    bad = b'{"resourceType": "Device", "id": "d2'
    parsed = read(good + b"\n" + bad + b"\n\n" + good)
    assert refusals(parsed) == [(2, len(good) + 1, len(bad), "json")]
    assert (parsed.records_in, parsed.records["device"].height) == (3, 2)


def test_a_broken_first_line_is_refused_alone():
    parsed = read(b'{"resourceType": "Device", "id" "d2"}\n' + json.dumps(DEVICE).encode())
    assert [r[0] for r in refusals(parsed)] == [1]
    assert parsed.records["device"].height == 1


def test_what_stands_between_resources_is_a_refused_record():
    text = json.dumps([DEVICE]).replace("]", ', 17, ["x"]]')
    parsed = read(text)
    assert [r[0] for r in refusals(parsed)] == [2, 3]
    assert parsed.records_in == 3


@pytest.mark.parametrize("layout", ["bundle", "array"])
def test_a_file_cut_short_keeps_what_is_whole(layout):
    data = written([DEVICE, CHARGE], layout, None).encode()
    inside = data[: data.index(b'"c1"')]
    parsed = read(inside)
    assert ids(parsed) == (["d1"], [])
    ((number, offset, length, rule),) = refusals(parsed)
    assert (number, offset + length, rule) == (2, len(inside), "json")
    # Cut between two resources, nobody can say how many are missing.
    between = data[: _end_of_first(data, layout)]
    parsed = read(between)
    assert ids(parsed) == (["d1"], [])
    assert [r[3] for r in refusals(parsed)] == ["unclosed"]
    assert parsed.records_in == 2


def _end_of_first(data, layout):
    return data.index(b'}}, {"fullUrl') + 2 if layout == "bundle" else data.index(b"}, {") + 1


def test_bytes_that_are_not_utf_8_refuse_their_resource():
    data = written([DEVICE, CHARGE], "ndjson", None).encode("latin-1")
    parsed = read(data)
    assert [(r[0], r[3]) for r in refusals(parsed)] == [(1, "encoding")]
    assert ids(parsed) == ([], ["c1"])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"id": "x"}', "resource"),
        ('{"resourceType": 7}', "resource"),
        ('["Device"]', "resource"),
        ('{"resourceType": "Bundle", "entry": []}', "resource"),
    ],
)
def test_a_line_that_is_no_resource(text, rule):
    parsed = read(json.dumps(DEVICE) + "\n" + text + "\n")
    assert [(r[0], r[3]) for r in refusals(parsed)] == [(2, rule)]


def test_an_entry_that_deletes_a_charge_says_what_to_ask_for():
    gone = {"request": {"method": "DELETE", "url": "ChargeItem/c1"}, "response": {"status": "204"}}
    kept = {"fullUrl": "ChargeItem/c2", "resource": {**CHARGE, "id": "c2"}}
    parsed = read(json.dumps({**bundle(), "type": "history", "entry": [gone, kept]}))
    assert ids(parsed)[1] == ["c2"]
    assert parsed.rejects.select("source_record", "rule").rows() == [(1, "resource")]
    assert parsed.rejects["reason"].item().endswith("with the status entered-in-error")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    extras=st.lists(_JSON, min_size=1, max_size=5),
    layout=st.sampled_from(["bundle", "array", "ndjson"]),
    indent=st.sampled_from([None, 1]),
)
def test_every_resource_is_counted_once_whatever_stands_in_it(extras, layout, indent):
    resources = [
        {"resourceType": "Device", "id": f"d{n}", "extension": extra}
        for n, extra in enumerate(extras)
    ]
    found = cut(written(resources, layout, indent).encode()).resources
    texts = [json.loads(text) for text in found["text"]]
    assert [text["resource"] if layout == "bundle" else text for text in texts] == resources
    assert found["rule"].null_count() == len(resources)


@settings(max_examples=60, deadline=None)
@given(
    layout=st.sampled_from(["bundle", "array", "ndjson"]),
    cut=st.integers(0, 10_000),
    put=st.binary(max_size=3),
)
def test_damage_never_loses_count(layout, cut, put):
    data = written([PATIENT, DEVICE, CHARGE], layout, None).encode()
    at = cut % (len(data) + 1)
    try:
        parsed = read(data[:at] + put + data[at + len(put) :])
    except SenderError:
        return
    seen = {number for number, _ in places(parsed)}
    assert seen == set(range(1, parsed.records_in + 1))
    accepted = {n for f in parsed.records.values() for n in f["source_record"]}
    assert len(accepted) + parsed.quarantined == parsed.records_in
    assert accepted.isdisjoint(parsed.rejects["source_record"])
