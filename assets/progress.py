"""What a person watching the night sees: one line per table written, and why a step failed."""

import logging
import sys
from pathlib import Path

import dagster as dg
from dagster import DagsterEvent, DagsterEventType

from assets.failure import failure, keep_trace

# What a partition of a layer, or of an asset, is counted in, where that is not rows.
COUNTED = {"land": "files", "parse": "records", "publish/workbook": "workbooks"}


class _Lines(logging.Handler):
    """Dagster's events as lines on standard error."""

    def __init__(self, traces: Path) -> None:
        super().__init__()
        self._traces = traces

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None:
            # What was not reached because of a failure is told by the failure itself.
            if (
                record.levelno >= logging.WARNING
                and "Dependencies for step" not in record.getMessage()
            ):
                self._say("!", record.getMessage().split(" - ", 3)[-1])
        elif event.event_type == DagsterEventType.ASSET_MATERIALIZATION:
            self._wrote(event)
        elif event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            self._checked(event)
        elif event.event_type == DagsterEventType.STEP_FAILURE:
            self._failed(event)

    def _wrote(self, event: DagsterEvent) -> None:
        done = event.step_materialization_data.materialization
        count = done.metadata["dagster/partition_row_count"].value
        layer, name = done.asset_key.path[0], "/".join(done.asset_key.path)
        unit = COUNTED.get(name, COUNTED.get(layer, "rows"))
        self._say(" ", f"{name:<32}{count:>12,} {unit}")

    def _checked(self, event: DagsterEvent) -> None:
        check = event.asset_check_evaluation_data
        if check.passed:
            return
        mark = "x" if check.severity == dg.AssetCheckSeverity.ERROR else "!"
        told = ", ".join(
            f"{name.replace('_', ' ')} {value.value}"
            for name, value in check.metadata.items()
            if value.value and value.value is not True
        )
        name = check.check_name.replace("_", " ")
        asset = "/".join(check.asset_key.path)
        self._say(mark, f"{asset}: check '{name}' failed: {told or 'no data'}")

    def _failed(self, event: DagsterEvent) -> None:
        found = failure(event)
        if found is None:
            return
        self._say("x", f"{found.step}: {found.sentence}")
        if found.trace is not None:
            path = keep_trace(found, self._traces)
            self._say(" ", f"This looks like a mistake in the program: report it with {path}")

    def _say(self, mark: str, text: str) -> None:
        sys.stderr.write(f"  {mark} {text}\n")
        sys.stderr.flush()


def progress(traces: Path) -> dg.LoggerDefinition:
    """The logger that `recon run` uses; the UI keeps the full event log.

    Args:
        traces: folder for the stacks of errors that are not ours.
    """

    @dg.logger(description="One line per table written, one per check that does not hold.")
    def lines(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("recon.progress", level=logging.DEBUG)
        logger.addHandler(_Lines(traces))
        return logger

    return lines
