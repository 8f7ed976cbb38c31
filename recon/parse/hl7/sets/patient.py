"""Whom a record is about: the few fields of PID and PV1 that are read, all of them private.

Names, birth date, address, telephone and SSN (PID-5 to -14, -19) have no column anywhere.
"""

from recon.parse.hl7.declare import Column

# Of PID-3 a medical record number or one that does not say what it is; never an SSN, a licence or
# an insurance number (HL7 table 0203). MRN is in no table, and in many feeds.
RECORD_NUMBERS = ("MR", "MRN", "PI", "PT", "")

PATIENT = (
    Column("account", "PID-18.1", private="account"),
    Column("mrn", "PID-3.1", private="mrn", kinds=RECORD_NUMBERS),
    Column("visit", "PV1-19.1", private="visit"),
    Column("patient_class", "PV1-2.1"),
)
