"""A site folder, read and checked: ``recon.yaml``, ``sources/<feed>.yaml``, ``rules/*.csv``.

Everything that differs between hospitals is declared by the models below. ``Site.open`` reads all
of it and lists every mistake at once, each with its file, line and the nearest valid name.

What belongs here: what may be written in a site folder. What does not: reading feeds (``parse``),
running mappings (``canonical/mapping.py``), rule values (``rules``).
"""

import codecs
import difflib
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Union
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from recon.errors import ConfigError
from recon.lake import MANIFEST, Lake


class Declared(BaseModel):
    """Unknown keys are mistakes, not extensions."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- connectors: where files come from ----------------------------------------------------------


class FolderConnector(Declared):
    """Files dropped into a folder below the site."""

    kind: Literal["folder"]
    path: str
    pattern: str = Field(description="Glob; {date:%Y%m%d} marks the business date in the name.")
    settle_seconds: int = Field(
        default=60, ge=0, description="A file younger than this may still grow."
    )


class SftpConnector(Declared):
    """Files on an SFTP server whose host key is pinned."""

    kind: Literal["sftp"]
    host: str
    port: int = 22
    user: str
    path: str
    pattern: str
    key_file: str = Field(description="Private key, relative to the site folder.")
    known_hosts_file: str = Field(description="Pinned host keys, relative to the site folder.")
    settle_seconds: int = Field(default=60, ge=0)


Connector = Annotated[FolderConnector | SftpConnector, Field(discriminator="kind")]


# --- formats: how bytes become records ----------------------------------------------------------


class Span(Declared):
    """Where a value stands in a fixed-width record; the first character is 1."""

    start: int = Field(ge=1)
    width: int = Field(ge=1)


class FixedTrailer(Declared):
    """The last record, holding what the sender counted and summed."""

    mark: str = Field(min_length=1, description="What a trailer record starts with.")
    count: Span | None = None
    total: Span | None = None
    total_of: str | None = Field(default=None, description="The column that the total sums.")


class DelimitedTrailer(Declared):
    """The last record, holding what the sender counted and summed; fields are numbered from 1."""

    mark: str = Field(min_length=1, description="The first field of a trailer record.")
    count: int | None = Field(default=None, ge=1)
    total: int | None = Field(default=None, ge=1)
    total_of: str | None = None


class DelimitedFormat(Declared):
    """Text with a delimiter."""

    kind: Literal["delimited"]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str | None = Field(default='"', max_length=1)
    header: bool = True
    encoding: str = Field(default="utf-8", description="A byte-order mark overrides it.")
    trailer: DelimitedTrailer | None = None


class FixedWidthFormat(Declared):
    """Text with columns at fixed positions."""

    kind: Literal["fixed_width"]
    encoding: str = "utf-8"
    header_mark: str | None = Field(default=None, description="What a header record starts with.")
    trailer: FixedTrailer | None = None


class SpreadsheetFormat(Declared):
    """One sheet of an XLSX or XLS workbook."""

    kind: Literal["spreadsheet"]
    sheet: str
    header_row: int = Field(default=1, ge=1)


class X12Format(Declared):
    """X12 interchanges; everything else is read from the file itself."""

    kind: Literal["x12"]


Format = Annotated[
    DelimitedFormat | FixedWidthFormat | SpreadsheetFormat | X12Format, Field(discriminator="kind")
]


# --- contract: what the columns must be ---------------------------------------------------------


class Column(Declared):
    """One column of a flat file or sheet."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: Literal["text", "integer", "decimal", "date", "boolean"] = "text"
    header: str | None = Field(
        default=None, description="Its heading in the file, if not its name."
    )
    at: Span | None = Field(default=None, description="Fixed width only.")
    required: bool = False
    scale: int | None = Field(
        default=None, ge=0, le=6, description="Decimal places kept; default 6."
    )
    implied: bool = Field(
        default=False, description="Digits without a point; scale says where it is."
    )
    date_format: str = "%Y-%m-%d"
    true_values: list[str] = ["Y", "YES", "TRUE", "T", "1"]
    false_values: list[str] = ["N", "NO", "FALSE", "F", "0"]
    allowed: list[str] | None = None


class Contract(Declared):
    """What the sender promised."""

    columns: list[Column] = []


# --- records: how records become canonical rows -------------------------------------------------


class Lookup(Declared):
    """A rule table joined to the record; its columns are used as ``<lookup name>.<column>``."""

    table: str
    on: dict[str, str] = Field(
        min_length=1, description="rule table column: expression over the record"
    )


class Mapping_(Declared):
    """One canonical table filled from one kind of record."""

    table: str
    from_: str = Field(default="record", alias="from")
    where: str | None = None
    lookups: dict[str, Lookup] = {}
    columns: dict[str, str]

    @field_validator("columns", mode="before")
    @classmethod
    def expressions_are_text(cls, columns: object) -> object:
        """YAML reads ``qty: 1`` as a number; an expression is text all the same."""
        if not isinstance(columns, dict):
            return columns
        return {
            k: str(v) if isinstance(v, int) and not isinstance(v, bool) else v
            for k, v in columns.items()
        }


class Feed(Declared):
    """One feed: where it comes from, how it is read, what it promises, what it fills."""

    name: str
    owner: str
    description: str = ""
    criticality: Literal["high", "normal"] = "normal"
    connector: Connector
    format: Format
    extract: Literal["snapshot", "delta", "append"]
    contract: Contract = Contract()
    records: list[Mapping_] = []


# --- the site -----------------------------------------------------------------------------------


class Facility(Declared):
    """One hospital of the network."""

    id: str
    name: str
    time_zone: str
    legal_entity: str | None = None
    tax_exempt: bool = True
    ship_to_gln: str | None = None
    bill_to: str | None = None

    @field_validator("time_zone")
    @classmethod
    def zone_exists(cls, zone: str) -> str:
        """The IANA name must be known."""
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"'{zone}' is not an IANA time zone, e.g. America/Chicago") from None
        return zone


class Schedule(Declared):
    """When the night is closed. Keep clear of 01:00 to 03:00, when clocks change."""

    at: str = Field(default="04:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    time_zone: str = "America/New_York"

    @field_validator("at")
    @classmethod
    def outside_the_clock_change(cls, at: str) -> str:
        """At 01:00 to 03:00 a night may run twice, or not at all."""
        if "01:00" <= at < "03:00":
            raise ValueError("between 01:00 and 03:00 clocks change: choose another time")
        return at


class Engine(Declared):
    """Limits of the matching engine."""

    memory_limit: str = Field(default="4GB", pattern=r"^\d+(MB|GB)$")
    threads: int | None = Field(default=None, ge=1)


class SiteConfig(Declared):
    """``recon.yaml``."""

    name: str
    facilities: list[Facility] = Field(min_length=1)
    first_business_date: date = Field(
        description="The first night; Dagster's partitions start here."
    )
    schedule: Schedule = Schedule()
    lake: str = "lake"
    published: str = "published"
    engine: Engine = Engine()


@dataclass(frozen=True)
class Mistake:
    """One mistake in a site folder."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Site:
    """A site folder that has been read and checked."""

    folder: Path
    config: SiteConfig
    feeds: dict[str, Feed]

    @cached_property
    def lake(self) -> Lake:
        """Where the site's tables live."""
        return Lake(self.folder / self.config.lake)

    @property
    def ledger(self) -> Path:
        """The SQLite file that knows every file ever seen."""
        return self.folder / self.config.lake / "ledger.sqlite"

    @property
    def published(self) -> Path:
        """Where the site's workbooks go."""
        return self.folder / self.config.published

    @property
    def rules(self) -> Path:
        """The site's own rule tables."""
        return self.folder / "rules"

    def verify(self) -> int:
        """Compare every stored file with the hash its manifest recorded; how many there are.

        Raises:
            IntegrityError: the first file that is not what was written.
        """
        folders = [
            m.parent
            for root in (self.lake.root, self.published)
            for m in sorted(root.rglob(MANIFEST))
        ]
        return sum(len(self.lake.committed(folder)) for folder in folders)

    @classmethod
    def open(cls, folder: Path | str, environ: Mapping[str, str] | None = None) -> "Site":
        """Read and check a site folder.

        Args:
            folder: the folder that holds ``recon.yaml``.
            environ: what ``${NAME}`` in a connector stands for; the command line passes the
                process's environment, tests pass their own.

        Raises:
            ConfigError: one line per mistake, all mistakes of all files.
        """
        site, mistakes = read_site(Path(folder), environ or {})
        if site is None or mistakes:
            listed = "\n".join(f"  {m}" for m in mistakes)
            count = f"{len(mistakes)} mistake" + ("s" if len(mistakes) != 1 else "")
            raise ConfigError(
                f"{count} in the site {folder}:\n{listed}\nNothing was run. Mend them and run `recon doctor`."
            )
        return site


def read_site(folder: Path, environ: Mapping[str, str]) -> tuple[Site | None, list[Mistake]]:
    """The site, as far as it can be read, and every mistake in it."""
    # Imported here: checking a mapping needs the layers below, and they know the models above.
    from recon.canonical.mapping import mapping_mistakes
    from recon.rules import rule_mistakes

    mistakes: list[Mistake] = []
    config_file = folder / "recon.yaml"
    if not config_file.exists():
        return None, [
            Mistake(
                config_file,
                1,
                "there is no recon.yaml here: is this a site folder? `recon init` makes one",
            )
        ]
    config = _read(config_file, SiteConfig, {}, {}, mistakes)
    feeds: dict[str, Feed] = {}
    sources = sorted((folder / "sources").glob("*.yaml"))
    if not sources:
        mistakes.append(
            Mistake(
                folder / "sources", 1, "no feed is declared: one YAML file per feed belongs here"
            )
        )
    for file in sources:
        feed = _read(file, Feed, {"name": file.stem}, environ, mistakes)
        if feed is None:
            continue
        feeds[file.stem] = feed
        lines = _Lines(file)
        mistakes += [
            Mistake(file, lines.of(location), message)
            for location, message in [
                *_format_mistakes(feed),
                *mapping_mistakes(feed, folder / "rules"),
            ]
        ]
    mistakes += [
        Mistake(file, line, message) for file, line, message in rule_mistakes(folder / "rules")
    ]
    site = Site(folder, config, feeds) if config else None
    return site, sorted(mistakes, key=lambda m: (str(m.file), m.line, m.message))


def nearest(name: str, valid: typing.Iterable[str]) -> str:
    """A hint for a wrong name: the closest valid one, or all of them when none is close."""
    names = sorted(set(valid))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return "valid: " + ", ".join(names) if names else "there is none"


def _format_mistakes(feed: Feed) -> list[tuple[tuple[str | int, ...], str]]:
    """Contradictions between a feed's format and its contract."""
    from recon.land.arrival import NamePattern  # it knows the models above

    found: list[tuple[tuple[str | int, ...], str]] = []
    names = [c.name for c in feed.contract.columns]
    for index, column in enumerate(feed.contract.columns):
        here = ("contract", "columns", index)
        if names.index(column.name) != index:
            found.append((here, f"column '{column.name}' is declared twice"))
        if isinstance(feed.format, FixedWidthFormat) and column.at is None:
            found.append(
                (
                    here,
                    f"column '{column.name}' needs `at: {{start: , width: }}` in a fixed-width feed",
                )
            )
        if column.implied and column.scale is None:
            found.append((here, f"column '{column.name}': `implied` needs a `scale`"))
    if isinstance(feed.format, X12Format):
        if names:
            found.append(
                (
                    ("contract", "columns"),
                    "an X12 feed's columns are those of its transaction sets: remove them",
                )
            )
    elif not names:
        found.append((("contract",), "the contract declares no columns"))
    encoding = getattr(feed.format, "encoding", None)
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError:
        found.append(
            (("format", "encoding"), f"'{encoding}' is not an encoding; e.g. utf-8, cp1252, utf-16")
        )
    try:
        NamePattern(feed.connector.pattern)
    except (ConfigError, KeyError, ValueError) as broken:
        found.append(
            (("connector", "pattern"), f"'{feed.connector.pattern}' cannot be read: {broken}")
        )
    trailer = getattr(feed.format, "trailer", None)
    if trailer is not None:
        here = ("format", "trailer")
        if (trailer.total is None) != (trailer.total_of is None):
            found.append((here, "`total` and `total_of` belong together"))
        elif trailer.total_of is not None and trailer.total_of not in names:
            found.append(
                (
                    (*here, "total_of"),
                    f"no column '{trailer.total_of}'; {nearest(trailer.total_of, names)}",
                )
            )
    return found


# --- YAML with line numbers ---------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans only: a key ``on`` or a facility ``NO`` is text, as it was written."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:bool" or first in "tTfF"
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Lines:
    """Where each key of a YAML file stands."""

    def __init__(self, file: Path) -> None:
        self.root = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)

    def of(self, location: typing.Sequence[str | int]) -> int:
        """Line of the deepest part of ``location`` that the file holds; union tags are skipped."""
        node, line = self.root, 1
        for step in location:
            if isinstance(node, yaml.MappingNode):
                for name, value in node.value:
                    if name.value == str(step):
                        node, line = value, name.start_mark.line + 1
                        break
            elif (
                isinstance(node, yaml.SequenceNode)
                and isinstance(step, int)
                and step < len(node.value)
            ):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line


M = typing.TypeVar("M", bound=BaseModel)


def _read(
    file: Path,
    model: type[M],
    known: Mapping[str, str],
    environ: Mapping[str, str],
    mistakes: list[Mistake],
) -> M | None:
    """One YAML file as ``model``; what is wrong is appended to ``mistakes``."""
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  a SafeLoader
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        problem = getattr(broken, "problem", None) or "cannot be read"
        mistakes.append(Mistake(file, mark.line + 1 if mark else 1, f"not valid YAML: {problem}"))
        return None
    except UnicodeDecodeError as broken:
        mistakes.append(Mistake(file, 1, f"not UTF-8 at byte {broken.start}"))
        return None
    if not isinstance(content, dict):
        mistakes.append(Mistake(file, 1, "the file must hold keys and values"))
        return None
    if isinstance(content.get("connector"), dict):
        content["connector"] = {
            k: _from_environment(file, k, v, environ, mistakes)
            for k, v in content["connector"].items()
        }
    try:
        return model.model_validate({**content, **known})
    except ValidationError as broken:
        lines = _Lines(file)
        for error in broken.errors():
            mistakes.append(Mistake(file, lines.of(error["loc"]), _sentence(model, error)))
        return None


def _from_environment(
    file: Path, name: str, value: object, environ: Mapping[str, str], mistakes: list[Mistake]
) -> object:
    if not isinstance(value, str):
        return value

    def replaced(match: re.Match[str]) -> str:
        if match[1] not in environ:
            message = f"${{{match[1]}}} is not set in the environment"
            mistakes.append(Mistake(file, _Lines(file).of(("connector", name)), message))
        return environ.get(match[1], match[0])

    return re.sub(r"\$\{(\w+)\}", replaced, value)


def _sentence(model: type[BaseModel], error: Any) -> str:  # noqa: ANN401  pydantic's ErrorDetails is not exported
    where = ".".join(str(step) for step in error["loc"] if not isinstance(step, int))
    last = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key '{last}'; {nearest(last, _keys_at(model, error['loc'][:-1]))}"
        case "missing":
            return f"'{last}' is missing"
        case "union_tag_invalid" | "literal_error":
            expected = re.findall(
                r"'([^']+)'", str(error["ctx"].get("expected_tags") or error["ctx"].get("expected"))
            )
            tag = str(error["ctx"].get("tag") or error["input"])
            return f"'{tag}' is not a valid {last if error['type'] == 'literal_error' else last + ' kind'}; {nearest(tag, expected)}"
        case "union_tag_not_found":
            return f"'{where}' needs a 'kind'"
        case "value_error":
            return f"{where}: {error['ctx']['error']}"
    return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]} (found {error['input']!r})"


def _keys_at(model: type[BaseModel], location: typing.Sequence[str | int]) -> list[str]:
    """Keys that are valid at a place: those of the models its annotations lead to."""
    here: list[type[BaseModel]] = [model]
    for step in location:
        fields = [f for m in here for n, f in m.model_fields.items() if step in (n, f.alias)]
        if fields:
            here = [m for f in fields for m in _models(f.annotation)]
        else:
            tagged = [
                m
                for m in here
                if "kind" in m.model_fields
                and step in typing.get_args(m.model_fields["kind"].annotation)
            ]
            here = tagged or here
    return [f.alias or n for m in here for n, f in m.model_fields.items()]


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (list, dict, tuple, Union, types.UnionType, Annotated):
        return [m for part in typing.get_args(annotation) for m in _models(part)]
    return []
