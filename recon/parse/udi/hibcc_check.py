"""The check character of HIBCC: the sum of the values before it, modulo 43."""

import polars as pl

# Each character's value is its place.
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


def total(text: pl.Expr) -> pl.Expr:
    """The sum of the values of its characters."""
    return pl.sum_horizontal(
        text.str.count_matches(character, literal=True).cast(pl.Int64) * value
        for value, character in enumerate(CHARACTERS)
    )


def value_of_last(text: pl.Expr) -> pl.Expr:
    """The value of the last character; null where it has none."""
    return (
        text.str.slice(text.str.len_chars() - 1)
        .str.slice(0, 1)
        .replace_strict(
            list(CHARACTERS), list(range(len(CHARACTERS))), default=None, return_dtype=pl.Int64
        )
    )


def checked(body: pl.Expr) -> pl.Expr:
    """``body`` with its check character behind it."""
    check = (total(body) % 43).replace_strict(
        list(range(len(CHARACTERS))), list(CHARACTERS), return_dtype=pl.String
    )
    return pl.concat_str(body, check)
