"""FHIR in JSON: a file's resources become typed records and rejects.

What belongs here: what reading one file gives. What does not: which elements are read
(``resources``), how values are taken out and typed (``reading``), brackets (``cut``).
"""

from recon.parse.fhir.private import PRIVATE, tokenised
from recon.parse.fhir.reading import read_fhir, records_schema

__all__ = ["PRIVATE", "read_fhir", "records_schema", "tokenised"]
