"""The FHIR resources that are read, and every element of them that gets a column.

It is an allow-list: names, addresses, notes, display texts and whatever else stands in a resource
reach no column. Paths of R4 and R5 stand side by side; a resource has the ones of its release.

What belongs here: paths, types, and which column identifies a person. What does not: how JSON is
cut and typed (``cut``, ``reading``).

Source: HL7 FHIR R4 (4.0.1) and R5 (5.0.0).
"""

from dataclasses import dataclass
from enum import Enum

DELETED = "entered-in-error"


class Kind(Enum):
    """What a value is, and the columns it gives."""

    TEXT = "text"
    DECIMAL = "decimal"
    DAY = "day"  # of a time that is given with it, the day as written at its place
    LABEL = "label"  # a day; of a month alone its last day, as GS1 has it
    MOMENT = "moment"  # two columns: the local day, and the instant where a time is given


@dataclass(frozen=True)
class Column:
    """One column; of several paths the first that is there counts.

    Attributes:
        name: of a MOMENT, the part before ``_date`` and ``_at``.
        paths: JSON paths from the resource (``$``), from the element that gives the row (``@``), or
            from the list that holds it (``^``). One that ends in ``.reference`` gives the id that
            a reference such as ``Patient/17`` points at, one in ``.carrierAIDC`` the text that is
            sent there in base64.
        kind: what the value is.
        private: what of a person it identifies, one of ``DOMAINS`` (``parse/privacy.py``).
        values: all that it may be, where FHIR requires a value set: anything else may be a name.
    """

    name: str
    paths: tuple[str, ...]
    kind: Kind = Kind.TEXT
    private: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resource:
    """One kind of record.

    Attributes:
        record: its name.
        types: resource types that give it.
        columns: beside ``record_status`` (DELETED for ``entered-in-error``, else ACTIVE).
        each: elements that give a row each, numbered from 1 in ``line_no``; ``$`` is the resource
            itself. An element that is a list gives a row per value.
        within: a list of the resource that holds these elements, if it is not the resource.
        may_be_empty: a resource without such an element is in order, and none of ours.
        device: the column that points at a device: the device's columns stand beside it, where the
            device is in the same file.
    """

    record: str
    types: tuple[str, ...]
    columns: tuple[Column, ...]
    each: tuple[str, ...] = ("$",)
    within: str = "$"
    may_be_empty: bool = False
    device: str = ""


def _coded(name: str, *paths: str) -> tuple[Column, ...]:
    """A concept's first two codes with their systems: a charge code and its HCPCS, say."""
    return tuple(
        Column(column, tuple(f"{path}.coding[{at}].{part}" for path in paths))
        for at, suffix in ((0, ""), (1, "_2"))
        for part, column in (("code", f"{name}{suffix}"), ("system", f"{name}{suffix}_system"))
    )


def _referred(name: str, *paths: str, private: str = "") -> Column:
    """A reference: the number it carries itself, or else the id it points at."""
    parts = ("identifier.value", "reference")
    return Column(
        name, tuple(f"{path}.{part}" for part in parts for path in paths), private=private
    )


def _device(*paths: str) -> Column:
    """A reference to a device: its id, as the number of a device may be its serial number."""
    return Column("device_id", tuple(f"{path}.reference" for path in paths))


def _status(values: str) -> Column:
    """Where the resource stands: a required value set, of both releases together."""
    return Column("status", ("$.status",), values=(*values.split("|"), DELETED))


_IDENTIFIER = Column("identifier", ("$.identifier[0].value", "$.identifier.value"))

SUPPLY_DELIVERY = Resource(
    "supply_delivery",
    ("SupplyDelivery",),
    (
        Column("supply_id", ("$.id",)),
        _IDENTIFIER,
        _status("in-progress|completed|abandoned"),
        _referred("patient", "$.patient", private="mrn"),
        _referred("order_id", "$.basedOn[0]"),
        Column("type_code", ("$.type.coding[0].code",)),
        *_coded("item_code", "@.itemCodeableConcept"),
        _device("@.itemReference"),
        Column("qty", ("@.quantity.value",), Kind.DECIMAL),
        Column("uom", ("@.quantity.code", "@.quantity.unit")),
        Column(
            "occurrence",
            ("$.occurrenceDateTime", "$.occurrencePeriod.start", "$.occurrenceTiming.event[0]"),
            Kind.MOMENT,
        ),
        _referred("destination", "$.destination"),
    ),
    each=("$.suppliedItem",),
    device="device_id",
)

CHARGE_ITEM = Resource(
    "charge_item",
    ("ChargeItem",),
    (
        Column("charge_id", ("$.id",)),
        _IDENTIFIER,
        _status("planned|billable|not-billable|aborted|billed|unknown"),
        _referred("part_of", "$.partOf[0]"),
        *_coded("code", "$.code"),
        _referred("patient", "$.subject", private="mrn"),
        _referred("visit", "$.encounter", "$.context", private="visit"),
        _referred("account", "$.account[0]", private="account"),
        Column(
            "occurrence",
            ("$.occurrenceDateTime", "$.occurrencePeriod.start", "$.occurrenceTiming.event[0]"),
            Kind.MOMENT,
        ),
        Column("entered", ("$.enteredDate",), Kind.MOMENT),
        Column("qty", ("$.quantity.value",), Kind.DECIMAL),
        Column("uom", ("$.quantity.code", "$.quantity.unit")),
        Column("factor", ("$.factorOverride", "$.totalPriceComponent.factor"), Kind.DECIMAL),
        # R4 overrides the price of the charge as a whole; so does R5 under another name.
        Column(
            "ext_amount",
            ("$.priceOverride.value", "$.totalPriceComponent.amount.value"),
            Kind.DECIMAL,
        ),
        Column("unit_amount", ("$.unitPriceComponent.amount.value",), Kind.DECIMAL),
        Column(
            "currency",
            (
                "$.priceOverride.currency",
                "$.totalPriceComponent.amount.currency",
                "$.unitPriceComponent.amount.currency",
            ),
        ),
        _referred("cost_center", "$.costCenter"),
        _referred("organization", "$.performingOrganization", "$.requestingOrganization"),
        _referred("service", "$.service[0]", "$.service[0].reference"),
        _device("$.productReference", "$.product[0].reference"),
        *_coded("product_code", "$.productCodeableConcept", "$.product[0].concept"),
    ),
    device="device_id",
)

DEVICE_USE = Resource(
    "device_use",
    ("DeviceUseStatement", "DeviceUsage"),
    (
        Column("use_id", ("$.id",)),
        _IDENTIFIER,
        _status("active|completed|not-done|intended|stopped|on-hold"),
        _referred("patient", "$.subject", "$.patient", private="mrn"),
        _referred("visit", "$.context", private="visit"),
        _device("$.device", "$.device.reference"),
        *_coded("device_code", "$.device.concept"),
        Column(
            "used",
            # The last is of STU3, in which devices' use is still sent.
            (
                "$.timingDateTime",
                "$.timingPeriod.start",
                "$.timingTiming.event[0]",
                "$.whenUsed.start",
            ),
            Kind.MOMENT,
        ),
        Column("recorded", ("$.recordedOn", "$.dateAsserted"), Kind.MOMENT),
        _referred("derived_from", "$.derivedFrom[0]"),
    ),
    device="device_id",
)

# A device changed by the procedure (`focalDevice`), one used in it (`usedReference`, R5 `used`).
PROCEDURE_DEVICE = Resource(
    "procedure_device",
    ("Procedure",),
    (
        Column("procedure_id", ("$.id",)),
        _IDENTIFIER,
        _status("preparation|in-progress|not-done|on-hold|stopped|completed|unknown"),
        _referred("patient", "$.subject", private="mrn"),
        _referred("visit", "$.encounter", private="visit"),
        *_coded("procedure_code", "$.code"),
        Column(
            "performed",
            (
                "$.performedDateTime",
                "$.performedPeriod.start",
                "$.occurrenceDateTime",
                "$.occurrencePeriod.start",
            ),
            Kind.MOMENT,
        ),
        Column("action_code", ("@.action.coding[0].code",)),
        _device("@.manipulated", "@.reference", "@"),
        *_coded("device_code", "@.concept", "@"),
    ),
    each=("$.focalDevice", "$.usedReference", "$.used", "$.usedCode"),
    may_be_empty=True,
    device="device_id",
)

DEVICE = Resource(
    "device",
    ("Device",),
    (
        Column("device_id", ("$.id",)),
        _status("active|inactive|unknown"),
        # One carrier that has it is enough. `udi` is of STU3, as the use of devices still is.
        Column(
            "udi",
            tuple(
                f"$.{carrier}.{form}"
                for carriers in (("udiCarrier[0]", "udiCarrier", "udi"), ("udiCarrier[1]",))
                for form in ("carrierHRF", "carrierAIDC")
                for carrier in carriers
            ),
            private="udi",
        ),
        Column(
            "udi_di",
            (
                "$.udiCarrier[0].deviceIdentifier",
                "$.udiCarrier.deviceIdentifier",
                "$.udi.deviceIdentifier",
                "$.udiCarrier[1].deviceIdentifier",
            ),
        ),
        Column("lot", ("$.lotNumber",)),
        Column("serial", ("$.serialNumber",), private="serial"),
        # The second is of R5, which has no other place for the number of a donation.
        Column(
            "donation",
            ("$.distinctIdentifier", "$.biologicalSourceEvent.value"),
            private="donation",
        ),
        Column("made", ("$.manufactureDate",), Kind.LABEL),
        Column("expiry", ("$.expirationDate",), Kind.LABEL),
        Column("catalog_no", ("$.partNumber", "$.modelNumber", "$.model")),
        *_coded("type_code", "$.type", "$.type[0]"),
        _referred("patient", "$.patient", private="mrn"),
    ),
)

INVENTORY_ITEM = Resource(
    "inventory_item",
    ("InventoryReport",),
    (
        Column("report_id", ("$.id",)),
        _IDENTIFIER,
        _status("draft|requested|active"),
        Column("count_type", ("$.countType",), values=("snapshot", "difference")),
        Column("operation_type", ("$.operationType.coding[0].code",)),
        Column("reported", ("$.reportedDateTime",), Kind.MOMENT),
        Column("counted", ("^.countingDateTime", "$.reportedDateTime"), Kind.MOMENT),
        _referred("location", "^.location"),
        Column("item_status", ("^.itemStatus.coding[0].code",)),
        *_coded("item_code", "@.item.concept"),
        _device("@.item.reference"),
        Column("qty", ("@.quantity.value",), Kind.DECIMAL),
        Column("uom", ("@.quantity.code", "@.quantity.unit")),
    ),
    each=("$.item",),
    within="$.inventoryListing",
    device="device_id",
)

RESOURCES = (
    SUPPLY_DELIVERY,
    CHARGE_ITEM,
    DEVICE_USE,
    PROCEDURE_DEVICE,
    DEVICE,
    INVENTORY_ITEM,
)

# Of a device, what stands beside a record that points at it; named as canonical tables name it.
OF_DEVICE = (
    "udi",
    "udi_di",
    "udi_verdict",
    "udi_remark",
    "lot",
    "serial",
    "donation",
    "made_date",
    "expiry_date",
    "catalog_no",
)
