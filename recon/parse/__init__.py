"""Parse: bytes become records and rejects, each with its place in the file."""

from dataclasses import replace

from recon.parse import hl7, x12
from recon.parse.flat import read_delimited, read_fixed_width
from recon.parse.parsed import Parsed
from recon.parse.privacy import Tokens
from recon.parse.spreadsheet import read_spreadsheet
from recon.parse.x12.private import tokenised
from recon.site import DelimitedFormat, Feed, FixedWidthFormat, Hl7Format, SpreadsheetFormat, X12Format

__all__ = ["Parsed", "parse"]


def parse(feed: Feed, data: bytes, tokens: Tokens) -> Parsed:
    """Read one file in the format its feed declares.

    What identifies a person leaves here as a token of ``tokens``.

    Raises:
        ConfigError: the format cannot be read so by anyone (an unknown encoding, say).
    """
    match feed.format:
        case DelimitedFormat():
            return read_delimited(data, feed.format, feed.contract)
        case FixedWidthFormat():
            return read_fixed_width(data, feed.format, feed.contract)
        case SpreadsheetFormat():
            return read_spreadsheet(data, feed.format, feed.contract)
        case X12Format():
            found = x12.parse(data)
            return replace(found, records=tokenised(found.records, tokens))
        case Hl7Format():
            found = hl7.parse(data, feed.format.profile)
            return replace(found, records=hl7.tokenised(found.records, tokens))
