"""The example sites of docs/ over third-party files: YAML only, closed without an orchestrator."""

import csv
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest
from nights import close

from recon.canonical.as_of import as_of
from recon.canonical.build import file_control, quarantine
from recon.publish.gather import gather
from recon.publish.workbook import workbooks
from recon.reconcile import invariants, three_way_match
from recon.reconcile.night import inputs
from recon.rules import load_all
from recon.site import Site

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
CORPUS = ROOT / ".." / "shared" / "corpus"
X12 = CORPUS / "x12"
ADVENTUREWORKS = CORPUS / "adventureworks"
DAY = date(2026, 3, 2)

needs_x12 = pytest.mark.skipif(
    not (X12 / "MANIFEST.csv").exists(), reason="the corpus of third-party X12 files is not here"
)
needs_adventureworks = pytest.mark.skipif(
    not ADVENTUREWORKS.exists(), reason="the AdventureWorks purchasing tables are not here"
)


class Closed:
    """A site after one night: what the lake holds of it."""

    def __init__(self, example: str, folder: Path, inbox: dict[str, Path]) -> None:
        """``inbox``: place below the site's inbox -> file to put there."""
        shutil.copytree(EXAMPLES / example, folder)
        for place, file in inbox.items():
            target = folder / "inbox" / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        self.site = Site.open(folder)
        self.results = close(self.site, DAY)
        self.files = file_control(self.site, DAY)
        self.quarantine = quarantine(self.site, DAY)

    def rows(self, table: str, file_name: str | None = None) -> pl.DataFrame:
        """A canonical table's rows of the night, or those that one file brought."""
        found = as_of(self.site, table, DAY)
        if isinstance(found, list):
            found = pl.read_parquet(found[0], hive_partitioning=False)
        if file_name is None:
            return found
        brought = self.files.filter(pl.col("file_name") == file_name)
        return found.join(brought, on="source_file_id", how="semi", maintain_order="left")

    def records(self, record: str, file_name: str) -> pl.DataFrame:
        """The typed records that the reader made of one file."""
        (feed,) = self.site.feeds
        brought = self.files.filter(pl.col("file_name") == file_name)
        return self.site.lake.read("parse", feed, DAY, record).join(
            brought, on="source_file_id", how="semi"
        )

    def broken_invariants(self) -> dict[str, int]:
        rules = load_all(self.site.rules)
        found = invariants(inputs(self.site, DAY), self.results, DAY, rules)
        return {name: rows.height for name, rows in found.items() if rows.height}


# --- (a) a mailbox that takes whatever X12 arrives -----------------------------------------------


def manifest() -> list[dict[str, str]]:
    with (X12 / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def landed_as(file: str) -> str:
    """The corpus has folders, an inbox has none."""
    return file.replace("/", "__")


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory):
    files = {f"mailbox/{landed_as(row['file'])}": X12 / row["file"] for row in manifest()}
    return Closed("x12_mailbox", tmp_path_factory.mktemp("mailbox") / "site", files)


@needs_x12
def test_every_file_ends_in_a_state_and_what_is_refused_says_why(mailbox):
    files = mailbox.files
    assert files.height == 444
    assert set(files["state"]) == {"LANDED", "QUARANTINED", "DUPLICATE"}
    assert files.filter(
        pl.col("records_in") != pl.col("accepted") + pl.col("quarantined")
    ).is_empty()
    not_landed = files.filter(pl.col("state") != "LANDED")
    assert not_landed["reason"].null_count() == 0
    # What a file's counts call quarantined is in the quarantine, with a reason, at a place in it.
    refused = mailbox.quarantine.filter(pl.col("layer") == "parse")
    assert refused["reason"].str.len_chars().min() > 10
    by_file = refused.group_by("source_file_id").agg(told=pl.col("records").sum())
    counted = files.filter(pl.col("state") != "DUPLICATE").join(
        by_file, on="source_file_id", how="left"
    )
    assert counted.filter(pl.col("quarantined") != pl.col("told").fill_null(0)).is_empty()
    places = refused.join(files.select("source_file_id", "size_bytes"), on="source_file_id")
    assert places.filter(pl.col("byte_offset") > pl.col("size_bytes")).is_empty()


@needs_x12
def test_the_same_bytes_are_landed_once_whatever_their_name(mailbox):
    contents = {(X12 / row["file"]).read_bytes() for row in manifest()}
    assert mailbox.files.filter(pl.col("state") != "DUPLICATE").height == len(contents)


@needs_x12
def test_a_clean_envelope_holds_as_many_transactions_as_the_manifest_counted(mailbox):
    found = {row["file_name"]: row for row in mailbox.files.to_dicts()}
    # Within a good envelope a set may be refused for what it holds (see test_x12_corpus), an order
    # for instance whose CTT declares another number of lines; for its envelope none may.
    of_content = "^(CTT01|required:.*|type:.*|segment_missing|loop_repeats|HL0[12])$"
    refused = mailbox.quarantine.filter(pl.col("rule").str.contains(of_content))
    by_content = dict(refused.group_by("file_name").agg(pl.sum("records")).rows())
    different = []
    for row in manifest():
        file = found[landed_as(row["file"])]
        if row["ref_envelope"].startswith("ok") and file["state"] != "DUPLICATE":
            counted = int(row["ref_transactions"])
            accepted = counted - by_content.get(file["file_name"], 0)
            if (file["records_in"], file["accepted"]) != (counted, accepted):
                different.append(file)
    assert different == []


SETS = {
    "850": ("purchase_order", "purchase_order_line", "PO1"),
    "810": ("invoice", "invoice_line", "IT1"),
}


@needs_x12
@pytest.mark.parametrize("code", SETS)
def test_orders_and_invoices_reach_the_canonical_tables_whole(mailbox, code):
    """Headers and lines are counted in the bytes by a pattern that knows nothing of our reader."""
    header, line, tag = SETS[code]
    states = {row["file_name"]: row for row in mailbox.files.to_dicts()}
    whole = 0
    for row in manifest():
        name = landed_as(row["file"])
        text = (X12 / row["file"]).read_text(encoding="cp1252")
        separator = re.escape(text[text.find("ISA") + 3])
        headers = len(re.findall(rf"\bST{separator}{code}{separator}", text))
        if headers == 0 or states[name]["state"] == "DUPLICATE":
            continue
        refused = mailbox.quarantine.filter(
            (pl.col("file_name") == name) & (pl.col("record") == "transaction")
        )
        assert mailbox.rows(header, name).height == mailbox.records(header, name).height
        assert mailbox.rows(header, name).height == headers - refused.height or (
            # In one file a // comment stands where ST does: the file is refused as a whole.
            states[name]["accepted"] == 0
        )
        if states[name]["quarantined"] == 0:
            whole += 1
            lines = len(re.findall(rf"(?<!{separator})\b{tag}{separator}", text))
            assert mailbox.records(line, name).height == lines
            goods = mailbox.rows(line, name)
            if code == "810":
                goods = goods.filter(pl.col("line_type") == "ITEM")
                totals = mailbox.rows(header, name)["total"]
                assert totals.sum() == mailbox.records(header, name)["total"].sum()
            assert goods.height == lines
    assert whole >= 6


@needs_x12
@pytest.mark.parametrize(
    ("file", "total", "amounts"),
    [
        pytest.param(
            "810__Inteligenz_X12Parser__2011110815164104.txt",
            "56358.00",
            # 11 x 1305, 8 x 767, 12 x 1196, 6 x 1800, 8 x 930, 20 x 120, 5 x 175; freight 0
            "14355.00 6136.00 14352.00 10800.00 7440.00 2400.00 875.00 0.00",
            id="seven-lines-and-a-freight-of-nothing",
        ),
        pytest.param(
            "810__Inteligenz_X12Parser__Example1_CaliforniaISO.txt",
            "213516.63",
            "19406.14 1764.26 9774.42 70.64 -497.10 -2907.82 -1608.96 -62.50 0.93 625.62 "
            "-457863.84 353932.35 45610.38 216024.05 27270.74 1977.32",
            id="sixteen-lines-some-negative",
        ),
        pytest.param(
            "810__Inteligenz_X12Parser__Example3_MultiInvoice.txt",
            "8432.02 1129.92",
            # 16 x 52.56, 12 x 207.72, 18 x 169.20, 9 x 166.80, then 7 % on each; 11 x 96.00 and 7 %
            "840.96 2492.64 3045.60 1501.20 58.87 174.48 213.19 105.08 1056.00 73.92",
            id="two-invoices-with-tax-under-the-lines",
        ),
        pytest.param(
            "810__Inteligenz_X12Parser__Example5_Walmart.txt",
            "3875.30",
            "3898.80 -23.50",  # 1080 x 3.61, and an allowance
            id="an-allowance-reduces-the-invoice",
        ),
        pytest.param(
            "810__moov-io_x12__sample.txt",
            "1395.50 827.75",
            "807.50 827.75",  # the first is 588.00 short of its total
            id="an-invoice-that-does-not-add-up",
        ),
    ],
)
def test_invoices_counted_by_hand(mailbox, file, total, amounts):
    head = mailbox.rows("invoice", file).sort("source_record")
    assert head["total"].to_list() == [Decimal(t) for t in total.split()]
    lines = mailbox.rows("invoice_line", file).sort("invoice_id", "line_no")
    assert sorted(lines["amount"]) == sorted(Decimal(a) for a in amounts.split())


@needs_x12
@pytest.mark.parametrize(
    ("file", "number", "lines", "total"),
    [
        pytest.param(
            "850__Inteligenz_X12Parser__Example1_PGWGlass.txt",
            "S41000439",
            "1 5 EA 5.09, 2 12 EA 63.11, 3 2 EA 8.02, 4 1 EA 85.25",
            "884.06",  # its own AMT*TT
            id="four-lines-by-the-buyers-numbers",
        ),
        pytest.param(
            "850__Inteligenz_X12Parser__From_aojuk.txt",
            "6190",
            "6917 1 PK 10.98, 6915 1 EA 219",
            "229.98",  # its own AMT*TT
            id="two-lines-numbered-by-the-buyer",
        ),
    ],
)
def test_orders_counted_by_hand(mailbox, file, number, lines, total):
    assert mailbox.rows("purchase_order", file)["po_number"].to_list() == [number]
    found = mailbox.rows("purchase_order_line", file).sort("source_record")
    assert found.select("line_no", "qty", "uom", "price").rows() == [
        (no, Decimal(qty), uom, Decimal(price))
        for no, qty, uom, price in (line.split() for line in lines.split(", "))
    ]
    worth = sum(qty * price for qty, price in found.select("qty", "price").rows())
    assert worth == Decimal(total)


@needs_x12
def test_a_wrong_number_of_lines_is_told_with_both_numbers(mailbox):
    name = "850__hellooops_vscode-edi-support__850-loop.edi"
    refused = mailbox.quarantine.filter(pl.col("file_name") == name)
    assert refused["rule"].to_list() == ["CTT01"]
    assert "declares 1" in refused["reason"][0]
    assert "2 were found" in refused["reason"][0]
    assert mailbox.rows("purchase_order", name).is_empty()


@needs_x12
def test_the_match_of_the_mailbox_holds_its_invariants_and_finds_the_one_that_does_not_add_up(
    mailbox,
):
    assert mailbox.broken_invariants() == {}
    found = mailbox.results["exception"]
    unbalanced = found.filter(pl.col("code") == "INVOICE_OUT_OF_BALANCE")
    # moov-io: TDS says 1395.50, the only line 807.50.
    assert [abs(impact) for impact in unbalanced["impact"]] == [Decimal("588.00")]


@needs_x12
def test_the_workbooks_hold_everything_that_was_refused(mailbox, tmp_path):
    books = workbooks(gather(mailbox.site, DAY))
    (name,) = (n for n in books if "NETWORK" in n)
    (tmp_path / name).write_bytes(books[name])
    sheet = openpyxl.load_workbook(tmp_path / name, read_only=True)["Quarantine"]
    listed = {row[0:4] for row in sheet.iter_rows(values_only=True)}
    assert len(listed) >= mailbox.quarantine.select("file_name", "source_record").n_unique()


def interchange(group: str, code: str, *body: str) -> str:
    """One interchange with one transaction set, written by hand."""
    isa = (
        "ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *260302*0900*U*00401"
    )
    segments = [
        isa + "*000000001*0*P*>",
        f"GS*{group}*US*THEM*20260302*0900*1*X*004010",
        f"ST*{code}*0001",
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    return "".join(segment + "~" for segment in segments)


def test_the_mailbox_fills_in_nothing_that_a_sender_left_out(tmp_path):
    order = ("BEG*00*SA*P1**20260302", "PO1*1*2*EA*5**VN*A", "PO1*2*3*EA***VN*B")
    dozen = "PO1*3*24*EA*12*PD*VN*C"
    sent = {
        "1.edi": interchange("PO", "850", *order, dozen, "CTT*3"),
        "2.edi": interchange("PO", "850", "BEG*05*SA*P1**20260303", "PO1*1*4*EA*5**VN*A", "CTT*1"),
        "3.edi": interchange(
            *("IN", "810", "BIG*20260302*I1**P1", "IT1*1*2*EA*5**VN*A", "IT1*2*3*EA***VN*B"),
            *("IT1*3*24*EA*12*PD*VN*C", "SAC*C*D240***150", "SAC*N*D240***999", "TDS*1150"),
        ),
        "4.edi": interchange(
            "IN", "810", "BIG*20260302*I2**P1***CR", "IT1*1*1*EA*5**VN*A", "TDS*500"
        ),
    }
    (tmp_path / "sent").mkdir()
    for name, text in sent.items():
        (tmp_path / "sent" / name).write_text(text)
    files = {f"mailbox/{name}": tmp_path / "sent" / name for name in sent}
    closed = Closed("x12_mailbox", tmp_path / "site", files)

    refused = closed.quarantine.filter(pl.col("layer") == "canonical")
    assert sorted(refused.select("file_name", "record", "rule").rows()) == [
        ("1.edi", "purchase_order", "superseded"),  # the order, and its line 1: sent again in 2.edi
        ("1.edi", "purchase_order_line", "required:price"),
        ("1.edi", "purchase_order_line", "superseded"),
        ("3.edi", "invoice_line", "required:amount"),  # no price
        ("3.edi", "invoice_line", "required:amount"),  # a price per dozen
        ("3.edi", "invoice_line", "required:amount"),  # neither charge nor allowance
    ]
    ordered = closed.rows("purchase_order_line").select("line_no", "qty", "price", "price_per")
    assert ordered.rows() == [("1", 4, 5, None), ("3", 24, 12, 12)]
    billed = closed.rows("invoice_line").sort("source_record").select("line_type", "amount")
    assert sorted(billed.rows()) == [
        ("FREIGHT", Decimal("1.50")),
        ("ITEM", Decimal("-5.00")),  # on a credit memo
        ("ITEM", Decimal("10.00")),
    ]
    assert sorted(closed.rows("invoice")["total"]) == [Decimal("-5.00"), Decimal("11.50")]


# --- (b) the purchasing tables of AdventureWorks -------------------------------------------------


@pytest.fixture(scope="module")
def adventureworks(tmp_path_factory):
    files = {
        "purchase_order_header/PurchaseOrderHeader.csv": ADVENTUREWORKS / "PurchaseOrderHeader.csv",
        "purchase_order_detail/PurchaseOrderDetail.csv": ADVENTUREWORKS / "PurchaseOrderDetail.csv",
        "vendor/Vendor.csv": ADVENTUREWORKS / "Vendor.csv",
    }
    return Closed("adventureworks", tmp_path_factory.mktemp("adventureworks") / "site", files)


def raw_sums(value: str) -> tuple[object, ...]:
    """One row over the raw order lines; shares nothing with the toolkit but the engine."""
    names = "po, line, due, ordered, product, price, total, received, rejected, stocked, modified"
    with duckdb.connect() as con:
        return con.execute(
            f"""
            with line as (
                select * from read_csv(
                    ?, delim = '\t', header = false, all_varchar = true,
                    names = {names.split(", ")}
                )
            )
            select {value} from line
            """,  # noqa: S608  the tests' own words
            [str(ADVENTUREWORKS / "PurchaseOrderDetail.csv")],
        ).fetchone()


@needs_adventureworks
def test_every_order_line_arrives(adventureworks):
    assert adventureworks.quarantine.is_empty()
    counts = dict(adventureworks.files.select("feed", "accepted").rows())
    assert counts == {
        "purchase_order_detail": 8845,
        "purchase_order_header": 4012,
        "vendor": 104,
    }
    assert adventureworks.rows("purchase_order_line").height == 8845


@needs_adventureworks
def test_received_not_invoiced_is_the_plain_sum_over_the_raw_file(adventureworks):
    """Everything received, at the order's price, in cents per receipt; nothing is invoiced.

    Lines received at zero are no receipt. Goods that inspection rejected stay in it until they are
    sent back (the extract has no returns), and so do those of rejected orders: they were received.
    """
    lines, value = raw_sums(
        """
        count(*) filter (where cast(received as decimal(18, 2)) > 0),
        sum(round(cast(received as decimal(18, 2)) * cast(price as decimal(18, 4)), 2))
        """
    )
    rni = adventureworks.results["rni"]
    assert (rni.height, rni["value"].sum()) == (lines, value)
    # The figures themselves, so that a wrong sum on both sides does not pass.
    assert (lines, value) == (8845, Decimal("63240556.04"))


@needs_adventureworks
def test_with_inspection_only_what_was_stocked_is_owed(adventureworks):
    """The same site with one more line of YAML: 4WAY, the order waits for acceptance."""
    lines = adventureworks.rows("purchase_order_line").with_columns(match_type=pl.lit("4WAY"))
    found = three_way_match({**inputs(adventureworks.site, DAY), "purchase_order_line": lines}, DAY)
    (value,) = raw_sums(
        "sum(round(cast(stocked as decimal(18, 2)) * cast(price as decimal(18, 4)), 2))"
    )
    assert found["rni"]["value"].sum() == value == Decimal("61211701.66")


@needs_adventureworks
def test_nothing_is_found_wrong_where_nothing_is_invoiced(adventureworks):
    assert adventureworks.results["exception"].is_empty()
    assert adventureworks.results["invoice_line_result"].is_empty()
    assert adventureworks.broken_invariants() == {}


@needs_adventureworks
def test_the_workbook_lists_what_is_received_and_not_invoiced(adventureworks, tmp_path):
    books = workbooks(gather(adventureworks.site, DAY))
    assert len(books) == 2
    (name,) = (n for n in books if "NETWORK" in n)
    (tmp_path / name).write_bytes(books[name])
    book = openpyxl.load_workbook(tmp_path / name, read_only=True, data_only=True)
    rows = list(book["Received not invoiced"].iter_rows(values_only=True))
    at = next(i for i, row in enumerate(rows) if "Value" in row)
    column = rows[at].index("Value")
    values = [row[column] for row in rows[at + 1 :] if isinstance(row[column], (int, float))]
    assert round(sum(Decimal(str(v)) for v in values), 2) == Decimal("63240556.04")
