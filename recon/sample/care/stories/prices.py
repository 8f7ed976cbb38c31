"""Stories of the charge line itself (SP): its price, its extension, its codes."""

from recon.sample.care.catalogue import BALLOON, PLATE, RETIRED, WIRE, price
from recon.sample.care.chart import Chart


def other_price(c: Chart) -> None:
    """A mark-up that was worked out wrongly, and a price that is not the charge master's."""
    plated = c.patient()
    c.used(plated, PLATE)
    c.charged(plated, PLATE.code, unit=price(PLATE) - 12_500, hcpcs="C1713")
    c.find("SP01", plated, 1, 12_500)
    right = c.patient()
    c.used(right, PLATE, on=0)
    c.charged(right, PLATE.code, on=0, posted=0, unit=price(PLATE), hcpcs="C1713")
    cheap = c.patient("EMC")
    c.used(cheap, BALLOON, 2)
    c.charged(cheap, BALLOON.code, 2, unit=price(BALLOON) - 8_000)
    c.find("SP01", cheap, 2, 16_000)


def wrong_extension(c: Chart) -> None:
    """Three balloons are charged at the amount of one."""
    a = c.patient()
    c.used(a, BALLOON, 3)
    c.charged(a, BALLOON.code, 3, ext=price(BALLOON))
    c.find("SP02", a, None, 2 * price(BALLOON))


def retired_code(c: Chart) -> None:
    """A code that ended last year is charged, and nothing was used for it."""
    a = c.patient("EMC")
    c.charged(a, RETIRED)
    c.find("SP03", a, None, 0)
    c.find("SC02", a, 1, -39_500)


def no_hcpcs(c: Chart) -> None:
    """An implant of an outpatient has no HCPCS code; of an inpatient it needs none."""
    a = c.patient("LSC", "O", 1, 1)
    c.used(a, PLATE)
    c.charged(a, PLATE.code, unit=price(PLATE))
    c.find("SP04", a, None, 0)
    inpatient = c.patient()
    c.used(inpatient, PLATE, on=0)
    c.charged(inpatient, PLATE.code, on=0, posted=0, unit=price(PLATE))


def balloon_as_implant(c: Chart) -> None:
    """A balloon is billed under the implants' revenue code."""
    a = c.patient("LSC", "O", 1, 1)
    c.used(a, BALLOON)
    c.charged(a, BALLOON.code, revenue="0278")
    c.find("SP05", a, None, 0)
    c.find("SD10", a, None, 0)


def zero_price(c: Chart) -> None:
    """A wire is charged at nothing although the charge master has a price."""
    a = c.patient()
    c.used(a, WIRE, 2)
    c.charged(a, WIRE.code, 2, unit=0)
    c.find("SP06", a, 2, 2 * price(WIRE))


STORIES = (other_price, wrong_extension, retired_code, no_hcpcs, balloon_as_implant, zero_price)
