"""What may be written in a site folder, one model per thing that is declared.

What belongs here: keys, their types and their defaults. What does not: how YAML is read and what
is said of a mistake (``reading``), what the keys of one site owe each other (``consistency``).
"""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from recon.site.written import Code, DateFormat, Day, Declared, Expression, Name, Pattern, TimeZone

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
    port: int = Field(default=22, ge=1, le=65535)
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
    total_decimals: int | None = Field(
        default=None,
        ge=0,
        le=6,
        description="The total is digits without a point, so many of them decimals.",
    )


class DelimitedTrailer(Declared):
    """The last record, holding what the sender counted and summed; fields are numbered from 1."""

    mark: str = Field(min_length=1, description="The first field of a trailer record.")
    count: int | None = Field(default=None, ge=1)
    total: int | None = Field(default=None, ge=1)
    total_of: str | None = None
    total_decimals: int | None = Field(default=None, ge=0, le=6)


OtherColumns = Annotated[
    Literal["refused", "ignored"],
    Field(description="What becomes of headings that the contract does not have."),
]


class DelimitedFormat(Declared):
    """Text with a delimiter."""

    kind: Literal["delimited"]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str | None = Field(default='"', max_length=1)
    header: bool = True
    header_row: int = Field(default=1, ge=1)
    other_columns: OtherColumns = "refused"
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
    other_columns: OtherColumns = "refused"


class X12Format(Declared):
    """X12 interchanges; delimiters, releases and sets are read from the file itself."""

    kind: Literal["x12"]
    control_numbers: Literal["off", "warn", "reject"] = Field(
        default="warn", description="What becomes of an interchange whose number came before."
    )
    acknowledge: Annotated[Literal["none", "auto", "997", "999"], Code] = Field(
        default="none", description="How the senders are answered; auto: by release."
    )
    outbound: bool = Field(
        default=False, description="Copies of what we sent; the answers to it are awaited."
    )


class Hl7Profile(Declared):
    """The habits of an interface: where its sender puts what, and what it means by it."""

    positions: dict[str, int | str] = Field(
        default={},
        description="FT1.code: 6, or `7.2`, or `PV1-50.1`; 0: not sent. By default the standard's.",
    )
    default_quantity: Decimal | None = Field(
        default=None, description="What an empty FT1-10 means; without it such a charge is refused."
    )
    default_type: Literal["CG", "CD", "PY", "AJ", "CO"] | None = Field(
        default=None, description="What an empty FT1-6 means; without it such a charge is refused."
    )
    type_aliases: dict[str, Literal["CG", "CD", "PY", "AJ", "CO"]] = Field(
        default={}, description="The sender's transaction types: those of HL7 table 0017."
    )
    code_pattern: Pattern | None = Field(
        default=None, description="What a charge code (FT1-7) matches; by default it has a digit."
    )
    time_zone: TimeZone | None = Field(
        default=None, description="Of times without an offset; without it they are dates only."
    )


class Hl7Format(Declared):
    """HL7 v2 messages; delimiters, versions and character sets are read from the file itself."""

    kind: Literal["hl7"]
    profile: Hl7Profile = Hl7Profile()
    acknowledge: Literal["none", "auto"] = Field(
        default="none", description="Whether the senders are answered; auto: as MSH-16 asks."
    )


class JsonFormat(Declared):
    """FHIR resources, R4 or R5: a Bundle, a JSON array, or NDJSON, told from the file itself."""

    kind: Literal["json"]


Format = Annotated[
    DelimitedFormat | FixedWidthFormat | SpreadsheetFormat | X12Format | JsonFormat | Hl7Format,
    Field(discriminator="kind"),
]


# --- contract: what the columns must be ---------------------------------------------------------

# What a number identifies; ``DOMAINS`` (``parse/privacy.py``) says each in words.
Domain = Literal["account", "case", "claim", "donation", "member", "mrn", "serial", "udi", "visit"]


# Of a UDI, what is stored as a token: the numbers of one piece, and the whole that holds them.
UDI_PRIVATE: dict[str, Domain] = {"serial": "serial", "donation": "donation", "key": "udi"}
# The columns that take the place of one of the type `udi`.
UDI_PARTS = ("di", "lot", "serial", "donation", "made_date", "expiry_date", "verdict", "key")


class Column(Declared):
    """One column of a flat file or sheet."""

    name: Name
    type: Literal["text", "integer", "decimal", "date", "boolean", "udi"] = "text"
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
    zoned: bool = Field(
        default=False, description="The last of the `implied` digits carries the sign: `012}`."
    )
    decimal_comma: bool = Field(
        default=False, description="1.234,50: a comma before the decimals, points in thousands."
    )
    date_format: DateFormat = "%Y-%m-%d"
    true_values: list[str] = Field(default=["Y", "YES", "TRUE", "T", "1"])
    false_values: list[str] = Field(default=["N", "NO", "FALSE", "F", "0"])
    allowed: list[str] | None = Field(default=None, min_length=1)
    private: Literal[Domain, "drop"] | None = Field(
        default=None,
        description="What of a person it identifies: stored as a token; drop: never stored.",
    )

    @property
    def heading(self) -> str:
        """How its heading is written; a file may have one column without any."""
        return self.name if self.header is None else self.header


class RecordKind(Declared):
    """Records of one kind in a file that holds several, such as an order's header and its lines."""

    mark: str = Field(
        min_length=1, description="Its first field; of fixed width, what it starts with."
    )
    columns: list[Column] = Field(min_length=1)
    takes: dict[Name, list[Name]] = Field(
        default={},
        description="Columns of the record of another kind above it: {kind: [column]}.",
    )


RECORD = "record"


class Contract(Declared):
    """What the sender promised: the columns of its records, or of each kind of them."""

    columns: list[Column] = Field(default=[])
    kinds: dict[Name, RecordKind] = Field(default={})

    @property
    def by_record(self) -> dict[str, "Contract"]:
        """Record name -> the contract of such records, with the columns that they take."""
        return {
            name: Contract(columns=[*kind.columns, *self._taken(kind)])
            for name, kind in self.kinds.items()
        } or {RECORD: self}

    def _taken(self, kind: RecordKind) -> list[Column]:
        return [
            column
            for above, names in kind.takes.items()
            for column in (self.kinds[above].columns if above in self.kinds else [])
            if column.name in names
        ]

    @property
    def is_private(self) -> bool:
        """Whether any column is: then no value of a refused record may be shown."""
        columns = [c for one in self.by_record.values() for c in one.columns]
        return any(column.private or column.type == "udi" for column in columns)

    @property
    def private(self) -> dict[str, Domain]:
        """Of a contract without kinds, the columns that are tokens, and what each identifies.

        Of a `udi` column they are parts of it (``parse/udi/column.py``).
        """
        found: dict[str, Domain] = {}
        for column in self.columns:
            if column.type == "udi":
                found |= {f"{column.name}_{part}": domain for part, domain in UDI_PRIVATE.items()}
            elif column.private is not None and column.private != "drop":
                found[column.name] = column.private
        return found


class Identifier(Declared):
    """How one source writes a number, so that its tokens meet those of the others."""

    strip_zeros: bool = Field(default=False, description="Zeros in front do not count.")
    strip_blanks: bool = Field(default=False, description="Blanks inside do not count.")


# --- records: how records become canonical rows -------------------------------------------------


class Lookup(Declared):
    """A rule table joined to the record; its columns are used as ``<lookup name>.<column>``."""

    table: str
    on: dict[str, Expression] = Field(
        min_length=1, description="rule table column: expression over the record"
    )


class Mapping_(Declared):  # noqa: N801  Mapping is Python's own
    """One canonical table filled from one kind of record."""

    table: str
    from_: str = Field(default="record", alias="from")
    where: Expression | None = None
    repeats: bool = Field(
        default=False, description="Records of a file state the row again: it is taken once."
    )
    sums: list[str] = Field(
        default=[], description="Of a row that repeats, the columns added up over its records."
    )
    lookups: dict[Name, Lookup] = Field(default={})
    columns: dict[str, Expression]


class Feed(Declared):
    """One feed: where it comes from, how it is read, what it promises, what it fills."""

    name: str
    owner: str
    description: str = ""
    criticality: Literal["high", "normal"] = Field(
        default="normal", description="A night without a file of a `high` feed is warned of."
    )
    connector: Connector
    format: Format
    extract: Literal["snapshot", "delta", "append"]
    contract: Contract = Contract()
    identifiers: dict[Domain, Identifier] = Field(
        default={}, description="How this source writes numbers of persons and devices."
    )
    records: list[Mapping_] = Field(default=[])


# --- the site -----------------------------------------------------------------------------------


class Facility(Declared):
    """One hospital of the network."""

    id: str
    name: str
    time_zone: TimeZone
    legal_entity: str | None = None
    tax_exempt: bool = True
    ship_to_gln: str | None = None
    bill_to: str | None = None


class Schedule(Declared):
    """When the night is closed. Keep clear of 01:00 to 03:00, when clocks change."""

    at: str = "04:30"
    time_zone: TimeZone | None = Field(
        default=None, description="Whose day and hour count; by default the first facility's."
    )

    @field_validator("at")
    @classmethod
    def outside_the_clock_change(cls, at: str) -> str:
        """At 01:00 to 03:00 a night may run twice, or not at all."""
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
            raise ValueError(f"'{at}' is not a time of day such as 04:30")
        if "01:00" <= at < "03:00":
            raise ValueError("between 01:00 and 03:00 clocks change: choose another time")
        return at


class Engine(Declared):
    """Limits of the matching engine."""

    memory_limit: str = "4GB"
    threads: int | None = Field(default=None, ge=1)

    @field_validator("memory_limit")
    @classmethod
    def a_size(cls, limit: str) -> str:
        """A whole number of megabytes or gigabytes."""
        if not re.fullmatch(r"[1-9]\d*(MB|GB)", limit):
            raise ValueError(f"'{limit}' is not a size such as 512MB or 4GB")
        return limit


def _short(key_id: str) -> str:
    """It stands in front of every token."""
    if not re.fullmatch(r"[a-z0-9]{1,8}", key_id):
        raise ValueError(f"'{key_id}' is not a valid key_id: 1 to 8 small letters and digits")
    return key_id


KeyId = Annotated[str, AfterValidator(_short)]


class Privacy(Declared):
    """The key that makes tokens of persons' numbers; where there is none they are left out."""

    key_id: KeyId = Field(description="Names the key in every token; a new key gets a new one.")
    key_file: str | None = Field(
        default=None, description="Holds the key; relative to the site folder, outside the lake."
    )
    key: SecretStr | None = Field(
        default=None, description="Instead of a file: ${NAME}, the environment variable with it."
    )
    old_keys: dict[KeyId, str] = Field(
        default={}, description="Key id: its file; raw files closed under it stay readable."
    )
    keep: list[Literal["account", "claim", "serial"]] = Field(
        default=[],
        description="Numbers kept for ANALYST workbooks, of serials the last four characters.",
    )

    @model_validator(mode="after")
    def one_key(self) -> Self:
        """From one place."""
        if (self.key_file is None) == (self.key is None):
            raise ValueError("name the key either by `key_file` or by `key: ${NAME}`")
        if self.key_id in self.old_keys:
            raise ValueError(f"'{self.key_id}' is the key in use: it cannot be an old one too")
        return self


class SiteConfig(Declared):
    """``recon.yaml``."""

    name: str
    facilities: list[Facility] = Field(min_length=1)
    first_business_date: Day = Field(
        description="The first night; Dagster's partitions start here."
    )
    schedule: Schedule = Schedule()
    lake: str = "lake"
    published: str = "published"
    outbox: str = Field(
        default="outbox", description="Acknowledgements for the network's own transport to send."
    )
    engine: Engine = Engine()
    privacy: Privacy | None = None

    @property
    def time_zone(self) -> str:
        """Whose day tonight is."""
        return self.schedule.time_zone or self.facilities[0].time_zone
