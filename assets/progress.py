"""What a person watching the night sees: one line per step that finished, and why one failed."""

import logging
import sys

import dagster as dg
from dagster import DagsterEventType

# A blocking check that stops the night is told by its own event, in its own words.
SHOWN = {
    DagsterEventType.STEP_SUCCESS,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.ASSET_CHECK_EVALUATION,
}


class _Lines(logging.Handler):
    """Dagster's events as lines on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None:
            # What was not reached because of a failure is told by the failure itself.
            if (
                record.levelno >= logging.WARNING
                and "Dependencies for step" not in record.getMessage()
            ):
                self._say("!", record.getMessage().split(" - ")[-1])
            return
        kind = event.event_type
        if kind == DagsterEventType.STEP_FAILURE:
            error = event.step_failure_data.error
            while error and error.cause:
                error = error.cause
            self._say("x", f"{event.step_key}: {error.message.strip() if error else event.message}")
        elif kind == DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed:
                mark = "x" if check.severity == dg.AssetCheckSeverity.ERROR else "!"
                told = ", ".join(f"{n} {v.value}" for n, v in check.metadata.items() if v.value)
                self._say(
                    mark,
                    f"{'/'.join(check.asset_key.path)} {check.check_name}: {told or 'no data'}",
                )
        elif kind == DagsterEventType.ASSET_MATERIALIZATION:
            done = event.step_materialization_data.materialization
            rows = done.metadata.get("dagster/partition_row_count")
            count = f"{rows.value:>9,} rows" if rows else ""
            self._say(" ", f"{'/'.join(done.asset_key.path):<40} {count}")

    def _say(self, mark: str, text: str) -> None:
        sys.stderr.write(f"  {mark} {text}\n")


@dg.logger(description="One line per table written, one per check that does not hold.")
def progress(_: dg.InitLoggerContext) -> logging.Logger:
    """The logger that `recon run` uses; the UI keeps the full event log."""
    logger = logging.Logger("recon.progress", level=logging.DEBUG)
    logger.addHandler(_Lines())
    return logger
