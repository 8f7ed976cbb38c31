"""ACK and MFK for what an application sent in one file.

They say which message, which verdict, which place and which code; the reasons in words stay here
(the quarantine, ``recon hl7``), and of what was sent nothing is quoted but its header and, as HL7
asks, the keys of a master file's records.

What belongs here: whose messages a file holds, what was said of each. What does not: how HL7 is
answered (``parse/hl7/acks.py``), where it stands (``outbox.py``).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import polars as pl

from recon.parse.hl7 import read_hl7
from recon.parse.hl7.acks import acknowledge
from recon.publish.answer import Asked, Brought, Reply
from recon.site import Hl7Format

_LONGEST = 100  # characters of a folder's name: HL7 does not limit that of an application


@dataclass(frozen=True, eq=False)
class _Messages:
    """The answers to what one application sent in one file, one row per message."""

    partner: str
    answers: pl.DataFrame
    suffix: str = ".hl7"

    def reply(self, first: int, moment: datetime) -> Reply:  # noqa: ARG002  an ACK has the time of its message
        return Reply(b"".join(self.answers["data"]), first, self.answers.drop("data"))


def asked(brought: Brought, declared: Hl7Format) -> Iterator[Asked]:
    """What of a file is to be answered; ``acknowledge`` of its feed is not ``none``."""
    hl7 = read_hl7(brought.data, declared.profile)
    answers = acknowledge(hl7, in_words=False).join(
        hl7.messages, on="message_no", maintain_order="left"
    )
    sender = ("sending_application", "sending_facility")
    # One that names neither cannot be answered.
    named = answers.filter(pl.any_horizontal(pl.col(*sender).is_not_null()))
    parts = named.partition_by(*sender, as_dict=True, maintain_order=True)
    kind = pl.concat_str("message_type", "event_code", separator="^", ignore_nulls=True)
    for (application, facility), rows in parts.items():
        yield _Messages(
            _folder(application or "", facility or ""),
            rows.select(
                interchange_no=0,
                group_no=0,
                transaction_no="message_no",
                code=pl.when(kind != "").then(kind),
                control_number="message_id",
                form="form",
                answer="answer",
                error_codes="codes",
                answer_interchange=None,
                answer_group=None,
                data="data",
            ),
        )


def _folder(application: str, facility: str) -> str:
    """``OR@NGH``, which no partner of X12 is called; a long one ends in its hash."""
    name = f"{quote(application, safe='')}@{quote(facility, safe='')}"
    if len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}@{hashlib.sha256(name.encode()).hexdigest()[:12]}"
