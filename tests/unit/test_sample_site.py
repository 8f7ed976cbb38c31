"""The sample site: the same bytes every time, a valid site folder, files that are what they say."""

import csv
import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from nights import called

import recon.sample
from recon.canonical.mapping import mapped
from recon.land import unlisted
from recon.parse import parse
from recon.parse.privacy import Tokens
from recon.sample import generate
from recon.sample.chance import Chance
from recon.sample.flow import flow
from recon.sample.habits import HABITS
from recon.sample.network import HOSPITALS, ITEMS_AT_LEAST, SUPPLIERS, network
from recon.site import read_site

DAY = date(2026, 3, 2)

TEMPLATE = Path(recon.sample.__file__).parent / "site"
FIRST = date(2026, 3, 2)


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "site"
    generate(folder, seed=31, order_lines=450)
    return folder


def hashes(folder):
    return {
        str(f.relative_to(folder)): (hashlib.sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime)
        for f in sorted(folder.rglob("*"))
        if f.is_file() and "inbox" in f.parts
    } | {
        str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(folder.rglob("*"))
        if f.is_file() and "inbox" not in f.parts
    }


def rows_of(file):
    with file.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_the_same_arguments_give_the_same_bytes(site_folder, tmp_path):
    generate(tmp_path / "again", seed=31, order_lines=450)
    assert hashes(tmp_path / "again") == hashes(site_folder)


@pytest.mark.parametrize(
    "site", [TEMPLATE, *sorted((Path(__file__).parents[2] / "docs" / "examples").iterdir())]
)
def test_no_version_counts_by_the_hash_of_its_file(site):
    """What the operating rooms corrected the night after counted by chance."""
    files = sorted((site / "sources").glob("*.yaml"))
    named = [line for f in files for line in f.read_text().splitlines() if "message_id:" in line]
    assert files
    assert [line for line in named if "source_file_id" in line] == []


def test_writing_again_into_the_same_folder_leaves_nothing_of_the_first(site_folder, tmp_path):
    generate(tmp_path, seed=8, order_lines=300, nights=6)
    generate(tmp_path, seed=31, order_lines=450)
    assert hashes(tmp_path) == hashes(site_folder)


@pytest.mark.parametrize("own", ["recon.yaml", "inbox/orders/PO_1.csv"])
def test_a_site_that_is_no_sample_is_not_written_over(tmp_path, own):
    (tmp_path / own).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / own).write_text("ours")
    told = called("sample", tmp_path, code=2)
    assert f"holds a {own.partition('/')[0]} and no answer_key" in told.stderr
    assert [f.name for f in tmp_path.iterdir()] == [own.partition("/")[0]]
    assert (tmp_path / own).read_text() == "ours"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "a").write_text("")
    assert "File exists. Check the path" in called("init", tmp_path / "a", code=2).stderr


@pytest.mark.parametrize(
    "command", [["init"], ["sample"], ["export-analyst"], ["doctor", "--site"]], ids=" ".join
)
def test_a_folder_without_a_name_is_not_the_current_one(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    told = called(*command, "", code=2)
    assert "the folder's name is empty" in " ".join(told.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_a_new_site_has_the_folders_that_its_feeds_name(tmp_path):
    called("init", tmp_path / "ours")
    assert (tmp_path / "ours/inbox/returned_workbook").is_dir()
    site, _ = read_site(tmp_path / "ours", {})
    assert unlisted(site) == []


def test_another_seed_gives_other_documents_and_other_defects(site_folder, tmp_path):
    generate(tmp_path, seed=32, order_lines=450)
    for name in ("inbox/invoice_portal/PORTAL_20260302.csv", "answer_key/exception.csv"):
        assert (tmp_path / name).read_bytes() != (site_folder / name).read_bytes()


def test_another_first_night_moves_every_date(tmp_path):
    generate(tmp_path, order_lines=300, nights=2, first_night=date(2027, 11, 6))
    names = {f.name for f in (tmp_path / "inbox" / "purchase_order_erp").iterdir()}
    assert names == {"PO_20271106.csv", "PO_20271107.csv"}
    assert "first_business_date: 2027-11-06" in (tmp_path / "recon.yaml").read_text()


def test_the_site_has_no_mistakes(site_folder):
    _, mistakes = read_site(site_folder, {})
    assert [str(m) for m in mistakes] == []


@pytest.mark.parametrize(
    ("name", "file", "key"),
    [
        pytest.param("invoice_portal", "PORTAL_20260306.csv", "invoice_id", id="invoice"),
        pytest.param("purchase_order_erp", "PO_20260306.csv", "po_id", id="order"),
    ],
)
def test_a_document_is_not_lost_with_its_first_line(site_folder, name, file, key):
    site, _ = read_site(site_folder, {})
    feed = site.feeds[name]
    read = parse(feed, (site_folder / "inbox" / name / file).read_bytes(), Tokens(), DAY)
    records = read.records["record"].with_columns(source_file_id=pl.lit("sha"))
    header, lines = (mapped(feed, m, records, site.rules).rows for m in feed.records)
    of_several = lines.group_by(key).agg(pl.col("line_no").cast(pl.Int64).max() > 1)
    later = records.filter(pl.col("line_no") > 1)
    without_first = mapped(feed, feed.records[0], later, site.rules).rows
    assert header[key].is_unique().all()
    assert set(without_first[key]) == set(of_several.filter("line_no")[key]) != set()


def test_the_network_is_as_large_as_promised(site_folder):
    inbox = site_folder / "inbox"
    suppliers = (inbox / "supplier" / "VENDORS_20260302.csv").read_text("cp1252").splitlines()
    items = rows_of(inbox / "item" / "ITEM_20260302.csv")
    units = {row["unit"] for row in rows_of(inbox / "item_uom" / "UNITS_20260302.csv")}
    assert len(suppliers) - 1 >= 40
    assert len(items) >= ITEMS_AT_LEAST >= 600
    assert units == {"EA", "BX", "CA"}
    assert any("Bäumler" in line for line in suppliers)  # cp1252, as declared


def test_the_number_of_order_lines_is_the_number_asked_for(site_folder):
    site, _ = read_site(site_folder, {})
    inbox = site_folder / "inbox"
    erp = rows_of(inbox / "purchase_order_erp" / "PO_20260306.csv")
    edi = {
        (row["po_number"], row["assigned_id"])
        for file in (inbox / "purchase_order_edi").iterdir()
        for row in parse(site.feeds["purchase_order_edi"], file.read_bytes(), Tokens(), DAY)
        .records["purchase_order_line"]
        .iter_rows(named=True)
    }
    assert 430 <= len(erp) + len(edi) <= 450  # an amended order counts once


def test_files_carry_the_business_date_and_the_hour_at_which_they_were_dropped(site_folder):
    for row in rows_of(site_folder / "answer_key" / "file.csv"):
        file = site_folder / "inbox" / row["feed"] / row["file_name"]
        day = date.fromisoformat(row["business_date"])
        assert f"{day:%Y%m%d}" in file.name
        dropped = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        assert dropped == datetime(day.year, day.month, day.day, 22, tzinfo=UTC)


def test_every_file_is_in_the_key_and_nothing_else_is(site_folder):
    listed = {
        f"{r['feed']}/{r['file_name']}" for r in rows_of(site_folder / "answer_key" / "file.csv")
    }
    dropped = {
        str(f.relative_to(site_folder / "inbox"))
        for f in (site_folder / "inbox").rglob("*")
        if f.is_file() and f.name != ".keep"
    }
    assert listed == dropped


def test_every_supplier_keeps_its_habits(site_folder):
    files = sorted((site_folder / "inbox").glob("invoice_edi*/*.edi"))
    text = b"".join(f.read_bytes() for f in files).decode()
    for habit in HABITS:
        start = text.index(f"{habit.element}{habit.sender:<15}{habit.element}")
        isa = text[start - 34 : start + 80]
        assert isa.startswith(f"ISA{habit.element}00"), habit.sender
        assert f"{habit.element}P{habit.element}{habit.component}{habit.terminator}GS" in isa


def test_a_file_may_end_without_its_last_terminator(site_folder):
    for file in (site_folder / "inbox" / "invoice_edi").glob("FALLOWSURG_*.edi"):
        assert not file.read_text().endswith("~")


def test_lookup_tables_of_the_template_say_what_the_network_is():
    partner = {row["sender"]: row for row in rows_of(TEMPLATE / "rules" / "partner.csv")}
    party = {(r["qualifier"], r["id"]): r for r in rows_of(TEMPLATE / "rules" / "party.csv")}
    alias = {
        (row["sender"], row["partner_unit"]): row["our_unit"]
        for row in rows_of(TEMPLATE / "rules" / "unit_alias.csv")
    }
    edi = [s for s in SUPPLIERS if s.habit]
    assert set(partner) == {s.habit.sender for s in edi}
    for supplier in edi:
        row = partner[supplier.habit.sender]
        assert row["supplier_id"] == supplier.id
        assert row["echoes_order_line"] == ("Y" if supplier.habit.lines == "echo" else "N")
        for ours, theirs in supplier.habit.units.items():
            assert alias.pop((supplier.habit.sender, theirs)) == ours
    assert alias == {}
    assert all(party["92", s.id]["supplier_id"] == s.id for s in SUPPLIERS)
    for hospital in HOSPITALS:
        for pair in (("92", hospital.id), ("UL", hospital.gln), ("21", hospital.hin)):
            assert party[pair]["facility_id"] == hospital.id


def test_ordinary_business_is_billed_within_what_was_received_and_ordered():
    """On every night, per order line, in eaches: billed <= received <= ordered, at one price."""
    chance = Chance(5, "sample")
    net = network(chance, 3_000, FIRST)
    made = flow(net, chance, 3_000, 5, FIRST)
    held = pl.DataFrame(
        [(i.id, uom, n) for i in net.items for uom, n in i.units.items()],
        schema={"item_id": pl.String, "uom": pl.String, "eaches": pl.Int64},
        orient="row",
    )
    order = made.order.join(held, on=["item_id", "uom"]).select(
        "po_number",
        po_line_no="line_no",
        item_id="item_id",
        ordered=pl.col("qty") * pl.col("eaches"),
        each=pl.col("price") // pl.col("eaches"),
        since="night",
    )
    line = ["po_number", "po_line_no"]
    received = (
        made.receipt.join(order, on=line)
        .join(held, on=["item_id", "uom"])
        .with_columns(eaches=pl.col("qty") * pl.col("eaches"))
    )
    billed = (
        made.invoice_line.join(made.invoice.select("doc", "night", "po_number"), on="doc")
        .join(order.select(*line, "each"), on=line)
        .join(held, on=["item_id", "uom"])
    )
    assert (billed["price"] == billed["each"] * billed["eaches"]).all()
    assert (billed["amount"] * 100 == billed["qty"] * billed["price"]).all()
    assert (received["night"] >= received["since"]).all()
    for night in range(1, 6):
        so_far = pl.col("night") <= night
        came = (
            received.filter(so_far)
            .group_by(line)
            .agg(pl.col("eaches").sum(), pl.col("ordered").first())
        )
        bills = (
            billed.filter(so_far).group_by(line).agg(bill=(pl.col("qty") * pl.col("eaches")).sum())
        )
        both = bills.join(came, on=line, how="left")
        assert (came["eaches"] <= came["ordered"]).all()
        assert (both["bill"] <= both["eaches"]).fill_null(value=False).all()
    kinds = made.invoice.select("po_number", "total")
    assert kinds.is_duplicated().sum() == 0  # what looks like a duplicate is planted, never chance
    assert billed.height > 2_000


def test_totals_of_ordinary_invoices_are_their_lines_and_charges():
    chance = Chance(6, "sample")
    made = flow(network(chance, 1_000, FIRST), chance, 1_000, 4, FIRST)
    parts = pl.concat(
        [made.invoice_line.select("doc", "amount"), made.charge.select("doc", "amount")]
    )
    summed = made.invoice.join(parts.group_by("doc").agg(pl.col("amount").sum()), on="doc")
    assert summed.height == made.invoice.height
    assert (summed["amount"] == summed["total"]).all()


@pytest.mark.parametrize("order_lines", [0, 1, 260])
def test_small_samples_hold_at_least_the_stories(tmp_path, order_lines):
    generate(tmp_path, seed=3, order_lines=order_lines, nights=1)
    assert len(rows_of(tmp_path / "answer_key" / "exception.csv")) > 20


def test_draws_of_a_stream_do_not_depend_on_how_many_are_taken():
    chance = Chance(1, "a")
    assert chance.many("x", 5, 0, 99).tolist() == chance.many("x", 9, 0, 99).tolist()[:5]
    assert chance.many("x", 5, 0, 99).tolist() != chance.many("y", 5, 0, 99).tolist()
    assert set(chance.many("x", 1_000, 3, 5).tolist()) == {3, 4, 5}
