"""The UDI strings of the corpus, each read as its file states."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import recon

VECTORS = (
    Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus" / "udi" / "udi_vectors.csv"
)
needs_corpus = pytest.mark.skipif(not VECTORS.exists(), reason="no corpus on this machine")
AS_OF = date(2026, 3, 31)


def _stated(text: str | None) -> date | None:
    """A month alone ends on its last day; the hour of a date is not kept."""
    if not text:
        return None
    if len(text) == len("2023-04"):
        first = date.fromisoformat(text + "-01")
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return date.fromisoformat(text[:10])


@needs_corpus
def test_all_vectors_are_read_as_stated():
    vectors = pl.read_csv(VECTORS, infer_schema=False)
    found = recon.parse_udi(vectors["vector"], AS_OF)
    assert vectors.height == 17
    assert found["udi"].to_list() == vectors["vector"].to_list()
    for stated, read in zip(vectors.to_dicts(), found.to_dicts(), strict=True):
        parts = {
            "issuer": stated["agency"],
            "di": stated["di"],
            "lot": stated["lot"] or None,
            "serial": stated["serial"] or None,
            "donation": stated["donation"] or None,
            "expiry_date": _stated(stated["expiry"]),
            "made_date": _stated(stated["manufactured"]),
        }
        assert {name: read[name] for name in parts} == parts, stated["vector"]
        if "flagged" in (stated["note"] or ""):
            verdict = "AMBIGUOUS"
        elif stated["valid_structure"] == "N":
            verdict = "MALFORMED"
        else:
            verdict = "CHECK_FAILED" if stated["check_ok"] == "N" else "VALID"
        assert read["verdict"] == verdict, stated["vector"]
