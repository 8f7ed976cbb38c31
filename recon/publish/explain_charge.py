"""The whole story of one finding on charges, back to the records it came from.

What belongs here: the order in which it is told. What does not: the numbers and the words
(``sql/charge_finding.sql``), findings on invoices (``explain.py``). The bytes of a record are not
shown: they name a patient, and a terminal keeps what it prints. Their place is told.
"""

from collections.abc import Iterator

import polars as pl

from recon.canonical.describe import canonical_tables, natural_key
from recon.publish import query
from recon.publish.night import Night
from recon.publish.story import Row, landed_as, section, state_told, wrapped
from recon.reconcile import engine

# Columns of the records that are told, where a record has them.
TOLD = (
    *("used_date", "service_date", "post_date", "item_id", "cdm_code", "qty", "uom", "type"),
    *("unit_amount", "ext_amount", "disposition", "mode", "lot", "expiry_date", "udi_verdict"),
    *("revenue_code", "hcpcs", "group_code", "carc", "amount", "category_code", "status_code"),
    *("status_date", "charge", "count_date", "on_hand"),
)
# What says which version of a record it is; a finding is on the record, whichever version counts.
VERSION = "message_id"
# A finding on what several records say of one thing: the columns by which it names that thing.
THING = {
    "claim_adjustment": ("facility_id", "account_key", "claim_key", "line_no"),
    "claim_status": ("facility_id", "account_key", "claim_key", "line_no"),
    "inventory_balance": ("facility_id", "location_id", "item_id"),
}


def explain_charge(night: Night, exception_id: str, files: pl.DataFrame) -> str | None:
    """Tell one finding on charges: reason, arithmetic, records, what to do.

    Args:
        night: the night on which it was found.
        exception_id: its key, as in the workbook.
        files: ``file_control`` rows, to name the files of the records.

    Returns:
        Plain text, at most 100 columns wide; None where the night has no such finding.
    """
    if "charge_exception" not in night.tables:
        return None
    is_this = pl.col("exception_key") == exception_id
    if night.tables["charge_exception"].filter(is_this).is_empty():
        return None
    # All of them: a denial's reason names the finding behind it.
    tables = {**night.rules, **night.tables}
    told = query.run(("charge_finding",), tables, night.day, night.limits)
    row = told["charge_finding"].row(by_predicate=is_this, named=True)
    evidence = night.tables["charge_exception_evidence"].filter(is_this)
    records = [line for part in _records(night, evidence, files) for line in part]
    return "\n".join(
        [
            *_headline(row),
            *section("Arithmetic", _arithmetic(row, _stay(night, row))),
            *section("Records", records[:-1] or [_no_records(row)]),
            *section("What to do", wrapped(row["suggested_action"], "  ")),
            *wrapped(f"Closes when: {row['closes_when']}", "  "),
            "",
        ]
    )


def _headline(row: Row) -> list[str]:
    of = f"Finding {row['exception_key']}  {row['code']}  severity {row['severity']}"
    return [
        f"{of}  {row['gross']:,} USD",
        *wrapped(f"{row['title']}; {state_told(row)}", ""),
        "",
        *wrapped(row["reason"], ""),
    ]


def _stay(night: Night, row: Row) -> Row:
    """The days of the account by which a charge was judged late, or outside the stay."""
    if row["uncounted"] is None or "patient_account" not in night.tables:
        return {}
    is_account = (pl.col("facility_id") == row["facility_id"]) & (
        pl.col("account_key") == row["account_key"]
    )
    tables = {"patient_account": night.tables["patient_account"].filter(is_account)}
    found = engine.run(
        ("usage_charge",), tables, {"as_of": night.day}, ["account_state"], night.limits
    )
    return next(found["account_state"].iter_rows(named=True), {})


def _arithmetic(row: Row, stay: Row) -> list[str]:
    """What the dollars are made of; what is not stated is left out."""
    facts = {
        "units at stake": row["units"],
        "unit factor": row["factor"],
        "lost": row["lost"] or None,
        "charged too much": row["overcharged"] or None,
        "at risk, not counted": row["at_risk"],
        "charged, not counted": row["uncounted"],
        "expected net": row["net"],
        "admitted": stay.get("admit_date"),
        "discharged": stay.get("discharge_date"),
        "final bill": stay.get("final_bill_date"),
        "bill drops": row["bill_due_date"],
        "filing ends": row["filing_due_date"],
    }
    told = [f"  {name:<22}{value}" for name, value in facts.items() if value is not None]
    return told or ["  No dollars are at stake."]


def _records(night: Night, evidence: pl.DataFrame, files: pl.DataFrame) -> Iterator[list[str]]:
    """Each record: its role, what it says, and where it stands."""
    for proof in evidence.sort("role", "table", "row_key").iter_rows(named=True):
        told = f"  {proof['role']} {proof['table']}"
        if proof["units"] is not None:
            told += f", {proof['units'].normalize():f} units at stake"
        rows = _found(night, str(proof["table"]), str(proof["row_key"]))
        yield [told, *(line for row in rows for line in _record(row, files)), ""]


def _no_records(row: Row) -> str:
    if row["state"] == "AUTO_CLOSED":
        return "  It is no longer found; name the night before (--night) to see its records."
    return "  No record of this finding is in the lake."


def _found(night: Night, table: str, row_key: str) -> list[dict[str, object]]:
    """The rows whose natural key is ``row_key``, in every version, or that are of its thing."""
    declared = canonical_tables().get(table)
    if declared is None:
        return []
    keys = natural_key(declared)
    names = [keys, [k for k in keys if k != VERSION], *([THING[table]] if table in THING else [])]
    rows = night.tables[table]
    if table == "claim_adjustment":
        # The payer's number of a claim stands once, with its payment.
        of_claim = ["remittance_id", "claim_no"]
        claims = night.tables["claim_payment"].select(*of_claim, "claim_key")
        rows = rows.join(claims, on=of_claim, how="left")
    fits = [
        pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in name], separator="|")
        == row_key
        for name in names
    ]
    return rows.filter(pl.any_horizontal(fits)).sort(keys).to_dicts()


def _record(row: Row, files: pl.DataFrame) -> list[str]:
    sha256 = str(row["source_file_id"])
    name, _ = landed_as(files, sha256)
    says = ", ".join(f"{c} {row[c]}" for c in TOLD if row.get(c) is not None)
    return [
        *wrapped(says or "no other value is shown", "    "),
        *wrapped(
            f"{name} (feed {row['source_system']}), record {row['source_record']}, "
            f"byte {row['byte_offset']}",
            "    ",
        ),
        f"    sha256 {sha256}",
    ]
