"""Why a step failed, in one line for the person who has to act on it."""

from dataclasses import dataclass
from pathlib import Path

from dagster import DagsterEvent
from dagster_shared.error import SerializableErrorInfo

from recon.errors import ReconError
from recon.lake import write_atomically

# What a shell says of a program that Ctrl-C ended.
INTERRUPTED = 130


@dataclass(frozen=True)
class Failure:
    """What to say of a failed step.

    Attributes:
        step: its asset, or its asset and check.
        sentence: what happened; of an error of ours, its whole text.
        exit_code: of the command that ran the step.
        trace: the stack, where the error is not one of ours and so may be our fault.
    """

    step: str
    sentence: str
    exit_code: int
    trace: str | None = None


def failure(event: DagsterEvent) -> Failure | None:
    """What a step failure says; None where the blocking check has already spoken for itself."""
    error = event.step_failure_data.error
    step = (event.step_key or "").replace("__", "/")
    if error is None:
        return Failure(step, event.message or "failed", ReconError.exit_code)
    error = _root(error)
    if error.cls_name == "DagsterAssetCheckFailedError":
        return None
    # Dagster keeps an error as text: "recon.errors.SourceError: its sentence".
    sentence = error.message.strip().partition(": ")[2]
    if error.cls_name in (ours := _ours()):
        return Failure(step, sentence, ours[error.cls_name].exit_code)
    if _interrupted(error):
        return Failure(step, "interrupted", INTERRUPTED)
    first = (sentence or "no message").splitlines()[0]
    return Failure(step, f"{error.cls_name}: {first}", ReconError.exit_code, error.to_string())


def keep_trace(found: Failure, folder: Path) -> Path:
    """Write a stack where whoever mends the code will look for it; beside the data, as private.

    Libraries print the value that they stumbled over.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{found.step.replace('/', '.')}.txt"
    write_atomically(path, (found.trace or "").encode(), mode=0o600)
    return path


def _root(error: SerializableErrorInfo) -> SerializableErrorInfo:
    """The exception that was raised in the step; Dagster wraps it in its own.

    Of an error of ours that names its cause the sentence is ours: a library's would be told as a
    mistake in the program.
    """
    while error.cause and error.cls_name not in _ours():
        error = error.cause
    return error


def _interrupted(error: SerializableErrorInfo) -> bool:
    """Whether it was Ctrl-C; DuckDB, in the middle of a query, says so in its own way."""
    return error.cls_name in ("DagsterExecutionInterruptedError", "KeyboardInterrupt") or (
        error.cls_name == "RuntimeError" and "Query interrupted" in error.message
    )


def _ours() -> dict[str, type[ReconError]]:
    """Every class of the tree by name."""
    found: dict[str, type[ReconError]] = {}
    unseen: list[type[ReconError]] = [ReconError]
    while unseen:
        kind = unseen.pop()
        found[kind.__name__] = kind
        unseen.extend(kind.__subclasses__())
    return found
