"""The three-way match: invoices against orders and receipts, every dollar in exactly one place.

What belongs here: the match, and what the checks of a night ask of it. What is computed is in
``three_way_match/*.sql``, ``exception/*.sql``, ``payment/*.sql``, ``control/*.sql``,
``orphan/*.sql``, ``announced/*.sql``; how it is run, in ``engine.py``.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from recon import rules as rule_tables
from recon.canonical.describe import table_name
from recon.reconcile.engine import NO_LIMITS, Limits, Rows, run, statements_of, write
from recon.reconcile.inputs import by_name
from recon.reconcile.results import RESULTS as RESULT_TABLES
from recon.rules import stated as stated_rules

_MATCH = ("three_way_match", "exception", "payment", "announced")
# With what the checks of a night ask of it.
MATCH_FOLDERS = (*_MATCH, "control", "orphan")
_DOCUMENTS = {"invoice_line": "invoice", "purchase_order_line": "purchase_order"}
RESULTS = tuple(table_name(table) for table in RESULT_TABLES)


def three_way_match(
    tables: Mapping[str, Rows],
    as_of: date,
    rules: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, pl.DataFrame]:
    """Match invoices to orders and receipts, as known on ``as_of``.

    Args:
        tables: canonical table name -> rows, or the Parquet files that hold them, as declared in
            ``canonical/`` (origin columns may be left out); also ``previous_exception``: the
            exceptions of the night before, from which first seen, times seen and what has closed
            follow.
        as_of: the business date; documents dated later are not seen.
        rules: rule table name -> rows, in place of the shipped ones of that name. Of
            ``tolerance_rule`` the columns of the specification are enough, and a check without a
            row that holds for all keeps the shipped ones.
        limits: what the run may take of its machine.

    Returns:
        ``invoice_line_result``, ``allocation``, ``exception``, ``rni``, ``payment_result``,
        ``invoice_payable``, ``debit_memo`` and ``announced``, with the columns declared in
        ``reconcile/results.py``.

    Raises:
        InputError: a table is not of its declared shape, has a name that nothing reads, or is
            missing beside its lines; ``as_of`` is no date. Lists every mistake of every table.
    """
    given = _given(tables, rules)
    return run(_MATCH, given, {"as_of": as_of}, RESULTS, limits, _mistakes(given))


def write_three_way_match(
    tables: Mapping[str, Rows],
    as_of: date,
    folder: Path,
    rules: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, Path]:
    """``three_way_match`` for more rows than memory holds: results go to Parquet files.

    Returns:
        Result table -> its file in ``folder``.

    Raises:
        InputError: as ``three_way_match``.
        OSError: the folder cannot be written.
    """
    given = _given(tables, rules)
    return write(_MATCH, given, {"as_of": as_of}, RESULTS, folder, limits, _mistakes(given))


def _given(tables: Mapping[str, Rows], rules: Mapping[str, pl.DataFrame] | None) -> dict[str, Rows]:
    by_name(tables)
    given: dict[str, Rows] = {**rule_tables.load_all(), **(rules or {}), **tables}
    if isinstance(stated := given[stated_rules.NAME], pl.DataFrame):
        given[stated_rules.NAME] = stated_rules.completed(stated)
    return given


def _mistakes(given: Mapping[str, Rows]) -> list[str]:
    """What tables owe each other, and tolerances one another."""
    # Lines are seen through their document: without documents all would be passed over.
    unseen = [
        f"{header}: it is not handed in, and {lines} is: none of its lines would be seen"
        for lines, header in _DOCUMENTS.items()
        if lines in given and header not in given
    ]
    stated = given[stated_rules.NAME]
    return unseen + (stated_rules.ties(stated) if isinstance(stated, pl.DataFrame) else [])


def orphans(tables: Mapping[str, Rows], as_of: date, limits: Limits = NO_LIMITS) -> pl.DataFrame:
    """Lines that the match cannot see: their document is not there, or its day has not come.

    Returns:
        ``what, document, line``: receipts, use, shipments, acknowledgements, changes without
        their order line, order lines without their order, invoice lines without their invoice,
        and documents dated more than a day after ``as_of``.
    """
    return run(("orphan",), tables, {"as_of": as_of}, ["orphan"], limits)["orphan"]


def invariants(
    tables: Mapping[str, Rows],
    results: Mapping[str, pl.DataFrame],
    as_of: date,
    rules: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, pl.DataFrame]:
    """What must hold of every match, and the rows of ``results`` that break it.

    Args:
        tables: what the match was given.
        results: what it returned; taken as they are, never computed again.
        as_of: the business date.
        rules: what the match was given.
        limits: what the run may take of its machine.

    Returns:
        Name of the invariant -> rows that break it, none where it holds (three-way match 1.8).
    """
    given = {**_given(tables, rules), **results}
    wanted = [s.relation for s in statements_of("control")]
    return run(("three_way_match", "control"), given, {"as_of": as_of}, wanted, limits)
