"""The rule tables that decided a night, kept with its results.

A rule is edited in place, and what stood there last month would be known to git alone, if that. A
night keeps every table as the CSV it was, so that whoever tells of it tells of what decided it.

What belongs here: keeping rules and reading them back. What does not: what they are
(``recon/rules``), how two sets of them differ (``rules/what_if.py``).
"""

import hashlib
from datetime import date

import polars as pl

from recon.reconcile.results import LAYER
from recon.rules import load_all
from recon.rules.reading import read_rows, rule_schema
from recon.site import Site

TABLE = "rule_table"


def keep_rules(site: Site, day: date) -> dict[str, pl.DataFrame]:
    """The rule tables as they stand now, which from here on are those of the night ``day``.

    Raises:
        ConfigError: a file breaks its declaration.
    """
    rules = load_all(site.rules)
    texts = {name: rows.write_csv() for name, rows in sorted(rules.items())}
    kept = pl.DataFrame(
        {
            "rule_table": list(texts),
            # As the workbooks show it on the sheet Run info.
            "sha256": [hashlib.sha256(text.encode()).hexdigest() for text in texts.values()],
            "csv": list(texts.values()),
        }
    )
    site.lake.write(LAYER, TABLE, day, {TABLE: kept})
    return rules


def rules_of(site: Site, day: date) -> dict[str, pl.DataFrame]:
    """The rule tables that decided the night ``day``.

    Where it kept none, or a table as it is no longer declared, those that stand there now.

    Raises:
        ConfigError: a file of the site breaks its declaration.
        IntegrityError: what was kept is not what was written.
    """
    rules = load_all(site.rules)
    kept = site.lake.read(LAYER, TABLE, day)
    if kept is None:
        return rules
    for name, text in kept.select("rule_table", "csv").iter_rows():
        # Not what rows owe the whole table: a code that is new since then was not missing then.
        rows, mistakes = read_rows(name, text.encode()) if name in rules else ([], [])
        if name in rules and not mistakes:
            rules[name] = pl.DataFrame([row for _, row in rows], schema=rule_schema(name))
    return rules
