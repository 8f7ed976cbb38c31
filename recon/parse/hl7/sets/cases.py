"""SIU^S12 and its likes: which case is scheduled for which visit; no service, no person's name."""

from recon.parse.hl7.declare import Column, Record
from recon.parse.hl7.sets.patient import PATIENT

CASE = Record(
    name="case",
    segment="SCH",
    messages=("SIU",),
    under=("PID", "PV1", "AIS"),
    columns=(
        *PATIENT,
        Column("placer_case", "SCH-1.1", private="case"),
        Column("filler_case", "SCH-2.1", private="case"),
        Column("start_date", "SCH-11.4.1", "date"),
        Column("start_at", "SCH-11.4.1", "instant"),
        Column("filler_status", "SCH-25.1"),
        Column("service", "AIS-3.1"),
        Column("service_date", "AIS-4.1", "date"),
        Column("service_at", "AIS-4.1", "instant"),
    ),
)
