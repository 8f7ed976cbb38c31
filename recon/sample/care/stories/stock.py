"""Stories of shelves and bill-only orders (SI): taken, counted, ordered, lost at par."""

from recon.sample.care.catalogue import BALLOON, PLATE, SCREW, SUTURE, price
from recon.sample.care.chart import Chart


def bill_only(c: Chart) -> None:
    """Goods that are ordered after use: no order; one piece and ten dollars too many; in order."""
    none, much, right = c.patient(), c.patient(), c.patient()
    for a, qty, cost, on in ((none, 0, 0, 1), (much, 2, 1_000, 1), (right, 1, 0, 0)):
        case = c.number("K2", 5_500)
        po = c.ordered(PLATE, qty, PLATE.cost + cost, case) if qty else None
        c.used(a, PLATE, on=on, mode="BILL_ONLY", case=case, po=po)
        c.charged(a, PLATE.code, on=on, posted=on, unit=price(PLATE), hcpcs="C1713")
    c.find("SI01", none, 1, -PLATE.cost)
    c.find("SI02", much, 1, -(PLATE.cost + 1_000))
    c.find("SI03", much, None, -2_000)


def not_taken_off_the_shelf(c: Chart) -> None:
    """One use without its movement, one movement without its use, one that is right."""
    a = c.patient()
    c.used(a, BALLOON, location="CATHLAB")
    c.charged(a, BALLOON.code)
    c.find("SI04", a, 1, 0)
    right = c.used(a, SUTURE, location="ORCORE")
    c.charged(a, SUTURE.code)
    c.moved("NGH", "ORCORE", SUTURE, -1, usage=right)
    c.moved("NGH", "ORCORE", SUTURE, -3, usage="U599999")
    c.find("SI05", None, 3, 0)


def lost_at_par(c: Chart) -> None:
    """Six balloons went to a par location, four were charged there."""
    a = c.patient()
    c.used(a, BALLOON, 4)
    c.charged(a, BALLOON.code, 4, location="EDPAR")
    c.moved("NGH", "EDPAR", BALLOON, 6)
    c.find("SI06", None, 2, 2 * price(BALLOON))


def counted(c: Chart) -> None:
    """A shelf below its reorder point, one that is not, and one that holds less than nothing."""
    c.counted("NGH", "EDPAR", BALLOON, 3, reorder=5, most=20, pack=5)
    c.find("SI08", None, 20, 0)
    c.counted("NGH", "EDPAR", SCREW, 12, reorder=5, most=20, pack=5)
    c.counted("NGH", "EDPAR", SUTURE, -2)
    c.find("SI07", None, -2, 0)


STORIES = (bill_only, not_taken_off_the_shelf, lost_at_par, counted)
