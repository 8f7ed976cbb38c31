"""TA1, 997 and 999 for what a partner sent in one file.

What belongs here: whose interchanges a file holds, what the night refused of them, what was said of
each. What does not: how X12 is answered (``parse/x12/acks.py``), where it stands (``outbox.py``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

import polars as pl

from recon.parse.control_numbers import REPEATED
from recon.parse.x12 import X12, read_x12
from recon.parse.x12.acks import Form, acknowledge
from recon.publish.answer import Asked, Brought, Reply
from recon.site import X12Format

_FORMS: dict[str, Form | None] = {"auto": None, "997": "997", "999": "999"}


@dataclass(frozen=True, eq=False)
class _Interchanges:
    """What one partner sent in one file, and which form of answer its feed gives."""

    partner: str
    form: Form | None
    x12: X12
    suffix: str = ".edi"

    def reply(self, first: int, moment: datetime) -> Reply | None:
        acks = acknowledge(self.x12, form=self.form, moment=moment, first_control_number=first)
        if not acks.data:
            return None
        numbers = acks.answers.select(pl.max_horizontal("ack_interchange", "ack_group").max())
        return Reply(acks.data, numbers.item(), _rows(self.x12, acks.answers))


def asked(brought: Brought, declared: X12Format) -> Iterator[Asked]:
    """What of a file is to be answered; ``acknowledge`` of its feed is not ``none``."""
    x12 = _as_parsed(read_x12(brought.data), brought.rejects)
    for partner, part in _by_partner(x12):
        yield _Interchanges(partner, _FORMS[declared.acknowledge], part)


def _as_parsed(x12: X12, rejects: pl.DataFrame) -> X12:
    """The file with what the night refused for its control numbers, which no file tells alone."""
    again = rejects.filter(pl.col("rule").is_in(list(REPEATED)))
    if again.is_empty():
        return x12
    sets = x12.transactions.join(
        again.select("rule", segment_no="source_record"), on="segment_no", how="inner"
    )
    holders = {"ISA13_duplicate": x12.interchanges, "GS06_duplicate": x12.groups}
    defects = [
        holders[control]
        .join(sets.filter(pl.col("rule") == control), on=number, how="semi")
        .select(
            *dict.fromkeys(("segment_no", "byte_offset", "interchange_no", number)),
            code=pl.lit(control),
            severity=pl.lit("error"),
            scope=pl.lit(number.removesuffix("_no")),
        )
        for control, (number, _) in REPEATED.items()
    ]
    refused = pl.col("transaction_no").is_in(sets["transaction_no"].implode())
    return replace(
        x12,
        defects=pl.concat([x12.defects, *defects], how="diagonal").select(x12.defects.columns),
        transactions=x12.transactions.with_columns(accepted=pl.col("accepted") & ~refused),
    )


def _by_partner(x12: X12) -> Iterator[tuple[str, X12]]:
    """What each sender has in a file; an interchange that names none cannot be answered."""
    named = x12.interchanges.filter(pl.col("sender_id").is_not_null())
    parts = named.partition_by("sender_qualifier", "sender_id", as_dict=True)
    for (qualifier, sender), interchanges in parts.items():
        numbers = interchanges["interchange_no"].implode()
        of_partner = pl.col("interchange_no").is_in(numbers)
        # As a folder's name; two partners never share one.
        partner = f"{quote(str(qualifier or ''), safe='')}-{quote(str(sender), safe='')}"
        yield (
            partner,
            replace(
                x12,
                interchanges=interchanges,
                groups=x12.groups.filter(of_partner),
                transactions=x12.transactions.filter(of_partner),
                defects=x12.defects.filter(of_partner),
            ),
        )


def _rows(x12: X12, answers: pl.DataFrame) -> pl.DataFrame:
    """``Reply.rows``."""
    numbers = [
        x12.interchanges.select("interchange_no", "control_number", code=pl.lit(None, pl.String)),
        x12.groups.select("interchange_no", "group_no", "control_number", code="functional_code"),
        x12.transactions.select(
            "interchange_no", "group_no", "transaction_no", "control_number", code="set_code"
        ),
    ]
    at = ["interchange_no", "group_no", "transaction_no"]
    named = pl.concat(numbers, how="diagonal").with_columns(pl.col(at).fill_null(0))
    return (
        answers.with_columns(pl.col(at).fill_null(0))
        .join(named, on=at, how="left", maintain_order="left")
        .rename(
            {
                "codes": "error_codes",
                "ack_interchange": "answer_interchange",
                "ack_group": "answer_group",
            }
        )
    )
