"""The expressions of a feed's YAML: DuckDB SQL over one record, its lookups and our macros.

What belongs here: the sealed connection they run in, their form in SQL, and what can be wrong with
one. What does not: which columns a mapping fills with them (``mapping.py``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl

from recon.connection import SEALED, own_folder
from recon.errors import ConfigError
from recon.site import Lookup, nearest

# A night run again must give the same bytes: no expression may ask for the clock or the session.
_OF_THE_MOMENT = (
    r"\b(today|now|ago|current_(?:date|time|timestamp|setting|user|schema|database|query)"
    r"|(?:current_)?local(?:time|timestamp)|get_current_\w+|transaction_timestamp|txid_current"
    r"|pg_\w+_time|getvariable)\b"
)


@contextmanager
def connected() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which expressions may run: sealed, in UTC, with the macros."""
    with _macros().cursor() as con:
        con.execute("set timezone = 'UTC'")
        yield con


@cache
def _macros() -> duckdb.DuckDBPyConnection:
    """The macros alone: a cursor shares them and nothing that another registers or sets.

    Made once per process, for it takes twenty times what a cursor takes and a site has a mapping
    for every feed.
    """
    con = duckdb.connect(
        config={**SEALED, "preserve_insertion_order": True, "temp_directory": own_folder()}
    )
    con.execute(files("recon.canonical").joinpath("macros.sql").read_text(encoding="utf-8"))
    return con


def read_lookup(name: str, rules: Path) -> pl.DataFrame | None:
    """A site's lookup table, every column as text; None where there is no such file.

    Raises:
        ConfigError: the file is not CSV in UTF-8 with a heading line.
    """
    file = rules / f"{name}.csv"
    if not file.exists():
        return None
    try:
        return pl.read_csv(file, glob=False, infer_schema=False)
    except pl.exceptions.PolarsError as broken:
        said = str(broken).splitlines()[0]
        raise ConfigError(
            f"{file} cannot be read as a lookup table: {said}. It must be CSV in UTF-8, with a "
            "heading line and as many values as headings in each line."
        ) from broken


def joins(lookups: Mapping[str, Lookup]) -> str:
    """SQL that joins lookups to ``record``: a key whose expression fails finds no row."""
    return " ".join(
        f"left join {name} on "
        + " and ".join(f'{name}."{c}" = try(({e}))' for c, e in lookup.on.items())
        for name, lookup in lookups.items()
    )


def tried(expression: str) -> str:
    """SQL of an expression in a one-element list: NULL where it fails, [NULL] where it is empty."""
    return f"try([({expression})])"


class Scope:
    """What an expression may name."""

    def __init__(self, con: duckdb.DuckDBPyConnection, names: list[str]) -> None:
        self.con = con
        self.names = names

    def binds(self, sql: str) -> bool:
        """Whether a statement can be run at all."""
        try:
            self.con.sql(sql)
        except duckdb.Error:
            return False
        return True

    def fits(self, wanted: Sequence[tuple[str, pl.DataType | None]], source: str) -> bool:
        """Whether nothing is wrong with any: one statement for a record's hundred expressions."""
        if any(self._of_the_moment(expression) for expression, _ in wanted):
            return False
        try:
            found = self._types([expression for expression, _ in wanted], source)
        except duckdb.Error:
            return False
        return len(found) == len(wanted) and not any(
            _misfit(given, asked) for given, (_, asked) in zip(found, wanted, strict=True)
        )

    def problem(self, expression: str, source: str, wanted: pl.DataType | None) -> str | None:
        """What is wrong with an expression over ``source``.

        Args:
            expression: as written in the YAML.
            source: what stands behind FROM.
            wanted: the type it must give; None where that is not known.
        """
        moment = self._of_the_moment(expression)
        if moment:
            return f"'{moment}' depends on when it is run: a night run again must be the same"
        try:
            found = self._types([expression], source)
        except duckdb.Error as broken:
            return self._sentence(str(broken).splitlines()[0])
        if len(found) != 1:
            return f"bad expression: one value is wanted, this gives {len(found)}"
        return _misfit(found[0], wanted)

    def _of_the_moment(self, expression: str) -> str | None:
        code = re.sub(r"'(?:[^']|'')*'", "''", expression)
        moments: list[str] = re.findall(_OF_THE_MOMENT, code, re.IGNORECASE)
        return next((word for word in moments if word not in self.names), None)

    def _types(self, expressions: Sequence[str], source: str) -> list[str]:
        values = ", ".join(f"{tried(e)} as v{n}" for n, e in enumerate(expressions))
        types = self.con.sql(f"select {values} from {source}").types  # noqa: S608  the site's own expressions, in a sealed connection
        return [str(t).removesuffix("[]") for t in types]

    def _sentence(self, error: str) -> str:
        column = re.search(r'column "([^"]+)" not found', error) or re.search(
            r'does not have a column named "([^"]+)"', error
        )
        if column:
            return f"no column '{column[1]}'; {nearest(column[1], self.names)}"
        table = re.search(r'Referenced table "([^"]+)" not found', error)
        if table:
            lookups = {name.partition(".")[0] for name in self.names if "." in name}
            return f"no lookup '{table[1]}'; {nearest(table[1], lookups)}"
        function = re.search(r"Function with name (\S+) does not exist", error)
        if function:
            rows = self.con.sql("select distinct function_name from duckdb_functions()").fetchall()
            words = [name for (name,) in rows if re.fullmatch(r"[a-z_0-9]+", name)]
            hint = nearest(function[1], words, otherwise="see DuckDB's functions")
            return f"no function '{function[1]}'; {hint}"
        if "TRY" in error or " try" in error:
            return f"bad expression: it must depend on its record alone ({error})"
        return f"bad expression: {error}"


def _misfit(found: str, wanted: pl.DataType | None) -> str | None:
    """Why an expression of the type ``found`` cannot fill a column of the type ``wanted``."""
    if wanted is None or found == '"NULL"':
        return None
    integers = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
    if isinstance(wanted, pl.Decimal):
        want, fits = "a decimal", found.startswith("DECIMAL") or found in integers
    elif wanted.is_integer():
        want, fits = "a whole number", found in integers
    else:
        want, named = {
            pl.String: ("text", "VARCHAR"),
            pl.Date: ("a date", "DATE"),
            pl.Boolean: ("true or false", "BOOLEAN"),
            pl.Datetime: ("an instant in UTC, without a zone", "TIMESTAMP"),
        }[type(wanted)]
        fits = found == named
    if fits:
        return None
    hint = ""
    if found in ("DOUBLE", "FLOAT"):
        hint = (
            ": division and floating-point literals lose cents; multiply by a decimal instead, "
            "e.g. price * 0.01"
        )
    elif found == "VARCHAR":
        hint = (
            ": declare its type in the contract, so that a bad value is quarantined with its record"
        )
    elif want == "text":
        hint = ": write cast(… as varchar)"
    return f"this must be {want}, the expression gives {found}{hint}"
