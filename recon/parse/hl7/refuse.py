"""What is quarantined: from defects to the messages and charges they condemn.

What belongs here: the consequence of a defect, and what of it may be shown. What does not: finding
one; how serious it is (``defects.py``).
"""

import polars as pl

from recon.parse.parsed import REJECT

REASON = pl.Schema({"message_no": pl.Int64, "code": pl.String, "message": pl.String})


def accepted(messages: pl.DataFrame, defects: pl.DataFrame) -> pl.Series:
    """For each message, whether nothing condemns it, its batch or its file."""
    refused = reasons(messages, defects)["message_no"]
    if refused.is_empty():
        return pl.Series([True], dtype=pl.Boolean).new_from_index(0, messages.height)
    return ~messages["message_no"].is_in(refused.implode())


def rejects(
    *,
    data: bytes,
    messages: pl.DataFrame,
    charges: pl.DataFrame,
    defects: pl.DataFrame,
    segments: pl.DataFrame,
) -> pl.DataFrame:
    """One row of ``REJECT`` for each message, charge and other stretch that is refused.

    Args:
        data: the file.
        messages: as in ``Hl7``.
        charges: message_no and charges (FT1) of every message with any.
        defects: as in ``Hl7``.
        segments: segment_no, byte_offset, byte_length.
    """
    errors = defects.filter(pl.col("severity") == "error")
    if errors.is_empty():
        return pl.DataFrame(schema=REJECT)
    whole = (
        reasons(messages, defects)
        .join(messages, on="message_no", maintain_order="left")
        .join(charges, on="message_no", how="left", maintain_order="left")
        .select(
            record=pl.lit("message"),
            source_record="segment_no",
            byte_offset="byte_offset",
            byte_length="byte_length",
            records=pl.col("charges").fill_null(1),
            rule="code",
            reason="message",
            message_no="message_no",
        )
    )
    single = (
        errors.filter(pl.col("scope") == "segment")
        .join(whole, on="message_no", how="anti")
        .unique("segment_no", keep="first", maintain_order=True)
        .join(segments.select("segment_no", "byte_length"), on="segment_no", maintain_order="left")
        .select(
            record=pl.lit("charge"),
            source_record="segment_no",
            byte_offset="byte_offset",
            byte_length="byte_length",
            records=pl.lit(1, pl.Int64),
            rule="code",
            reason="message",
            message_no="message_no",
        )
    )
    first = messages["byte_offset"].min() if messages.height else None
    end = first if isinstance(first, int) else len(data)
    loose = errors.filter(
        (pl.col("scope") == "segments")
        | ((pl.col("scope") == "file") & pl.lit(messages.is_empty()))
    ).select(
        record=pl.when(pl.col("scope") == "file")
        .then(pl.lit("file"))
        .otherwise(pl.lit("segments")),
        source_record=pl.col("segment_no").fill_null(0),
        byte_offset="byte_offset",
        byte_length=pl.lit(end) - pl.col("byte_offset"),
        records=pl.lit(1, pl.Int64),
        rule="code",
        reason="message",
        message_no=pl.lit(None, pl.Int64),
    )
    rows = pl.concat([whole, single, loose], how="vertical_relaxed").sort("byte_offset", "record")
    shown = messages.select("message_no", raw=_shown())
    return rows.join(shown, on="message_no", how="left", maintain_order="left").select(
        pl.col(name).cast(dtype) for name, dtype in REJECT.items()
    )


def _shown() -> pl.Expr:
    """What says which message it is: its header, without a field of any patient."""
    fields = ("sending_application", "sending_facility", "message_type", "event_code", "message_id")
    parts = [pl.col(name).fill_null("").str.slice(0, 40) for name in fields]
    return pl.concat_str([pl.lit("MSH"), *parts], separator=" ")


def reasons(messages: pl.DataFrame, defects: pl.DataFrame) -> pl.DataFrame:
    """Per refused message: the first defect of its own, else its batch's, else its file's."""
    errors = defects.filter(defects["severity"] == "error") if defects.height else defects
    if errors.is_empty():
        return pl.DataFrame(schema=REASON)
    found = []
    for scope, own, theirs in (
        ("message", "message_no", "message_no"),
        ("batch", "batch_segment", "segment_no"),
        ("file", "file_segment", "segment_no"),
    ):
        first = (
            errors.filter(pl.col("scope") == scope, pl.col(theirs).is_not_null())
            .group_by(pl.col(theirs).alias("at"), maintain_order=True)
            .agg(pl.first("code"), pl.first("message"), others=pl.len() - 1)
        )
        found.append(
            messages.select("message_no", at=pl.col(own))
            .join(first, on="at", maintain_order="left")
            .select("message_no", "code", "message", "others")
        )
    reasons = pl.concat(found).unique("message_no", keep="first", maintain_order=True)
    more = pl.format("{}; and {} more", "message", "others")
    return reasons.select(
        "message_no",
        "code",
        message=pl.when(pl.col("others") > 0).then(more).otherwise("message"),
    )
