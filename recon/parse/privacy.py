"""Keyed tokens in place of numbers that identify a person: account, claim, member, record.

A token is ``<key id>:<32 characters>``: HMAC-SHA-256 of domain and value under the site's key, cut
to 160 bits, in base 32 (letters and 2 to 7, so that no token is taken for a number). One value of
one domain has one token under one key, in every file of every feed, so that tables join on it; who
does not hold the key can neither turn it back nor try out a guess. It is a pseudonym that keeps
what is stored to the minimum necessary; it does not make a table anonymous.

What belongs here: tokens. What does not: where the key is (``site/keys.py``), which columns are
private (``x12/private.py``, ``private`` in a feed's contract), who may see the number behind one.
"""

import base64
import hmac
from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from recon.parse.parsed import Parsed
from recon.site import Contract, Feed, Identifier, Site
from recon.site.keys import site_key

# What tokens are made of. Numbers of two domains never meet: the same digits as an account and as
# a claim have different tokens.
DOMAINS = {
    "account": "the provider's number for the patient's account, as it stands on claims",
    "case": "the number of an operation or other case",
    "claim": "the payer's number for a claim",
    "donation": "the donation number of tissue or blood",
    "member": "the insured's number with the payer",
    "mrn": "the patient's medical record number",
    "serial": "the serial number of a device that is in a patient",
    "udi": "a device's whole UDI as it was scanned: it may hold a serial or donation number",
    "visit": "the number of a visit or stay",
}

_TOKEN_BYTES = 20  # a multiple of five: base 32 without padding
_TOKEN_CHARACTERS = 32


class Tokens:
    """Makes tokens under one key; without a key every token is null.

    Args:
        key: at least ``KEY_BYTES`` bytes, or None.
        key_id: names the key in every token.
        identifiers: how the source at hand writes numbers of a domain.
        keep: domains of which ``made`` tells what stands behind each token.
    """

    def __init__(
        self,
        key: bytes | None = None,
        key_id: str = "",
        identifiers: Mapping[str, Identifier] | None = None,
        keep: Collection[str] = (),
    ) -> None:
        self._key = key
        self._key_id = key_id
        self._identifiers = identifiers or {}
        self._keep = keep
        self._made: list[pl.DataFrame] = []

    @classmethod
    def open(cls, site: Site) -> "Tokens":
        """The tokens of a site, under the key that ``privacy`` in its ``recon.yaml`` names.

        Raises:
            ConfigError: the key cannot be read, is too short, lies where others can read it, or is
                another one than the lake's files of its name were closed with.
        """
        declared = site.config.privacy
        if declared is None:
            return cls()
        site.lake.check_key()
        key = site_key(site.folder, site.lake.root, declared)
        return cls(key, declared.key_id, keep=declared.keep)

    def of(self, feed: Feed) -> "Tokens":
        """The same tokens for values as this feed writes them (its ``identifiers``)."""
        identifiers = {str(domain): how for domain, how in feed.identifiers.items()}
        as_written = Tokens(self._key, self._key_id, identifiers, self._keep)
        as_written._made = self._made
        return as_written

    def made(self) -> pl.DataFrame:
        """What stands behind the tokens made so far of the domains kept.

        Returns:
            domain, token, number: one row per token, the number as it was compared.
        """
        columns = pl.Schema({"domain": pl.String, "token": pl.String, "number": pl.String})
        made = [frame.select(columns.names()) for frame in self._made]
        return pl.concat([pl.DataFrame(schema=columns), *made]).unique(maintain_order=True)

    def column(self, values: pl.Series, domain: str) -> pl.Series:
        """Each value's token; null where there is no value or no key.

        Blanks around a value and its case do not count, for payers send back in capitals what they
        were sent otherwise; leading zeros and blanks inside do, unless the feed declares that in
        its source they do not. A number that two facilities use has one token: a table is to be
        keyed by its facility too.

        Args:
            values: texts.
            domain: what they are, one of ``DOMAINS``.
        """
        if domain not in DOMAINS:
            raise ValueError(f"'{domain}' is not a domain of tokens: {', '.join(DOMAINS)}")
        # Of the many columns that may hold a number most are empty in any one file.
        if self._key is None or values.null_count() == values.len():
            return pl.repeat(None, values.len(), dtype=pl.String, eager=True).alias(values.name)
        written = _as_compared(values, self._identifiers.get(domain))
        # Of distinct values only: they are hashed one by one.
        distinct = written.filter(written.is_not_null() & (written != "")).unique()
        keyed = hmac.new(self._key, domain.encode() + b"\0", "sha256")
        macs = []
        for value in distinct:
            mac = keyed.copy()
            mac.update(value.encode())
            macs.append(mac.digest()[:_TOKEN_BYTES])
        text = base64.b32encode(b"".join(macs)).decode()
        starts = range(0, len(text), _TOKEN_CHARACTERS)
        tokens = [f"{self._key_id}:{text[at : at + _TOKEN_CHARACTERS]}" for at in starts]
        if domain in self._keep:
            made = pl.DataFrame({"token": tokens, "number": distinct})
            self._made.append(made.with_columns(domain=pl.lit(domain)))
        return written.replace_strict(distinct, tokens, default=None, return_dtype=pl.String)


def without_persons(parsed: Parsed, contract: Contract, tokens: Tokens) -> Parsed:
    """A flat file or sheet with tokens in its private columns, and nothing raw of what was refused.

    The bytes of a refused record stand in the raw file, where its place is told.
    """
    if not contract.is_private:
        return parsed
    of_record = {name: one.private for name, one in contract.by_record.items()}
    records = {
        name: rows.with_columns(
            tokens.column(rows[column], domain) for column, domain in of_record[name].items()
        )
        for name, rows in parsed.records.items()
    }
    nothing = pl.lit(None, pl.String).alias("raw")
    return replace(parsed, records=records, rejects=parsed.rejects.with_columns(nothing))


def _as_compared(values: pl.Series, identifier: Identifier | None) -> pl.Series:
    written = values.str.strip_chars().str.to_uppercase()
    if identifier and identifier.strip_blanks:
        written = written.str.replace_all(r"\s", "")
    if identifier and identifier.strip_zeros:
        written = written.str.replace(r"^0+(.)", "$1")
    return written
