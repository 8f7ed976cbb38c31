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
    """Letters as ``a``, figures as ``9``, blanks and ASCII punctuation as they are, else ``?``."""
    return (
        value.str.strip_chars()
        .str.slice(0, _CHARACTERS)
        .str.replace_all(r"\p{L}", "a")
        .str.replace_all(r"\p{N}", "9")
        .str.replace_all(r"[^ -~]", "?")
    )


def form_of(text: str) -> str:
    """The form of one text."""
    return str(pl.select(form(pl.lit(text))).item())
