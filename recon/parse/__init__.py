"""Parse: bytes become records and rejects, each with its place in the file."""

from dataclasses import replace
from datetime import date

from recon.parse import fhir, hl7, x12
from recon.parse.flat import read_delimited, read_fixed_width
from recon.parse.parsed import Parsed
from recon.parse.privacy import Tokens, without_persons
from recon.parse.spreadsheet import read_spreadsheet
from recon.parse.udi.column import with_parts
from recon.parse.x12.private import tokenised
from recon.site import (
    DelimitedFormat,
    Feed,
    FixedWidthFormat,
    Hl7Format,
    JsonFormat,
    SpreadsheetFormat,
    X12Format,
)

__all__ = ["Parsed", "parse"]


def parse(feed: Feed, data: bytes, tokens: Tokens, day: date) -> Parsed:
    """Read one file, that came for ``day``, in the format its feed declares.

    What identifies a person leaves here as a token of ``tokens``, or not at all.

    Raises:
        ConfigError: the format cannot be read so by anyone (an unknown encoding, say).
    """
    tokens = tokens.of(feed)
    match feed.format:
        case DelimitedFormat():
            found = read_delimited(data, feed.format, feed.contract)
        case FixedWidthFormat():
            found = read_fixed_width(data, feed.format, feed.contract)
        case SpreadsheetFormat():
            found = read_spreadsheet(data, feed.format, feed.contract)
        case X12Format():
            found = x12.parse(data)
            return replace(found, records=tokenised(found.records, tokens))
        case Hl7Format():
            found = hl7.parse(data, feed.format.profile, day)
            return replace(found, records=hl7.tokenised(found.records, tokens))
        case JsonFormat():
            found = fhir.read_fhir(data, day)
            return replace(found, records=fhir.tokenised(found.records, tokens))
    found = with_parts(found, feed.contract, day)
    return without_persons(found, feed.contract, tokens)
