"""An interface's habits: where a sender puts what, and what it means by it.

What belongs here: a declared profile, checked and applied to declarations. What does not: whether
a charge read so is plausible (``gate.py``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from recon.parse.hl7.declare import Path
from recon.parse.hl7.sets import DECLARED
from recon.site import Hl7Profile, nearest

# HL7 table 0017: charge, credit; payment, adjustment, co-payment.
TYPES = ("CG", "CD", "PY", "AJ", "CO")
NO_CHARGES = ("PY", "AJ", "CO")

# Every column that a profile may place, as ``FT1.code``.
NAMES = sorted({c.key for record in DECLARED.values() for c in record.columns})


@dataclass(frozen=True)
class Profile:
    """A profile, as it is applied.

    Attributes:
        positions: column, as ``FT1.code`` -> where it stands; field 0: it is not sent.
        default_quantity: what an empty FT1-10 means; None: nothing.
        default_type: what an empty FT1-6 means; None: nothing.
        type_aliases: the sender's transaction types -> those of table 0017.
        code_pattern: what every charge code of the sender matches; None: it has a digit.
        time_zone: of times without an offset.
    """

    positions: Mapping[str, Path] = field(default_factory=dict)
    default_quantity: Decimal | None = None
    default_type: str | None = None
    type_aliases: Mapping[str, str] = field(default_factory=dict)
    code_pattern: str | None = None
    time_zone: str | None = None

    @classmethod
    def of(cls, declared: Hl7Profile | None) -> "Profile":
        """As declared.

        Raises:
            ValueError: it places a column that there is not, or at no place.
        """
        if declared is None:
            return cls()
        for _, told in mistakes(declared):
            raise ValueError(told)
        return cls(
            positions={name: _path(name, at) for name, at in declared.positions.items()},
            default_quantity=declared.default_quantity,
            default_type=declared.default_type,
            type_aliases={k.upper(): v for k, v in declared.type_aliases.items()},
            code_pattern=declared.code_pattern,
            time_zone=declared.time_zone,
        )


def mistakes(declared: Hl7Profile) -> Iterator[tuple[str, str]]:
    """What is wrong with the positions of a profile: the key, and the sentence."""
    for name, at in declared.positions.items():
        if name not in NAMES:
            yield name, f"no field '{name}' is read; {nearest(name, NAMES)}"
            continue
        try:
            _path(name, at)
        except ValueError as broken:
            yield name, str(broken)


def _path(name: str, at: int | str) -> Path:
    """``7`` and ``7.1`` are of the column's own segment; a number keeps the declared parts."""
    own = next(c.place for r in DECLARED.values() for c in r.columns if c.key == name)
    if isinstance(at, int):
        if at < 0:
            raise ValueError(
                f"{name}: {at} is not a field: write 1 or more, or 0 if it is not sent"
            )
        return Path(own.segment, at, own.component, own.subcomponent)
    return Path.parse(at if "-" in at else f"{own.segment}-{at}")
