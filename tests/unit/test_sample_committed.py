"""The sample site in the repository is what the generator writes today."""

import filecmp

import polars as pl
from nights import SAMPLE

from recon.rules import load
from recon.sample import generate


def test_the_committed_site_is_what_the_generator_writes(tmp_path):
    generate(tmp_path / "site")
    fresh = tmp_path / "site"
    written = {p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file()}
    committed = {
        p.relative_to(SAMPLE)
        for p in SAMPLE.rglob("*")
        if p.is_file() and p.relative_to(SAMPLE).parts[0] not in ("lake", "published", "outbox")
    }
    assert committed == written
    differ = [n for n in written if not filecmp.cmp(fresh / n, SAMPLE / n, shallow=False)]
    assert differ == [], "run `recon sample data_samples/site` and commit it"


def test_every_exception_code_is_planted():
    planted = set(pl.read_csv(SAMPLE / "answer_key" / "exception.csv")["code"])
    # Those of use and charge are planted with the feeds they come from.
    codes = {code for code in load("exception_code")["code"] if not code[-2:].isdigit()}
    assert codes - planted == set()
