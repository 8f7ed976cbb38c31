"""A mapping: what becomes of each record, to the last digit."""

from decimal import Decimal

import duckdb
import polars as pl
import pytest

from recon.canonical.describe import polars_schema
from recon.canonical.expression import Scope, connected
from recon.canonical.mapping import mapped, record_schemas
from recon.canonical.tables import InvoiceLine
from recon.site import Feed

COLUMNS = [
    {"name": "doc"},
    {"name": "line", "type": "integer"},
    {"name": "amount", "type": "decimal", "scale": 4},
    {"name": "unit"},
    {"name": "note"},
    {"name": "ratio", "type": "decimal"},
]
FILLS = {"invoice_id": "doc", "line_no": "line", "amount": "amount"}


@pytest.fixture
def run(tmp_path):
    """Map records (dicts that name only what matters) to invoice_line."""

    def ran(*records: dict, columns=None, rules=None, **mapping):
        fills = {} if "table" in mapping else FILLS
        feed = Feed.model_validate(
            {
                "name": "portal",
                "owner": "x",
                "connector": {"kind": "folder", "path": ".", "pattern": "*"},
                "format": {"kind": "delimited"},
                "extract": "append",
                "contract": {"columns": COLUMNS},
                "records": [
                    {"table": "invoice_line", "columns": {**fills, **(columns or {})}, **mapping}
                ],
            }
        )
        for name, text in (rules or {}).items():
            (tmp_path / f"{name}.csv").write_text(text)
        rows = [
            {
                "doc": "D",
                "line": number,
                "amount": Decimal(1),
                "source_record": number,
                "byte_offset": number * 10,
                **record,
            }
            for number, record in enumerate(records, start=1)
        ]
        frame = pl.DataFrame(rows, schema=record_schemas(feed)["record"]).with_columns(
            source_file_id=pl.lit("f" * 64)
        )
        return mapped(feed, feed.records[0], frame, tmp_path)

    return ran


def refused(result) -> list[tuple[int, str]]:
    return result.rejects.select("source_record", "rule").rows()


def test_rows_have_the_declared_columns_and_their_origin(run):
    result = run({"doc": " D1 ", "amount": Decimal("12.50")})
    assert result.rows.schema == polars_schema(InvoiceLine)
    assert result.rows.select(
        "invoice_id",
        "amount",
        "lot",
        "source_system",
        "source_file_id",
        "source_record",
        "byte_offset",
    ).rows() == [("D1", Decimal("12.50"), None, "portal", "f" * 64, 1, 10)]
    assert result.rejects.is_empty()


def test_rows_keep_the_order_of_their_records(run):
    keys = "".join(f"U{n},{n}\n" for n in range(3000))
    result = run(
        *({"unit": f"U{n}"} for n in reversed(range(100))),
        columns={"uom": "u.code"},
        lookups={"u": {"table": "unit", "on": {"alias": "unit"}}},
        rules={"unit": f"alias,code\n{keys}"},
    )
    assert result.rows["source_record"].to_list() == list(range(1, 101))
    assert result.rows["uom"].to_list() == [str(n) for n in reversed(range(100))]


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        pytest.param("1.2300", Decimal("1.23"), id="zeros beyond the cents"),
        pytest.param("1.2350", None, id="half a cent"),
        pytest.param("0.0001", None, id="a hundredth of a cent"),
        pytest.param("-0.0100", Decimal("-0.01"), id="a negative cent"),
    ],
)
def test_no_digit_is_lost(run, amount, kept):
    result = run({"amount": Decimal(amount)})
    assert result.rows["amount"].to_list() == ([] if kept is None else [kept])
    if kept is None:
        assert refused(result) == [(1, "precision:amount")]
        told = f"amount = {amount} does not fit DECIMAL(18,2) without loss"
        assert result.rejects["reason"].to_list() == [told]


def test_a_product_wider_than_its_column_is_one_reject(run):
    wide, narrow = Decimal("99999999999999.9999"), Decimal(2)
    result = run({"amount": wide}, {"amount": narrow}, columns={"amount": "amount * 1000000"})
    assert result.rows["amount"].to_list() == [Decimal(2000000)]
    assert [n for n, _ in refused(result)] == [1]


def test_a_whole_number_too_large_for_its_column_is_one_reject(run):
    result = run({"line": 2**31}, {"line": 7})
    assert refused(result) == [(1, "precision:line_no")]
    assert result.rows["line_no"].to_list() == [7]


def test_a_barcode_in_the_field_of_a_quantity_is_one_reject(run):
    """It fits its column; its product with a price fits nothing, and would stop the night."""
    columns = {"line_no": "line", "qty": "cast(note as decimal(18, 6))"}
    notes = ["812345678906", "1000000000", "-1000000001", "2"]
    result = run(*({"note": note} for note in notes), columns=columns)
    assert result.rows["qty"].to_list() == [Decimal(10**9), Decimal(2)]
    assert refused(result) == [(1, "limit:qty"), (3, "limit:qty")]
    told = "qty is beyond 1,000,000,000: is a barcode or another column in its field?"
    assert set(result.rejects["reason"]) == {told}


@pytest.mark.parametrize(
    ("factor", "kept"), [(10**6, True), (10**6 + 1, False), (-(2**63), False), (2**63 - 1, False)]
)
def test_a_factor_of_units_that_no_package_has_is_one_reject(run, factor, kept):
    unit = {"item_id": "doc", "uom": "'CS'", "to_base_num": f"'{factor}'", "to_base_den": "1"}
    result = run({}, table="item_uom", columns=unit)
    assert result.rows.height == kept
    assert refused(result) == ([] if kept else [(1, "limit:to_base_num")])


@pytest.mark.parametrize(
    ("per", "rule", "told"),
    [
        pytest.param("0", "limit:price_per", "price_per = 0.000000 is less than 1", id="zero"),
        pytest.param("-1", "limit:price_per", "price_per = -1.000000 is less than 1", id="minus"),
        pytest.param(
            "2.5", "limit:price_per", "price_per = 2.500000 is no whole number", id="half"
        ),
        pytest.param("1", None, None, id="one"),
        pytest.param("1000", None, None, id="a thousand"),
        pytest.param(None, None, None, id="empty means one"),
    ],
)
def test_a_price_for_no_units_is_one_reject(run, per, rule, told):
    """The match refuses every table if one row holds such a value: it stopped all nights."""
    result = run(
        {"ratio": per and Decimal(per)},
        {"ratio": Decimal(100)},
        table="purchase_order_line",
        columns={
            "po_id": "doc",
            "line_no": "line",
            "qty": "1",
            "uom": "'EA'",
            "price": "amount",
            "price_per": "ratio",
        },
    )
    assert refused(result) == ([(1, rule)] if rule else [])
    assert result.rejects["reason"].to_list() == ([told] if told else [])
    assert result.rows.height + result.rejects.height == 2


@pytest.mark.parametrize(("kind", "is_refused"), [("return ", True), ("RECEIPT", False)])
def test_what_goes_back_is_below_zero_or_in_quarantine(run, kind, is_refused):
    """Many systems write returns without a minus: read as receipts, they would be paid for."""
    result = run(
        {"unit": kind, "ratio": Decimal(2)},
        {"unit": "RETURN", "ratio": Decimal(-2)},
        {"unit": None, "ratio": Decimal(2)},
        table="receipt_line",
        columns={
            "receipt_id": "doc",
            "line_no": "line",
            "po_id": "doc",
            "po_line_no": "line",
            "kind": "unit",
            "receipt_date": "date '2026-03-02'",
            "qty": "ratio",
            "uom": "'EA'",
        },
    )
    assert refused(result) == ([(1, "limit:qty")] if is_refused else [])
    assert result.rejects["reason"].to_list() == is_refused * [
        "qty = 2.000000 is above zero in a row whose kind is RETURN: map what goes back below zero"
    ]


def test_a_word_that_a_column_does_not_know_is_one_reject(run):
    result = run(
        {"unit": "SCRAP"},
        {"unit": "issue"},
        table="inventory_txn",
        columns={
            "facility_id": "doc",
            "txn_id": "line",
            "location_id": "'ED'",
            "item_id": "'I1'",
            "txn_date": "date '2026-03-02'",
            "type": "unit",
            "qty": "1",
        },
    )
    assert refused(result) == [(1, "allowed:type")]
    assert result.rejects["reason"].to_list() == [
        "type is none of ISSUE, RECEIPT, ADJUST, RETURN, TRANSFER, COUNT: unit"
    ]
    assert result.rows["type"].to_list() == ["issue"]


def test_an_expression_that_fails_is_one_reject_and_the_rest_goes_on(run):
    result = run(
        {"note": "7"},
        {"note": "seven"},
        {"note": None},
        columns={"qty": "cast(note as decimal(18, 2))"},
    )
    assert refused(result) == [(2, "expression:qty")]
    assert result.rejects["reason"].to_list() == [
        "the expression for qty fails on this record: cast(note as decimal(18, 2))"
    ]
    assert result.rejects["byte_offset"].to_list() == [20]
    assert result.rows["qty"].to_list() == [7, None]


@pytest.mark.parametrize("value", [None, "", "   "], ids=["absent", "empty", "blank"])
def test_a_required_column_that_comes_out_empty_is_a_reject(run, value):
    result = run({"doc": value}, {"doc": "D2"})
    assert refused(result) == [(1, "required:invoice_id")]
    assert result.rejects["reason"].to_list() == [
        "invoice_id is empty: doc gives nothing for this record"
    ]


def test_an_optional_column_may_come_out_empty(run):
    result = run({"unit": " "}, columns={"uom": "unit", "lot": "null", "cites": "'it''s'"})
    assert result.rows.select("uom", "lot", "cites").rows() == [(None, None, "it's")]


def test_where_leaves_records_to_others(run):
    result = run({"unit": "EA"}, {"unit": "BX"}, {"unit": None}, where="unit = 'EA'")
    assert result.rows["source_record"].to_list() == [1]
    assert (result.rejects.height, result.not_selected) == (0, 2)


def test_a_row_that_every_record_states_is_taken_once(run):
    header = {"line_no": "1", "amount": "2"}
    result = run({}, {}, {"doc": "E"}, {}, columns=header, repeats=True)
    assert result.rows.select("invoice_id", "source_record").rows() == [("D", 1), ("E", 3)]
    assert (result.not_selected, result.rejects.height) == (2, 0)


def test_records_that_state_a_row_otherwise_stay_apart(run):
    result = run({}, {"unit": "BX"}, columns={"line_no": "1", "uom": "unit"}, repeats=True)
    assert result.rows.select("uom", "source_record").rows() == [(None, 1), ("BX", 2)]
    assert result.not_selected == 0


def test_an_amount_that_no_record_states_is_the_sum_of_its_parts(run):
    amounts = [{"amount": Decimal(text)} for text in ("900.10", "185.05", "-0.15")]
    result = run(*amounts, columns={"line_no": "1"}, repeats=True, sums=["amount"])
    assert result.rows.select("amount", "source_record").rows() == [(Decimal("1085.00"), 1)]
    assert result.rows.schema == polars_schema(InvoiceLine)


def test_of_parts_of_which_one_has_no_amount_there_is_no_sum(run):
    prices = {"line_no": "1", "price": "nullif(amount, 0)"}
    amounts = [{"amount": Decimal("900.10")}, {"amount": Decimal(0)}]
    result = run(*amounts, columns=prices, repeats=True, sums=["amount", "price"])
    assert result.rows.select("amount", "price").rows() == [(Decimal("900.10"), None)]


def test_a_where_that_fails_is_one_reject_and_the_rest_goes_on(run):
    result = run({"note": "1"}, {"note": "one"}, {"note": "0"}, where="cast(note as integer) = 1")
    assert result.rows["source_record"].to_list() == [1]
    assert refused(result) == [(2, "expression:where")]
    assert result.not_selected == 1


def test_a_lookup_that_finds_no_row_is_empty_and_refused_only_where_required(run):
    units = {"unit": "alias,code\nEACH,EA\n"}
    look = {"u": {"table": "unit", "on": {"alias": "unit"}}}
    found = run(
        {"unit": "EACH"}, {"unit": "KEG"}, columns={"uom": "u.code"}, lookups=look, rules=units
    )
    assert found.rows["uom"].to_list() == ["EA", None]
    needed = run({"unit": "KEG"}, columns={"invoice_id": "u.code"}, lookups=look, rules=units)
    assert refused(needed) == [(1, "required:invoice_id")]


def test_a_lookup_whose_key_fails_is_one_reject_and_the_rest_goes_on(run):
    result = run(
        {"note": "1"},
        {"note": "one"},
        columns={"uom": "u.code"},
        lookups={"u": {"table": "unit", "on": {"alias": "cast(cast(note as integer) as varchar)"}}},
        rules={"unit": "alias,code\n1,EA\n"},
    )
    assert result.rows["uom"].to_list() == ["EA"]
    assert refused(result) == [(2, "expression:u")]


def test_a_lookup_may_use_another(run):
    result = run(
        {"unit": "x"},
        columns={"uom": "second.code"},
        lookups={
            "first": {"table": "one", "on": {"alias": "unit"}},
            "second": {"table": "two", "on": {"alias": "first.code"}},
        },
        rules={"one": "alias,code\nx,y\n", "two": "alias,code\ny,EA\n"},
    )
    assert result.rows["uom"].to_list() == ["EA"]


def test_every_record_is_a_row_a_reject_or_left_to_others(run):
    notes = ["1", "x", "2", "3", None, "y", "1"]
    result = run(
        *({"note": n, "doc": None if n == "2" else "D"} for n in notes),
        where="coalesce(note, '') <> '3'",
        columns={"qty": "cast(note as integer)"},
    )
    counted = (result.rows.height, result.rejects.height, result.not_selected)
    assert counted == (3, 3, 1)
    assert sum(counted) == len(notes)
    assert result.rejects["records"].to_list() == [1, 1, 1]


def test_only_the_first_rule_a_record_breaks_is_named(run):
    result = run({"doc": None, "amount": Decimal("0.0001")})
    assert refused(result) == [(1, "required:invoice_id")]


def test_the_time_zone_of_the_machine_changes_nothing(run, monkeypatch):
    import time

    stamps = []
    for zone in ("UTC", "Pacific/Auckland"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        result = run(
            {"note": "2026-03-02 23:30:00+00"},
            columns={"lot": "cast(cast(note as timestamptz) as varchar)"},
        )
        stamps += result.rows["lot"].to_list()
    monkeypatch.undo()
    time.tzset()
    assert stamps == ["2026-03-02 23:30:00+00"] * 2


def test_a_connection_sees_nothing_that_another_registers_or_sets():
    with connected() as one:
        one.register("record", pl.DataFrame({"a": ["1"]}))
        one.execute("set timezone = 'America/New_York'")
        with connected() as other:
            assert other.sql("select current_setting('TimeZone')").fetchall() == [("UTC",)]
            with pytest.raises(duckdb.CatalogException):
                other.sql("select a from record").fetchall()
            with pytest.raises(duckdb.PermissionException):
                other.sql("select * from read_csv('/etc/hostname')").fetchall()
    with connected() as next_one, pytest.raises(duckdb.CatalogException):
        next_one.sql("select a from record").fetchall()


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("today", None),
        ("today || cast(now() as varchar)", "'now'"),
        ("cast(age(timestamp '2026-03-02', timestamp '2026-03-01') as varchar)", None),
        ("cast(age(timestamp '2026-03-02') as varchar)", "Macro age()"),
        ("cast(current_localtimestamp() as varchar)", "'current_localtimestamp'"),
    ],
)
def test_a_column_named_as_the_clock_hides_no_other_clock(expression, word):
    with connected() as con:
        con.register("record", pl.DataFrame({"today": ["x"]}))
        problem = Scope(con, ["today"]).problem(expression, "record", pl.String())
    assert problem is None if word is None else word in problem
