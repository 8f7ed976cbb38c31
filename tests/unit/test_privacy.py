"""Tokens: the same person's number can be joined on, and nobody without the key can go back."""

import base64
import hashlib
import hmac
from pathlib import Path

import polars as pl
import pytest

from recon.errors import ConfigError
from recon.parse.privacy import DOMAINS, Tokens
from recon.site import Site, SiteConfig, read_site

KEY = b"0123456789abcdef0123456789abcdef"
OTHER = b"fedcba9876543210fedcba9876543210"
FEED = """\
owner: x
connector: {kind: folder, path: inbox/a, pattern: "*"}
format: {kind: x12}
extract: append
"""


def token(value: str | None, domain="account", key=KEY, key_id="k1") -> str | None:
    return Tokens(key, key_id).column(pl.Series([value], dtype=pl.String), domain)[0]


@pytest.fixture
def site(tmp_path):
    """A site whose `recon.yaml` has these lines of `privacy`."""

    def opened(privacy: str = "", environ=None, key: bytes | None = None, mode=0o600) -> Site:
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "a.yaml").write_text(FEED)
        (tmp_path / "recon.yaml").write_text(
            "name: t\nfirst_business_date: 2026-03-01\n"
            f"facilities: [{{id: A, name: A, time_zone: UTC}}]\n{privacy}"
        )
        if key is not None:
            (tmp_path / "key").write_bytes(key)
            (tmp_path / "key").chmod(mode)
        return Site.open(tmp_path, environ or {})

    return opened


IN_FILE = "privacy: {key_id: k1, key_file: key}\n"
IN_ENVIRONMENT = "privacy: {key_id: k1, key: '${TOKEN_KEY}'}\n"


# --- what a token is ------------------------------------------------------------------------------


def test_a_token_is_an_hmac_sha256_of_domain_and_value():
    """By the words of the module's description, with the standard library."""
    mac = hmac.digest(KEY, b"account\0PAT-1017", "sha256")
    assert token("PAT-1017") == "k1:" + base64.b32encode(mac[:20]).decode()
    # RFC 2104 written out, so that a wrong use of the library on both sides does not pass.
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in KEY.ljust(64, b"\0")) + b"account\0PAT-1017")
    outer = bytes(b ^ 0x5C for b in KEY.ljust(64, b"\0")) + inner.digest()
    assert mac == hashlib.sha256(outer).digest()


def test_one_value_has_one_token_wherever_it_stands():
    tokens = Tokens(KEY, "k1")
    first = tokens.column(pl.Series("account", ["A17", "B2", "A17", None]), "account")
    second = Tokens(KEY, "k1").column(pl.Series("account", ["B2", "A17"]), "account")
    assert first.name == "account"
    assert first[0] == first[2] == second[1]
    assert first[1] == second[0] != first[0]
    assert first[3] is None


@pytest.mark.parametrize(
    ("sent", "same"),
    [
        pytest.param(" a17 ", True, id="blanks around it and its case"),
        pytest.param("0A17", False, id="a leading zero"),
        pytest.param("A 17", False, id="a blank inside it"),
        pytest.param("A17x", False, id="more characters"),
    ],
)
def test_what_counts_as_the_same_value(sent, same):
    assert (token(sent) == token("A17")) is same


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_has_no_token(nothing):
    assert token(nothing) is None


def test_tokens_of_two_domains_or_two_keys_never_meet():
    made = [token("A17", domain=domain) for domain in DOMAINS]
    made += [token("A17", key=OTHER), token("A17", key=KEY + b"0")]
    assert len(set(made)) == len(DOMAINS) + 2


def test_the_key_is_named_in_the_token():
    assert token("A17", key_id="k2026").partition(":")[0] == "k2026"
    assert token("A17", key_id="k2026").partition(":")[2] == token("A17").partition(":")[2]


@pytest.mark.parametrize("value", ["PAT-1017", "000123456789", "H123ABC", "DOE, JANE", "K1", "MÜ7"])
def test_a_token_never_holds_its_value(value):
    made = token(value, key_id="k9")
    assert len(made) == 35
    assert value not in made
    assert value.lower() not in made.lower()


def test_a_misspelt_domain_is_refused():
    with pytest.raises(
        ValueError, match="'acount' is not a domain of tokens: account, case, claim"
    ):
        token("A17", domain="acount")


def test_without_a_key_every_token_is_empty():
    made = Tokens().column(pl.Series("account", ["A17", None]), "account")
    assert made.to_list() == [None, None]
    assert (made.name, made.dtype) == ("account", pl.String)


def test_no_token_of_no_rows():
    assert Tokens(KEY, "k1").column(pl.Series([], dtype=pl.String), "mrn").to_list() == []


# --- where the key comes from ---------------------------------------------------------------------


def of(site: Site) -> str | None:
    return Tokens.open(site).column(pl.Series(["A17"]), "account")[0]


def test_the_key_is_in_a_file(site):
    # The line break that an editor or `openssl rand -hex` leaves is none of it.
    assert of(site(IN_FILE, key=KEY + b"\n")) == token("A17")


def test_the_key_is_in_the_environment(site):
    assert of(site(IN_ENVIRONMENT, {"TOKEN_KEY": KEY.decode()})) == token("A17")


def test_a_site_may_have_no_key(site):
    assert of(site()) is None


def test_the_name_of_the_key_file_may_come_from_the_environment(site):
    where = "privacy: {key_id: k1, key_file: '${SECRETS}/key'}\n"
    assert of(site(where, {"SECRETS": "."}, KEY)) == token("A17")


@pytest.mark.parametrize(
    ("key", "mode", "told"),
    [
        pytest.param(None, 0, r"cannot be read, No such file or directory: put back", id="missing"),
        pytest.param(KEY[:31], 0o600, r"has 31 bytes and must have 32 or more", id="too short"),
        pytest.param(b"\x00" * 64, 0o600, "is all zeros", id="after-a-power-cut"),
        pytest.param(b"", 0o600, r"has 0 bytes and must have 32 or more", id="empty"),
        pytest.param(KEY, 0o604, r"open to everyone.*\(mode 604\): `chmod 600`", id="readable"),
        pytest.param(KEY, 0o602, r"open to everyone.*\(mode 602\): `chmod 600`", id="writable"),
    ],
)
def test_a_key_file_that_protects_nothing_is_refused(site, key, mode, told):
    opened = site(IN_FILE, key=key, mode=mode)
    with pytest.raises(ConfigError, match=told) as refused:
        Tokens.open(opened)
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert f"{opened.folder}/key (privacy.key_file of recon.yaml)" in sentence
    assert not key or key.decode() not in sentence


def test_a_key_that_this_account_may_not_read_is_not_to_be_made_anew(site, monkeypatch):
    """`openssl rand > FILE` over it would lose the key, and every raw file with it."""
    opened = site(IN_FILE, key=KEY)

    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(ConfigError, match="Permission denied: give this account the right") as told:
        Tokens.open(opened)
    assert "make" not in str(told.value)


def test_a_key_in_the_lake_is_refused(site):
    opened = site("privacy: {key_id: k1, key_file: lake/../lake/key}\n")
    opened.lake.root.mkdir()
    (opened.lake.root / "key").write_bytes(KEY)
    (opened.lake.root / "key").chmod(0o600)
    with pytest.raises(ConfigError, match="stands in the lake that it protects"):
        Tokens.open(opened)


def test_a_key_in_the_environment_that_is_too_short_is_refused(site):
    with pytest.raises(ConfigError, match=r"privacy\.key names has 5 bytes") as refused:
        Tokens.open(site(IN_ENVIRONMENT, {"TOKEN_KEY": "hush!"}))
    assert "hush!" not in str(refused.value)


def test_no_text_of_a_site_or_its_tokens_holds_the_key(site):
    opened = site(IN_ENVIRONMENT, {"TOKEN_KEY": KEY.decode()})
    texts = [repr(opened), repr(opened.config), opened.config.model_dump_json(), str(opened)]
    texts += [repr(Tokens.open(opened)), str(Tokens.open(opened))]
    assert [text for text in texts if KEY.decode() in text] == []


# --- what may be declared -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        pytest.param("privacy: {key_id: k1}", "name the key either by", id="a key from nowhere"),
        pytest.param(
            "privacy: {key_id: k1, key_file: a, key: '${TOKEN_KEY}'}",
            "name the key either by",
            id="a key from two places",
        ),
        pytest.param("privacy: {key_file: a}", "'key_id' is missing", id="a key without a name"),
        pytest.param(
            "privacy: {key_id: 'k:1', key_file: a}",
            "'k:1' is not a valid key_id",
            id="a wrong name",
        ),
        pytest.param(
            "privacy: {key_id: k1, key: '${TOKEN}'}",
            "${TOKEN} is not set in the environment",
            id="a variable that is not set",
        ),
        pytest.param(
            "privacy: {key_id: k1, key: hushhushhush}",
            "privacy.key is written in the file: write ${NAME}, and set NAME",
            id="the key itself",
        ),
        pytest.param(
            "privacy: {key_id: k1, key: 314159265358}",
            "privacy.key is written in the file: write ${NAME}, and set NAME",
            id="the key itself, a number",
        ),
        pytest.param(
            "privacy: {key_id: '${TOKEN_KEY}', key_file: a}",
            "'${TOKEN_KEY}' is not a valid key_id",
            id="the key in place of its name",
        ),
        pytest.param(
            "privacy: {key_id: k1, key_file: '${TOKEN_KEY}'}",
            "privacy.key_file holds a key itself: it must name the file that holds it",
            id="the key in place of its file",
        ),
        pytest.param(
            "privacy: {key_id: k1, key_file: hushHushHushHushHushHushHushHushHushHush0+/=}",
            "privacy.key_file holds a key itself: it must name the file that holds it",
            id="the key in place of its file, in base64",
        ),
        pytest.param(
            "privacy: {key_id: k1, key_fil: a}",
            "unknown key 'key_fil'; did you mean 'key_file'?",
            id="a misspelt key",
        ),
    ],
)
def test_a_mistake_in_privacy_is_told_with_its_line(site, tmp_path, declared, told):
    with pytest.raises(ConfigError):
        site(declared, {"TOKEN_KEY": KEY.decode()})
    _, mistakes = read_site(tmp_path, {"TOKEN_KEY": KEY.decode()})
    found = [str(m).removeprefix(f"{tmp_path}/") for m in mistakes]
    assert any(f.startswith("recon.yaml:4: ") and told in f for f in found), found
    assert not any("hush" in f or "31415" in f or KEY.decode() in f for f in found), found


def test_a_site_written_by_hand_needs_no_environment():
    config = SiteConfig(
        name="t",
        first_business_date="2026-03-01",
        facilities=[{"id": "A", "name": "A", "time_zone": "UTC"}],
    )
    assert Tokens.open(Site(Path("t"), config, {})).column(pl.Series(["x"]), "mrn")[0] is None
