"""A contract's column of the type ``udi``: its parts stand in its place.

What belongs here: which columns one column gives. What does not: the parts themselves
(``parse_udi``), tokens in place of some of them (``parse/privacy.py``).
"""

from dataclasses import replace
from datetime import date

import polars as pl

from recon.parse.contract import contract_schema
from recon.parse.parsed import Parsed
from recon.parse.udi import UDI, parse_udi
from recon.site import Contract

# Part of the column's name -> column of ``parse_udi``; the key is the whole, to be a token.
_PARTS = {
    "di": "di",
    "lot": "lot",
    "serial": "serial",
    "donation": "donation",
    "made_date": "made_date",
    "expiry_date": "expiry_date",
    "verdict": "verdict",
    "key": "udi",
}


def stored_schema(contract: Contract) -> pl.Schema:
    """Column name -> polars type of a record as it is stored."""
    plain = contract_schema(contract)
    parts = {
        f"{name}_{part}": UDI[source]
        for name in _names(contract)
        for part, source in _PARTS.items()
    }
    kept = {name: dtype for name, dtype in plain.items() if name not in _names(contract)}
    return pl.Schema(kept | parts)


def with_parts(parsed: Parsed, contract: Contract, as_of: date) -> Parsed:
    """The records with the parts of each UDI in place of it.

    Args:
        parsed: records as read; a UDI is a text.
        contract: its columns.
        as_of: as of ``parse_udi``.
    """
    names = {record: _names(one) for record, one in contract.by_record.items()}
    if not any(names.values()):
        return parsed
    records = {
        record: rows.drop(names[record]).hstack(
            [
                parts[source].alias(f"{name}_{part}")
                for name in names[record]
                for parts in [parse_udi(rows[name], as_of)]
                for part, source in _PARTS.items()
            ]
        )
        for record, rows in parsed.records.items()
    }
    return replace(parsed, records=records)


def _names(contract: Contract) -> list[str]:
    return [column.name for column in contract.columns if column.type == "udi"]
