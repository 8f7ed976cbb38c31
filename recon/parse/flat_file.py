"""A flat file under way: which of its records are refused for what, and how the counts add up.

What belongs here: what delimited and fixed-width files share once they are cut. What does not: how
a record is cut into columns (``flat``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from recon.parse import trailer
from recon.parse.above import Above
from recon.parse.contract import RAW_CHARACTERS, contract_schema, reject, typed
from recon.parse.encoding import Offsets, Text
from recon.parse.form import form, form_of
from recon.parse.parsed import CONTROL, REJECT, Parsed
from recon.parse.scan import Mask, Scan
from recon.site import Contract
from recon.site.declared import RECORD


@dataclass(frozen=True)
class Cut:
    """The records of one kind, cut into its columns.

    Attributes:
        name: the record's name.
        contract: the columns that it has itself.
        seen: all records of the kind.
        whole: those of the right shape.
        texts: their columns, as text.
        misshapen: ``REJECT`` rows of the others.
    """

    name: str
    contract: Contract
    seen: Offsets
    whole: Offsets
    texts: pl.DataFrame
    misshapen: pl.DataFrame


class FlatFile:
    """One file under way: which records are refused for what, and how the counts add up."""

    def __init__(
        self, data: bytes, text: Text, found: Scan, contract: Contract, width: int | None = None
    ) -> None:
        """Take in a file.

        Args:
            data: its bytes.
            text: the same as text.
            found: where its records are.
            contract: what they hold.
            width: how many fields each has, where some are not the contract's and are not read.
        """
        self.data, self.text, self.found, self.contract = data, text, found, contract
        self.width, self._is_shown = width, width is None and not contract.is_private
        size = found.start.size
        self.undecodable = np.full(size, -1, np.int64)
        bad = text.undecodable
        bad = bad[bad < (found.end[-1] if size else 0)]
        if size and bad.size:
            owner = found.record_of(bad)
            self.undecodable[owner[::-1]] = bad[::-1]
        self._own = {
            name: Contract(columns=kind.columns) for name, kind in contract.kinds.items()
        } or {RECORD: contract}
        # What is not read is not kept either, of a record that is refused.
        self._raw = found.raw if width is None else pl.Series([None] * size, dtype=pl.String)
        self._kind = pl.repeat(None, size, dtype=pl.String, eager=True)
        # A record of wrong shape may be several that a quote swallowed: it stands for its lines.
        misshapen = found.quote_fault >= 0
        widths = [len(c.columns) for c in self._own.values()] if width is None else [width]
        misshapen |= ~np.isin(found.fields, widths)
        self.weight = np.where(misshapen, found.lines, 1)

    def faulty(self) -> Mask:
        """Records with bytes that are not text, or a wrong quote."""
        return (self.undecodable >= 0) | (self.found.quote_fault >= 0)

    def shown(self, text: str) -> str:
        """A stretch of the file, or its form where it may hold a person's number or name."""
        return text if self._is_shown else form_of(text)

    def count(self, records: Offsets) -> int:
        """How many records these are, each line of a misshapen one counted."""
        return int(self.weight[records].sum())

    def origin(self, records: Offsets, wanted: Offsets) -> pl.DataFrame:
        """``ORIGIN`` columns (and ``lines``) of some of the file's records."""
        number = np.zeros(self.found.start.size, np.int64)
        number[records] = np.cumsum(self.weight[records]) - self.weight[records] + 1
        start = self.text.original(self.found.start[wanted])
        return pl.DataFrame(
            {
                "source_record": number[wanted],
                "byte_offset": start,
                "byte_length": self.text.original(self.found.end[wanted]) - start,
                "raw": self._raw.gather(wanted),
                "lines": self.weight[wanted],
            }
        )

    def by_kind(
        self, records: Offsets, begin: pl.Series | None, *, whole_field: bool
    ) -> Iterator[tuple[str, Contract, Offsets]]:
        """Each kind of record, its contract, and the records of it that are text.

        Args:
            records: the file's records, without header and trailer.
            begin: the first field of each, or its whole line; None where there is one kind.
            whole_field: the mark is all of ``begin``; else ``begin`` starts with it.
        """
        sound = ~self.faulty()[records]
        for name, contract in self._own.items():
            if begin is None:
                yield name, contract, records[sound]
                continue
            mark = self.contract.kinds[name].mark
            of_mark = begin == mark if whole_field else begin.str.starts_with(mark)
            marked = of_mark.fill_null(False).to_numpy()
            # Of those that are no text too: what stands below them may be theirs.
            self._kind = self._kind.scatter(records[marked], name)
            yield name, contract, records[marked & sound]

    def parsed(
        self,
        records: Offsets,
        cuts: list[Cut],
        declared: trailer.Declared | None,
        total_of: str | None,
    ) -> Parsed:
        """Type what has the right shape, add what was refused, compare the trailer."""
        controls = pl.DataFrame(schema=CONTROL)
        count = self.count(records)
        if declared is not None:
            column, texts, summed = None, pl.Series(dtype=pl.String), count
            for cut in cuts:
                of_total = [c for c in cut.contract.columns if c.name == total_of]
                if of_total:
                    column, texts = of_total[0], cut.texts[of_total[0].name]
                    # A record that is no text has no kind: without kinds it is one of those summed.
                    summed = self.count(cut.seen) if self.contract.kinds else count
            verdict = trailer.compared(declared, count, column, texts, summed)
            if verdict.rule is not None:
                return self.refused(verdict.rule, verdict.reason or "", count, verdict.controls)
            controls = verdict.controls
        rows: dict[str, pl.DataFrame] = {}
        rejects = [self._faults(records), self._unknown(records, cuts)]
        above = self._above(records, cuts)
        for cut in cuts:
            texts_there = cut.texts.hstack(self.origin(records, cut.whole).drop("lines"))
            rows[cut.name], mistyped = typed(
                texts_there, cut.contract, shown=not self.contract.is_private
            )
            rejects += [cut.misshapen, mistyped]
            if above and self.contract.kinds[cut.name].takes:
                given = above.given(cut.name, rows[cut.name], rows)
                unowned = given.filter(pl.col("unowned").is_not_null())
                rows[cut.name] = given.filter(pl.col("unowned").is_null()).drop("unowned")
                where = unowned.select("source_record", "unowned")
                origin = texts_there.join(where, on="source_record", maintain_order="left")
                rejects.append(reject(origin, "above", pl.col("unowned")))
        return Parsed(
            rows, pl.concat(rejects).sort("source_record"), controls, count, self.text.encoding
        )

    def _above(self, records: Offsets, cuts: list[Cut]) -> Above | None:
        """Whose each record is, where records of a kind do not say so themselves."""
        kinds = self.contract.kinds
        if not any(kind.takes for kind in kinds.values()):
            return None
        names = self._kind.gather(records)
        numbers = self.origin(records, records)["source_record"].to_numpy()
        unsure = names.is_null().to_numpy() | (self.weight[records] > 1)
        # A line end that was lost, or a quote, joins a line and the next order to one record.
        misshapen = pl.concat([cut.misshapen["source_record"] for cut in cuts])
        unsure |= np.isin(numbers, misshapen.to_numpy())
        return Above(kinds, names, numbers, unsure)

    def _unknown(self, records: Offsets, cuts: list[Cut]) -> pl.DataFrame:
        """Records of no kind that the contract has."""
        known = np.concatenate([cut.seen for cut in cuts])
        unknown = records[~np.isin(records, known) & ~self.faulty()[records]]
        marks = ", ".join(kind.mark for kind in self.contract.kinds.values())
        begin = self.origin(records, unknown).with_columns(
            begin=pl.col("raw").str.strip_chars_end("\r\n").str.slice(0, 20)
        )
        begin = begin.with_columns(form(pl.col("begin"))) if self.contract.is_private else begin
        return reject(
            begin,
            "kind",
            pl.lit("the record begins with '")
            + pl.col("begin")
            + pl.lit(f"', and the kinds of record that the contract has are marked {marks}"),
            pl.col("lines"),
        )

    def refused(
        self, rule: str, reason: str, records: int, controls: pl.DataFrame | None = None
    ) -> Parsed:
        """The whole file as one reject that stands for all its records."""
        head = self.text.utf8[: RAW_CHARACTERS * 4].decode(errors="ignore")
        row = {
            "record": "file",
            "source_record": 0,
            "byte_offset": 0,
            "byte_length": len(self.data),
            "records": records,
            "rule": rule,
            "reason": reason,
            "raw": head[:RAW_CHARACTERS] if self.width is None else None,
        }
        origin = {"source_record": pl.Int64(), "byte_offset": pl.Int64()}
        return Parsed(
            {
                name: pl.DataFrame(schema=pl.Schema({**contract_schema(contract), **origin}))
                for name, contract in self.contract.by_record.items()
            },
            pl.DataFrame([row], schema=REJECT),
            pl.DataFrame(schema=CONTROL) if controls is None else controls,
            records,
            self.text.encoding,
        )

    def untrailed(self, records: Offsets, marked: Mask, place: int) -> Parsed:
        """The whole file refused, because its trailer is not its last record."""
        if not marked.any():
            last = (
                f"'{self.shown(self.found.raw[int(records[-1])].strip()[:40])}'"
                if records.size
                else "no record at all"
            )
            verdict = trailer.missing(last)
        else:
            number = self.count(records[:place]) + 1
            verdict = trailer.missing(f"it is record {number} of {self.count(records)}")
        counted = self.count(records[~marked])
        return self.refused(verdict.rule or "", verdict.reason or "", counted, verdict.controls)

    def _faults(self, records: Offsets) -> pl.DataFrame:
        undecodable = records[self.undecodable[records] >= 0]
        at = self.undecodable[undecodable]
        offset = self.text.original(at)
        values = np.frombuffer(self.data, np.uint8)[np.minimum(offset, len(self.data) - 1)]
        encoding = reject(
            self.origin(records, undecodable).with_columns(
                at=pl.Series(offset), value=pl.Series([f"{v:02X}" for v in values], dtype=pl.String)
            ),
            "encoding",
            pl.lit("byte 0x")
            + pl.col("value")
            + pl.lit(" at offset ")
            + pl.col("at").cast(pl.String)
            + pl.lit(
                f" is not text in {self.text.encoding}; if the sender writes another encoding, "
                "declare it"
            ),
            pl.col("lines"),
        )
        misquoted = records[
            (self.found.quote_fault[records] >= 0) & (self.undecodable[records] < 0)
        ]
        at = self.text.original(self.found.quote_fault[misquoted])
        quote = reject(
            self.origin(records, misquoted).with_columns(at=pl.Series(at)),
            "quote",
            pl.lit("the quote at offset ")
            + pl.col("at").cast(pl.String)
            + pl.lit(" neither begins nor ends a field, or is never closed")
            + over_lines(),
            pl.col("lines"),
        )
        return pl.concat([encoding, quote])


def over_lines() -> pl.Expr:
    """Of a record that a quote made of several lines: how many they are."""
    swallowed = (
        pl.lit("; it spans ") + pl.col("lines").cast(pl.String) + pl.lit(" lines, all refused")
    )
    return pl.when(pl.col("lines") > 1).then(swallowed).otherwise(pl.lit(""))
