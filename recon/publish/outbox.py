"""The outbox: TA1, 997 and 999 for what a night read, one folder per partner.

    outbox/ZZ-ACME/2026-03-02_ZZ-ACME_900000001.edi         waits to be sent
    outbox/ZZ-ACME/sent/2026-03-02_ZZ-ACME_900000001.edi    was sent

Sending is the network's own transport's work. The agreement with it: it takes ``*.edi``, and moves
what it has sent into ``sent/`` unchanged. So an acknowledgement is in one of three states, which
the ledger keeps:

    WRITTEN   it stands in the partner's folder as it was written
    SENT      it stands in ``sent/`` as it was written; that is final
    LOST      it is in neither place, or not as it was written: nobody can say what the partner got

A file answers what one partner sent in one file. A night that is run again writes the same bytes
under the same name: what is LOST stands there again, what is SENT is not sent twice. Only where the
answer has changed since it was sent, a new one goes out under a new number; what the night no
longer answers is taken back, unless it was sent.

What belongs here: which files are answered, under which numbers, and where the answers stand. What
does not: what is answered (``parse/x12/acks.py``), what partners answer us (``sent.py``).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from urllib.parse import quote

import polars as pl

from recon.canonical.describe import polars_schema
from recon.lake import write_atomically
from recon.land import Ledger
from recon.land.ledger import LOST, SENT, WRITTEN, Answer
from recon.parse.control_numbers import REPEATED
from recon.parse.x12 import X12, read_x12
from recon.parse.x12.acks import Form, acknowledge
from recon.publish.tables import SentAcknowledgement
from recon.site import Site, X12Format

LAYER = "publish"

# Our numbers to a partner begin here, for our ERP's translator numbers what it sends to the same
# partner from the other end.
FIRST_NUMBER = 900_000_001

_FORMS: dict[str, Form | None] = {"auto": None, "997": "997", "999": "999"}
_SENT_FOLDER = "sent"


@dataclass(frozen=True, eq=False)
class _Asked:
    """What one partner sent in one file, and which form of answer its feed gives."""

    feed: str
    form: Form | None
    source_file_id: str
    partner: str
    x12: X12


@dataclass(frozen=True, eq=False)
class _Made:
    """An answer: its row of the ledger, its bytes, and rows of ``sent_acknowledgement``."""

    answer: Answer
    data: bytes
    rows: pl.DataFrame


def answering(site: Site) -> dict[str, Form | None]:
    """The feeds whose senders are answered, and by what; None: as the release asks."""
    return {
        name: _FORMS[feed.format.acknowledge]
        for name, feed in sorted(site.feeds.items())
        if isinstance(feed.format, X12Format) and feed.format.acknowledge != "none"
    }


def acknowledged(site: Site, ledger: Ledger, day: date) -> pl.DataFrame:
    """Write the answers of a night into the outbox.

    Numbers are taken in the ledger before a file is written: a kill in between leaves a number
    without its file, and the same night writes that file when it is run again.

    Returns:
        Rows of ``sent_acknowledgement``.
    """
    look_after(site, ledger)
    before = ledger.answers(day)
    made = list(_answers(site, ledger, day, before))
    kept = {(m.answer.partner, m.answer.first_number) for m in made}
    taken_back = [a for a in before if a.state != SENT and (a.partner, a.first_number) not in kept]
    for answer in taken_back:
        (site.outbox / answer.path).unlink(missing_ok=True)
    ledger.enter_answers([m.answer for m in made], taken_back)
    for m in made:
        path = site.outbox / m.answer.path
        # Asked again: the transport works at any hour.
        if m.answer.state != SENT and _state(path, m.answer) == LOST:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, m.data)
    schema = polars_schema(SentAcknowledgement)
    rows = pl.concat([pl.DataFrame(schema=schema), *(m.rows for m in made)])
    return rows.sort("feed", "source_file_id", "interchange_no", "group_no", "transaction_no")


def look_after(site: Site, ledger: Ledger) -> None:
    """Enter what became of the answers that were not yet sent when last looked at."""
    open_ = [*ledger.answers(state=WRITTEN), *ledger.answers(state=LOST)]
    found = [replace(answer, state=_state(site.outbox / answer.path, answer)) for answer in open_]
    ledger.enter_answers(set(found) - set(open_))


def _state(path: Path, answer: Answer) -> str:
    if _holds(path.parent / _SENT_FOLDER / path.name, answer.sha256):
        return SENT
    return WRITTEN if _holds(path, answer.sha256) else LOST


def _holds(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _answers(site: Site, ledger: Ledger, day: date, before: list[Answer]) -> Iterator[_Made]:
    """Every answer of the night, under the number it had when the night was run before."""
    given = {(a.feed, a.source_file_id, a.partner): a for a in before}
    last: dict[str, int] = {}
    for asked in _asked(site, day):
        partner = asked.partner
        if partner not in last:
            last[partner] = ledger.last_answer_number(partner) or FIRST_NUMBER - 1
        free = last[partner] + 1
        old = given.get((asked.feed, asked.source_file_id, partner))
        made = _made(site, day, asked, old.first_number if old else free)
        if made is not None and old is not None:
            if old.state == SENT and old.sha256 == made.answer.sha256:
                made = replace(made, answer=old)
            elif old.state == SENT or made.answer.last_number > old.last_number:
                made = _made(site, day, asked, free)
        if made is not None:
            last[partner] = max(last[partner], made.answer.last_number)
            yield made


def _asked(site: Site, day: date) -> Iterator[_Asked]:
    """What is to be answered, in the order of feeds, of files and of what stands in them."""
    for feed, form in answering(site).items():
        files = site.lake.read("parse", feed, day, "file")
        rejects = site.lake.read("parse", feed, day, "reject")
        if files is None or rejects is None:
            continue
        for sha256 in files.filter(pl.col("state") != "DUPLICATE")["source_file_id"]:
            refused = rejects.filter(pl.col("source_file_id") == sha256)
            x12 = _as_parsed(read_x12(site.lake.raw(sha256)), refused)
            for partner, part in _by_partner(x12):
                yield _Asked(feed, form, sha256, partner, part)


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


def _made(site: Site, day: date, asked: _Asked, first: int) -> _Made | None:
    """The answer under the numbers from ``first`` on; None where there is nothing to answer."""
    acks = acknowledge(
        asked.x12,
        form=asked.form,
        # The night's own hour: a clock would make other bytes each time.
        moment=datetime.combine(day, time.fromisoformat(site.config.schedule.at)),
        first_control_number=first,
    )
    if not acks.data:
        return None
    numbers = acks.answers.select(pl.max_horizontal("ack_interchange", "ack_group").max())
    name = f"{day.isoformat()}_{asked.partner}_{first:09d}.edi"
    answer = Answer(
        partner=asked.partner,
        first_number=first,
        last_number=numbers.item(),
        feed=asked.feed,
        source_file_id=asked.source_file_id,
        business_date=day.isoformat(),
        path=f"{asked.partner}/{name}",
        sha256=hashlib.sha256(acks.data).hexdigest(),
        state=WRITTEN,
    )
    return _Made(answer, acks.data, _rows(asked, acks.answers, answer))


def _rows(asked: _Asked, answers: pl.DataFrame, answer: Answer) -> pl.DataFrame:
    """Rows of ``sent_acknowledgement`` for what one file answers."""
    x12 = asked.x12
    numbers = [
        x12.interchanges.select("interchange_no", "control_number", code=pl.lit(None, pl.String)),
        x12.groups.select("interchange_no", "group_no", "control_number", code="functional_code"),
        x12.transactions.select(
            "interchange_no", "group_no", "transaction_no", "control_number", code="set_code"
        ),
    ]
    at = ["interchange_no", "group_no", "transaction_no"]
    named = pl.concat(numbers, how="diagonal").with_columns(pl.col(at).fill_null(0))
    schema = polars_schema(SentAcknowledgement)
    return (
        answers.with_columns(pl.col(at).fill_null(0))
        .join(named, on=at, how="left", maintain_order="left")
        .with_columns(
            feed=pl.lit(asked.feed),
            source_file_id=pl.lit(asked.source_file_id),
            partner=pl.lit(asked.partner),
            error_codes="codes",
            answer_interchange="ack_interchange",
            answer_group="ack_group",
            outbox_file=pl.lit(answer.path),
            sha256=pl.lit(answer.sha256),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    )
