"""Use against charges: what was used and not charged, charged and not used, and what follows of it.

What belongs here: the reconciliation, and what the check of a night asks of it. What is computed
is in ``usage_charge/*.sql`` and ``usage_control/*.sql``; how it is run, in ``engine.py``.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from recon import rules as rule_tables
from recon.reconcile.engine import NO_LIMITS, Limits, Rows, run, statements_of, write
from recon.reconcile.inputs import by_name
from recon.rules.stated_charge import bucket_mistakes, completed

_CHARGES = ("usage_charge",)
# With what the check of a night asks of it.
CHARGE_FOLDERS = (*_CHARGES, "usage_control")
# Result -> the relation whose rows it holds.
CHARGE_RELATIONS = {
    "exception": "charge_exception",
    "exception_evidence": "charge_exception_evidence",
    "allocation": "charge_allocation",
    "charge_line_result": "charge_line_result",
    "usage_line_result": "usage_line_result",
    "unit_factor": "unit_factor",
    "reorder_proposal": "reorder_proposal",
    "cdm_gap": "cdm_gap",
}


def usage_charge(
    tables: Mapping[str, Rows],
    as_of: date,
    rules: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, pl.DataFrame]:
    """Reconcile what was used on patients with what was charged, as known on ``as_of``.

    Args:
        tables: canonical table name -> rows, or the Parquet files that hold them, as declared in
            ``canonical/`` (origin columns may be left out); also ``shifted_fields``
            (files whose records the reader held back), and ``previous_charge_exception``: the
            exceptions of the night before, from which first seen, times seen and what has closed
            follow.
        as_of: the business date; what is used or posted later is not seen.
        rules: rule table name -> rows, in place of the shipped ones of that name. Of settings,
            codes, classes of patients and filing limits, what is not stated is as shipped; who
            approved a row and its source may be left out of them.
        limits: what the run may take of its machine.

    Returns:
        ``exception``, ``exception_evidence``, ``allocation``, ``charge_line_result``,
        ``usage_line_result``, ``unit_factor``, ``reorder_proposal``, ``cdm_gap``: the rows of
        ``charge_exception``, ``charge_exception_evidence``, ``charge_allocation`` and the tables
        of the same name, as declared in ``reconcile/results.py``.

    Raises:
        InputError: a table is not of its declared shape or has a name that nothing reads;
            ``as_of`` is no date. Lists every mistake of every table.
    """
    given = _given(tables, rules)
    wanted = list(CHARGE_RELATIONS.values())
    found = run(_CHARGES, given, {"as_of": as_of}, wanted, limits, bucket_mistakes(rules or {}))
    return {result: found[relation] for result, relation in CHARGE_RELATIONS.items()}


def write_usage_charge(
    tables: Mapping[str, Rows],
    as_of: date,
    folder: Path,
    rules: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, Path]:
    """``usage_charge`` for more rows than memory holds: results go to Parquet files.

    Returns:
        Relation, such as ``charge_exception`` -> its file in ``folder``.

    Raises:
        InputError: as ``usage_charge``.
        OSError: the folder cannot be written.
    """
    given = _given(tables, rules)
    wanted = list(CHARGE_RELATIONS.values())
    mistakes = bucket_mistakes(rules or {})
    return write(_CHARGES, given, {"as_of": as_of}, wanted, folder, limits, mistakes)


def _given(tables: Mapping[str, Rows], rules: Mapping[str, pl.DataFrame] | None) -> dict[str, Rows]:
    by_name(tables)
    return {**rule_tables.load_all(), **completed(rules or {}), **tables}


def charge_invariants(
    tables: Mapping[str, Rows],
    results: Mapping[str, pl.DataFrame],
    as_of: date,
    rules: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits = NO_LIMITS,
) -> dict[str, pl.DataFrame]:
    """What must hold of every reconciliation of charges, and the rows of ``results`` that break it.

    Args:
        tables: what ``usage_charge`` was given.
        results: what it returned; taken as they are, never computed again.
        as_of: the business date.
        rules: what ``usage_charge`` was given.
        limits: what the run may take of its machine.

    Returns:
        Name of the invariant -> rows that break it, none where it holds (usage and charge 1).
    """
    named = {CHARGE_RELATIONS.get(name, name): rows for name, rows in results.items()}
    given = {**_given(tables, rules), **named}
    wanted = [s.relation for s in statements_of("usage_control")]
    return run(("usage_charge", "usage_control"), given, {"as_of": as_of}, wanted, limits)
