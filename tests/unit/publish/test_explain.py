"""``recon explain``: the story of one exception, from the finding back to its bytes."""

# ruff: noqa: RUF001  arithmetic is told with the signs people write

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from recon import sample
from recon.errors import ConfigError
from recon.publish.explain import explain, shown_bytes
from recon.publish.gather import gather, is_as_published, private_feeds
from recon.publish.workbook import workbooks
from recon.site import Site, SiteConfig, read_site

SAMPLE = Path(sample.__file__).parent / "site"
X12 = (
    b"ISA*00*          *00*          *ZZ*A              *ZZ*B              "
    b"*260302*0930*U*00401*000000001*0*P*>~ST*810*0001~IT1*1*10*EA~"
)
OTHER = X12.replace(b"*", b"\x1d").replace(b"~", b"'")


def key(night, code: str, invoice_id: str) -> str:
    rows = night.tables["exception"].filter(code=code, invoice_id=invoice_id)
    return rows["exception_key"].item()


@pytest.fixture
def told(night, raw):
    return lambda code, invoice_id: explain(night, key(night, code, invoice_id), raw.__getitem__)


def test_the_story_is_told_in_order(told):
    story = told("PRICE_OVER", "I1")
    expected = [
        "PRICE_OVER  HOLD  20.00 USD",
        "Price above the order; open, 2 days old; queue BUY",
        "Documents side by side",
        "22E1 (10 EA, 2026-02-25)",
        "Arithmetic",
        "Billed: 10 EA × 52.00 = 520.00, stated as 520.00 USD",
        "10 × (52.00 − 50.00) = 20.00 USD",
        "520.00 = 500.00 supported + 0.00 tolerated + 20.00 held + 0.00 routed",
        "Tolerance",
        "PRICE-01",
        "Where it comes from",
        "invoice line: ACME_810.edi (feed test), record 1, byte 191",
        "| IT1*1*10*EA*52.00**VC*GL-100",
        "What to do",
    ]
    places = [story.index(text) for text in expected]
    assert places == sorted(places)


def test_the_contract_that_a_price_is_above_is_told_with_its_place(told):
    """495.00 a box stood nowhere: neither what may be claimed back, nor where it was agreed."""
    story = told("PRICE_ABOVE_CONTRACT", "I1")
    assert "contract price: PO_20260302.csv (feed test), record 1" in story
    assert "C-9: 495.00 per BX, from 2026-01-01; for *, tier 1" in story
    assert "contract price" not in told("PRICE_OVER", "I1")


def test_the_credit_that_takes_a_part_of_the_difference_is_told_with_its_place(night, raw):
    invoices, lines = night.tables["invoice"], night.tables["invoice_line"]
    first = invoices.filter(invoice_id="I1")
    named = pl.lit(first["invoice_number"][0])
    tables = {
        **night.tables,
        "invoice": pl.concat(
            [invoices, first.with_columns(invoice_id=pl.lit("C1"), doc_type=pl.lit("CREDIT"))]
        ),
        "invoice_line": pl.concat(
            [
                lines,
                *(
                    lines.filter(invoice_id="I1").with_columns(
                        invoice_id=pl.lit(of), ref_invoice_number=named
                    )
                    for of in ("C1", "a bill that is no credit")
                ),
            ]
        ),
    }
    story = explain(replace(night, tables=tables), key(night, "PRICE_OVER", "I1"), raw.__getitem__)
    assert story.count("credit line: ") == 1


def test_a_closed_exception_is_not_worked_out_from_documents_that_closed_it(night, raw):
    closed = night.tables["exception"].with_columns(state=pl.lit("AUTO_CLOSED"))
    gone = replace(night, tables={**night.tables, "exception": closed})
    story = explain(gone, key(night, "PRICE_OVER", "I1"), raw.__getitem__)
    assert "name the night before (--night) to see its arithmetic" in " ".join(story.split())
    assert "10 × (52.00 − 50.00)" not in story


def test_no_line_is_wider_than_a_hundred_columns(night, raw):
    for exception_id in night.tables["exception"]["exception_key"]:
        story = explain(night, exception_id, raw.__getitem__)
        assert max(len(line) for line in story.splitlines()) <= 100


@pytest.mark.parametrize(
    ("code", "invoice_id", "step"),
    [
        pytest.param("QTY_NOT_RECEIVED", "I2", "20 × 2.00 = 40.00 USD", id="not-received"),
        pytest.param("INVOICE_OUT_OF_BALANCE", "I2", "100.10 − 100.00 = 0.10 USD", id="header"),
        pytest.param(
            "PO_NOT_FOUND", "I3", "The whole line is at stake: 75.10 USD", id="whole-line"
        ),
        pytest.param("PRICE_ABOVE_CONTRACT", "I1", "is about: 5.00 USD", id="a-warning"),
    ],
)
def test_arithmetic_has_its_numbers(told, code, invoice_id, step):
    assert step in told(code, invoice_id)


@pytest.mark.parametrize(
    ("code", "qty", "line", "order_line", "step"),
    [
        pytest.param(
            "PRICE_OVER",
            "30",
            ("3", "BX", "21.00"),
            ("2.00", "EA", "1"),
            "30 × (21.00 ÷ 10 − 2.00) = 3.00",
            id="boxes-billed-eaches-ordered",
        ),
        pytest.param(
            "PRICE_OVER",
            "500",
            ("500", "EA", "0.0525"),
            ("50.00", "EA", "1000"),
            "500 × (0.0525 − 50.00 ÷ 1,000) = 1.25",
            id="price-per-thousand",
        ),
        pytest.param(
            "QTY_OVER_ORDERED",
            "4",
            ("4", "EA", "3.00"),
            ("2.50", "EA", "1"),
            "4 × 2.50 = 10.00",
            id="beyond-the-order-at-the-lower-price",
        ),
        pytest.param(
            "QTY_OVER_BILLED",
            "4",
            ("4", "EA", "3.00"),
            ("2.50", "EA", "1"),
            "4 × 3.00 = 12.00",
            id="neither-ordered-nor-received-at-the-billed-price",
        ),
        pytest.param(
            "LINE_MATH",
            "4",
            ("4", "EA", "3.00"),
            ("3.00", "EA", "1"),
            "520.00 − 4 × 3.00 = 508.00",
            id="line-does-not-multiply-out",
        ),
        pytest.param(
            "FREIGHT_OVER_CAP",
            "1",
            ("1", "EA", "520.00"),
            ("1.00", "EA", "1"),
            "520.00 − 25.00 = 495.00",
            id="freight-above-the-amount-of-its-rule",
        ),
    ],
)
def test_arithmetic_across_units(night, raw, code, qty, line, order_line, step):
    def put(table: str, where: str, value: str, **changed: str) -> pl.DataFrame:
        rows = night.tables[table].filter(pl.col(where) == value)
        return rows.with_columns(
            pl.lit(
                Decimal(v) if isinstance(rows.schema[c], pl.Decimal) else v, rows.schema[c]
            ).alias(c)
            for c, v in changed.items()
        )

    exception_id = key(night, "PRICE_OVER", "I1")
    tables = {
        **night.tables,
        "exception": put("exception", "exception_key", exception_id, code=code, qty=qty),
        "invoice_line": put(
            "invoice_line",
            "invoice_id",
            "I1",
            **dict(zip(("qty", "uom", "price"), line, strict=True)),
        ),
        "purchase_order_line": put(
            "purchase_order_line",
            "po_id",
            "MERCY-PO-77",
            **dict(zip(("price", "uom", "price_per"), order_line, strict=True)),
        ),
        "invoice_line_result": put(
            "invoice_line_result", "invoice_id", "I1", qty_a="0", qty_c=qty, qty_d=qty
        ),
    }
    assert step in explain(replace(night, tables=tables), exception_id, raw.__getitem__)


def test_a_unit_written_in_millionths_is_told_as_what_it_holds(night, raw):
    finer = night.tables["item_uom"].with_columns(pl.col("to_base_num", "to_base_den") * 1_000_000)
    exception_id = key(night, "PRICE_OVER", "I1")
    story = explain(
        replace(night, tables={**night.tables, "item_uom": finer}), exception_id, raw.__getitem__
    )
    assert "10 × (52.00 − 50.00) = 20.00 USD" in story


def test_an_exception_may_be_one_day_old(night, raw):
    exception_id = key(night, "PRICE_OVER", "I1")
    young = night.tables["exception"].with_columns(age_days=pl.lit(1, pl.Int32))
    story = explain(
        replace(night, tables={**night.tables, "exception": young}), exception_id, raw.__getitem__
    )
    assert "open, 1 day old" in story


def test_when_the_product_is_not_the_impact_it_says_so(night, raw):
    exception_id = key(night, "PRICE_OVER", "I1")
    smaller = night.tables["exception"].with_columns(
        impact=pl.lit(Decimal("12.00"), pl.Decimal(18, 2))
    )
    story = explain(
        replace(night, tables={**night.tables, "exception": smaller}), exception_id, raw.__getitem__
    )
    assert "10 × (52.00 − 50.00) = 20.00; this exception counts 12.00" in story


def test_a_file_of_an_earlier_night_is_named_when_its_row_is_given(night, raw):
    exception_id = key(night, "PRICE_OVER", "I1")
    tonight = night.tables["file_control"]
    later = replace(night, tables={**night.tables, "file_control": tonight.clear()})
    assert "a file of an earlier night" in explain(later, exception_id, raw.__getitem__)
    assert "ACME_810.edi" in explain(later, exception_id, raw.__getitem__, files=tonight)


def test_a_change_of_the_whole_order_is_among_what_it_comes_from(night, raw):
    exception_id = key(night, "PRICE_OVER", "I1")
    (row,) = night.tables["exception"].filter(exception_key=exception_id).to_dicts()
    line = night.tables["purchase_order_line"].filter(po_id=row["po_id"]).head(1)
    changed = night.tables["purchase_order_change"]
    rows = [
        {"change_id": number, "change_no": 1, "po_id": row["po_id"], "line_no": number}
        for number in ("*", "977")
    ]
    told = pl.DataFrame(rows, schema_overrides=changed.schema).join(
        line.select("po_id", "source_system", "source_file_id", "source_record", "byte_offset"),
        on="po_id",
    )
    changes = pl.concat([changed, told.cast({"change_no": pl.Int32})], how="diagonal")
    story = explain(
        replace(night, tables={**night.tables, "purchase_order_change": changes}),
        exception_id,
        raw.__getitem__,
    )
    assert story.count("order change: ") == 1


@pytest.fixture
def site(tmp_path):
    config = SiteConfig(
        name="t",
        first_business_date="2026-03-01",
        facilities=[{"id": "A", "name": "A", "time_zone": "UTC"}],
    )
    return Site(tmp_path, config, {})


def test_a_night_closed_with_less_than_is_declared_now_is_not_called_open(night, site):
    with pytest.raises(ConfigError, match=r"is not closed in .*none yet"):
        gather(site, night.day)
    site.lake.write("reconcile", "exception", night.day, {"exception": night.tables["exception"]})
    with pytest.raises(ConfigError, match=r"was closed without .*allocation.*file_control") as told:
        gather(site, night.day)
    assert " exception," not in str(told.value)


def test_of_many_closed_nights_the_first_and_the_last_are_named(night, site):
    for day in (1, 2, 3):
        rows = {"exception": night.tables["exception"]}
        site.lake.write("reconcile", "exception", date(2026, 1, day), rows)
    with pytest.raises(ConfigError, match=r"\(closed: 3, 2026-01-01 to 2026-01-03\)"):
        gather(site, night.day)


def test_what_was_published_of_other_rules_is_noticed(night, site):
    assert is_as_published(site, night), "nothing is published"
    site.lake.commit(site.published / night.day.isoformat(), workbooks(night), keep_names=True)
    assert is_as_published(site, night)
    assert not is_as_published(site, replace(night, fingerprint="0" * 64))


def test_a_wrong_id_names_the_nearest(night, raw):
    right = key(night, "PRICE_OVER", "I1")
    with pytest.raises(ConfigError, match=right):
        explain(night, right[:-1] + "z", raw.__getitem__)


@pytest.mark.parametrize(
    ("data", "offset", "encoding", "shown"),
    [
        pytest.param(X12, X12.index(b"IT1"), "ascii", "IT1*1*10*EA", id="x12-segment"),
        pytest.param(
            OTHER,
            OTHER.index(b"IT1"),
            "ascii",
            r"IT1\x1d1\x1d10\x1dEA",
            id="x12-control-separators",
        ),
        pytest.param(
            X12 + OTHER,
            len(X12) + OTHER.index(b"IT1"),
            "ascii",
            r"IT1\x1d1\x1d10\x1dEA",
            id="second-interchange",
        ),
        pytest.param(
            X12.replace(b"~", b"\n"),
            X12.index(b"IT1"),
            "ascii",
            "IT1*1*10*EA",
            id="x12-newline-terminated",
        ),
        pytest.param(b"a;b\r\nc~d;e\r\n", 5, "utf-8", "c~d;e", id="csv-line"),
        pytest.param("a\nbü\nc".encode("utf-16-le"), 4, "utf-16-le", "bü", id="utf-16-line"),
        pytest.param(b"caf\xe9\n", 0, "utf-8", r"caf\xe9", id="undecodable-byte"),
        pytest.param(b"caf\xe9\n", 0, "cp1252", "café", id="declared-code-page"),
        pytest.param(b"x" * 999, 0, "utf-8", "x" * 200, id="no-more-than-200-bytes"),
        pytest.param(b"\x1b[31mred\n", 0, "utf-8", r"\x1b[31mred", id="terminal-escape"),
        pytest.param(b"abc", 99, "utf-8", "", id="offset-beyond-the-end"),
    ],
)
def test_raw_bytes_are_shown_to_the_end_of_the_record(data, offset, encoding, shown):
    assert shown_bytes(data, offset, encoding) == shown


def test_a_spreadsheet_has_no_readable_bytes():
    assert "spreadsheet" in shown_bytes(b"PK\x03\x04rest", 0, "utf-8")


def test_of_a_feed_that_identifies_persons_the_place_is_told_and_not_the_bytes(night, raw):
    story = explain(night, key(night, "PRICE_OVER", "I1"), raw.__getitem__, private={"test"})
    assert "invoice line: ACME_810.edi (feed test), record 1, byte 191" in story
    assert "IT1*1*10" not in story
    assert "`recon raw SHA256 --at 191` shows and records it" in story


def test_feeds_identify_persons_whose_columns_or_messages_do():
    private = private_feeds(read_site(SAMPLE, {})[0])
    assert private >= {"bill_only_order", "usage_or", "charge_master"}
    assert not private & {"invoice_portal", "invoice_edi", "receipt"}
