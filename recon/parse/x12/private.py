"""Which columns of the typed records identify or name a person, and what is stored of them.

``read_x12`` gives them as they were sent: what a notebook does with them is its caller's
responsibility. The nightly pipeline stores tokens, or nothing where the site has no key.

What belongs here: what the declarations say of privacy. What does not: how a token is made
(``parse/privacy.py``), what of a refused transaction set is shown (``refuse.py``).
"""

from collections.abc import Iterator, Mapping

import polars as pl

from recon.parse.privacy import Tokens
from recon.parse.x12.declare import TransactionSet
from recon.parse.x12.sets import RECORDS, SETS


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


_DECLARED: dict[str, dict[str, str]] = {
    record: columns
    for declared in SETS.values()
    for record, columns in _private(declared).items()
    if columns
}
# record -> column -> what it identifies, one of ``DOMAINS`` (``parse/privacy.py``).
PRIVATE: dict[str, dict[str, str]] = {
    record: numbers
    for record, columns in _DECLARED.items()
    if (numbers := {c: domain for c, domain in columns.items() if domain != "drop"})
}
# record -> columns that may name a person; nothing of them is stored.
DROPPED: dict[str, list[str]] = {
    record: names
    for record, columns in _DECLARED.items()
    if (names := [c for c, domain in columns.items() if domain == "drop"])
}
# record -> columns as they are stored, which are those that a mapping may use.
STORED: dict[str, pl.Schema] = {
    record: pl.Schema({c: t for c, t in schema.items() if c not in DROPPED.get(record, [])})
    for record, schema in RECORDS.items()
}
# CLP is the one segment in which codes stand between numbers of a patient. One element too many
# puts the account where the status should be; no such code is longer than the standard allows
# (elements 1029, 1032, 1331, 1325, 1354), and what is longer is not stored. A claim without a
# status is then refused by its table.
LONGEST = {
    "claim_payment": {
        "status_code": 2,
        "filing_code": 2,
        "place_of_service": 2,
        "frequency_code": 1,
        "drg_code": 4,
    }
}
# Element 66: numbers that only persons have. A party so identified is a person at home.
_OF_PERSONS = ["34", "HN", "II", "MI", "N"]


def tokenised(records: Mapping[str, pl.DataFrame], tokens: Tokens) -> dict[str, pl.DataFrame]:
    """The records that there are, as they are stored: tokens for persons, no name of one."""
    at_home = _at_home(records)
    kept = {name: rows.drop(DROPPED.get(name, [])) for name, rows in records.items()}
    return {
        name: rows.with_columns(
            *(tokens.column(rows[c], domain) for c, domain in PRIVATE.get(name, {}).items()),
            *(
                pl.when(pl.col(c).str.len_chars() <= most).then(pl.col(c)).alias(c)
                for c, most in LONGEST.get(name, {}).items()
            ),
            *_of_organisations(rows.columns, at_home),
        )
        for name, rows in kept.items()
        if rows.height
    }


def _at_home(records: Mapping[str, pl.DataFrame]) -> dict[str, pl.Series]:
    """Party -> the transaction sets in which it is identified as persons are."""
    found: dict[str, pl.Series] = {}
    for rows in records.values():
        for party in _parties(rows.columns) if rows.height else ():
            if f"{party}_qualifier" in rows.columns:
                of_person = pl.col(f"{party}_qualifier").is_in(_OF_PERSONS)
                sets = rows.filter(of_person)["transaction_no"]
                if sets.len():
                    found[party] = pl.concat([*([found[party]] if party in found else []), sets])
    return found


def _of_organisations(columns: list[str], at_home: Mapping[str, pl.Series]) -> Iterator[pl.Expr]:
    """Every party's identification, empty where it is a person's own: on the lines of a set too."""
    for party in _parties(columns):
        if party not in at_home:
            continue
        if f"{party}_qualifier" in columns:
            of_person = pl.col(f"{party}_qualifier").is_in(_OF_PERSONS).fill_null(False)
        else:
            of_person = pl.col("transaction_no").is_in(at_home[party].unique().to_list())
        yield pl.when(~of_person).then(pl.col(f"{party}_id")).alias(f"{party}_id")


def _parties(columns: list[str]) -> list[str]:
    return [c.removesuffix("_id") for c in columns if c.endswith("_id")]
