"""Which columns of the typed records identify a person, and their tokens.

``read_hl7`` gives them as they were sent: what a notebook does with them is its caller's
responsibility. The nightly pipeline stores tokens, or nothing where the site has no key.
"""

from collections.abc import Mapping

import polars as pl

from recon.parse.hl7.sets import DECLARED
from recon.parse.privacy import Tokens

# record -> column -> what it identifies, one of ``DOMAINS`` (``parse/privacy.py``).
PRIVATE: dict[str, dict[str, str]] = {
    record.into or record.name: found
    for record in DECLARED.values()
    if (found := {c.name: c.private for c in record.columns if c.private})
}


def tokenised(records: Mapping[str, pl.DataFrame], tokens: Tokens) -> dict[str, pl.DataFrame]:
    """The records that there are, with a token in place of what identifies a person."""
    return {
        name: rows.with_columns(
            tokens.column(rows[column], domain) for column, domain in PRIVATE.get(name, {}).items()
        )
        for name, rows in records.items()
        if rows.height
    }
