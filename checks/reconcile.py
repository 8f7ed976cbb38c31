"""What must hold of the match before anybody is shown it: the invariants of the specification."""

import dagster as dg
import polars as pl

from assets.partitions import business_date, require
from recon.canonical.describe import table_name
from recon.publish.expectations import evidence
from recon.publish.gather import ACCOUNTS, gather
from recon.reconcile import invariants, orphans
from recon.reconcile.charge_night import charge_inputs, charging
from recon.reconcile.charges import charge_invariants
from recon.reconcile.night import inputs, limits, results
from recon.reconcile.results import CHARGE_RESULTS, LAYER, RESULTS
from recon.reconcile.rules_kept import rules_of
from recon.site import Site


def reconcile_checks(site: Site, night: dg.PartitionsDefinition) -> list[dg.AssetChecksDefinition]:
    """The dollars foot and nothing is consumed twice (blocks); published tables read as agreed."""
    matched = [[LAYER, table_name(t)] for t in RESULTS]
    accounts = [["canonical", name] for name in ACCOUNTS]
    published = [*matched, *([LAYER, table_name(t)] for t in CHARGE_RESULTS if charging(site))]

    @dg.asset_check(
        asset=[LAYER, "invoice_line_result"],
        name="invariants",
        description="Every dollar in exactly one place, no receipt consumed twice, totals add up.",
        blocking=True,
        additional_deps=[key for key in matched if key[-1] != "invoice_line_result"],
        partitions_def=night,
    )
    def invariants_hold(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, matched)
        found = results(site, day, [table_name(t) for t in RESULTS])
        rules = rules_of(site, day)
        violations = invariants(inputs(site, day), found, day, rules, limits(site))
        broken = {name: rows.height for name, rows in violations.items() if rows.height}
        return dg.AssetCheckResult(
            passed=not broken, metadata={"invariants": len(violations), "rows_that_break": broken}
        )

    @dg.asset_check(
        asset=[LAYER, "invoice_line_result"],
        name="documents_whole",
        description=(
            "No receipt, use, shipment, acknowledgement or change without its order line, no "
            "line without its order or invoice, no document dated after the business date."
        ),
        partitions_def=night,
    )
    def documents_whole(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, matched)
        return _named(orphans(inputs(site, day), day, limits(site)))

    @dg.asset_check(
        asset=[LAYER, "announced"],
        name="announcements_kept",
        description=(
            "What suppliers announced came true: shipments arrived in time, and catalogues' units "
            "agree with the item master."
        ),
        partitions_def=night,
    )
    def announcements_kept(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, matched)
        return _named(results(site, day, ["announced"])["announced"])

    @dg.asset_check(
        asset=[LAYER, "payment_result"],
        name="payments_agree",
        description="Remittances paid what was invoiced, and nothing that is held.",
        partitions_def=night,
    )
    def payments_agree(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, matched)
        paid = results(site, day, ["payment_result"])["payment_result"]
        differs = ~pl.col("status").is_in(["IN_FULL", "ADJUSTED"])
        wrong = paid.filter(differs | (pl.col("beyond_payable") > 0).fill_null(value=False))
        return dg.AssetCheckResult(
            passed=wrong.is_empty(),
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "invoices_paid": paid.height,
                "paid_beyond_payable": int((wrong["beyond_payable"] > 0).sum()),
                **{str(s): n for s, n in wrong.group_by("status").len().sort("status").iter_rows()},
            },
        )

    @dg.asset_check(
        asset=[LAYER, "exception"],
        name="expectations",
        description=(
            "Great Expectations suites on the exception and control tables, with an evidence page."
        ),
        additional_deps=[*accounts, *(k for k in published if k not in matched)],
        # A warning never blocks; but what blocks runs before what it could block, and the evidence
        # must be there before the night is marked as published: a kill would leave it out for good.
        blocking=True,
        partitions_def=night,
    )
    def expectations(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, [*published, *accounts])
        proof = evidence(gather(site, day))
        folder = site.published / "evidence" / day.isoformat()
        with site.lake.locked():
            site.lake.commit(folder, {"expectations.html": proof.html}, keep_names=True)
        return dg.AssetCheckResult(
            passed=proof.passed,
            # The dollars are guarded by the invariants: this is for people to read.
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "checked": proof.checked,
                "failed": proof.failed,
                "not_checked": proof.errors,
                "evidence": dg.MetadataValue.path(str(folder / "expectations.html")),
            },
        )

    found = [invariants_hold, documents_whole, announcements_kept, payments_agree, expectations]
    return [*found, *([_charge_invariants(site, night)] if charging(site) else [])]


def _charge_invariants(site: Site, night: dg.PartitionsDefinition) -> dg.AssetChecksDefinition:
    reconciled = [[LAYER, table_name(t)] for t in CHARGE_RESULTS]

    @dg.asset_check(
        asset=[LAYER, "charge_exception"],
        name="charge_invariants",
        description="Every unit used or charged in exactly one place; findings add up to them.",
        blocking=True,
        additional_deps=[key for key in reconciled if key[-1] != "charge_exception"],
        partitions_def=night,
    )
    def charge_invariants_hold(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        day = business_date(context)
        require(site, day, reconciled)
        found = results(site, day, [table_name(t) for t in CHARGE_RESULTS])
        rules = rules_of(site, day)
        violations = charge_invariants(charge_inputs(site, day), found, day, rules, limits(site))
        broken = {name: rows.height for name, rows in violations.items() if rows.height}
        return dg.AssetCheckResult(
            passed=not broken, metadata={"invariants": len(violations), "rows_that_break": broken}
        )

    return charge_invariants_hold


def _named(found: pl.DataFrame) -> dg.AssetCheckResult:
    """A warning that counts what was found and names the first documents."""
    counted = found.group_by("what").len("lines").sort("what")
    return dg.AssetCheckResult(
        passed=found.is_empty(),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            **{str(what): lines for what, lines in counted.iter_rows()},
            "documents": dg.MetadataValue.json(sorted(set(found["document"]))[:20]),
        },
    )
