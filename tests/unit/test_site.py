"""A site folder: every mistake is told with its file, its line and what was probably meant."""

import re
from pathlib import Path

import pytest
from site_folder import ENVIRONMENT, ITEM, ORDERS, RECON, Folder

from recon.errors import ConfigError
from recon.site import Site


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def test_a_site_without_mistakes_opens(folder):
    assert folder.mistakes() == []
    site = Site.open(folder.root, ENVIRONMENT)
    assert sorted(site.feeds) == ["item", "orders"]
    assert site.feeds["orders"].connector.host == "sftp.example"


def mistakes():
    """File, what stands there, what is written instead, what is said: site_mistakes.txt."""
    text = Path(__file__).with_name("site_mistakes.txt").read_text(encoding="utf-8")
    for case in text.split("\n# ")[1:]:
        file, name = case.partition("\n")[0].split(": ", 1)
        of = {m: "\n".join(re.findall(rf"^{re.escape(m)}(.*)", case, re.MULTILINE)) for m in "-+="}
        old = of["-"] if of["+"] else of["-"] + "\n"
        yield pytest.param(file, old, of["+"], of["="], id=name)


@pytest.mark.parametrize(("file", "old", "new", "message"), [*mistakes()])
def test_a_mistake_is_told_with_its_line_and_the_nearest_name(folder, file, old, new, message):
    line = folder.edit(file, old, new)
    folder.drop_other_feeds(file)
    told = "\n".join(folder.mistakes())
    # The mistake is on the last line of what was put there; YAML may notice a little later.
    last = line + new.count("\n")
    found = re.search(rf"^{re.escape(file)}:(\d+): .*{re.escape(message)}", told, re.MULTILINE)
    assert found, told
    if old.strip() and new and "not valid YAML: e" not in found[0] and "[label" not in new:
        assert int(found[1]) == last, told


def test_nothing_fills_a_required_column(folder):
    folder.edit("sources/item.yaml", "      description: label\n", "")
    assert folder.mistakes() == [
        "sources/item.yaml:24: item.description is required and nothing fills it"
    ]


def test_a_binary_fraction_is_refused_for_money(folder):
    folder.edit(
        "sources/orders.yaml",
        "  - table: purchase_order\n    from: purchase_order\n    columns:",
        """\
  - table: purchase_order_line
    from: purchase_order_line
    columns:
      po_id: po_number
      line_no: assigned_id
      uom: uom
      qty: qty
      price: price / 100
  - table: purchase_order
    from: purchase_order
    columns:""",
    )
    (told,) = folder.mistakes()
    assert told.startswith(
        "sources/orders.yaml:20: this must be a decimal, the expression gives DOUBLE: division and "
        "floating-point literals lose cents"
    )


def test_all_mistakes_of_all_files_are_told_at_once(folder):
    folder.edit("recon.yaml", "engine:", "enginee:")
    folder.edit("recon.yaml", "America/New_York", "America/Nowhere")
    folder.edit("sources/item.yaml", "owner: supply", "ownr: supply")
    folder.edit("sources/item.yaml", "    mark: TRL", "    mrk: TRL")
    folder.edit("sources/item.yaml", "      type: text", "      type: txt")
    folder.edit("sources/item.yaml", "count > 0", "cuont > 0")
    folder.edit("sources/item.yaml", "      item_id: item_no", "      item_idd: item_no")
    folder.edit("sources/item.yaml", "description: label", "description: lable")
    folder.edit("sources/orders.yaml", "supplier_id: seller_id", "supplier_id: seler_id")
    folder.edit("sources/orders.yaml", "${SFTP_HOST}", "${NOWHERE}")
    folder.write("rules/policy.csv", "policy,value\n")
    told = folder.mistakes()
    for expected in [
        "recon.yaml:6: facilities.time_zone: 'America/Nowhere' is not an IANA time zone",
        "recon.yaml:9: unknown key 'enginee'; did you mean 'engine'?",
        "rules/policy.csv:1: columns missing",
        "sources/item.yaml:1: unknown key 'ownr'; did you mean 'owner'?",
        "sources/item.yaml:1: 'owner' is missing",
        "sources/item.yaml:6: unknown key 'mrk'; did you mean 'mark'?",
        "sources/item.yaml:14: 'txt' is not a valid type; did you mean 'text'?",
        "sources/item.yaml:21: no column 'cuont'; did you mean 'count'?",
        "sources/item.yaml:25: item has no column 'item_idd'; did you mean 'item_id'?",
        "sources/item.yaml:26: no column 'lable'; did you mean 'label'?",
        "sources/orders.yaml:4: ${NOWHERE} is not set in the environment",
        "sources/orders.yaml:18: no column 'seler_id'; did you mean 'seller_id'?",
    ]:
        assert any(t.startswith(expected) for t in told), f"{expected}\nnot in\n" + "\n".join(told)


def test_one_mistake_is_one_line(folder):
    """No mistake follows from the mending of another."""
    folder.edit("sources/item.yaml", "type: decimal, scale: 2", "type: decimall, scale: 22")
    folder.edit("sources/item.yaml", "kind: folder", "kind: foldr")
    folder.edit("sources/item.yaml", "    mark: TRL", "    mark: ''")
    assert [t.split(":")[1] for t in folder.mistakes()] == ["2", "6", "16", "16"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param("sources/empty.yaml", "", "1: the file must hold keys", id="empty file"),
        pytest.param("sources/list.yaml", "- a\n- b\n", "1: the file must hold keys", id="a list"),
        pytest.param(
            "sources/latin.yaml", b"owner: a\nx: M\xfcller\n", "2: not UTF-8 text", id="not UTF-8"
        ),
        pytest.param(
            "sources/other.yml",
            "owner: a\n",
            "1: not read: rename it to other.yaml",
            id="yml",
        ),
        pytest.param(
            "sources/Stock Items.yaml",
            ITEM,
            "1: 'Stock Items' cannot name a feed; rename the file",
            id="file name that is no name",
        ),
        pytest.param(
            "rules/unit_alias.csv",
            "alias,code,label\nEACH,EA,Each\nBOX,BX,Box\nEACH,CA,Case\n",
            "sources/item.yaml:23: rules/unit_alias.csv has several rows for alias = EACH: a "
            "lookup must find one",
            id="lookup with two rows for one key",
        ),
        pytest.param(
            "rules/unit_alias.csv",
            "alias,code\nEACH,EA,Each,1\n",
            "unit_alias.csv cannot be read as a lookup table",
            id="lookup with more values than headings",
        ),
        pytest.param(
            "rules/unit_alias.csv",
            "",
            "unit_alias.csv cannot be read as a lookup",
            id="empty lookup",
        ),
        pytest.param(
            "rules/tolerance_rule.CSV",
            "rule_id\n",
            "1: not read: save it as tolerance_rule.csv",
            id="a rule table in capitals",
        ),
        pytest.param(
            "rules/unit_alias.xlsx",
            "PK",
            "1: not read: save it as unit_alias.csv",
            id="a lookup saved as a workbook",
        ),
        pytest.param(
            "rules/tolerance_rules.csv",
            "rule_id\n",
            "rules/tolerance_rules.csv:1: not read: no rule table or lookup has this name; did you "
            "mean 'tolerance_rule.csv'?",
            id="misspelt rule table",
        ),
        pytest.param(
            "rules/age_bucket.csv",
            "bucket,from_days,to_days\nnew,0,30\nold,32,\n",
            "rules/age_bucket.csv:3: it starts at 32 days, the bucket before ends at 30",
            id="gap in a rule table",
        ),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_told(folder, name, content, told):
    folder.write(name, content)
    found = folder.mistakes()
    assert any(told in f for f in found), found


def test_values_stay_as_they_were_written(folder):
    """YAML would make NO false, 007 seven and 14:30 a number of minutes."""
    folder.edit("recon.yaml", "  - id: NGH", "  - id: NO\n    legal_entity: 007")
    folder.edit("recon.yaml", '"04:30"', "14:30")
    folder.edit(
        "sources/item.yaml", "    - {name: unit}", "    - {name: unit, allowed: [ON, 1.50, 08]}"
    )
    folder.edit(
        "sources/item.yaml", "label\n      base", "label\n      stock_flag: true\n      base"
    )
    assert folder.mistakes() == []
    site = Site.open(folder.root, ENVIRONMENT)
    facility = site.config.facilities[0]
    assert (facility.id, facility.legal_entity, site.config.schedule.at) == ("NO", "007", "14:30")
    assert site.feeds["item"].contract.columns[2].allowed == ["ON", "1.50", "08"]
    assert site.feeds["item"].records[0].columns["stock_flag"] == "true"


@pytest.mark.parametrize(
    ("schedule", "zone"),
    [
        pytest.param('schedule:\n  at: "04:30"\n', "America/Denver", id="not said"),
        pytest.param("", "America/Denver", id="no schedule at all"),
        pytest.param("schedule: {time_zone: America/Chicago}\n", "America/Chicago", id="said"),
    ],
)
def test_tonight_is_the_first_hospitals_day_unless_the_schedule_says_otherwise(
    folder, schedule, zone
):
    """At 23:00 in Denver it is tomorrow in New York, and the night would take tomorrow's date."""
    folder.edit("recon.yaml", "America/New_York", "America/Denver")
    folder.edit("recon.yaml", 'schedule:\n  at: "04:30"\n', schedule)
    assert Site.open(folder.root, ENVIRONMENT).config.time_zone == zone


def test_an_x12_feed_says_how_numbers_and_answers_are_handled(folder):
    told = Site.open(folder.root, ENVIRONMENT).feeds["orders"].format
    assert (told.control_numbers, told.acknowledge, told.outbound) == ("warn", "none", False)
    folder.edit(
        "sources/orders.yaml", "{kind: x12}", "{kind: x12, control_numbers: off, acknowledge: 997}"
    )
    told = Site.open(folder.root, ENVIRONMENT).feeds["orders"].format
    assert (told.control_numbers, told.acknowledge) == ("off", "997")


def test_a_facility_that_is_declared_twice_is_told(folder):
    second = "schedule:"
    again = "  - {id: NGH, name: Other, time_zone: America/Chicago}\nschedule:"
    folder.edit("recon.yaml", second, again)
    assert folder.mistakes() == ["recon.yaml:7: facility 'NGH' is declared twice"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("N_H", "7: 'N_H' and 'N H' would name the same workbook: change one"),
        ("NETWORK", "7: 'NETWORK' names the workbook of all hospitals: choose another id"),
    ],
)
def test_two_workbooks_of_one_name_are_told(folder, name, told):
    folder.edit("recon.yaml", "id: NGH", "id: N H")
    again = f"  - {{id: {name}, name: Other, time_zone: America/Chicago}}\nschedule:"
    folder.edit("recon.yaml", "schedule:", again)
    assert folder.mistakes() == [f"recon.yaml:{told}"]


@pytest.mark.parametrize("where", ["published: lake", "outbox: lake/raw", "lake: published/lake"])
def test_workbooks_in_the_lake_are_told(folder, where):
    folder.edit("recon.yaml", "schedule:", f"{where}\nschedule:")
    (told,) = folder.mistakes()
    assert "and the lake must be apart" in told


@pytest.mark.parametrize("newer", ["2", "1.1", ""])
def test_a_lake_that_a_newer_version_wrote_is_refused(folder, newer):
    folder.write("lake/layout", "1\n")
    assert folder.mistakes() == []
    folder.write("lake/layout", f"{newer}\n")
    (told,) = folder.mistakes()
    assert f"/lake is laid out as '{newer}' and this version knows 1: a newer version wrote" in told


@pytest.mark.parametrize("name", ["lake", "published", "outbox"])
def test_a_file_where_a_folder_must_be_is_told(folder, name):
    folder.write(name, "")
    (told,) = folder.mistakes()
    assert told.endswith(f"/{name} is not a folder; name one, or remove that file")


@pytest.mark.parametrize("form", ["MM/DD/YYYY", "%m/%d", "%Q", "%Y-%m-%d %H"])
def test_a_date_format_that_tells_no_day_is_told(folder, form):
    folder.edit(
        "sources/item.yaml", "{name: remark}", f'{{name: d, type: date, date_format: "{form}"}}'
    )
    (told,) = folder.mistakes()
    assert told.endswith(f"'{form}' is not a whole date; write year, month and day as in %m/%d/%Y")


@pytest.mark.parametrize("form", ["%d%b%Y", "%y%m%d", "%Y%j", "%Y-%m-%dT%H:%M:%S%z", "%Y%m%d%H%M"])
def test_a_date_may_be_written_in_many_ways(folder, form):
    folder.edit(
        "sources/item.yaml", "{name: remark}", f'{{name: d, type: date, date_format: "{form}"}}'
    )
    assert folder.mistakes() == []


def test_two_columns_of_one_heading_are_told(folder):
    folder.edit("sources/item.yaml", "{name: remark}", "{name: remark, header: UNIT}")
    assert folder.mistakes() == ["sources/item.yaml:18: two columns have the heading 'UNIT'"]


def test_what_is_no_way_to_write_a_number_is_told(folder):
    folder.edit(
        "sources/item.yaml",
        "{name: count, type: integer}",
        "{name: count, type: integer, implied: true, scale: 0, decimal_comma: true}",
    )
    folder.edit("sources/item.yaml", "    total: 2\n    total_of: weight", "    total_decimals: 2")
    of_total = "`total_decimals` says how a `total` is written: name its place"
    of_count = "column 'count': `implied` are digits alone: leave `decimal_comma` out"
    assert folder.mistakes() == [
        f"sources/item.yaml:5: {of_total}",
        f"sources/item.yaml:16: {of_count}",
    ]


def test_a_cell_that_is_a_number_has_no_decimal_comma(folder):
    folder.edit(
        "sources/item.yaml",
        "format:\n  kind: delimited\n  trailer:\n    mark: TRL\n    total: 2\n    total_of: weight",
        "format: {kind: spreadsheet, sheet: Items}",
    )
    folder.edit("sources/item.yaml", "type: decimal,", "type: decimal, decimal_comma: true,")
    told = "the cells of a spreadsheet hold numbers: leave `decimal_comma` out"
    assert folder.mistakes() == [f"sources/item.yaml:11: column 'weight': {told}"]


def test_only_implied_digits_are_zoned(folder):
    folder.edit("sources/item.yaml", "type: decimal,", "type: decimal, zoned: true,")
    told = "`zoned` says how `implied` digits are signed: add `implied: true`"
    (found,) = folder.mistakes()
    assert found.endswith(f"column 'weight': {told}")


def test_a_file_without_headings_has_no_row_of_them(folder):
    told = "header: false\n  header_row: 3\n  other_columns: ignored"
    folder.edit("sources/item.yaml", "  kind: delimited", f"  kind: delimited\n  {told}")
    assert [told.split(": ", 1)[1] for told in folder.mistakes()] == [
        f"a file without headings (`header: false`) has no `{key}`"
        for key in ("header_row", "other_columns")
    ]


KINDS = """\
owner: purchasing
connector: {kind: folder, path: inbox/po, pattern: "PO_{date:%Y%m%d}.txt"}
format: {kind: delimited, header: false, trailer: {mark: T, total: 2, total_of: qty}}
extract: delta
contract:
  kinds:
    order:
      mark: H
      columns: [{name: kind}, {name: po}, {name: vendor}, {name: day, type: date}]
    line:
      mark: L
      columns:
        - {name: kind}
        - {name: po}
        - {name: no}
        - {name: qty, type: decimal}
        - {name: price, type: decimal}
records:
  - table: purchase_order
    from: order
    columns: {po_id: po, po_number: po, supplier_id: vendor, facility_id: "'NGH'", order_date: day}
  - table: purchase_order_line
    from: line
    columns: {po_id: po, line_no: no, qty: qty, uom: "'EA'", price: price}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("from: line", "from: order", "no column 'no'"),
        pytest.param(
            "from: line", "from: lines", "no record 'lines'; did you mean 'line'?", id="no kind"
        ),
        pytest.param(
            "header: false",
            "header: true",
            "no common header: write `header: false`",
            id="headings",
        ),
        pytest.param(
            "mark: L", "mark: H", "the mark 'H' could be that of another kind", id="one mark twice"
        ),
        ("mark: L", "mark: T", "or of the trailer ('T')"),
        pytest.param(
            "{name: vendor}",
            "{name: qty}",
            "several kinds of record have a column 'qty'",
            id="two sums",
        ),
        pytest.param(
            "    order:",
            "    file:",
            "'file' cannot name a kind of record",
            id="a part of the night",
        ),
        pytest.param(
            "  kinds:",
            "  columns: [{name: po}]\n  kinds:",
            "either `columns` or `kinds`",
            id="both",
        ),
        pytest.param(
            "{kind: delimited, header: false, trailer: {mark: T, total: 2, total_of: qty}}",
            "{kind: json}",
            "are for delimited and fixed-width files",
            id="FHIR",
        ),
        pytest.param(
            "mark: L\n",
            "mark: L\n      takes: {odrer: [day]}\n",
            "no kind 'odrer' stands before 'line' in the contract; declared before 'line': order",
            id="takes of no kind",
        ),
        pytest.param(
            "mark: H\n",
            "mark: H\n      takes: {line: [no]}\n",
            "no kind 'line' stands before 'order' in the contract",
            id="takes of a kind below",
        ),
        pytest.param(
            "mark: L\n",
            "mark: L\n      takes: {order: [days]}\n",
            "'order' has no column 'days' that is kept",
            id="takes no column",
        ),
        pytest.param(
            "mark: L\n",
            "mark: L\n      takes: {order: [day, po]}\n",
            "'line' has a column 'po' already",
            id="takes what it has",
        ),
    ],
)
def test_kinds_of_record_that_could_not_be_told_apart(folder, old, new, told):
    folder.write("sources/lawson.yaml", KINDS)
    assert folder.mistakes() == []
    folder.edit("sources/lawson.yaml", old, new)
    assert any(told in mistake for mistake in folder.mistakes()), folder.mistakes()


def test_a_mapping_uses_what_its_record_takes(folder):
    folder.write("sources/lawson.yaml", KINDS)
    folder.edit("sources/lawson.yaml", "qty: qty, uom", "requester: vendor, qty: qty, uom")
    assert any("no column 'vendor'" in mistake for mistake in folder.mistakes())
    folder.edit("sources/lawson.yaml", "mark: L\n", "mark: L\n      takes: {order: [vendor]}\n")
    assert folder.mistakes() == []


def test_a_column_that_allows_nothing_is_told(folder):
    folder.edit("sources/item.yaml", "{name: remark}", "{name: remark, allowed: []}")
    (told,) = folder.mistakes()
    assert "allowed: list should have at least 1 item" in told


def test_two_feeds_that_take_the_same_files_are_told(folder):
    folder.write("sources/orders_again.yaml", ORDERS)
    twice = "takes the same files as orders.yaml: every record would be read twice"
    assert folder.mistakes() == [f"sources/orders_again.yaml:1: {twice}"]
    folder.edit("sources/orders_again.yaml", "/out", "/elsewhere")
    assert folder.mistakes() == []


def test_a_folder_that_is_no_site_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no recon.yaml here.*recon init"):
        Site.open(tmp_path / "nowhere")


def test_a_site_without_feeds_is_told(tmp_path):
    (tmp_path / "recon.yaml").write_text(RECON)
    with pytest.raises(ConfigError, match="no feed is declared"):
        Site.open(tmp_path)
