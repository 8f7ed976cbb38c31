"""Whether a PV1 has its fields where they belong: a visit number is read from its place alone.

A segment that is shifted by one field gives another code for the number of the visit, the same for
every patient. What stands at its beginning tells it: a set id is a number, a patient class a
letter. So does a number that calls itself a visit's (VN) beside its place. The message is refused,
and its sender told; where a profile places fields of PV1, that is believed.

What belongs here: that judgement. What does not: that of a charge (``gate.py``).
"""

import numpy as np

from recon.parse import values
from recon.parse.hl7.defects import Defects
from recon.parse.hl7.profile import Profile
from recon.parse.hl7.segments import Segments
from recon.parse.spans import Flags, Ints

_CLASSES = list("EIPORBCNU")  # HL7 table 0004
_NUMBERS = ["VN"]  # HL7 table 0203
_TYPED = len("1^^^^VN")  # what is shorter says of no type
_CLASS = "a patient class in PV1-{} and not in PV1-2"
_VISIT = "a visit number (VN) in PV1-{} and not in PV1-19"


def check_visits(rows: Ints, segments: Segments, profile: Profile, defects: Defects) -> None:
    """Report the PV1 whose fields are shifted.

    Args:
        rows: the PV1 of messages that are read.
        segments: of the piece.
        profile: of its sender.
        defects: receives them.
    """
    if not rows.size or any(place.startswith("PV1.") for place in profile.positions):
        return
    view = segments.view(rows)

    def those(number: int, low: str, high: str, least: int = 1) -> Ints:
        """Segments whose field is at least so long and begins so: few, mostly none."""
        start, end = segments.field(view, number)
        first = segments.raw[np.minimum(start, segments.raw.size - 1)]
        begins: Flags = (end - start >= least) & (first >= ord(low)) & (first <= ord(high))
        return rows[begins]

    def holding(some: Ints, number: int, component: int, codes: list[str]) -> Ints:
        if not some.size:
            return some
        part = segments.part(some, segments.field(some, number), "component", component)
        held = values.text(segments, part).is_in(codes).fill_null(value=False)
        return some[np.flatnonzero(held.to_numpy())]

    found = {
        1: (holding(those(1, "A", "Z"), 1, 1, _CLASSES), _CLASS.format(1)),
        3: (holding(those(2, "0", "9"), 3, 1, _CLASSES), _CLASS.format(3)),
    }
    for number in (18, 20):
        beside = holding(those(number, " ", "~", _TYPED), number, 5, _NUMBERS)
        own = holding(beside, 19, 5, _NUMBERS)
        found[number] = (np.setdiff1d(beside, own), _VISIT.format(number))
    told = np.zeros(0, np.int64)
    for number, (at, said) in found.items():
        if not at.size:
            continue
        at = np.setdiff1d(at, told)
        told = np.union1d(told, at)
        defects.add("shifted", at, field=number, found=[said] * at.size)
