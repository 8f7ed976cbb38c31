"""Which columns of the typed records identify a person, and their tokens.

``read_x12`` gives them as they were sent: what a notebook does with them is its caller's
responsibility. The nightly pipeline stores tokens, or nothing where the site has no key.

What belongs here: what the declarations say of privacy. What does not: how a token is made
(``parse/privacy.py``), what of a refused transaction set is shown (``refuse.py``).
"""

from collections.abc import Mapping

import polars as pl

from recon.parse.privacy import Tokens
from recon.parse.x12.declare import TransactionSet
from recon.parse.x12.sets import SETS


def _private(declared: TransactionSet) -> dict[str, dict[str, str]]:
    # A column that takes its value from the first record's is as private as that one.
    inherited = {c.name: c.private for c in declared.records[0].columns}
    return {
        record.name: {
            c.name: domain
            for c in record.columns
            if (domain := c.private or (inherited.get(c.name, "") if c.inherit else ""))
        }
        for record in declared.records
    }


# record -> column -> what it identifies, one of ``DOMAINS`` (``parse/privacy.py``).
PRIVATE: dict[str, dict[str, str]] = {
    record: columns
    for declared in SETS.values()
    for record, columns in _private(declared).items()
    if columns
}


def tokenised(records: Mapping[str, pl.DataFrame], tokens: Tokens) -> dict[str, pl.DataFrame]:
    """The records with a token in place of every value that identifies a person."""
    return {
        name: rows.with_columns(
            tokens.column(rows[column], domain) for column, domain in PRIVATE.get(name, {}).items()
        )
        for name, rows in records.items()
    }
