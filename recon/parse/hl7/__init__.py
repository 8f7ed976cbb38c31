"""HL7 v2: from bytes to typed records, defects and what was refused."""

from recon.parse.hl7.private import PRIVATE, tokenised
from recon.parse.hl7.reader import Hl7, parse, read_hl7
from recon.parse.hl7.sets import RECORDS

__all__ = ["PRIVATE", "RECORDS", "Hl7", "parse", "read_hl7", "tokenised"]
