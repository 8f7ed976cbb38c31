"""What is said of a value that must not be shown: its form.

Where a feed carries numbers of persons, a shifted record puts a name or a birth date into any of
its columns, so that a refusal shows no value of it at all. The form, ``9 aaaaa`` of ``4 boxes``,
says what is wrong with a value and nothing of whom it is about.

What belongs here: the form of a value. What does not: which feeds are so (``private`` in their
contract), what of an X12 document may be shown (``x12/shown.py``).
"""

import polars as pl

_CHARACTERS = 40


def form(value: pl.Expr) -> pl.Expr:
    """Capitals as ``A``, other letters as ``a``, figures as ``9``; what is not ASCII as ``?``.

    Blanks and ASCII punctuation stay as they are.
    """
    return (
        value.str.strip_chars()
        .str.slice(0, _CHARACTERS)
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{L}--A]", "a")
        .str.replace_all(r"\p{N}", "9")
        .str.replace_all(r"[^ -~]", "?")
    )


def form_of(text: str) -> str:
    """The form of one text."""
    return str(pl.select(form(pl.lit(text))).item())
