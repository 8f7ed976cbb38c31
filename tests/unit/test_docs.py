"""What the pages under docs/ say is what happens."""

import doctest
import importlib.util
import re
import shlex
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from recon import errors
from recon.canonical.build import build, file_control, quarantine
from recon.cli import app
from recon.land import Ledger, land
from recon.parse.feed import parse_feed
from recon.parse.hl7.defects import KINDS as HL7_KINDS
from recon.parse.x12.defects import KINDS as X12_KINDS
from recon.reconcile.engine import Statement
from recon.site import Site

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])
WRITING_A_FEED = (DOCS / "writing-a-feed.md").read_text(encoding="utf-8")
RUNBOOK = (DOCS / "runbook.md").read_text(encoding="utf-8")
NIGHT = date(2026, 3, 2)


def files_on(page: str) -> dict[str, str]:
    """Fenced blocks that a line with nothing but a file name announces."""
    announced = re.finditer(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return {found[1]: found[2] for found in announced}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def as_markdown(rows: pl.DataFrame) -> str:
    lines = [rows.columns, ["---"] * rows.width, *rows.cast(pl.String).fill_null("").rows()]
    return "\n".join(
        f"| {' | '.join(t.replace('|', chr(92) + '|') for t in line)} |" for line in lines
    )


@pytest.fixture
def pine_valley(tmp_path, monkeypatch):
    """The site on the page, in a folder of its name, from which the page's commands are given."""
    for name, text in files_on(WRITING_A_FEED).items():
        file = tmp_path / "pine_valley" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Path("pine_valley")


@pytest.fixture
def closed(pine_valley):
    """That site with its files landed, read and mapped."""
    site = Site.open(pine_valley)
    feed = site.feeds["dock_log"]
    with Ledger(site.ledger) as ledger:
        landed = land(feed, site, ledger, NIGHT, datetime.now(UTC) + timedelta(hours=1))
    site.lake.write("land", feed.name, NIGHT, {"file": landed.files})
    site.lake.write("parse", feed.name, NIGHT, parse_feed(site, feed, NIGHT))
    site.lake.write("canonical", "receipt_line", NIGHT, build(site, "receipt_line", NIGHT).parts())
    return site


def answers(command: str) -> str:
    result = CliRunner().invoke(app, shlex.split(command)[1:])
    return f"$ {command}\n{result.output}"


def test_doctor_answers_as_the_feed_page_shows(pine_valley):
    correct, mistaken = blocks(WRITING_A_FEED, "console")
    command = correct.splitlines()[0].removeprefix("$ ")
    assert answers(command) == correct
    feed = pine_valley / "sources" / "dock_log.yaml"
    for change in blocks(WRITING_A_FEED, "diff"):
        for old, new in re.findall(r"^-(.*)\n\+(.*)$", change, re.MULTILINE):
            text = feed.read_text(encoding="utf-8")
            assert text.count(old) == 1
            feed.write_text(text.replace(old, new), encoding="utf-8")
    assert answers(command) == mistaken


def test_the_example_becomes_the_rows_the_feed_page_shows(closed):
    rows = closed.lake.read("canonical", "receipt_line", NIGHT, "dock_log")
    filled = [c for c in rows.columns if rows[c].null_count() < rows.height]
    shown = [c for c in filled if c not in ("source_system", "source_file_id")]
    assert as_markdown(rows.select(shown)) in WRITING_A_FEED


def test_the_example_refuses_what_the_feed_page_shows(closed):
    refused = quarantine(closed, NIGHT)
    assert as_markdown(refused.select("layer", "source_record", "rule", "reason")) in WRITING_A_FEED
    counts = file_control(closed, NIGHT).select("records_in", "accepted", "quarantined")
    assert counts.rows() == [(6, 5, 1)]
    assert "6 in, 5 accepted, 1 quarantined" in WRITING_A_FEED


def test_every_rule_of_the_quarantine_is_on_the_feed_page():
    table = WRITING_A_FEED.partition("## Quarantine")[2]
    explained = set(
        re.findall(r"`(\w+)(?::<column>)?`", re.sub(r"\|[^|]*\|[^|]*\|\n", "|\n", table))
    )
    kinds = [*X12_KINDS.items(), *HL7_KINDS.items()]
    declared = {code for code, kind in kinds if kind.severity == "error"}
    readers = [
        *(ROOT / "recon" / "parse").glob("*.py"),
        *(ROOT / "recon" / "parse" / "fhir").glob("*.py"),
        *(ROOT / "recon" / "canonical").glob("*.py"),
    ]
    source = "\n".join(file.read_text(encoding="utf-8") for file in readers)
    assert declared - explained == set(), "a rule of X12 or HL7 is not explained"
    for rule in explained - declared:
        assert re.search(rf"[\"'(f]{rule}[\"':]", source), f"no code refuses by the rule {rule}"


def every_error() -> list[type[errors.ReconError]]:
    import assets.night
    import recon.reconcile.engine

    found = [assets.night.BlockedError, recon.reconcile.engine.StatementError]
    return found + [
        e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.ReconError)
    ]


def test_the_runbook_lists_every_exit_code():
    listed = {int(code) for code in re.findall(r"^\| (\d) \|", RUNBOOK, re.MULTILINE)}
    assert listed == {0, *(error.exit_code for error in every_error())}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_it_names_exist(page):
    named = re.findall(
        r"`((?:recon|assets|checks|tests|docs|dagster_home|data_samples|benchmarks)/[\w./-]+)`",
        page.read_text(encoding="utf-8"),
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_it_gives_exist(page):
    text = page.read_text(encoding="utf-8")
    fenced = "".join(re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL))
    code = [
        *re.findall(r"`(recon [^`\n]*)`", text),
        *re.findall(r"^(?:\$ )?(recon .*)$", fenced, re.MULTILINE),
    ]
    commands = {c.name or c.callback.__name__: c for c in app.registered_commands}
    for line in code:
        name = line.split()[1]
        assert name in commands, line
        offered = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output
        for option in re.findall(r"(?<=\s)--[a-z-]+", line.partition("#")[0]):
            assert option in offered, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_it_types_into_python_gives_what_it_shows(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    for block in blocks(page.read_text(encoding="utf-8"), "pycon"):
        typed = doctest.DocTestParser().get_doctest(block, {}, page.name, str(page), 0)
        assert typed.examples
        shown: list[str] = []
        doctest.DocTestRunner().run(typed, out=shown.append)
        assert "".join(shown) == ""


def test_the_readme_reads_invoice_lines_in_three_lines():
    x12, _ = blocks((ROOT / "README.md").read_text(encoding="utf-8"), "pycon")
    assert x12.count(">>> ") == 3
    assert "invoice_line" in x12


def test_the_readme_reads_a_charge_in_three_statements():
    _, hl7 = blocks((ROOT / "README.md").read_text(encoding="utf-8"), "pycon")
    assert hl7.count(">>> ") == 3
    assert 'records["charge"]' in hl7


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {c.name or c.callback.__name__ for c in app.registered_commands}
    assert [name for name in sorted(names) if f"`recon {name}" not in readme] == []


def test_every_test_with_a_long_form_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    asked = re.compile(r"environ\b.*\bRECON_(?:KILLS|FUZZ|SEEDS|EVERY_SHUFFLE|CASES)\b")
    found = [f for f in (ROOT / "tests").rglob("test_*.py") if asked.search(f.read_text("utf-8"))]
    assert len(found) == 10
    assert "Ten tests have a long form" in readme
    assert [file.name for file in found if file.name not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_table_is_cut_in_two_by_an_empty_line(page):
    assert not re.search(r"^\|.*\|\n\n\|(?!.*\|\n\|-)", page.read_text("utf-8"), re.MULTILINE)


def generator():
    specification = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    generate = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(generate)
    return generate


def test_generating_the_generated_pages_again_changes_nothing():
    for name, text in generator().pages().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name} is stale: make docs"


def test_steps_that_read_each_other_are_named():
    computed = {
        name: Statement(name, f"{name}.sql", "", (read,)) for name, read in ("ab", "bc", "ca")
    }
    stages = [(title, "", (title.lower(),)) for title in "ABC"]
    with pytest.raises(
        ValueError, match=r"read each other.*: (A -> C -> B|C -> B -> A|B -> A -> C)"
    ):
        generator()._overview(stages, computed)
