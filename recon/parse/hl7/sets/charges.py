"""DFT^P03, DFT^P11 and other messages with FT1: charges, credits and the devices on them.

A charge's code is FT1-7, its quantity FT1-10, its amounts FT1-11 (extended) and FT1-12 (of one).
Only codes are read, no descriptions: those are the charge master's; of a procedure, a modifier and
other codes of public lists the first subcomponent (``LT&Left``). PRT follows FT1 or PR1 from
release 2.9 on and carries the UDI (PRT-10) and its parts (PRT-16 to -21); some send DEV instead,
which is of the FT1 before it. The order of a charge (ORC) follows FT1 in a DFT; in a message of
orders FT1 stands under the ORC before it.
"""

from recon.parse.hl7.declare import Column, Record
from recon.parse.hl7.sets.patient import PATIENT

_ORDERS = ("ORM", "OMS", "OMN", "OMG", "OML", "OMP", "RAS", "RDE", "RDS", "ORU")
MESSAGES = ("DFT", *_ORDERS)

_DEVICE = (
    Column("udi", "PRT-10.1", private="udi"),
    Column("udi_di", "PRT-16.1"),
    Column("made_date", "PRT-17.1", "label_date"),
    Column("expiry_date", "PRT-18.1", "label_date"),
    Column("lot", "PRT-19.1"),
    Column("serial", "PRT-20.1", private="serial"),
    Column("donation", "PRT-21.1", private="donation"),
)

CHARGE = Record(
    name="charge",
    segment="FT1",
    messages=MESSAGES,
    under=("PR1", "ORC", "PRT"),
    opens={"ORC": _ORDERS},
    udi=True,
    ends=("PID",),
    columns=(
        *PATIENT,
        Column("set_id", "FT1-1"),
        Column("txn_id", "FT1-2.1"),
        Column("batch_id", "FT1-3.1"),
        Column("service_date", "FT1-4.1.1", "date"),
        Column("service_at", "FT1-4.1.1", "instant"),
        Column("posted_date", "FT1-5.1", "date"),
        Column("posted_at", "FT1-5.1", "instant"),
        Column("type", "FT1-6.1.1"),
        Column("code", "FT1-7.1"),
        Column("quantity", "FT1-10.1", "quantity"),
        Column("extended", "FT1-11.1.1", "amount"),
        Column("unit_amount", "FT1-12.1.1", "amount"),
        Column("dept", "FT1-13.1"),
        Column("location", "FT1-16.1"),
        Column("facility", "FT1-16.4.1"),
        Column("plan_id", "FT1-14.1"),
        Column("fee_schedule", "FT1-17.1"),
        Column("unit_cost", "FT1-22.1.1", "amount"),
        Column("filler_order", "FT1-23.1"),
        Column("procedure", "FT1-25.1.1"),
        Column("modifiers", "FT1-26.1.1", every=True),
        Column("abn_code", "FT1-27.1.1"),
        Column("repeat_reason", "FT1-28.1.1"),
        Column("ndc", "FT1-29.1"),
        Column("ndc_quantity", "FT1-43.1", "quantity"),
        Column("ndc_uom", "FT1-43.2.1"),
        Column("reverses_set_id", "FT1-31.1"),
        Column("item", "FT1-34.1"),
        Column("model", "FT1-35.1"),
        Column("special_processing", "FT1-36.1.1", every=True),
        Column("revenue_code", "FT1-41.1.1"),
        Column("order_control", "ORC-1"),
        Column("placer_order", "ORC-2.1"),
        Column("order_filler", "ORC-3.1"),
        Column("pr1_procedure", "PR1-3.1.1"),
        Column("pr1_at", "PR1-5.1", "instant"),
        Column("pr1_modifiers", "PR1-16.1.1", every=True),
        *_DEVICE,  # of the one device under it; of several see `charge_device`
    ),
)

# One row per PRT with a device under an FT1; `parent_record` is the charge's `source_record`.
DEVICE = Record(
    name="charge_device",
    segment="PRT",
    messages=MESSAGES,
    parent="FT1",
    udi=True,
    needs=("udi_di", "lot", "serial", "donation", "udi"),
    columns=(
        Column("set_id", "FT1-1"),
        Column("txn_id", "FT1-2.1"),
        *_DEVICE,
        # No field of PRT says it by the standard; a profile may name one.
        Column("implant_status", "PRT-99.1"),
    ),
)

# Devices as DEV has them.
DEV = Record(
    name="charge_dev",
    into=DEVICE.name,
    segment="DEV",
    messages=MESSAGES,
    parent="FT1",
    needs=DEVICE.needs,
    columns=(
        Column("set_id", "FT1-1"),
        Column("txn_id", "FT1-2.1"),
        Column("udi", "DEV-2.1", private="udi"),
        Column("udi_di", "DEV-9.1"),
        Column("made_date", "DEV-12.1", "label_date"),
        Column("expiry_date", "DEV-13.1", "label_date"),
        Column("lot", "DEV-10.1"),
        Column("serial", "DEV-11.1", private="serial"),
        Column("donation", "DEV-15.1", private="donation"),
        Column("implant_status", "DEV-17.1"),
    ),
)
