"""Raw files at rest: closed under the site's key, opened by it alone, the same each time."""

import os
import stat

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from recon.errors import ConfigError, IntegrityError
from recon.lake import Lake
from recon.seal import Seal, closed_under
from recon.site import Privacy, Site, SiteConfig, read_site

KEY = b"0123456789abcdef0123456789abcdef"
NEW = b"fedcba9876543210fedcba9876543210"
DATA = b"PAT-1017,DOE,JANE\n" * 40


def seal(key_id="k1", **keys):
    return Seal(key_id, {name: (lambda k=k: k) for name, k in (keys or {"k1": KEY}).items()})


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake", seal())


# --- closing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [DATA, b"", b"x", b"recon sealed 1 k1\nx"])
def test_what_was_closed_opens_again_and_nothing_of_it_shows(data):
    closed = seal().closed(data, "a")
    assert closed_under(closed) == "k1"
    assert seal().opened(closed, "a") == data
    assert b"DOE" not in closed
    assert closed == seal().closed(data, "a"), "a night that is run again writes the same"


def test_a_changed_byte_another_place_and_another_key_are_noticed():
    closed = seal().closed(DATA, "a")
    for at in (16, 18, 40, len(closed) - 1):  # the key's name, the tag, the text
        changed = closed[:at] + bytes([closed[at] ^ 1]) + closed[at + 1 :]
        with pytest.raises((IntegrityError, ConfigError)):
            seal().opened(changed, "a")
    with pytest.raises(IntegrityError, match="cannot be decrypted with the key 'k1'"):
        seal().opened(closed, "b")
    with pytest.raises(IntegrityError):
        seal(k1=NEW).opened(closed, "a")


def test_the_key_of_the_tokens_is_not_the_key_of_the_files():
    closed = seal().closed(b"x", "a")
    with pytest.raises(InvalidTag):
        AESSIV(KEY + KEY).decrypt(closed.partition(b"\n")[2], [b"recon sealed 1 k1\n", b"a"])


# --- the lake -------------------------------------------------------------------------------------


def test_a_raw_file_is_closed_under_the_hash_of_what_came(lake):
    sha256 = lake.keep_raw(DATA)
    stored = lake.raw_path(sha256).read_bytes()
    assert closed_under(stored) == "k1"
    assert b"DOE" not in stored
    assert lake.raw(sha256) == DATA
    assert Lake(lake.root, seal()).keep_raw(DATA) == sha256
    assert lake.raw_path(sha256).read_bytes() == stored


def test_what_came_before_there_was_a_key_stays_readable(lake):
    for data in (DATA, b"recon sealed 1 k9\nso begins a file that somebody sent"):
        assert lake.raw(Lake(lake.root).keep_raw(data)) == data


def test_without_its_key_a_file_stays_closed_and_says_why(lake):
    sha256 = lake.keep_raw(DATA)
    with pytest.raises(ConfigError, match=r"encrypted with the key 'k1', and recon\.yaml declares"):
        Lake(lake.root).raw(sha256)
    with pytest.raises(ConfigError, match=r"'k1', which recon\.yaml does not declare"):
        Lake(lake.root, seal("k2", k2=NEW)).raw(sha256)


def test_a_new_key_opens_what_the_old_one_closed_until_all_is_closed_again(lake):
    old, plain = lake.keep_raw(DATA), Lake(lake.root).keep_raw(b"in the open")
    both = Lake(lake.root, seal("k2", k1=KEY, k2=NEW))
    assert both.raw(old) == DATA
    assert both.close_again() == 2
    assert both.close_again() == 0
    only_new = Lake(lake.root, seal("k2", k2=NEW))
    assert (only_new.raw(old), only_new.raw(plain)) == (DATA, b"in the open")
    assert only_new.raw_files() == sorted([old, plain])


def test_another_key_of_the_same_name_closes_nothing_and_is_told(lake):
    kept = lake.keep_raw(DATA)
    for use in (lambda other: other.keep_raw(b"new"), Lake.check_key, Lake.close_again):
        with pytest.raises(ConfigError, match=r"'k1' is not the one that files in .* encrypted"):
            use(Lake(lake.root, seal(k1=NEW)))
    assert lake.raw_files() == [kept]
    Lake(lake.root, seal("k2", k1=KEY, k2=NEW)).keep_raw(b"new")  # a new name: a new key


def test_a_file_that_rotted_does_not_make_the_key_a_wrong_one(lake):
    for data in (b"a", b"b"):
        lake.keep_raw(data)
    path = lake.raw_path(lake.raw_files()[0])
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    kept = Lake(lake.root, seal()).keep_raw(b"new")
    assert lake.raw(kept) == b"new"


def test_verify_opens_every_raw_file(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    privacy = Privacy(key_id="k1", key_file="key")
    facility = {"id": "A", "name": "A", "time_zone": "UTC"}
    site = Site(
        tmp_path,
        SiteConfig(
            name="t", first_business_date="2026-03-01", facilities=[facility], privacy=privacy
        ),
        {},
    )
    path = site.lake.raw_path(site.lake.keep_raw(DATA))
    assert site.verify() == 1
    path.chmod(0o600)
    stored = path.read_bytes()
    path.write_bytes(stored[:-1] + bytes([stored[-1] ^ 1]))
    with pytest.raises(IntegrityError, match="its bytes changed"):
        site.verify()


# --- who may look ---------------------------------------------------------------------------------


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_lake_is_its_owners_alone_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        lake = Lake(tmp_path / "site" / "lake")
        with lake.locked():
            lake.keep_raw(DATA)
            lake.commit(
                lake.root / "canonical" / "item" / "business_date=2026-03-02", {"a.b": b"x"}
            )
    finally:
        os.umask(before)
    for path in [lake.root, *lake.root.rglob("*")]:
        assert mode(path) & 0o007 == 0 or path.name == ".lock", path
        if path.is_dir():
            assert mode(path) == 0o700, path
        elif path.name != ".lock":
            assert mode(path) in (0o600, 0o400), path


def test_a_lake_that_was_open_to_everyone_is_closed_and_keeps_its_group(tmp_path):
    lake = Lake(tmp_path / "lake")
    lake.root.mkdir()
    lake.root.chmod(0o755)
    with lake.locked():
        assert mode(lake.root) == 0o750


# --- what may be declared -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("{key_id: k1, key_file: a, old_keys: {k1: b}}", "'k1' is the key in use"),
        ("{key_id: k1, key_file: a, old_keys: {'K 0': b}}", "'K 0' is not a valid key_id"),
        ("{key_id: k1, key_file: a, keep: [mrn]}", "'mrn' is not a valid keep; valid: account"),
    ],
)
def test_a_mistake_in_privacy_is_told(tmp_path, declared, told):
    (tmp_path / "recon.yaml").write_text(
        "name: t\nfirst_business_date: 2026-03-01\n"
        f"facilities: [{{id: A, name: A, time_zone: UTC}}]\nprivacy: {declared}\n"
    )
    _, mistakes = read_site(tmp_path, {})
    assert any(m.line == 4 and told in m.message for m in mistakes), list(map(str, mistakes))
