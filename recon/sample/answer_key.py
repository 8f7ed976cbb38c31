"""The answer key: what must be found on each night, written from what was planted."""

from importlib.resources import files as resource_files
from pathlib import Path

import polars as pl

from recon.sample.book import Book
from recon.sample.files import File, decimal_text
from recon.sample.paper import Finding

README = "answer_key.md"

EXCEPTION = pl.Schema(
    {
        "business_date": pl.Date,
        "state": pl.String,
        "code": pl.String,
        "facility_id": pl.String,
        "invoice_number": pl.String,
        "invoice_id": pl.String,
        "line_no": pl.Int64,
        "po_number": pl.String,
        "po_line_no": pl.Int64,
        "impact": pl.Int64,
        "story": pl.String,
    }
)
REFUSED = pl.Schema(
    {
        "business_date": pl.Date,
        "feed": pl.String,
        "file_name": pl.String,
        "layer": pl.String,
        "source_record": pl.Int64,
        "rule": pl.String,
        "records": pl.Int64,
    }
)

PAID = pl.Schema(
    {
        "business_date": pl.Date,
        "supplier_id": pl.String,
        "invoice_number": pl.String,
        "status": pl.String,
        "paid": pl.Int64,
        "difference": pl.Int64,
        "beyond_payable": pl.Int64,
    }
)
ANNOUNCED = pl.Schema(
    {"business_date": pl.Date, "what": pl.String, "document": pl.String, "line": pl.String}
)


def write(folder: Path, book: Book, invoice: pl.DataFrame, written: list[File]) -> None:
    """Write ``exception.csv``, the key's other tables, and ``README.md``.

    Args:
        folder: where.
        book: the planted stories.
        invoice: all invoices with ``doc`` and ``invoice_id``.
        written: every file of the sample.
    """
    folder.mkdir(parents=True, exist_ok=True)
    expected(book, invoice).write_csv(folder / "exception.csv")
    _refused(book, written).write_csv(folder / "quarantine.csv")
    _files(book, written).write_csv(folder / "file.csv")
    _paid(book).write_csv(folder / "payment.csv")
    _announced(book).write_csv(folder / "announced.csv")
    _stories(book).write_csv(folder / "story.csv")
    text = resource_files("recon.sample").joinpath(README).read_text(encoding="utf-8")
    (folder / "README.md").write_text(text, encoding="utf-8")


def expected(book: Book, invoice: pl.DataFrame) -> pl.DataFrame:
    """Every exception of every night; one that closes appears once more, on the night it does."""
    ids = invoice.filter(pl.col("doc").is_in([f.doc for f in book.findings if f.doc is not None]))
    printed = {
        doc: (number, id_)
        for doc, number, id_ in ids.select("doc", "invoice_number", "invoice_id").iter_rows()
    }
    rows = []
    for night in range(1, book.nights + 1):
        tonight = {_identity(f): f for f in book.findings if _open(f, night)}
        before = {_identity(f): f for f in book.findings if _open(f, night - 1)}
        closed = [f for key, f in before.items() if key not in tonight]
        for state, findings in (("OPEN", list(tonight.values())), ("AUTO_CLOSED", closed)):
            for f in findings:
                number, invoice_id = printed[f.doc] if f.doc is not None else (None, None)
                rows.append(
                    {
                        "business_date": book.day(night),
                        "state": state,
                        "code": f.code,
                        "facility_id": f.facility_id,
                        "invoice_number": number,
                        "invoice_id": invoice_id,
                        "line_no": f.line_no,
                        "po_number": f.po_number,
                        "po_line_no": f.po_line_no,
                        "impact": f.impact,
                        "story": f.story,
                    }
                )
    return (
        pl.DataFrame(rows, schema=EXCEPTION)
        .with_columns(impact=decimal_text(pl.col("impact"), 2))
        .sort(pl.all(), nulls_last=False)
    )


def _identity(f: Finding) -> tuple[object, ...]:
    return (f.code, f.doc, f.line_no, f.facility_id, f.po_number, f.po_line_no)


def _open(f: Finding, night: int) -> bool:
    return f.first <= night and (f.until is None or night < f.until)


def _refused(book: Book, written: list[File]) -> pl.DataFrame:
    rows = [
        {
            "business_date": book.day(file.night),
            "feed": file.feed,
            "file_name": file.name,
            "layer": refused.layer,
            "source_record": refused.source_record,
            "rule": refused.rule,
            "records": refused.records,
        }
        for file in written
        for refused in file.refused
    ]
    return pl.DataFrame(rows, schema=REFUSED).sort(pl.all())


def _files(book: Book, written: list[File]) -> pl.DataFrame:
    rows = []
    for file in written:
        refused = sum(r.records for r in file.refused if r.layer == "parse")
        records = 0 if file.state == "DUPLICATE" else file.records
        rows.append(
            {
                "business_date": book.day(file.night),
                "feed": file.feed,
                "file_name": file.name,
                "state": file.state,
                "records_in": records,
                "accepted": records - refused,
                "quarantined": refused,
            }
        )
    return pl.DataFrame(rows).sort(pl.all())


def _paid(book: Book) -> pl.DataFrame:
    """What must be told of every invoice that was paid, on each night since."""
    rows = [
        {
            "business_date": book.day(night),
            "supplier_id": paid.supplier,
            "invoice_number": paid.number,
            "status": paid.status,
            "paid": paid.paid,
            "difference": paid.difference,
            "beyond_payable": paid.beyond,
        }
        for paid in book.exchanged.paid
        for night in range(paid.first, book.nights + 1)
    ]
    cents = ["paid", "difference", "beyond_payable"]
    return (
        pl.DataFrame(rows, schema=PAID)
        .with_columns(
            pl.when(pl.col(c).is_not_null()).then(decimal_text(pl.col(c), 2)).alias(c)
            for c in cents
        )
        .sort(pl.all())
    )


def _announced(book: Book) -> pl.DataFrame:
    """What must be warned of on each night."""
    rows = [
        {
            "business_date": book.day(night),
            "what": found.what,
            "document": found.document,
            "line": found.line,
        }
        for found in book.exchanged.announced
        for night in range(found.first, book.nights + 1)
    ]
    return pl.DataFrame(rows, schema=ANNOUNCED).sort(pl.all())


def _stories(book: Book) -> pl.DataFrame:
    rows = [
        {"story": story, "business_date": book.day(night), "document": kind, "number": number}
        for story, kind, number, night in book.log
        if night <= book.nights
    ]
    return pl.DataFrame(rows)
