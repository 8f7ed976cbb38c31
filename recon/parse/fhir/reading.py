"""Resources read: JSON taken apart in DuckDB, typed, and each one accepted or refused.

What belongs here: values out of JSON, their types, what is refused, and the device beside what
points at it. What does not: which elements are read (``resources``).
"""

from datetime import date
from functools import cache

import duckdb
import polars as pl
from duckdb import CaseExpression, ColumnExpression, ConstantExpression, FunctionExpression

from recon.connection import reader
from recon.parse.fhir.cut import cut
from recon.parse.fhir.resources import (
    DELETED,
    DEVICE,
    OF_DEVICE,
    RESOURCES,
    Column,
    Kind,
    Resource,
)
from recon.parse.parsed import CONTROL, REJECT, Parsed
from recon.parse.udi import parse_udi, whole_apart

OTHER = "other_resource"  # resources that nothing is read from, by their type alone

_ORIGIN = {"source_record": pl.Int64(), "byte_offset": pl.Int64()}
_REFUSED = {"source_record": pl.Int64(), "rule": pl.String(), "reason": pl.String()}
_QUANTITY = pl.Decimal(18, 6)
# DuckDB takes a number of JSON through a double, which holds fifteen digits exactly.
_EXACT = r"^-?0*(?:\d{1,12}(?:\.\d{1,6})?)$"
_EXACT_DIGITS = 15
_MOMENT = r"^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:\d\d))?$"
_MONTH = r"^\d{4}-\d\d$"
_DAY = r"^\d{4}-\d\d-\d\d"
# The bytes of what a symbol of a device holds: ASCII, and the separator (GS) of GS1.
_SCANNED = r"^(?:1d|[2-6][0-9a-f]|7[0-9a-e])+$"
# Domain of a number -> the type of resource that has it.
_KINDS = {"mrn": "Patient"}
# A reference that a server is to look for by an identifier: `Patient?identifier=system|4711`.
_SOUGHT = r"^[A-Za-z]+\?identifier=(?:.*(?:\||%7C))?([^|&]+)$"
_NO_RESOURCE = (
    "the entry holds no resource: if it says that one was deleted, ask the sender for that one "
    "with the status entered-in-error"
)
_A_DAY = "expected a day, or an instant with its offset such as 2026-03-02T09:30:00-05:00"
_EXPECTED = {
    Kind.DECIMAL: "expected a number with at most 15 digits, 6 of them decimals",
    Kind.DAY: _A_DAY,
    Kind.LABEL: "expected a day such as 2027-03-31, or a month",
    Kind.MOMENT: _A_DAY,
}


def read_fhir(data: bytes, as_of: date) -> Parsed:
    """Read a Bundle, a JSON array or NDJSON of FHIR resources, R4 or R5.

    Args:
        data: the file.
        as_of: the day from which the UDI strings of devices are read (``parse_udi``).

    Returns:
        A record of every kind of ``RESOURCES`` and of ``other_resource`` (columns as in
        ``records_schema``); ``source_record`` is the resource's number in the file. Every resource
        is in one record at least or in the rejects: rules ``json``, ``resource``, ``empty``,
        ``encoding``, ``unclosed``, ``next_page``, ``type:<column>``, ``code:<column>``. A reject
        shows no value: it may be a person's.

    Raises:
        SenderError: the file is no JSON at all.
    """
    found = cut(data)
    with reader().cursor() as con:
        con.execute("set timezone = 'UTC'")
        judged = _judged(con, found.resources, in_entries=found.in_entries)
        sound = judged.filter(pl.col("rule").is_null()).drop("rule", "reason")
        contained, refused = _contained(con, sound)
        faults = [
            _rejects(judged.filter(pl.col("rule").is_not_null()), "resource"),
            _rejects(sound.join(refused, on="source_record"), DEVICE.record),
        ]
        sound = sound.join(refused, on="source_record", how="anti", maintain_order="left")
        known = [name for resource in RESOURCES for name in resource.types]
        others = [sound.filter(~pl.col("type").is_in(known))]
        records: dict[str, pl.DataFrame] = {}
        for resource in RESOURCES:
            mine = sound.filter(pl.col("type").is_in(resource.types))
            if mine.is_empty():
                records[resource.record] = _none_of(resource)
                continue
            rows, refused = _typed(_taken(con, mine, resource), resource)
            empty = mine.join(rows, on="source_record", how="anti")
            if resource.may_be_empty:
                others.append(empty)
            else:
                refused = pl.concat([refused, _said_of_empty(empty, resource)])
            faults.append(_rejects(mine.join(refused, on="source_record"), resource.record))
            records[resource.record] = rows.join(refused, on="source_record", how="anti")
    records[OTHER] = (
        pl.concat(others)
        .sort("source_record")
        .select(pl.col("type").alias("resource_type"), *_ORIGIN)
    )
    rejects = pl.concat(faults).sort("source_record")
    return Parsed(
        _beside_their_devices(records, contained, sound.select("source_record", "entry_id"), as_of),
        rejects,
        pl.DataFrame(schema=CONTROL),
        found.resources.height,
        found.encoding,
    )


@cache
def records_schema() -> dict[str, pl.Schema]:
    """Record -> its columns, as they are stored."""
    return {name: rows.schema for name, rows in read_fhir(b"[]", date(2000, 1, 1)).records.items()}


def _judged(
    con: duckdb.DuckDBPyConnection, resources: pl.DataFrame, *, in_entries: bool
) -> pl.DataFrame:
    """The resources with their ``type``, and what is wrong with each."""
    text = ColumnExpression("text")
    valid = FunctionExpression("json_valid", text)
    path = ConstantExpression("$.resource" if in_entries else "$")
    # A text that is no JSON is not looked into: DuckDB would refuse all of them.
    body = CaseExpression(valid, FunctionExpression("json_extract", text, path))
    place = FunctionExpression("json_extract_string", text, ConstantExpression("$.fullUrl"))
    entry = CaseExpression(valid, place if in_entries else ConstantExpression(None))
    read: pl.DataFrame = (
        con.from_arrow(resources.to_arrow())
        .select("*", valid.alias("valid"), body.alias("body"), entry.alias("entry_id"))
        .select(
            "*",
            FunctionExpression(
                "json_extract_string",
                ColumnExpression("body"),
                ConstantExpression("$.resourceType"),
            ).alias("type"),
        )
        .pl()
        .sort("source_record")
    )
    named = pl.col("type").str.contains(r"^[A-Z][A-Za-z]{2,40}$").fill_null(False)
    faults = [
        (~pl.col("valid"), "json", "it is not valid JSON: nothing is read from it"),
        (pl.col("type") == "Bundle", "resource", "a Bundle is within the list: send it alone"),
        (pl.col("body").is_null(), "resource", _NO_RESOURCE),
        (~named, "resource", "it is not a FHIR resource: it has no resourceType"),
    ]
    rule = pl.coalesce(pl.when(test).then(pl.lit(name)) for test, name, _ in faults)
    reason = pl.coalesce(pl.when(test).then(pl.lit(said)) for test, _, said in faults)
    return read.with_columns(
        text=pl.col("body").cast(pl.String),
        entry_id=_pointed_at(pl.col("entry_id").cast(pl.String)),
        rule=pl.coalesce("rule", rule),
        reason=pl.coalesce("reason", reason),
    ).drop("valid", "body")


def _taken(
    con: duckdb.DuckDBPyConnection, resources: pl.DataFrame, resource: Resource
) -> pl.DataFrame:
    """Every column of the record as text, null where there is no such value."""
    outer = con.from_arrow(resources.select(*_ORIGIN, "text").to_arrow()).select(
        "*", _listed("text", (resource.within,)).alias("outer")
    )
    inner = outer.select("*", _listed("outer", resource.each).alias("element"))
    paths = {
        mark: [p for c in resource.columns for p in c.paths if p.startswith(mark)] for mark in "$^@"
    }
    looked = [
        FunctionExpression(
            function, ColumnExpression(text), ConstantExpression(["$" + p[1:] for p in paths[mark]])
        ).alias(f"{mark}{kind}")
        for mark, text in (("$", "text"), ("^", "outer"), ("@", "element"))
        if paths[mark]
        for function, kind in (("json_extract_string", "value"), ("json_type", "type"))
    ]
    found: pl.DataFrame = inner.select(*_ORIGIN, *looked).pl()
    rows = found.sort("source_record", maintain_order=True)
    private = {c.name: c.private for c in resource.columns}

    def at(path: str, column: str) -> pl.Expr:
        mark, place = path[0], paths[path[0]].index(path)
        nested = pl.col(f"{mark}type").list.get(place).is_in(["OBJECT", "ARRAY"])
        value = pl.col(f"{mark}value").list.get(place).str.strip_chars()
        value = pl.when(~nested & (value != "")).then(value)
        if path.endswith(".carrierAIDC"):
            return _scanned(value)
        if not path.endswith(".reference"):
            return value
        if column == resource.device:
            inside = pl.when(value.str.starts_with("#")).then(value)
            return pl.coalesce(_pointed_at(value, "Device"), inside)
        identifier = value.str.extract(_SOUGHT)
        return pl.coalesce(_pointed_at(value, _KINDS.get(private[column], "")), identifier)

    return rows.select(
        *_ORIGIN,
        line_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("source_record"),
        **{c.name: pl.coalesce(at(path, c.name) for path in c.paths) for c in resource.columns},
    )


def _scanned(value: pl.Expr) -> pl.Expr:
    """What a scanner read, out of its base64; as it stands where it was sent without."""
    read = value.str.replace_all(r"\s", "").str.decode("base64", strict=False)
    # What is no text cannot be cast to one: its bytes are looked at first.
    text = pl.when(read.bin.encode("hex").str.contains(_SCANNED)).then(read).cast(pl.String)
    return pl.coalesce(text, value)


def _contained(
    con: duckdb.DuckDBPyConnection, resources: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The devices that stand within other resources, by these, and what is refused of them."""
    holders = resources.filter(
        pl.col("text").str.contains('"contained"', literal=True)
        & pl.col("text").str.contains('"Device"', literal=True)
    )
    if holders.is_empty():
        return _none_of(DEVICE), pl.DataFrame(schema=_REFUSED)
    kind = FunctionExpression(
        "json_extract_string", ColumnExpression("text"), ConstantExpression("$.resourceType")
    )
    found: pl.DataFrame = (
        con.from_arrow(holders.select(*_ORIGIN, "text").to_arrow())
        .select(*_ORIGIN, _listed("text", ("$.contained",)).alias("text"))
        .filter(kind == ConstantExpression("Device"))
        .pl()
    )
    return _typed(_taken(con, found, DEVICE), DEVICE)


def _listed(text: str, paths: tuple[str, ...]) -> duckdb.Expression:
    """A row per value at these paths: a list's values, or the one that is there."""
    lists = None
    for path in paths:
        column, place = ColumnExpression(text), ConstantExpression(path)
        several = FunctionExpression("json_extract", column, ConstantExpression(path + "[*]"))
        one = FunctionExpression("list_value", FunctionExpression("json_extract", column, place))
        kind = FunctionExpression("json_type", column, place)
        found = CaseExpression(kind == ConstantExpression("ARRAY"), several).when(
            kind.isnotnull(), one
        )
        lists = found if lists is None else FunctionExpression("list_concat", lists, found)
    if lists is None:
        raise ValueError("no paths")
    return FunctionExpression("unnest", lists)


def _pointed_at(reference: pl.Expr, kind: str = "") -> pl.Expr:
    """The id of `Patient/17`, of a URL that ends so, of `urn:uuid:…`; none of `#17`, contained.

    ``kind``: the only type of resource that may be meant, where the reference names one. Ids are
    unique within a type: Medication/17 is not Device/17.
    """
    bare = reference.str.replace(r"/_history/.*$", "")
    found = bare.str.extract(r"^(?:[^#?]*[/:])?([^/:#?]+)$")
    if not kind:
        return found
    named = bare.str.extract(r"(?:^|/)([A-Z][A-Za-z]+)/[^/]+$")
    return pl.when(named.fill_null(kind) == kind).then(found)


def _typed(texts: pl.DataFrame, resource: Resource) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The typed rows, and ``source_record``, ``rule`` and ``reason`` of what cannot be typed."""
    values: list[pl.Expr] = []
    rules: list[pl.Expr] = []
    reasons: list[pl.Expr] = []
    for column in resource.columns:
        read, wrong = _values(column)
        values += read
        if column.kind in _EXPECTED:
            told = f"{column.name} ({', '.join(column.paths)}): {_EXPECTED[column.kind]}"
            rules.append(pl.when(wrong).then(pl.lit(f"type:{column.name}")))
            reasons.append(pl.when(wrong).then(pl.lit(told)))
        elif column.values:
            wrong = ~pl.col(column.name).is_in(column.values)
            told = f"{column.name} ({', '.join(column.paths)}): expected one of "
            rules.append(pl.when(wrong).then(pl.lit(f"code:{column.name}")))
            reasons.append(pl.when(wrong).then(pl.lit(told + ", ".join(column.values))))
    status = (
        pl.when(pl.col("status") == DELETED).then(pl.lit("DELETED")).otherwise(pl.lit("ACTIVE"))
    )
    rows = texts.select(
        *_ORIGIN,
        "line_no",
        *values,
        record_status=status,
        rule=pl.coalesce(pl.lit(None, pl.String), *rules),
        reason=pl.concat_str(pl.lit(None, pl.String), *reasons, separator="; ", ignore_nulls=True),
    )
    refused = (
        rows.filter(pl.col("rule").is_not_null())
        .group_by("source_record", maintain_order=True)
        .agg(pl.col("rule").first(), pl.col("reason").first())
    )
    return rows.drop("rule", "reason"), refused


@cache
def _none_of(resource: Resource) -> pl.DataFrame:
    """The columns of a record of which a file has none."""
    texts = dict.fromkeys((c.name for c in resource.columns), pl.String())
    nothing = pl.DataFrame(schema={**_ORIGIN, "line_no": pl.Int64(), **texts})
    return _typed(nothing, resource)[0]


def _values(column: Column) -> tuple[list[pl.Expr], pl.Expr]:
    """The typed columns of one, and where its text is not of its type."""
    text = pl.col(column.name)
    match column.kind:
        case Kind.TEXT:
            return [text], pl.lit(False)
        case Kind.DECIMAL:
            digits = text.str.replace_all(r"\D", "").str.strip_chars_start("0").str.len_chars()
            plain = text.str.replace(r"\.0$", "")
            fits = plain.str.contains(_EXACT) & (digits <= _EXACT_DIGITS)
            number = pl.when(fits).then(plain).cast(_QUANTITY, strict=False)
            return [number.alias(column.name)], text.is_not_null() & number.is_null()
        case Kind.DAY | Kind.LABEL | Kind.MOMENT:
            whole = pl.when(text.str.contains(_MOMENT)).then(text)
            day = whole.str.extract(f"({_DAY})").str.to_date("%Y-%m-%d", strict=False)
            if column.kind == Kind.LABEL:
                month = pl.when(text.str.contains(_MONTH)).then(text + "-01")
                end = month.str.to_date("%Y-%m-%d", strict=False).dt.month_end()
                day = pl.coalesce(day, end)
            if column.kind != Kind.MOMENT:
                return [day.alias(f"{column.name}_date")], text.is_not_null() & day.is_null()
            timed = whole.str.contains("T", literal=True)
            seconds = whole.str.replace(r"T(\d\d:\d\d)(Z|[-+])", "T$1:00$2").str.replace(
                "Z$", "+00:00"
            )
            instant = (
                pl.when(timed)
                .then(seconds)
                .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", strict=False)
                .dt.replace_time_zone(None)
            )
            lost = day.is_null() | (timed & instant.is_null())
            return [
                day.alias(f"{column.name}_date"),
                instant.alias(f"{column.name}_at"),
            ], text.is_not_null() & lost


def _said_of_empty(empty: pl.DataFrame, resource: Resource) -> pl.DataFrame:
    places = [p for p in (resource.within, *resource.each) if p != "$"]
    said = f"there is no {' or '.join(p[2:] for p in places)} in it"
    return empty.select("source_record", rule=pl.lit("empty"), reason=pl.lit(said))


def _beside_their_devices(
    records: dict[str, pl.DataFrame], contained: pl.DataFrame, entries: pl.DataFrame, as_of: date
) -> dict[str, pl.DataFrame]:
    """The UDI of every device parsed, and its parts beside every record that points at it.

    Pointed at is the device's id, its place in a Bundle (``fullUrl``), or a device within the
    record itself (``#id``).
    """
    devices = _with_udi(records[DEVICE.record], as_of)
    placed = devices.join(entries, on="source_record", how="left", maintain_order="left")
    named = [
        placed.select(pl.col(name).alias("device_id"), *OF_DEVICE).drop_nulls("device_id")
        for name in ("device_id", "entry_id")
    ]
    # A device sent twice in one file: of two that say different things neither is believed.
    known = pl.concat(named).unique().filter(pl.len().over("device_id") == 1)
    own = _with_udi(contained, as_of).select(
        "source_record",
        *OF_DEVICE,
        device_id="#" + pl.col("device_id").str.strip_chars_start("#"),
    )
    own = own.drop_nulls("device_id").unique()
    own = own.filter(pl.len().over("source_record", "device_id") == 1)
    found = {**records, DEVICE.record: devices}
    for resource in RESOURCES:
        if resource.device:
            rows = records[resource.record]
            beside = rows.join(known, on=resource.device, how="left", maintain_order="left")
            if own.height:
                keys = ["source_record", resource.device]
                beside = beside.update(own, on=keys, how="left", maintain_order="left")
            # The id of a contained device means nothing outside of its record.
            outside = ~pl.col(resource.device).str.starts_with("#")
            found[resource.record] = beside.with_columns(
                pl.when(outside).then(resource.device).alias(resource.device)
            )
    return found


def _with_udi(devices: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What a device states itself counts; the parts of its UDI fill what it leaves empty."""
    apart = whole_apart(devices)
    parsed = parse_udi(apart["udi"], as_of)
    rows = apart.hstack(
        parsed.select(pl.exclude("udi", "verdict", "remark").name.prefix("udi_part_"))
    ).hstack(parsed.select(udi_verdict="verdict", said="remark"))
    parts = {
        "udi_di": "di",
        "lot": "lot",
        "serial": "serial",
        "donation": "donation",
        "made_date": "made_date",
        "expiry_date": "expiry_date",
    }
    differs = [
        pl.when(pl.col(name) != pl.col(f"udi_part_{part}")).then(
            pl.lit(f"{name} is not the one of the UDI")
        )
        for name, part in parts.items()
    ]
    remark = pl.concat_str("whole", "said", *differs, separator="; ", ignore_nulls=True)
    return rows.select(
        *[c for c in devices.columns if c not in parts],
        "udi_verdict",
        **{name: pl.coalesce(name, f"udi_part_{part}") for name, part in parts.items()},
        udi_remark=pl.when(remark != "").then(remark),
    )


def _rejects(refused: pl.DataFrame, record: str) -> pl.DataFrame:
    return refused.select(
        *_ORIGIN,
        "byte_length",
        "rule",
        "reason",
        record=pl.lit(record),
        records=pl.lit(1, pl.Int64),
        raw=pl.lit(None, pl.String),
    ).select(list(REJECT))
