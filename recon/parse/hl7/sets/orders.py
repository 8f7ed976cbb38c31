"""ORM^O01, OMS^O05, OMN^O07: requisitions of supplies for a patient (RQD under ORC).

RQ1, behind the RQD of what is not in stock, has the numbers of who makes and who sells it.
"""

from recon.parse.hl7.declare import Column, Record
from recon.parse.hl7.sets.patient import PATIENT

REQUISITION = Record(
    name="requisition",
    segment="RQD",
    messages=("ORM", "OMS", "OMN"),
    under=("RQ1",),
    ends=("PID", "ORC"),
    columns=(
        *PATIENT,
        Column("order_control", "ORC-1"),
        Column("placer_order", "ORC-2.1"),
        Column("filler_order", "ORC-3.1"),
        Column("ordered_date", "ORC-9.1", "date"),
        Column("ordered_at", "ORC-9.1", "instant"),
        Column("line", "RQD-1"),
        Column("item", "RQD-2.1"),
        Column("item_external", "RQD-3.1"),
        Column("item_hospital", "RQD-4.1"),
        Column("quantity", "RQD-5", "quantity"),
        Column("uom", "RQD-6.1"),
        Column("cost_center", "RQD-7.1"),
        Column("deliver_to", "RQD-9.1"),
        Column("needed_date", "RQD-10.1", "date"),
        Column("maker", "RQ1-2.1"),
        Column("catalog_number", "RQ1-3.1"),
        Column("vendor", "RQ1-4.1"),
        Column("vendor_catalog", "RQ1-5.1"),
    ),
)
