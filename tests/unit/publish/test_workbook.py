"""The workbook, read back: it foots to the cent, its text is inert, its bytes come again."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from openpyxl import Workbook
from published import LUKE, MERCY, NETWORK, cents, opened, rows, summary_text

from recon.errors import InputError
from recon.publish import columns, payment_columns, query, workbook
from recon.publish.archive import archived, says
from recon.publish.blocks import DOES_NOT, TIES_OUT
from recon.publish.night import Night
from recon.publish.sheets import data_sheet
from recon.publish.workbook import workbooks
from recon.rules import load
from recon.site import Facility


def test_one_workbook_per_hospital_and_one_for_the_network(made):
    assert list(made) == [MERCY, LUKE, NETWORK]


@pytest.mark.parametrize(
    ("many", "told"),
    [
        (1, r"^1 open exception · .* · 1 invoice line$"),
        (2, r"^2 open exceptions · .* 2 invoice lines$"),
    ],
)
def test_one_exception_is_not_called_exceptions(night, many, told):
    some = {name: night.tables[name].head(many) for name in ("exception", "invoice_line_result")}
    made = workbooks(replace(night, tables={**night.tables, **some}))
    assert [text for text in summary_text(opened(made[NETWORK])) if re.search(told, text)]


@pytest.mark.parametrize(
    ("name", "held"),
    [
        pytest.param(MERCY, {"USD": "7.50", "EUR": "200.00"}, id="price-and-credit-and-euro"),
        pytest.param(LUKE, {"USD": "40.10"}, id="missing-receipt-and-header"),
        pytest.param(
            NETWORK, {"USD": "122.70", "EUR": "200.00"}, id="all-and-the-line-of-no-hospital"
        ),
    ],
)
def test_held_dollars_foot_to_the_cent(made, name, held):
    book = opened(made[name])
    found = rows(book, "Exceptions")
    for currency, amount in held.items():
        assert cents([r["Held"] for r in found if r["Currency"] == currency]) == Decimal(amount)
    assert {r["Currency"] for r in found} == set(held)
    assert "TIES OUT" in summary_text(book)
    assert "DIFFERS" not in summary_text(book)


def test_lines_split_into_parts_that_add_up(made):
    lines = rows(opened(made[NETWORK]), "All lines")
    assert len(lines) == 6
    for line in lines:
        parts = [line[part] for part in ("Supported", "Tolerated", "Held", "Routed")]
        assert cents(parts) == cents([line["Amount"]])


@pytest.mark.parametrize(
    ("table", "invoice_id", "changed", "broken"),
    [
        pytest.param(
            "invoice_line_result",
            "I1",
            {"held": "20.01", "supported": "499.99"},
            4,
            id="a-cent-held-unexplained",
        ),
        pytest.param(
            "invoice_line_result", "I6", {"supported": "29.99"}, 2, id="a-cent-lost-in-the-split"
        ),
        pytest.param(
            "invoice_line", "I6", {"amount": "30.01"}, 1, id="a-cent-between-document-and-match"
        ),
    ],
)
def test_a_cent_off_turns_the_tie_out_red(night, table, invoice_id, changed, broken):
    rows_ = night.tables[table]
    for column, amount in changed.items():
        rows_ = rows_.with_columns(
            pl.when(pl.col("invoice_id") == invoice_id)
            .then(pl.lit(Decimal(amount), rows_.schema[column]))
            .otherwise(pl.col(column))
            .alias(column)
        )
    off = replace(night, tables={**night.tables, table: rows_})
    checks = query.totals(query.detail(off), off)["tie_out"]
    assert broken in checks.filter(~pl.col("agrees"))["check_no"].to_list()
    said = summary_text(opened(workbooks(off)[NETWORK]))
    assert "DIFFERS" in said
    assert any(text.startswith("DOES NOT TIE OUT") for text in said)


def test_a_supplier_that_is_called_as_the_verdict_does_not_make_it(night, tmp_path):
    lines, suppliers = night.tables["invoice_line"], night.tables["supplier"]
    called = suppliers.with_columns(name=pl.lit(TIES_OUT))
    off = lines.with_columns((pl.col("amount") + Decimal("0.01")).cast(lines.schema["amount"]))
    for broken, amounts in ((False, lines), (True, off)):
        tables = {**night.tables, "supplier": called, "invoice_line": amounts}
        published = tmp_path / NETWORK
        published.write_bytes(workbooks(replace(night, tables=tables))[NETWORK])
        assert says(published, TIES_OUT, unless=DOES_NOT) is not broken


def test_currencies_are_never_added(night):
    totals = query.totals(query.detail(night), night)
    held = dict(totals["summary_total"].select("currency", "held").iter_rows())
    assert held == {"USD": Decimal("122.70"), "EUR": Decimal("200.00")}


PAYLOADS = (
    "=1+1",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "#N/A",
    "007",
    "1E5",
    "a\x00b",
    "TRUE",
    "2026-03-02",
)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(workbook.EXCEPTIONS, id="exceptions"),
        pytest.param(columns.LINES, id="lines"),
        pytest.param(columns.RECEIVED_NOT_INVOICED, id="received-not-invoiced"),
        pytest.param(payment_columns.PAYABLE, id="payable"),
        pytest.param(payment_columns.PAYMENTS, id="payments"),
        pytest.param(columns.LATE_SHIPMENTS, id="late-shipments"),
        pytest.param((*columns.QUARANTINE, columns.QUARANTINE_TEXT), id="quarantine"),
        pytest.param(columns.FILES, id="files"),
    ],
)
def test_text_stays_text_in_every_text_column(shown):
    frame = pl.DataFrame(
        {
            c.name: PAYLOADS if c.kind in columns.TEXT_KINDS else [None] * len(PAYLOADS)
            for c in shown
        }
    )
    book = Workbook(write_only=True)
    filled = data_sheet(book, "Sheet", shown, frame, footer="f", frozen_columns=1, nothing="-")
    saved = archived(book, {"Sheet": filled}, date(2026, 3, 2), "author", "title")
    with zipfile.ZipFile(io.BytesIO(saved)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    sheet = opened(saved)["Sheet"]
    for index, column in enumerate(shown, 1):
        if column.kind in columns.TEXT_KINDS:
            found = [sheet.cell(row, index) for row in range(2, 2 + len(PAYLOADS))]
            assert {cell.data_type for cell in found} == {"s"}, column.heading
            # XML has no NUL and reads CR as LF; everything else comes back as it went in.
            wanted = [
                p.replace("\x00", "\N{REPLACEMENT CHARACTER}").replace("\r", "\n") for p in PAYLOADS
            ]
            assert [str(cell.value).replace("\r", "\n") for cell in found] == wanted, column.heading


def test_no_cell_of_a_whole_workbook_is_a_formula(made):
    for data in made.values():
        book = opened(data)
        kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        assert "f" not in kinds
        assert not any(sheet.merged_cells.ranges for sheet in book)


def test_ids_are_text_and_dates_are_dates(made):
    book = opened(made[NETWORK])
    found = {r["Rule"]: r for r in rows(book, "Exceptions")}
    assert found["PRICE_OVER"]["Invoice"] == "00123456789012345678"
    assert found["QTY_NOT_RECEIVED"]["PO"] == "000012"
    assert found["PRICE_OVER"]["Receipts"] == "22E1 (10 EA, 2026-02-25)"
    assert found["PRICE_OVER"]["Invoice date"] == datetime(2026, 2, 28)  # noqa: DTZ001  Excel knows no zones
    sheet = book["Exceptions"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.cell(2, heads["First seen"]).number_format == "yyyy-mm-dd"
    assert sheet.cell(2, heads["Invoice"]).number_format == "@"
    assert "#,##0.00" in sheet.cell(2, heads["Held"]).number_format


def test_a_date_before_those_of_excel_is_text():
    """An ERP that does not know a date writes 1900-01-01, which Excel would show a day later."""
    shown = [c for c in workbook.EXCEPTIONS if c.name == "invoice_date"]
    days = [date(1753, 1, 1), date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1)]
    frame = pl.DataFrame({"invoice_date": days})
    book = Workbook(write_only=True)
    filled = data_sheet(book, "Sheet", shown, frame, footer="f", frozen_columns=1, nothing="-")
    saved = archived(book, {"Sheet": filled}, date(2026, 3, 2), "author", "title")
    cells = [opened(saved)["Sheet"].cell(row, 1).value for row in range(2, 6)]
    assert cells[:3] == ["1753-01-01", "1900-01-01", "1900-02-28"]
    assert cells[3] == datetime(1900, 3, 1)  # noqa: DTZ001  Excel knows no zones


def test_reason_has_the_numbers_of_both_sides(made):
    found = {r["Rule"]: r for r in rows(opened(made[MERCY]), "Exceptions")}
    assert found["PRICE_OVER"]["Reason"] == (
        "Line 1 of invoice 00123456789012345678 bills @Gloves, nitrile at 52.00 per EA; order "
        "PO-77 says 50.00 per EA. The difference is 20.00 USD on what was received, less credits."
    )
    assert found["PRICE_OVER"]["Price variance"] == 20
    assert found["PRICE_OVER"]["Variance %"] == 4


def test_the_supplier_whose_order_another_names_is_told(night):
    exceptions = night.tables["exception"]
    of_line = pl.col("invoice_id").is_not_null() & pl.col("line_no").is_not_null()
    mine = exceptions.filter(of_line).head(1).with_columns(code=pl.lit("SUPPLIER_MISMATCH"))
    billed = night.tables["invoice_line"].with_columns(po_number_raw=pl.lit(" 000012"))
    tables = {**night.tables, "exception": mine, "invoice_line": billed}
    (reason,) = query.detail(replace(night, tables=tables))["exception_detail"]["reason"]
    assert "which was placed with Northgate Medical, not with " in reason


def test_every_shipped_reason_is_filled_completely(night):
    codes = load("exception_code").filter(~pl.col("code").str.contains(columns.CHARGE_CODE))
    template = night.tables["exception"].head(1)
    every = pl.concat(
        template.with_columns(code=pl.lit(code), exception_key=pl.lit(f"{number:016x}"))
        for number, code in enumerate(codes["code"])
    )
    told = query.detail(replace(night, tables={**night.tables, "exception": every}))[
        "exception_detail"
    ]
    assert told.height == codes.height
    assert told.filter(pl.col("reason").str.contains(r"[{}]"))["code"].to_list() == []


def test_a_price_credit_tells_the_prices_and_not_the_nothing_that_is_left(night):
    first = night.tables["exception"].filter(pl.col("code") == "PRICE_OVER").head(1)
    credited = first.with_columns(
        code=pl.lit("PRICE_RESOLVED_BY_CREDIT"), impact=pl.lit("0.00").cast(pl.Decimal(18, 2))
    )
    told = query.detail(replace(night, tables={**night.tables, "exception": credited}))
    assert told["exception_detail"]["reason"].item() == (
        "Line 1 of invoice 00123456789012345678 bills @Gloves, nitrile at 52.00 per EA; order "
        "PO-77 says 50.00 per EA. A price credit has taken the difference back."
    )


def test_largest_held_first_whatever_its_sign(made):
    found = rows(opened(made[NETWORK]), "Exceptions")
    assert [r["Held"] for r in found] == [200, 75.1, 40, 20, -12.5, 0.1, 0]


def test_built_again_from_shuffled_rows_the_bytes_are_the_same(night, made):
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=7) for name, frame in night.tables.items()
    }
    assert workbooks(replace(night, tables=shuffled)) == made


def test_nothing_in_the_file_tells_when_it_was_saved(made):
    with zipfile.ZipFile(io.BytesIO(made[NETWORK])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2026-03-02T00:00:00Z"}


def test_tables_cover_their_rows_under_unique_headings(made):
    book = opened(made[NETWORK])
    tables = {sheet.title: table for sheet in book for table in sheet.tables.values()}
    assert set(tables) == {
        "Exceptions",
        "Closed tonight",
        "All lines",
        "Received not invoiced",
        "Payable",
        "Payments",
        "Late shipments",
        "Quarantine",
    }
    assert len({table.id for table in tables.values()}) == len(tables)
    for title, table in tables.items():
        sheet = book[title]
        heads = [cell.value for cell in sheet[1]]
        assert table.ref == table.autoFilter.ref == sheet.dimensions
        assert table.column_names == heads
        assert len(set(heads)) == len(heads)


def test_a_hospital_with_nothing_has_sheets_that_say_so(night):
    quiet = Facility(id="QUIET", name="Quiet & Calm", time_zone="America/Chicago")
    book = opened(
        workbooks(replace(night, facilities=(quiet,)))[
            "AP_Exceptions_QUIET_2026-03-02_1a2b3c4d.xlsx"
        ]
    )
    assert book["Exceptions"]["A2"].value == "No open exception."
    assert not book["Exceptions"].tables
    assert "TIES OUT" in summary_text(book)


def test_analysts_can_fill_in_their_columns_and_no_other(made):
    sheet = opened(made[MERCY])["Exceptions"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    open_ = [cell for cell in sheet[2] if not cell.protection.locked]
    assert [sheet.cell(1, cell.column).value for cell in open_] == [
        c.heading for c in columns.ENTRIES
    ]
    choice = next(v for v in sheet.data_validations.dataValidation if v.type == "list")
    assert choice.formula1 == '"accepted,disputed,resolved,snoozed,not duplicate,escalated"'
    assert open_[0].coordinate in choice.sqref


def test_sheets_are_set_up_for_scrolling_and_printing(made):
    sheet = opened(made[MERCY])["Exceptions"]
    assert sheet.freeze_panes == "D2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)


def test_summary_links_lead_to_the_first_of_their_kind(made):
    book = opened(made[NETWORK])
    links = [cell for row in book["Summary"].iter_rows() for cell in row if cell.hyperlink]
    assert links
    for cell in links:
        sheet, at = cell.hyperlink.location.split("!")
        row = [str(c.value) for c in book[sheet][int(at[1:])]]
        assert cell.value in row


@pytest.mark.parametrize(
    ("line", "order_line", "variance", "pct"),
    [
        pytest.param(("10", "EA", "52.00"), ("50.00", "EA", None), "20.00", "4.00", id="same-unit"),
        pytest.param(
            ("30", "EA", "2.10"),
            ("20.00", "BX", None),
            "3.00",
            "5.00",
            id="eaches-against-boxes-of-ten",
        ),
        pytest.param(
            ("3", "BX", "19.00"), ("2.00", "EA", None), "-3.00", "-5.00", id="boxes-against-eaches"
        ),
        pytest.param(
            ("500", "EA", "0.0525"),
            ("50.00", "EA", "1000"),
            "1.25",
            "5.00",
            id="price-per-thousand",
        ),
        pytest.param(
            ("1", "EA", "0.005"),
            ("0.01", "EA", None),
            "-0.01",
            "-50.00",
            id="half-a-cent-away-from-zero",
        ),
        pytest.param(
            ("1", "EA", "5.00"), ("0", "EA", None), "5.00", None, id="no-percentage-of-nothing"
        ),
        pytest.param(
            ("1", "CA", "5.00"), ("4.00", "EA", None), None, None, id="no-conversion-no-guess"
        ),
        pytest.param(
            ("3", "EA", "1.00"), ("3.00", "EA", None), "-6.00", "-66.67", id="two-thirds-rounded"
        ),
    ],
)
def test_price_variance_is_exact_across_units(night, line, order_line, variance, pct):
    def put(table: str, key: str, value: str, changed: dict[str, object]) -> pl.DataFrame:
        frame = night.tables[table].filter(pl.col(key) == value)
        return frame.with_columns(
            pl.lit(
                Decimal(v) if isinstance(frame.schema[c], pl.Decimal) and v is not None else v,
                frame.schema[c],
            ).alias(c)
            for c, v in changed.items()
        )

    tables = {
        **night.tables,
        "invoice_line": put(
            "invoice_line",
            "invoice_id",
            "I1",
            dict(zip(("qty", "uom", "price"), line, strict=True)),
        ),
        "purchase_order_line": put(
            "purchase_order_line",
            "po_id",
            "MERCY-PO-77",
            dict(zip(("price", "uom", "price_per"), order_line, strict=True)),
        ),
    }
    found = query.run(["price_variance"], tables)["price_variance"].rows()
    if variance is None:
        assert found == []
    else:
        assert found == [("I1", 1, Decimal(variance), None if pct is None else Decimal(pct))]


def test_a_missing_table_is_named(night):
    tables = {name: frame for name, frame in night.tables.items() if name != "item_uom"}
    with pytest.raises(InputError, match="item_uom"):
        workbooks(replace(night, tables=tables))


def test_an_earlier_day_sees_no_later_receipt(night):
    early = Night(
        date(2026, 2, 24),
        night.network,
        night.facilities,
        night.tables,
        night.rules,
        night.fingerprint,
    )
    found = query.detail(early)["exception_detail"].filter(pl.col("code") == "PRICE_OVER")
    assert found["receipts"].to_list() == [None]


def test_a_proof_of_delivery_is_not_added_to_what_the_dock_recorded(night):
    receipts = night.tables["receipt_line"]
    first = receipts.head(1).with_columns(uom=pl.lit("EA"), qty=pl.lit(5, receipts.schema["qty"]))
    proof = first.with_columns(kind=pl.lit("POD"), line_no=pl.lit("99"))
    given = {**night.tables, "receipt_line": pl.concat([first, proof])}
    (row,) = query.run(["received"], given, night.day)["received"].to_dicts()
    assert (row["received_qty"], row["received_uom"]) == (None, None)
    assert [("proof of delivery" in one) for one in row["receipts"].split("; ")] == [False, True]


def test_libreoffice_opens_it(made, tmp_path):
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed: the workbook is not opened by a second program")
    (tmp_path / NETWORK).write_bytes(made[NETWORK])
    subprocess.run(
        [
            soffice,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "csv",
            "--outdir",
            str(tmp_path),
            str(tmp_path / NETWORK),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = (tmp_path / NETWORK).with_suffix(".csv").read_text(encoding="utf-8", errors="replace")
    assert "TIES OUT" in text
    assert ",122.7," in text
