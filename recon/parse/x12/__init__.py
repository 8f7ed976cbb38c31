"""X12 EDI: from bytes to typed records, defects and what was refused."""

from recon.parse.x12.private import PRIVATE
from recon.parse.x12.reader import X12, parse, read_x12, write_parquet
from recon.parse.x12.sets import RECORDS

__all__ = ["PRIVATE", "RECORDS", "X12", "parse", "read_x12", "write_parquet"]
