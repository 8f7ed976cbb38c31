"""Writes the two pages that follow from the code: the data dictionary and the map of the match.

`make docs` runs it. What belongs here: turning declarations into Markdown. What does not: saying
anything that the table classes and the SQL files do not say themselves.
"""

import re
from functools import cache
from pathlib import Path

from recon.publish.dictionary import data_dictionary
from recon.reconcile import RESULTS
from recon.reconcile.engine import Statement, statements_of

HERE = Path(__file__).parent
FOLDERS = ("three_way_match", "exception", "payment")

PREAMBLE = """# The three-way match, relation by relation

Generated from the headers of the SQL files in `recon/reconcile/`; change a header there. Each box
is one file and one relation; an arrow leads from what is read to what reads it. An arrow that a
longer way through the picture implies is left out; the tables below name everything that is read.
Double-edged boxes are the results, written every night.
"""


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    return {"data-dictionary.md": data_dictionary(), "match-relations.md": match_relations()}


def match_relations() -> str:
    """The relations of the match as a Mermaid graph, then one line for each."""
    by_folder = {folder: statements_of(folder) for folder in FOLDERS}
    computed = {s.relation: s for found in by_folder.values() for s in found}
    parts = [PREAMBLE, _graph(computed), *_inputs(computed)]
    for folder, found in by_folder.items():
        parts += _chapter(folder, found, computed)
    parts += _invariants()
    parts += _simulation()
    return "\n".join(parts)


def _graph(computed: dict[str, Statement]) -> str:
    drawn = [
        *(f'    {name}[["{name}"]]' for name in sorted(computed) if name in RESULTS),
        *(f"    {a} --> {b}" for a, b in _direct(computed)),
    ]
    return "\n".join(["```mermaid", "flowchart TD", *drawn, "```", ""])


def _direct(computed: dict[str, Statement]) -> list[tuple[str, str]]:
    """Pairs (read, reader) that no longer way connects."""
    reads = {name: {r for r in s.reads if r in computed} for name, s in computed.items()}

    @cache
    def behind(name: str) -> set[str]:
        return {deep for near in reads[name] for deep in {near, *behind(near)}}

    return sorted(
        (near, name)
        for name in reads
        for near in reads[name]
        if not any(near in behind(other) for other in reads[name] - {near})
    )


def _inputs(computed: dict[str, Statement]) -> list[str]:
    readers: dict[str, list[str]] = {}
    for name, statement in sorted(computed.items()):
        for read in statement.reads:
            if read not in computed:
                readers.setdefault(read, []).append(name)
    return [
        "## What is handed in\n",
        "Canonical tables as of the business date, rule tables, and last night's exceptions.\n",
        "| table | read by |",
        "|---|---|",
        *(f"| `{name}` | {_names(found)} |" for name, found in sorted(readers.items())),
        "",
    ]


def _chapter(folder: str, found: list[Statement], computed: dict[str, Statement]) -> list[str]:
    return [
        f"## {folder}\n",
        "| relation | what it is | one row per | reads |",
        "|---|---|---|---|",
        *(
            f"| [`{s.relation}`](../recon/{s.file}) | {_title(s)} | {_grain(s)} | "
            f"{_names(sorted(s.reads, key=lambda name: (name not in computed, name)))} |"
            for s in found
        ),
        "",
    ]


def _invariants() -> list[str]:
    return [
        "## control\n",
        "What must hold of every match; each relation holds the rows that break it.\n",
        "| relation | what must hold |",
        "|---|---|",
        *(
            f"| [`{s.relation}`](../recon/{s.file}) | {_title(s)} |"
            for s in statements_of("control")
        ),
        "",
    ]


def _simulation() -> list[str]:
    return [
        "## simulation\n",
        "What `recon simulate-tolerance` makes of two matches of each night; none of it is kept.\n",
        "| relation | what it is | one row per | reads |",
        "|---|---|---|---|",
        *(
            f"| [`{s.relation}`](../recon/{s.file}) | {_title(s)} | {_grain(s)} | "
            f"{_names(list(s.reads))} |"
            for s in statements_of("simulation")
        ),
        "",
    ]


def _title(statement: Statement) -> str:
    title = statement.sql.splitlines()[0].removeprefix(f"-- {statement.relation}: ")
    return title.replace("|", "\\|")


def _grain(statement: Statement) -> str:
    stated = re.search(r"^-- grain +(.*)$", statement.sql, re.MULTILINE)
    return stated[1].replace("|", "\\|") if stated else ""


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
