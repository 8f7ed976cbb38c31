"""Writes the pages that follow from the code: the data dictionary and the maps of the relations.

`make docs` runs it. What belongs here: turning declarations into Markdown. What does not: saying
anything that the table classes and the SQL files do not say themselves.
"""

import re
from collections.abc import Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from recon.canonical.describe import table_name
from recon.publish.dictionary import data_dictionary
from recon.reconcile import RESULTS
from recon.reconcile.engine import Statement, statements_of
from recon.reconcile.results import CHARGE_RESULTS

HERE = Path(__file__).parent
FOLDERS = ("three_way_match", "exception", "payment", "announced")

# Title, question, relations.
Stage = tuple[str, str, tuple[str, ...]]
# Relations whose rows a night writes.
WRITTEN = {*RESULTS, *(table_name(t) for t in CHARGE_RESULTS)}

# The steps of the match, in the order of its algorithm.
STAGES: list[Stage] = [
    (
        "Documents and units",
        "What was ordered, received, used and billed by the business date, in units that add up?",
        (
            *("unit", "invoice_document", "order_line"),
            *("delivery_proof", "receipt_event", "acknowledgement"),
        ),
    ),
    (
        "Duplicates and payments",
        "Which documents do we have already, and which are paid and keep the receipts they took?",
        ("advised", "invoice_duplicate", "remitted", "paid_document"),
    ),
    (
        "Identity",
        "Which order line, or which equal order lines, is an invoice line about?",
        (
            *("stated_line", "packaging_code", "billed_line", "order_found", "substitute"),
            *("line_candidate", "line_identity", "kit_roll"),
            *("order_group", "match_group", "substitute_unit", "matched_line"),
        ),
    ),
    (
        "Net",
        "What is left of receipts after goods went back, and of bills after credits?",
        (
            *("receipt_netted", "receipt_worth", "receipt_layer", "sent_back", "supply"),
            *("group_credit", "qty_credit_named", "qty_credit_in_time", "line_netted", "demand"),
        ),
    ),
    (
        "Allocation",
        "Which invoice line consumes how much of which receipt?",
        (
            *("group_balance", "citation", "allocated_cited", "allocated_fifo"),
            *("allocated", "allocation"),
        ),
    ),
    (
        "Regions",
        "How much of a line is ordered and received (A), only one of the two (B, C), neither (D)?",
        ("line_region",),
    ),
    (
        "Price and contract",
        "How does a line's price differ from order and contract, and how much may it differ?",
        (
            *("contract_in_force", "line_differing", "line_price"),
            *("price_credit_named", "price_credit_in_time", "price_credit"),
            *("line_difference", "document_balance", "tolerance", "line_leak"),
        ),
    ),
    (
        "Dollars and status",
        "How much of every line is supported, tolerated, held or routed?",
        (
            *("line_component", "line_cent", "credit_line"),
            *("charge_held", "charge_credit_named", "charge_credit_in_time", "charge_line"),
            "invoice_line_result",
        ),
    ),
    (
        "Received, not invoiced; to pay, paid",
        "What is still to be billed or delivered, what may be paid, and do payments agree?",
        ("rni", "invoice_payable", "debit_memo", "payment_result", "announced"),
    ),
    (
        "Findings and exceptions",
        "What must somebody look at tonight, since when, and what has closed?",
        (
            *("finding_on_line", "finding_on_document", "finding_on_order"),
            *("finding_on_acknowledgement", "finding", "closing_document", "exception"),
        ),
    ),
]

# The steps of use against charge, in the order of its algorithm.
CHARGE_STAGES: list[Stage] = [
    (
        "Accounts",
        "Which stay or visit is each record about, after merges, and when is its bill due?",
        ("account_survivor", "account_number", "account_state", "account_known"),
    ),
    (
        "Use",
        "What was used, on which account, in base units, and how is it to be charged?",
        (
            *("use_repeated", "use_latest", "device_code", "use_known"),
            *("use_netted", "use_place", "use_mapped"),
        ),
    ),
    (
        "Charges and credits",
        "What is charged, once replays are collapsed, and which credit takes back what?",
        (
            *("charge_repeated", "charge_latest", "charge_known", "code_period"),
            *("credit_linked", "credit_same_day", "credit_any_day", "credited"),
        ),
    ),
    (
        "Expected and charged",
        "How many charge units should there be, at which price, and how many are there?",
        ("markup_price", "use_judged", "use_fraction", "used", "charged", "charge_scope"),
    ),
    (
        "Match",
        "Which units of use support which units of charge, strongest evidence first?",
        (
            *("match_order", "left_after_order", "match_serial", "left_after_serial"),
            *("match_lot", "left_after_lot", "match_item", "left_after_item"),
            *("match_day", "left_after_day", "match_code", "left_after_code", "matched"),
        ),
    ),
    (
        "Repairs",
        "Which open use and open charge belong together, although account or code differ?",
        ("hint_account", "left_after_transfer", "hint_code", "left_open", "pair_line"),
    ),
    (
        "What is left open",
        "What does each open unit come to, and which factor of a pack explains many of them?",
        (
            *("never_charged", "charge_open", "code_open", "code_line"),
            *("finding_on_code", "unit_factor"),
        ),
    ),
    (
        "Stock",
        "What is on each shelf, and what must be ordered?",
        ("par_issued", "stock_now", "reorder_proposal"),
    ),
    (
        "Findings",
        "What must somebody look at tonight?",
        (
            *("use_kept", "use_on_patient", "explant_credited", "finding_on_use"),
            *("finding_on_pair", "finding_on_charge"),
            *("finding_on_record", "finding_on_claim", "finding_on_denial"),
            *("finding_on_bill_only", "finding_on_stock", "charge_finding", "cdm_gap"),
        ),
    ),
    (
        "Exceptions and results",
        "Since when is it open, what has closed, what caused it, and where is every unit?",
        (
            *("finding_evidence", "charge_keyed", "charge_root", "charge_exception"),
            *("charge_exception_evidence", "charge_allocation"),
            *("charge_line_result", "usage_line_result"),
        ),
    ),
]

PREAMBLE = """# The three-way match, relation by relation

Generated by `make docs` from the headers of the SQL files in `recon/reconcile/`; change a header
there. Each box in the pictures is one file and one relation; an arrow leads from a relation to one
that reads it. Double-edged boxes are results, written every night; cylinders are input tables;
boxes with round ends come from an earlier step.

The steps follow one another like this. An arrow is left out where a longer path implies it.
"""

CHARGE_PREAMBLE = """# Use against charge, relation by relation

Generated by `make docs` from the headers of the SQL files in `recon/reconcile/usage_charge/`;
change a header there. The pictures read as those of [the match](match-relations.md). The passes of
the match, and the turns of a credit, are told apart by what two records must agree in; what then
belongs together is said once, in [`overlap.sql`](../recon/reconcile/usage_charge/overlap.sql), and
what a step leaves open in [`left_over.sql`](../recon/reconcile/usage_charge/left_over.sql).

The steps follow one another like this. An arrow is left out where a longer path implies it.
"""


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    return {
        "data-dictionary.md": data_dictionary(),
        "match-relations.md": match_relations(),
        "usage-charge-relations.md": usage_charge_relations(),
    }


def match_relations() -> str:
    """The steps of the match as a Mermaid graph; then each step with its relations, drawn and said.

    Raises:
        ValueError: a relation stands in no step, or in two.
    """
    computed = _computed(FOLDERS)
    drawn = _steps(STAGES, computed, PREAMBLE)
    given = "Canonical tables as of the business date, rule tables, and last night's exceptions."
    ends = (*_inputs(computed, given), *_invariants("control"), *_simulation())
    return "\n".join([*drawn, *ends])


def usage_charge_relations() -> str:
    """The same of use against charge.

    Raises:
        ValueError: a relation stands in no step, or in two.
    """
    computed = _computed(("usage_charge",))
    drawn = _steps(CHARGE_STAGES, computed, CHARGE_PREAMBLE)
    given = (
        "Canonical tables as of the business date, rule tables, charges held back because their "
        "fields are shifted, and last night's exceptions."
    )
    return "\n".join([*drawn, *_inputs(computed, given), *_invariants("usage_control")])


def _computed(folders: tuple[str, ...]) -> dict[str, Statement]:
    return {s.relation: s for folder in folders for s in statements_of(folder)}


def _steps(stages: list[Stage], computed: dict[str, Statement], preamble: str) -> list[str]:
    placed = [name for _, _, names in stages for name in names]
    if sorted(placed) != sorted(computed):
        wrong = sorted(set(placed) ^ set(computed)) or "one stands twice"
        raise ValueError(f"every relation stands in one step once: {wrong}")
    parts = [preamble, _overview(stages, computed)]
    for number, (title, question, names) in enumerate(stages, start=1):
        parts += [f"## {number}. {title}\n", f"{question}\n", _graph(names, computed)]
        parts += _lines([computed[name] for name in names], computed)
    return parts


def _overview(stages: list[Stage], computed: dict[str, Statement]) -> str:
    step_of = {name: n for n, (_, _, names) in enumerate(stages, start=1) for name in names}
    reads = {
        n: {step_of[r] for name in names for r in computed[name].reads if r in step_of} - {n}
        for n, (_, _, names) in enumerate(stages, start=1)
    }

    try:
        TopologicalSorter(reads).prepare()
    except CycleError as circle:
        titles = " -> ".join(stages[step - 1][0] for step in circle.args[1])
        raise ValueError(
            f"steps read each other, so that neither comes first: {titles}. Put the relation that "
            "is read into the earlier of them."
        ) from None

    @cache
    def behind(step: int) -> set[int]:
        return {deep for near in reads[step] for deep in {near, *behind(near)}}

    drawn = [f'    s{n}["{n}. {title}"]' for n, (title, _, _) in enumerate(stages, start=1)]
    drawn += [
        f"    s{near} --> s{step}"
        for step in reads
        for near in sorted(reads[step])
        if not any(near in behind(other) for other in reads[step] - {near})
    ]
    return _mermaid("TD", drawn)


def _graph(names: tuple[str, ...], computed: dict[str, Statement]) -> str:
    """One step: its relations, and what they read from elsewhere."""
    elsewhere = sorted({read for name in names for read in computed[name].reads} - set(names))
    drawn = [
        *(f"    {n}([{n}])" if n in computed else f"    {n}[({n})]" for n in elsewhere),
        *(f"    {n}[[{n}]]" if n in WRITTEN else f"    {n}[{n}]" for n in names),
        *(f"    {read} --> {name}" for name in names for read in sorted(computed[name].reads)),
    ]
    return _mermaid("LR", drawn)


def _mermaid(direction: str, drawn: list[str]) -> str:
    return "\n".join(["```mermaid", f"flowchart {direction}", *drawn, "```", ""])


def _lines(found: Sequence[Statement], computed: dict[str, Statement]) -> list[str]:
    return [
        "| relation | what it is | one row per | reads |",
        "|---|---|---|---|",
        *(
            f"| [`{s.relation}`](../recon/{s.file}) | {_title(s)} | {_grain(s)} | "
            f"{_names(sorted(s.reads, key=lambda name: (name not in computed, name)))} |"
            for s in found
        ),
        "",
    ]


def _inputs(computed: dict[str, Statement], given: str) -> list[str]:
    readers: dict[str, list[str]] = {}
    for name, statement in sorted(computed.items()):
        for read in statement.reads:
            if read not in computed:
                readers.setdefault(read, []).append(name)
    return [
        "## What is handed in\n",
        f"{given}\n",
        "| table | read by |",
        "|---|---|",
        *(f"| `{name}` | {_names(found)} |" for name, found in sorted(readers.items())),
        "",
    ]


def _invariants(folder: str) -> list[str]:
    return [
        "## What must hold\n",
        f"Checked every night (`recon/reconcile/{folder}/`); a relation holds what breaks it.\n",
        "| relation | what must hold |",
        "|---|---|",
        *(f"| [`{s.relation}`](../recon/{s.file}) | {_title(s)} |" for s in statements_of(folder)),
        "",
    ]


def _simulation() -> list[str]:
    said = (
        "What `recon simulate-tolerance` makes of two matches of each night; none of it is kept.\n"
    )
    return ["## Simulation\n", said, *_lines(statements_of("simulation"), {})]


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
