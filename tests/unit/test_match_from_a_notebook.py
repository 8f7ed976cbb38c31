"""``recon.three_way_match`` with frames as people have them: it works, or says what to do.

Two EA of item A are ordered at 50.00 and received; three are billed at 50.00.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import polars as pl
import pytest
from one_match import match_together

import recon
from recon.errors import InputError
from recon.reconcile.inputs import declared_tables
from recon.rules import load

DAY = date(2026, 3, 31)
# Neither ordered nor received: one of three, at 50.00.
FOUND = [("QTY_OVER_BILLED", Decimal("50.00"))]


def plain() -> dict[str, pl.DataFrame]:
    """Frames as typed into a notebook: only what is needed, whole numbers in 64 bits."""
    two = {"qty": [Decimal(2)], "uom": ["EA"]}
    return {
        "supplier": pl.DataFrame({"supplier_id": ["S1"], "name": ["Acme"]}),
        "purchase_order": pl.DataFrame(
            {
                "po_id": ["P1"],
                "po_number": ["P1"],
                "supplier_id": ["S1"],
                "facility_id": ["F1"],
                "order_date": [date(2026, 3, 1)],
            }
        ),
        "purchase_order_line": pl.DataFrame(
            {"po_id": ["P1"], "line_no": [1], "price": [Decimal("50.00")], **two}
        ),
        "receipt_line": pl.DataFrame(
            {
                "receipt_id": ["R1"],
                "line_no": [1],
                "po_id": ["P1"],
                "po_line_no": [1],
                "receipt_date": [date(2026, 3, 10)],
                **two,
            }
        ),
        "invoice": pl.DataFrame(
            {
                "invoice_id": ["V1"],
                "supplier_id": ["S1"],
                "invoice_number": ["V1"],
                "invoice_date": [date(2026, 3, 15)],
                "total": [Decimal("150.00")],
                "po_number_raw": ["P1"],
            }
        ),
        "invoice_line": pl.DataFrame(
            {
                "invoice_id": ["V1"],
                "line_no": [1],
                "po_line_raw": ["1"],
                "qty": [Decimal(3)],
                "uom": ["EA"],
                "price": [Decimal("50.00")],
                "amount": [Decimal("150.00")],
            }
        ),
    }


def found(tables, rules=None):
    return recon.three_way_match(tables, DAY, rules)["exception"].select("code", "impact").rows()


def refused(tables, as_of=DAY, rules=None) -> list[str]:
    """The mistakes that are listed, one by one; nothing of an engine's is in them."""
    with pytest.raises(InputError) as error:
        recon.three_way_match(tables, as_of, rules)
    first, *mistakes = str(error.value).split("\n")
    said = "1 mistake in" if len(mistakes) == 1 else f"{len(mistakes)} mistakes in"
    assert first == f"{said} the tables handed to the reconciliation, nothing was computed:"
    return [mistake.strip() for mistake in mistakes]


def with_(name, **columns) -> dict[str, pl.DataFrame]:
    tables = plain()
    return {**tables, name: tables[name].with_columns(**columns)}


def without(name, *columns) -> dict[str, pl.DataFrame]:
    tables = plain()
    return {**tables, name: tables[name].drop(columns)}


def cured(tables, name, mistake) -> dict[str, pl.DataFrame]:
    """The tables after doing what a mistake says to do."""
    expression = "pl.col(" + mistake.partition("pl.col(")[2]
    return {**tables, name: tables[name].with_columns(eval(expression, {"pl": pl}))}  # noqa: S307 - our own message, typed as a reader would


def test_plain_frames_work():
    assert found(plain()) == FOUND


def test_lazy_frames_work():
    assert found({name: rows.lazy() for name, rows in plain().items()}) == FOUND


def test_frames_made_by_pandas_work():
    days = ["order_date", "receipt_date", "invoice_date"]
    tables = {}
    for name, rows in plain().items():
        of_pandas = rows.to_pandas()
        for day in (d for d in days if d in of_pandas):
            of_pandas[day] = pd.to_datetime(of_pandas[day])
        tables[name] = pl.from_pandas(of_pandas)
    assert isinstance(tables["invoice"].schema["invoice_date"], pl.Datetime)
    assert found(tables) == FOUND


SMALL_LETTERS = [
    # A draft is no supply: the two that are ordered have not come.
    ("receipt_line", {"status": " draft"}, {"QTY_NOT_RECEIVED", "QTY_OVER_BILLED"}),
    ("receipt_line", {"kind": "receipt"}, {"QTY_OVER_BILLED"}),
    ("invoice", {"status": "void"}, set()),
    ("invoice_line", {"line_type": "Item"}, {"QTY_OVER_BILLED"}),
    ("invoice_line", {"uom": "ea "}, {"QTY_OVER_BILLED"}),
    ("receipt_line", {"uom": "ea"}, {"QTY_OVER_BILLED"}),
    ("invoice", {"currency": "usd "}, {"QTY_OVER_BILLED"}),
    ("purchase_order", {"currency": "usd"}, {"QTY_OVER_BILLED"}),
]


def test_words_of_a_list_are_the_same_in_small_letters():
    given = [with_(name, **{c: pl.lit(v) for c, v in of.items()}) for name, of, _ in SMALL_LETTERS]
    told = [set(result["exception"]["code"]) for result in match_together(given, DAY)]
    assert told == [codes for *_, codes in SMALL_LETTERS]


def test_no_table_at_all_gives_empty_results():
    results = recon.three_way_match({}, DAY)
    assert {name: rows.height for name, rows in results.items()} == dict.fromkeys(results, 0)


def test_tables_without_rows_are_as_good_as_none():
    nothing = found({**plain(), "receipt_line": plain()["receipt_line"].clear()})
    # Ordered and not received: two at 50.00.
    assert sorted(nothing) == [("QTY_NOT_RECEIVED", Decimal("100.00")), *FOUND]


def test_a_frame_without_columns_lacks_them():
    mistakes = refused({**plain(), "supplier": pl.DataFrame()})
    assert [m.split(";")[0] for m in mistakes] == [
        "supplier: column supplier_id is missing",
        "supplier: column name is missing",
    ]


def test_a_frame_of_pandas_is_converted_by_its_owner():
    tables = {**plain(), "invoice": plain()["invoice"].to_pandas()}
    assert refused(tables) == [
        (
            "invoice: it is a pandas.DataFrame, expected a polars frame or Parquet paths: "
            "pl.from_pandas(frame)"
        )
    ]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        pytest.param({"supplier_id": ["S1"]}, "builtins.dict", id="a-dict"),
        pytest.param([{"supplier_id": "S1"}], "builtins.list", id="a-list-of-rows"),
    ],
)
def test_other_rows_are_made_a_frame_by_their_owner(rows, kind):
    assert refused({**plain(), "supplier": rows}) == [
        f"supplier: it is a {kind}, expected a polars frame or Parquet paths: pl.DataFrame(rows)"
    ]


WRONG_TYPES = [
    pytest.param(
        *("invoice_line", "amount", pl.Series([150.0])),
        "is Float64, expected Decimal(18, 2); a binary fraction cannot hold cents exactly: "
        "read it from its source as text or decimal, or take the nearest value, "
        'pl.col("amount").cast(pl.Decimal(18, 2))',
        id="money-as-a-float",
    ),
    pytest.param(
        *("purchase_order_line", "price", pl.Series(["50.00"])),
        'is String, expected Decimal(18, 6); convert it: pl.col("price").cast(pl.Decimal(18, 6))',
        id="money-as-text",
    ),
    pytest.param(
        *("invoice", "invoice_date", pl.Series(["2026-03-15"])),
        'is String, expected Date; read the text: pl.col("invoice_date").str.to_date("%Y-%m-%d")',
        id="a-date-as-text",
    ),
    pytest.param(
        *("invoice", "invoice_date", pl.Series([datetime(2026, 3, 15, 12, tzinfo=UTC)])),
        "is Datetime, expected Date; say in which time zone: "
        'pl.col("invoice_date").dt.convert_time_zone("America/Chicago").dt.date()',
        id="a-moment-in-a-time-zone",
    ),
    pytest.param(
        *("invoice_line", "line_no", pl.Series([1.0])),
        "is Float64, expected Int32; whole numbers became fractions, as pandas does beside an "
        'empty one: pl.col("line_no").cast(pl.Int32)',
        id="a-line-number-as-a-float",
    ),
    pytest.param(
        *("purchase_order_line", "line_no", pl.Series([1.0])),
        "is Float64, expected String; write the whole number as text: "
        'pl.col("line_no").cast(pl.Int64).cast(pl.String)',
        id="an-id-as-a-float",
    ),
    pytest.param(
        *("supplier", "po_required", pl.Series(["Y"])),
        'is String, expected Boolean; say what means yes: pl.col("po_required") == "Y"',
        id="yes-as-text",
    ),
    pytest.param(
        *("supplier", "po_required", pl.Series([1])),
        'is Int64, expected Boolean; convert it: pl.col("po_required").cast(pl.Boolean)',
        id="yes-as-a-number",
    ),
]


@pytest.mark.parametrize(("name", "column", "given", "said"), WRONG_TYPES)
def test_a_wrong_type_is_said_with_its_cure(name, column, given, said):
    assert refused(with_(name, **{column: given})) == [f"{name}: column {column} {said}"]


@pytest.mark.parametrize("wrong", [WRONG_TYPES[::2], WRONG_TYPES[1::2]], ids=["half", "the rest"])
def test_the_cures_work(wrong):
    tables = plain()
    for name, column, given, said in (param.values for param in wrong):
        worse = {**tables, name: tables[name].with_columns(given.alias(column))}
        tables = cured(worse, name, said)
    assert found(tables) == FOUND


def test_a_time_of_day_is_not_cut_off_unasked():
    tables = with_("invoice", invoice_date=pl.Series([datetime.fromisoformat("2026-03-15T14:30")]))
    (mistake,) = refused(tables)
    assert mistake == (
        "invoice: column invoice_date holds 1 times of day, such as 2026-03-15 14:30:00, expected "
        'days: pl.col("invoice_date").dt.date()'
    )
    assert found(cured(tables, "invoice", mistake)) == FOUND


def test_a_missing_column_is_said_with_what_it_means_and_what_may_be_meant():
    renamed = {**plain(), "invoice": plain()["invoice"].rename({"invoice_number": "InvoiceNumber"})}
    assert refused(renamed) == [
        (
            "invoice: column invoice_number is missing; every row needs it, as String: Number as "
            "printed; is InvoiceNumber meant?"
        )
    ]
    assert refused(without("invoice_line", "amount")) == [
        (
            "invoice_line: column amount is missing; every row needs it, as Decimal(18, 2): "
            "Amount as stated, or quantity times price where none is"
        )
    ]


@pytest.mark.parametrize(
    ("lines", "header"),
    [("invoice_line", "invoice"), ("purchase_order_line", "purchase_order")],
)
def test_lines_without_a_table_of_documents_are_not_passed_over(lines, header):
    tables = {name: rows for name, rows in plain().items() if name != header}
    assert refused(tables) == [
        f"{header}: it is not handed in, and {lines} is: none of its lines would be seen"
    ]


def test_a_missing_master_table_works_with_what_is_known():
    tables = {name: rows for name, rows in plain().items() if name != "supplier"}
    assert found(tables) == FOUND


def test_a_key_that_stands_twice_is_said_with_an_example():
    twice = pl.concat([plain()["invoice"], plain()["invoice"]])
    assert refused({**plain(), "invoice": twice}) == [
        (
            "invoice: 1 repeated key(s), such as invoice_id = V1 (2 rows); expected one row per "
            "invoice_id: keep the latest version, such as by "
            'invoice.unique(["invoice_id"], keep="last")'
        )
    ]


def test_a_unit_that_stands_twice_in_small_letters_is_said():
    units = pl.DataFrame(
        {"item_id": ["A", "A"], "uom": ["BX", "bx"], "to_base_num": [10, 12], "to_base_den": [1, 1]}
    )
    assert [m.split(";")[0] for m in refused({**plain(), "item_uom": units})] == [
        "item_uom: 1 repeated key(s), such as item_id = A, uom = BX (2 rows)"
    ]


def test_a_unit_that_is_not_printed_is_the_one_the_catalogue_number_means():
    tables = with_("invoice_line", uom=pl.lit(None, dtype=pl.String), catalog_no=pl.lit("00-7"))
    assert {code for code, _ in found(tables)} == {"UOM_NO_CONVERSION"}
    number = {"supplier_id": "S1", "catalog_no_norm": "7", "valid_from": date(2026, 1, 1)}
    tables["item_xref"] = pl.DataFrame([{**number, "item_id": "A", "uom_default": "EA"}])
    assert found(tables) == FOUND


def test_an_empty_key_is_said():
    tables = with_("receipt_line", receipt_id=pl.lit(None, dtype=pl.String))
    assert refused(tables) == [
        (
            "receipt_line: column receipt_id is empty in 1 rows; every row needs it: fill it, or "
            'leave such rows out: receipt_line.drop_nulls("receipt_id")'
        )
    ]


def test_a_number_that_would_be_rounded_is_said_with_an_example():
    tables = with_("invoice", total=pl.Series([Decimal("150.005")]))
    assert refused(tables) == [
        (
            "invoice: column total holds 1 values that do not fit DECIMAL(18,2) without rounding "
            "or overflow, such as 150.005 (invoice_id V1); deliver them with that scale"
        )
    ]


@pytest.mark.parametrize(
    ("price_per", "said"),
    [
        ("0", "holds 1 values below 1, such as 0 (po_id P1, line_no 1)"),
        ("2.5", "holds 1 values that are not whole numbers, such as 2.5 (po_id P1, line_no 1)"),
    ],
)
def test_a_price_is_for_whole_units(price_per, said):
    tables = with_("purchase_order_line", price_per=pl.Series([Decimal(price_per)]))
    assert refused(tables) == [f"purchase_order_line: column price_per {said}"]


@pytest.mark.parametrize("kind", ["RETURN", " return "])
def test_goods_that_go_back_are_below_zero(kind):
    tables = with_("receipt_line", kind=pl.lit(kind))
    assert refused(tables) == [
        (
            "receipt_line: column qty holds 1 values above zero in rows whose kind is RETURN, such "
            "as 2 (receipt_id R1, line_no 1); write what goes back below zero: "
            """pl.when(kind='RETURN').then(-pl.col("qty").abs()).otherwise("qty")"""
        )
    ]
    back = {"receipt_line": tables["receipt_line"].with_columns(-pl.col("qty"))}
    assert recon.three_way_match(tables | back, as_of=DAY)["exception"].height


def test_a_rule_that_no_statement_understands_is_said():
    rules = load("tolerance_rule").with_columns(
        mode=pl.lit("SOME"), abs=pl.lit(Decimal("-1.00"), dtype=pl.Decimal(18, 2))
    )
    n = rules.height
    assert refused(plain(), rules={"tolerance_rule": rules}) == [
        f"tolerance_rule: column abs holds {n} values below 0, such as -1.00 (rule_id AMOUNT-01)",
        f"tolerance_rule: column mode holds {n} values that are not one of ALL, ANY: SOME",
    ]


def test_tolerances_are_stated_as_specified_and_the_rest_stays_as_shipped():
    # One of three is over; a cent too much on each is within the shipped 2 % and 25.00.
    rows = {"check": ["QTY_ORDERED", "QTY_RECEIVED"], "abs": [1, 1], "supplier_id": ["S1", "S1"]}
    more = {"valid_from": date(2026, 1, 1), "approved_by": pl.lit("AP Manager")}
    tolerance = pl.DataFrame(rows).with_columns(**more)
    dearer = with_("invoice_line", price=Decimal("50.01"), amount=Decimal("150.03"))
    dearer["invoice"] = dearer["invoice"].with_columns(total=Decimal("150.03"))
    assert found(dearer, {"tolerance_rule": tolerance}) == []
    assert found(dearer) == [("QTY_OVER_BILLED", Decimal("50.01"))]
    twice = pl.concat([tolerance, tolerance])
    assert refused(dearer, rules={"tolerance_rule": twice})[0].startswith(
        "tolerance_rule: 2 rows stand for one case and would tie, such as check QTY_ORDERED"
    )


def test_an_unknown_table_is_not_passed_over():
    tables = {**plain(), "invoices": plain()["invoice"], "weather": plain()["invoice"]}
    assert refused(tables) == [
        "invoices: there is no table of this name; did you mean invoice?",
        "weather: there is no table of this name; the data dictionary lists the names",
    ]


def test_an_unknown_rule_table_is_not_passed_over():
    assert refused(plain(), rules={"tolerance_rules": load("tolerance_rule")}) == [
        "tolerance_rules: there is no table of this name; did you mean tolerance_rule?"
    ]


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        pytest.param(datetime(2026, 3, 31, 18, tzinfo=UTC), "datetime", id="datetime"),
        pytest.param(pd.Timestamp("2026-03-31"), "Timestamp", id="of-pandas"),
    ],
)
def test_a_moment_is_no_business_date(as_of, said):
    assert refused(plain(), as_of) == [
        f"as_of: it is a {said}, expected a date, such as as_of.date()"
    ]
    assert recon.three_way_match(plain(), as_of.date())["exception"].height == 1


@pytest.mark.parametrize("match", [recon.three_way_match, recon.usage_charge])
@pytest.mark.parametrize("tables", [[pl.DataFrame()], pl.DataFrame()], ids=["a-list", "a-frame"])
def test_tables_without_their_names_are_said(match, tables):
    said = f"tables: they are a {type(tables).__name__}, expected names with their rows, such as"
    with pytest.raises(InputError, match=said):
        match(tables, date(2026, 3, 31))


@pytest.mark.parametrize("as_of", ["2026-03-31", None, 20260331])
def test_a_text_is_no_business_date(as_of):
    assert refused(plain(), as_of) == [
        f"as_of: it is a {type(as_of).__name__}, expected a date, such as date(2026, 3, 31)"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(pl.LazyFrame({"a": [1]}).select("supplier_id"), id="a-plan-that-fails"),
        pytest.param(
            pl.DataFrame({"supplier_id": pl.Series([object()], dtype=pl.Object)}), id="objects"
        ),
        pytest.param(
            pl.LazyFrame({"supplier_id": ["S1"], "name": ["x"]}).with_columns(
                name=pl.col("name").cast(pl.Int32).cast(pl.String)
            ),
            id="a-plan-that-fails-at-a-value",
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(rows):
    (mistake,) = refused({**plain(), "supplier": rows})
    assert mistake.startswith("supplier: cannot be read: ")


def test_every_mistake_of_every_table_is_said_at_once():
    tables = {
        **plain(),
        "invoice": pl.concat([plain()["invoice"]] * 2).with_columns(total=pl.lit(150.0)),
        "receipt_line": plain()["receipt_line"].drop("qty").with_columns(uom=None),
        "invoices": plain()["invoice"],
    }
    mistakes = refused(tables, "2026-03-31")
    assert [mistake.split(";")[0] for mistake in mistakes] == [
        "invoices: there is no table of this name",
        "as_of: it is a str, expected a date, such as date(2026, 3, 31)",
        "invoice: column total is Float64, expected Decimal(18, 2)",
        "invoice: 1 repeated key(s), such as invoice_id = V1 (2 rows)",
        "receipt_line: column qty is missing",
        "receipt_line: column uom is empty in 1 rows",
    ]


@pytest.mark.parametrize("name", ["usage_line", "kit_component", "previous_exception"])
def test_the_other_tables_of_the_docstring_are_known(name):
    assert name in declared_tables()
