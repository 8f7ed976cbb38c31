"""ADT and BAR: accounts opened, updated, closed; and ADT: accounts, patients and visits merged.

A cancelled admission or discharge is told by its event: A11, A13. MRG names what has ended: MRG-1
the patient, MRG-3 the account, MRG-5 the visit; PID and PV1 beside it what goes on.

A BAR may name several visits of one account, a PV1 each. The account's row has the first.
"""

from recon.parse.hl7.declare import Column, Record
from recon.parse.hl7.sets.patient import PATIENT, RECORD_NUMBERS

_STAY = ("A01", "A03", "A04", "A05", "A06", "A07", "A08", "A11", "A13")

_EVENT = (
    Column("event_date", "EVN-2.1", "date"),
    Column("recorded_at", "EVN-2.1", "instant"),
    Column("occurred_at", "EVN-6.1", "instant"),
)
_VISIT = (
    Column("location", "PV1-3.1"),
    Column("facility", "PV1-3.4.1"),
    Column("hospital_service", "PV1-10.1"),
    Column("financial_class", "PV1-20.1"),
    Column("discharge_disposition", "PV1-36.1"),
    Column("account_status", "PV1-41.1"),
    Column("admit_date", "PV1-44.1", "date"),
    Column("admit_at", "PV1-44.1", "instant"),
    Column("discharge_date", "PV1-45.1", "date"),
    Column("discharge_at", "PV1-45.1", "instant"),
    Column("plan_id", "IN1-2.1"),
)

ACCOUNT = Record(
    name="account",
    segment="PID",
    messages=(
        *(f"ADT^{event}" for event in _STAY),
        *(f"BAR^{event}" for event in ("P01", "P02", "P05", "P06", "P12")),
    ),
    under=("PV1", "IN1"),
    nulls=True,
    columns=(
        *PATIENT,
        *_EVENT,
        *_VISIT,
    ),
)

# One row per PV1 of those messages: `account` has the first of an account's visits.
VISIT = Record(
    name="account_visit",
    segment="PV1",
    messages=ACCOUNT.messages,
    under=("IN1",),
    ends=("PID",),
    nulls=True,
    columns=(*PATIENT, *_EVENT, *_VISIT),
)

# What each event moves: all of a patient, one account, one visit. An A45 moves a visit from one
# account to another that both go on: only `scope` account, and patient with an account, end one.
SCOPES = {
    **dict.fromkeys(("A18", "A30", "A34", "A36", "A39", "A40", "A46", "A47", "A48"), "patient"),
    **dict.fromkeys(("A35", "A41", "A44", "A49"), "account"),
    **dict.fromkeys(("A42", "A45", "A50", "A51"), "visit"),
}

MERGE = Record(
    name="account_merge",
    segment="MRG",
    messages=tuple(f"ADT^{event}" for event in SCOPES),
    under=("PV1",),
    ends=("PID",),
    scopes=SCOPES,
    columns=(
        *PATIENT,
        Column("event_date", "EVN-2.1", "date"),
        Column("recorded_at", "EVN-2.1", "instant"),
        Column("prior_mrn", "MRG-1.1", private="mrn", kinds=RECORD_NUMBERS),
        Column("prior_account", "MRG-3.1", private="account"),
        Column("prior_visit", "MRG-5.1", private="visit"),
    ),
)
