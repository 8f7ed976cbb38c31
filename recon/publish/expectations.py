"""Great Expectations over what is published, and the page an auditor reads.

What belongs here: what must be true of the exception and control tables, in sentences, and the
evidence that it was checked. What does not: contracts of single files (pandera, at the door),
totals and keys (``reconcile/control``). Great Expectations takes seconds to import, so it is
imported by the function that uses it.
"""

import html
import importlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from recon.publish.night import Night
from recon.rules.tables import MATCH_QUEUES

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:15px/1.5 system-ui,sans-serif;color:#1f2a37;max-width:60rem;
margin:2rem auto;padding:0 1rem}}
h1{{color:#1f3a5f;font-size:1.5rem}}h2{{color:#1f3a5f;font-size:1.1rem;margin-top:2rem}}
table{{border-collapse:collapse;width:100%}}th{{text-align:left;background:#1f3a5f;color:#fff}}
th,td{{padding:.35rem .6rem;border-bottom:1px solid #d1d5db;vertical-align:top}}
td.n,th.n{{text-align:right}}.met{{background:#d1fae5;color:#065f46;font-weight:600}}
.not{{background:#fee2e2;color:#991b1b;font-weight:600}}.err{{background:#fef3c7;color:#92400e;font-weight:600}}
p.verdict{{display:inline-block;padding:.3rem .8rem;border-radius:.3rem}}
</style></head><body><h1>{title}</h1>
<p>{about}</p>
<p class="verdict {look}">{verdict}</p>
{tables}
<p>Checked with Great Expectations. No row of data is on this page.</p>
</body></html>
"""


@dataclass(frozen=True)
class Evidence:
    """What was expected of the published tables, and what was found.

    Attributes:
        passed: every expectation was checked and met.
        checked: expectations looked at.
        failed: those the data does not meet, as sentences.
        errors: those that could not be checked, as sentences: our fault, not the data's.
        html: one self-contained page; equal tables give equal bytes.
    """

    passed: bool
    checked: int
    failed: list[str]
    errors: list[str]
    html: bytes


@dataclass(frozen=True)
class _Outcome:
    sentence: str
    state: str  # "met", "not met" or "not checked"
    rows: int
    unexpected: int | None


def evidence(night: Night) -> Evidence:
    """Validate ``exception``, ``file_control`` and, where there is one, ``charge_exception``."""
    suites = _suites(night)
    outcomes = {
        table: _validated(table, night.tables[table], expected)
        for table, expected in suites.items()
    }
    every = [o for found in outcomes.values() for o in found]
    failed = [o.sentence for o in every if o.state == "not met"]
    errors = [o.sentence for o in every if o.state == "not checked"]
    return Evidence(
        passed=not failed and not errors,
        checked=len(every),
        failed=failed,
        errors=errors,
        html=_page(night, outcomes, len(failed), len(errors)),
    )


def _suites(night: Night) -> dict[str, list[tuple[str, Any]]]:
    """Table -> expectations, each with the sentence a reader sees."""
    # Through importlib, because its package does not declare what it exports.
    gxe: Any = importlib.import_module("great_expectations.expectations")
    codes = night.rules["exception_code"]["code"].sort().to_list()
    buckets = night.rules["age_bucket"]["bucket"].to_list()

    def never_empty(*columns: str) -> list[tuple[str, Any]]:
        return [
            (f"{column} is never empty", gxe.ExpectColumnValuesToNotBeNull(column=column))
            for column in columns
        ]

    def at_least(column: str, least: int) -> tuple[str, Any]:
        expected = gxe.ExpectColumnValuesToBeBetween(column=column, min_value=least)
        return f"{column} is at least {least}", expected

    def one_of(column: str, words: Sequence[str], said: str) -> tuple[str, Any]:
        expected = gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(words))
        return f"{column} is {said}", expected

    def matches(column: str, pattern: str, said: str) -> tuple[str, Any]:
        return f"{column} is {said}", gxe.ExpectColumnValuesToMatchRegex(
            column=column, regex=pattern
        )

    suites = {
        "exception": [
            *never_empty(
                "exception_key", "code", "queue", "impact", "currency", "first_seen", "state"
            ),
            (
                "exception_key names one exception only",
                gxe.ExpectColumnValuesToBeUnique(column="exception_key"),
            ),
            matches("exception_key", "^[0-9a-f]{16}$", "16 hexadecimal digits"),
            one_of("code", codes, "a code of rule table exception_code"),
            one_of(
                "queue",
                MATCH_QUEUES,
                "a queue that someone works",
            ),
            one_of(
                "state", ["OPEN", "OVERRIDDEN", "AUTO_CLOSED"], "OPEN, OVERRIDDEN or AUTO_CLOSED"
            ),
            one_of("bucket", buckets, "a bucket of rule table age_bucket"),
            matches("currency", "^[A-Z]{3}$", "an ISO 4217 code"),
            at_least("times_seen", 1),
        ],
        "file_control": [
            *never_empty("feed", "source_file_id", "file_name", "state"),
            matches("source_file_id", "^[0-9a-f]{64}$", "a SHA-256"),
            one_of(
                "state", ["LANDED", "QUARANTINED", "DUPLICATE"], "LANDED, QUARANTINED or DUPLICATE"
            ),
            *(at_least(column, 0) for column in ("records_in", "accepted", "quarantined")),
            (
                "records_in equals accepted + quarantined",
                gxe.ExpectMulticolumnSumToEqual(
                    column_list=["records_in", "less_accepted", "less_quarantined"], sum_total=0
                ),
            ),
        ],
    }
    if "charge_exception" in night.tables:
        queues = night.rules["exception_code"]["queue"].unique().sort().to_list()
        ages = night.rules["charge_age_bucket"]["bucket"].to_list()
        suites["charge_exception"] = [
            *never_empty("exception_key", "code", "queue", "gross", "first_seen", "state"),
            (
                "exception_key names one finding only",
                gxe.ExpectColumnValuesToBeUnique(column="exception_key"),
            ),
            matches("exception_key", "^[0-9a-f]{16}$", "16 hexadecimal digits"),
            one_of("code", codes, "a code of rule table exception_code"),
            one_of("queue", queues, "a queue of rule table exception_code"),
            one_of(
                "state", ["OPEN", "OVERRIDDEN", "AUTO_CLOSED"], "OPEN, OVERRIDDEN or AUTO_CLOSED"
            ),
            one_of("bucket", ages, "a bucket of rule table charge_age_bucket"),
            matches("account_key", "^[a-z0-9]{1,8}:[A-Z2-7]{32}$", "a token, never a number"),
            at_least("severity", 1),
            at_least("times_seen", 1),
        ]
    return suites


def _validated(table: str, rows: pl.DataFrame, expected: list[tuple[str, Any]]) -> list[_Outcome]:
    gx: Any = importlib.import_module("great_expectations")
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    if table == "file_control":
        rows = rows.with_columns(
            less_accepted=-pl.col("accepted"), less_quarantined=-pl.col("quarantined")
        )
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_pandas("night").add_dataframe_asset(table)
    batch = source.add_batch_definition_whole_dataframe("whole").get_batch(
        batch_parameters={"dataframe": rows.to_pandas(use_pyarrow_extension_array=True)}
    )
    # One suite, so that what two expectations ask of a column is computed once.
    suite = gx.ExpectationSuite(name=table)
    for sentence, expectation in expected:
        expectation.meta = {"sentence": sentence}
        suite.add_expectation(expectation)
    results = {
        result.expectation_config.meta["sentence"]: result
        for result in batch.validate(suite, result_format="BASIC").results
    }
    found = []
    for sentence, _ in expected:
        result = results[sentence]
        raised = _raised(result.exception_info)
        state = "not checked" if raised else "met" if result.success else "not met"
        counts = result.result or {}
        found.append(
            _Outcome(
                f"{table}: {sentence}",
                state,
                rows.height,
                None if raised else counts.get("unexpected_count", 0),
            )
        )
    return found


def _raised(info: Any) -> bool:  # noqa: ANN401  GX gives one record, or one record per metric
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception") for part in info.values())


# What a sender's numbering may say, and no expectation of ours can undo.
_NUMBERING = {
    "ISA13_duplicate": "interchanges whose number came before",
    "GS06_duplicate": "functional groups whose number came before",
    "ISA13_gap": "interchanges before which numbers were left out",
}


def _control_numbers(night: Night) -> list[str]:
    """What the senders' control numbers say, counted by feed."""
    found = night.tables.get("control_number")
    if found is None or found.is_empty():
        return []
    lines = [
        f"<tr><td>{html.escape(feed)}</td><td>{_NUMBERING[control]}</td>"
        f'<td class="n">{count:,}</td></tr>'
        for feed, control, count in found.select("feed", "control", "count").iter_rows()
    ]
    heading = '<tr><th>Feed</th><th>What its senders number</th><th class="n">How many</th></tr>'
    return ["<h2>Control numbers of X12</h2>", "<table>", heading, *lines, "</table>"]


def _page(night: Night, outcomes: dict[str, list[_Outcome]], failed: int, errors: int) -> bytes:
    looks = {"met": "met", "not met": "not", "not checked": "err"}
    parts = []
    for table, found in outcomes.items():
        parts.append(f"<h2>{table}: {found[0].rows:,} rows</h2>")
        parts.append(
            '<table><tr><th>Expectation</th><th class="n">Rows against it</th><th>Result</th></tr>'
        )
        for outcome in found:
            against = "" if outcome.unexpected is None else f"{outcome.unexpected:,}"
            sentence = html.escape(outcome.sentence.removeprefix(f"{table}: "))
            parts.append(
                f'<tr><td>{sentence}</td><td class="n">{against}</td>'
                f'<td class="{looks[outcome.state]}">{outcome.state}</td></tr>'
            )
        parts.append("</table>")
    parts += _control_numbers(night)
    total = sum(len(found) for found in outcomes.values())
    verdict, look = f"All {total} expectations are met", "met"
    if errors:
        verdict, look = f"{errors} of {total} expectations could not be checked", "err"
    if failed:
        verdict, look = f"{failed} of {total} expectations are not met", "not"
    page = PAGE.format(
        title=f"Evidence: {html.escape(night.network)}, {night.day.isoformat()}",
        about=f"Business date {night.day.isoformat()}, run {night.run_id}.",
        look=look,
        verdict=verdict,
        tables="\n".join(parts),
    )
    return page.encode()
