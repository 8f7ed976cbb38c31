"""The outbox: TA1, 997, 999 and HL7's ACK for what a night read, one folder per partner.

    outbox/ZZ-ACME/2026-03-02_ZZ-ACME_900000001.edi         waits to be sent
    outbox/ZZ-ACME/sent/2026-03-02_ZZ-ACME_900000001.edi    was sent
    outbox/OR@NGH/2026-03-02_OR@NGH_900000001.hl7           ACKs, for an application and facility

Sending is the network's own transport's work. The agreement with it: it takes the files, and moves
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
does not: what is answered (``answer_x12.py``, ``answer_hl7.py``), what partners answer us
(``sent.py``).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

import polars as pl

from recon.canonical.describe import polars_schema
from recon.lake import write_atomically
from recon.land import Ledger
from recon.land.ledger import LOST, SENT, WRITTEN, Answer
from recon.publish import answer_hl7, answer_x12
from recon.publish.answer import Asked, Brought
from recon.publish.tables import SentAcknowledgement
from recon.site import Hl7Format, Site, X12Format

# Our numbers to a partner begin here, for our ERP's translator numbers what it sends to the same
# partner from the other end. A file of ACKs, which know no number of ours, takes one too.
FIRST_NUMBER = 900_000_001

_SENT_FOLDER = "sent"


@dataclass(frozen=True, eq=False)
class _Made:
    """An answer: its row of the ledger, its bytes, and rows of ``sent_acknowledgement``."""

    answer: Answer
    data: bytes
    rows: pl.DataFrame


def answering(site: Site) -> list[str]:
    """The feeds whose senders are answered."""
    return sorted(
        name
        for name, feed in site.feeds.items()
        if isinstance(feed.format, X12Format | Hl7Format) and feed.format.acknowledge != "none"
    )


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
    for feed, file, asked in _asked(site, day):
        partner = asked.partner
        if partner not in last:
            last[partner] = ledger.last_answer_number(partner) or FIRST_NUMBER - 1
        free = last[partner] + 1
        old = given.get((feed, file, partner))
        made = _made(site, day, feed, file, asked, old.first_number if old else free)
        if made is not None and old is not None:
            if old.state == SENT and old.sha256 == made.answer.sha256:
                made = replace(made, answer=old)
            elif old.state == SENT or made.answer.last_number > old.last_number:
                made = _made(site, day, feed, file, asked, free)
        if made is not None:
            last[partner] = max(last[partner], made.answer.last_number)
            yield made


def _asked(site: Site, day: date) -> Iterator[tuple[str, str, Asked]]:
    """What is to be answered: feed, SHA-256 of a file, and what one partner sent in it.

    In the order of feeds, of files and of what stands in them.
    """
    for feed in answering(site):
        files = site.lake.read("parse", feed, day, "file")
        rejects = site.lake.read("parse", feed, day, "reject")
        if files is None or rejects is None:
            continue
        for sha256 in files.filter(pl.col("state") != "DUPLICATE")["source_file_id"]:
            refused = rejects.filter(pl.col("source_file_id") == sha256)
            brought = Brought(site.lake.raw(sha256), refused)
            match site.feeds[feed].format:
                case X12Format() as declared:
                    every = answer_x12.asked(brought, declared)
                case Hl7Format() as declared:
                    every = answer_hl7.asked(brought, declared)
            for asked in every:
                yield feed, sha256, asked


def _made(site: Site, day: date, feed: str, file: str, asked: Asked, first: int) -> _Made | None:
    """The answer under the numbers from ``first`` on; None where there is nothing to answer."""
    # The night's own hour: a clock would make other bytes each time.
    moment = datetime.combine(day, time.fromisoformat(site.config.schedule.at))
    reply = asked.reply(first, moment)
    if reply is None:
        return None
    name = f"{day.isoformat()}_{asked.partner}_{first:09d}{asked.suffix}"
    answer = Answer(
        partner=asked.partner,
        first_number=first,
        last_number=reply.last_number,
        feed=feed,
        source_file_id=file,
        business_date=day.isoformat(),
        path=f"{asked.partner}/{name}",
        sha256=hashlib.sha256(reply.data).hexdigest(),
        state=WRITTEN,
    )
    rows = reply.rows.with_columns(
        feed=pl.lit(feed),
        source_file_id=pl.lit(file),
        partner=pl.lit(asked.partner),
        outbox_file=pl.lit(answer.path),
        sha256=pl.lit(answer.sha256),
    )
    schema = polars_schema(SentAcknowledgement)
    return _Made(answer, reply.data, rows.select(pl.col(n).cast(t) for n, t in schema.items()))
