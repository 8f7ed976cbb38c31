"""Rule tables: what a hospital decides, as rows that name who decided it.

What belongs here: the shipped tables (``*.csv``), and loading them, each replaced whole by the
site's table of the same name. What they hold is declared in ``tables.py``; how a CSV file is read
and checked, in ``reading.py``. Other CSV files of a site are its own lookups and not read here.
"""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from recon.canonical.describe import table_name
from recon.errors import ConfigError
from recon.rules.reading import read_rules
from recon.rules.tables import RULE_TABLES

# A night asks for each table a dozen times, and what a file says depends on its bytes alone.
_read = lru_cache(maxsize=256)(read_rules)


def load(name: str, site_rules: Path | None = None) -> pl.DataFrame:
    """The rule table ``name``: the site's where it has one, else the shipped one.

    Raises:
        ConfigError: the file breaks its declaration; lists every mistake with file and line.
    """
    own = site_rules / f"{name}.csv" if site_rules is not None else None
    file = own if own is not None and own.exists() else files("recon.rules").joinpath(f"{name}.csv")
    rows, mistakes = _read(name, file.read_bytes())
    if mistakes:
        listed = "\n".join(f"  {file}:{line}: {message}" for line, message in mistakes)
        raise ConfigError(f"The rule table {name} was not loaded:\n{listed}")
    return rows


def load_all(site_rules: Path | None = None) -> dict[str, pl.DataFrame]:
    """Every rule table by name.

    Raises:
        ConfigError: a file breaks its declaration.
    """
    return {name: load(name, site_rules) for name in _declared()}


def rule_mistakes(site_rules: Path) -> list[tuple[Path, int, str]]:
    """What is wrong with the rule tables of a site: file, line and a sentence, in file order."""
    return [
        (file, line, message)
        for name in _declared()
        if (file := site_rules / f"{name}.csv").exists()
        for line, message in _read(name, file.read_bytes())[1]
    ]


def _declared() -> list[str]:
    return [table_name(table) for table in RULE_TABLES]
