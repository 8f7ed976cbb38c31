"""The command line. Each command is a few lines: read the arguments, call one function, print.

`run` and `ui` need an orchestrator, which `recon` does not know; they are lent by the entry points
of the group ``recon.orchestrator``.
"""

import gc
import io
import os
import pwd
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from recon.errors import ConfigError, InputError, ReconError

app = typer.Typer(
    help="Nightly ETL and reconciliation for hospital networks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"recon {version('supply-recon')}")
        raise typer.Exit


def _folder(text: str) -> Path:
    if not text:  # a variable of a script that is not set: a path would be the current folder
        raise typer.BadParameter("the folder's name is empty: give one, or . for this folder.")
    return Path(text)


@app.callback()
def every_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Nightly ETL and reconciliation for hospital networks."""


a_night = partial(typer.Option, formats=["%Y-%m-%d"])
folder_option = partial(typer.Option, parser=_folder)
folder_given = partial(typer.Argument, parser=_folder, metavar="FOLDER")
SiteFolder = Annotated[
    Path, folder_option("--site", metavar="FOLDER", help="The site folder.", envvar="RECON_SITE")
]
NewFolder = Annotated[Path, folder_given(help="Folder to write; created if it does not exist.")]
ClosedNight = Annotated[
    datetime | None, a_night(help="Business date; by default the newest closed.")
]
SAMPLE_SITE = Path("data_samples/site")
# A program would take an apostrophe before `+H123`, a UDI, for a part of it; a workbook has it.
ROWS_AS_CSV = (
    "Print the rows of a typed table, as CSV for other programs: texts stand as they were sent. A "
    "spreadsheet runs one that begins with =, +, - or @ as a formula: import it there as text."
)


@contextmanager
def _told() -> Iterator[None]:
    """An error of ours ends the command with its sentence and its exit code; a broken pipe is none.

    Whoever reads has seen enough (`recon explain … | head`); typer would make it a 1, our mistake.
    """
    try:
        yield
    except ReconError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.exit_code) from None
    except BrokenPipeError:
        # What is still to be flushed at the end would break again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except OSError as error:
        if error.filename is None:
            raise
        said = f"{error.filename}: {error.strerror}. Check the path and who may read or write it."
        typer.echo(f"error: {said}", err=True)
        raise typer.Exit(InputError.exit_code) from None


def _orchestrator(name: str) -> Any:  # noqa: ANN401  whatever the orchestrator's package exports
    found = entry_points(group="recon.orchestrator", name=name)
    if not found:
        raise ConfigError(
            f"`recon {name}` needs the orchestrator: install the whole distribution "
            "(supply-recon), which brings Dagster with the packages assets and checks."
        )
    return next(iter(found)).load()


@app.command()
def run(
    site: SiteFolder = SAMPLE_SITE,
    night: Annotated[
        datetime | None,
        a_night(help="Close this business date alone; by default every date that is due."),
    ] = None,
) -> None:
    """Close the nights that are due: land, parse, build, match, publish."""
    with _told():
        raise typer.Exit(_orchestrator("run")(site, night.date() if night else None))


@app.command()
def ui(
    site: SiteFolder = SAMPLE_SITE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 3000,
) -> None:
    """Open the Dagster UI on a site (this machine only)."""
    with _told():
        raise typer.Exit(_orchestrator("ui")(site, port))


@app.command()
def doctor(site: SiteFolder = SAMPLE_SITE) -> None:
    """Check a site without running it: every mistake with its file and line."""
    from recon.land import retired, unlisted, untaken
    from recon.parse.privacy import Tokens
    from recon.site import Site, overlapping

    with _told():
        found = Site.open(site, os.environ)
        Tokens.open(found)  # a key that cannot be used is told now and not at night
        if found.lake.seal:
            found.lake.seal.check()
        facilities, feeds = len(found.config.facilities), len(found.feeds)
        typer.echo(
            f"{found.config.name}: {facilities} {'facility' if facilities == 1 else 'facilities'}, "
            f"{feeds} feed{'' if feeds == 1 else 's'}, no mistakes."
        )
        for name, feed in sorted(found.feeds.items()):
            tables = ", ".join(sorted({m.table for m in feed.records})) or "no table"
            how = f"{feed.connector.kind:<7} {feed.format.kind:<12} {feed.extract:<9}"
            typer.echo(f"  {name:<24} {how} -> {tables}")
        for doubtful in (*overlapping(found.feeds), *unlisted(found)):
            typer.echo(f"! {doubtful}")
        for file in untaken(found):
            typer.echo(f"! no feed's pattern matches {file}")
        for name in retired(found):
            typer.echo(
                f"! sources/{name}.yaml is gone: the rows of that feed stay in force, and of a "
                "snapshot those that had ended too. Put it back, with a connector to a folder "
                "that stays empty."
            )


@app.command()
def init(folder: NewFolder) -> None:
    """Start a site of your own: a copy of the sample site's declarations, without its data."""
    from recon.sample import copy_template

    with _told():
        copy_template(folder)
        typer.echo(
            f"{folder} is ready. Edit recon.yaml, which says how to make the site's key, and "
            f"sources/; then: recon doctor --site {folder}"
        )


@app.command()
def sample(
    folder: NewFolder,
    seed: Annotated[int, typer.Option(help="The same seed gives the same site.")] = 2026,
    order_lines: Annotated[int, typer.Option(min=1, help="Of all nights together.")] = 4000,
    nights: Annotated[int, typer.Option(min=1, help="How many, from 2 March 2026 on.")] = 5,
) -> None:
    """Write a whole fictitious site with planted defects and their answer key."""
    from recon.sample import generate

    with _told():
        generate(folder, seed=seed, order_lines=order_lines, nights=nights)
        typer.echo(f"{folder}: {nights} nights, seed {seed}. Next: recon run --site {folder}")


@app.command()
def explain(
    exception_id: Annotated[str, typer.Argument(help="The exception_id of a workbook row.")],
    site: SiteFolder = SAMPLE_SITE,
    night: ClosedNight = None,
) -> None:
    """Tell the whole story of one exception or finding, down to the bytes it came from."""
    from recon.publish import explain as story
    from recon.publish.gather import caveats, files_seen, gather, private_feeds
    from recon.reconcile.night import closed_nights
    from recon.site import Site

    with _told():
        found = Site.open(site, os.environ)
        day = night.date() if night else closed_nights(found)[-1]
        closed = gather(found, day)
        wanted = exception_id.strip().lower()  # as it may come out of a cell or a mail
        told = story.explain(
            closed, wanted, found.lake.raw, files_seen(found, day), private_feeds(found)
        )
        for caveat in caveats(found, closed):
            typer.echo(f"! {caveat}", err=True)
        typer.echo(told)


@app.command("simulate-tolerance")
def simulate_tolerance(
    rules: Annotated[
        Path,
        typer.Option(metavar="FILE", help="CSV of changed and added rows of tolerance_rule.csv."),
    ],
    site: SiteFolder = SAMPLE_SITE,
    first: Annotated[
        datetime | None, a_night("--from", help="First night; by default the oldest closed.")
    ] = None,
    last: Annotated[
        datetime | None, a_night("--to", help="Last night; by default the newest closed.")
    ] = None,
    out: Annotated[
        Path | None,
        folder_option(
            metavar="FOLDER", help="Where to write the workbook; by default published/simulations."
        ),
    ] = None,
) -> None:
    """Replay past nights under changed tolerances: what is released, tolerated and leaked.

    FILE holds rows of tolerance_rule.csv with its heading line. Each row
    replaces the row with its rule_id and every row for the same case (check,
    supplier, category, facility). It applies to every invoice replayed,
    whatever its valid_from and valid_to: otherwise a rule that starts
    tomorrow would change nothing in the past. Published files do not change.
    """
    from recon.lake import write_files
    from recon.publish.simulation_terminal import simulation_report
    from recon.publish.simulation_workbook import simulation_workbook
    from recon.reconcile.night import closed_nights
    from recon.reconcile.simulate import simulate
    from recon.rules.what_if import tolerance_change
    from recon.site import Site

    with _told():
        found = Site.open(site, os.environ)
        change = tolerance_change(rules, found.rules)
        days = closed_nights(found, first.date() if first else None, last.date() if last else None)
        simulation = simulate(found, change, days, lambda day: typer.echo(f"night {day}", err=True))
        made = simulation_workbook(simulation, found.config.name)
        files = write_files(out or found.published / "simulations", made)
        typer.echo(simulation_report(simulation, found.config.name, files), nl=False)


@app.command()
def x12(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Files, folders, or - for standard input.")
    ],
    records: Annotated[str | None, typer.Option(metavar="TABLE", help=ROWS_AS_CSV)] = None,
    ack: Annotated[
        Literal["997", "999", "TA1", "auto"] | None,
        typer.Option(help="Print the acknowledgement to send; auto: the one due."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it all as one JSON text.")] = False,
    parquet: Annotated[
        Path | None,
        folder_option(metavar="DIR", help="Write every table as Parquet, of files of any size."),
    ] = None,
) -> None:
    """Show what X12 files hold: envelopes, defects, records, control sums. Needs no site."""
    from recon.publish import x12_files, x12_report

    if sum([records is not None, ack is not None, as_json]) > 1:
        raise typer.BadParameter("--records, --ack and --json: give one of them.")
    if parquet and (records or ack):
        raise typer.BadParameter("--parquet cannot be combined with --records or --ack.")
    emit = partial(typer.echo, nl=False)
    with _told():
        found = x12_files.stored(files, parquet) if parquet else x12_files.read(files)
        if records is not None:
            code = x12_report.records(found, records, emit, on_screen=sys.stdout.isatty())
        elif ack is not None:
            code = x12_report.acknowledgements(found, None if ack == "auto" else ack, emit)
        elif as_json:
            code = x12_report.document(found, emit)
        else:
            code = x12_report.overview(found, emit)
    raise typer.Exit(code)


@app.command()
def hl7(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Files, folders, or - for standard input.")
    ],
    records: Annotated[str | None, typer.Option(metavar="TABLE", help=ROWS_AS_CSV)] = None,
    ack: Annotated[bool, typer.Option("--ack", help="Print the acknowledgements to send.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it all as one JSON text.")] = False,
) -> None:
    """Show what HL7 v2 files hold: messages, defects, records, a profile that fits.

    Needs no site.
    """
    from recon.publish import hl7_report

    if sum([records is not None, ack, as_json]) > 1:
        raise typer.BadParameter("--records, --ack and --json: give one of them.")
    emit = partial(typer.echo, nl=False)
    with _told():
        found, others = hl7_report.read(files)
        if records is not None:
            code = hl7_report.records(found, records, emit)
        elif ack:
            code = hl7_report.acknowledgements(found, emit)
        elif as_json:
            code = hl7_report.document(found, others, emit)
        else:
            code = hl7_report.overview(found, others, emit)
    raise typer.Exit(code)


@app.command()
def verify(site: SiteFolder = SAMPLE_SITE) -> None:
    """Compare every stored file with its recorded hash, and the audit log with the ledger."""
    from recon import audit
    from recon.land import gone
    from recon.site import Site

    with _told():
        found = Site.open(site, os.environ)
        checked = found.verify()
        if checked:
            typer.echo(f"{checked} files verified, every byte as written.")
        else:  # a lake that is mistyped, or was not moved with its site, is no sound one
            typer.echo(f"Nothing is stored in {found.lake.root}: there is nothing to verify.")
        if removed := gone(found):
            some = ", ".join(removed[:3]) + (", ..." if len(removed) > 3 else "")
            typer.echo(
                f"! raw files that arrived and are no longer in {found.lake.root / 'raw'}: "
                f"{len(removed)} ({some}). Nights that need them cannot be run again."
            )
        acts, head, known = audit.entries(found)
        # Of no entries too: that log and ledger were emptied shows beside the line kept elsewhere.
        last = f", the last {head}; keep a copy of this line elsewhere" if acts else ""
        typer.echo(f"audit log: {acts} entries{last}.")
        if known < acts:
            typer.echo(
                f"! the ledger knows only the first {known}: a change to a later entry shows only "
                "once another has been made."
            )


@app.command()
def raw(
    file: Annotated[str, typer.Argument(help="SHA-256 of the file.")],
    site: SiteFolder = SAMPLE_SITE,
    at: Annotated[int, typer.Option(min=0, help="First byte to print, from 0.")] = 0,
    length: Annotated[int | None, typer.Option(min=1, help="How many; by default all.")] = None,
) -> None:
    """Print the bytes of a file as it arrived, decrypted; the audit log records it."""
    from recon import audit
    from recon.land import gone
    from recon.site import Site

    with _told():
        found = Site.open(site, os.environ)
        file = file.strip().lower()
        if not re.fullmatch("[0-9a-f]{64}", file):
            raise InputError(
                f"'{file}' is not a SHA-256: give all 64 digits of one, as a workbook's sheet Run "
                "info and `recon explain` show it."
            )
        if not found.lake.raw_path(file).exists() and file not in gone(found):
            raise InputError(f"no file with the SHA-256 {file} ever arrived at {found.folder}.")
        data = found.lake.raw(file)
        if at >= max(len(data), 1):
            raise InputError(f"there is no byte {at} in that file: it has {len(data)}, from 0 on.")
        about = {"source_file_id": file, "from": str(at), "bytes": str(length or "all")}
        audit.record(found, _who(), datetime.now(UTC), "RAW", about)
        sys.stdout.buffer.write(data[at : None if length is None else at + length])


@app.command("export-analyst")
def export_analyst(
    folder: Annotated[Path, folder_given(help="Folder to write; only analysts may read it.")],
    site: SiteFolder = SAMPLE_SITE,
    night: ClosedNight = None,
) -> None:
    """Write a night's charge workbooks with account numbers; the audit log records it."""
    from recon.lake import write_files
    from recon.parse.restricted import opened
    from recon.publish.charge_workbook import charge_workbooks
    from recon.publish.gather import gather
    from recon.publish.profile import Profile
    from recon.reconcile.night import closed_nights
    from recon.site import Site

    with _told():
        found = Site.open(site, os.environ)
        day = night.date() if night else closed_nights(found)[-1]
        closed = gather(found, day)
        act = "EXPORT ANALYST"
        numbers = opened(found, day, _who(), datetime.now(UTC), act, str(folder.resolve()))
        made = charge_workbooks(closed, Profile.ANALYST, numbers)
        for path in write_files(folder, made, mode=0o600):
            typer.echo(path)


@app.command("close-again")
def close_again(site: SiteFolder = SAMPLE_SITE) -> None:
    """Encrypt every raw file with the current key: unencrypted ones and those of older keys."""
    from recon.site import Site

    with _told():
        found = Site.open(site, os.environ)
        with found.lake.locked():
            closed = found.lake.close_again()
        typer.echo(f"{closed} raw files encrypted with the current key.")


def _who() -> str:
    """The account of this process; not what the environment says of it."""
    return pwd.getpwuid(os.getuid()).pw_name


def main() -> None:
    """Run the command line."""
    # What a night imports and keeps lives to its end: to go through all of it for garbage after
    # every 700 new objects was a sixth of its time.
    gc.set_threshold(100_000, 20, 100)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without a multiplication sign shows `?`: the night is closed all the same.
            stream.reconfigure(errors="replace")
    app()
