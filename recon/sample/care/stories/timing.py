"""Stories of charges that come late (ST)."""

from recon.sample.care.catalogue import BALLOON, SUTURE, price
from recon.sample.care.chart import Chart


def slow(c: Chart) -> None:
    """Posted two days after use; posted the day after is in time."""
    a = c.patient(discharged=None)
    c.used(a, SUTURE, on=-1)
    c.charged(a, SUTURE.code, on=-1, posted=1)
    c.find("ST01", a, None, price(SUTURE))
    in_time = c.patient(discharged=None)
    c.used(in_time, SUTURE, on=0)
    c.charged(in_time, SUTURE.code, on=0, posted=1)


def late(c: Chart) -> None:
    """Posted a week after an outpatient left, beyond the days for which the bill is held."""
    a = c.patient("LSC", "O", -6, -6)
    c.used(a, BALLOON, on=-6)
    c.charged(a, BALLOON.code, on=-6, posted=1)
    c.find("ST02", a, None, price(BALLOON))


def after_the_bill(c: Chart) -> None:
    """Posted after the final bill."""
    a = c.patient("LSC", "O", -6, -6, final_bill=-2)
    c.used(a, BALLOON, on=-6)
    c.charged(a, BALLOON.code, on=-6, posted=1)
    c.find("ST03", a, None, price(BALLOON))


def outside_the_stay(c: Chart) -> None:
    """Use five days before the stay; two days before belongs to it."""
    a = c.patient()
    c.used(a, SUTURE, on=-7)
    c.charged(a, SUTURE.code, on=-7, posted=-7)
    c.find("ST04", a, None, price(SUTURE))
    near = c.patient()
    c.used(near, SUTURE, on=-4)
    c.charged(near, SUTURE.code, on=-4, posted=-4)


STORIES = (slow, late, after_the_bill, outside_the_stay)
