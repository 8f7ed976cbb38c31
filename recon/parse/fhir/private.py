"""Which columns of the records of FHIR identify a person, and their tokens.

``read_fhir`` gives them as they were sent; the nightly pipeline stores tokens, or nothing where
the site has no key.
"""

from collections.abc import Mapping

import polars as pl

from recon.parse.fhir.resources import DEVICE, OF_DEVICE, RESOURCES
from recon.parse.privacy import Tokens

_OF_DEVICE = {c.name: c.private for c in DEVICE.columns if c.private and c.name in OF_DEVICE}

# record -> column -> what it identifies, one of ``DOMAINS`` (``parse/privacy.py``).
PRIVATE: dict[str, dict[str, str]] = {
    resource.record: {c.name: c.private for c in resource.columns if c.private}
    | (_OF_DEVICE if resource.device else {})
    for resource in RESOURCES
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
