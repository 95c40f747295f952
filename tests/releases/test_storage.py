"""A file is in the store whole or not at all, in a folder as in a bucket."""

import hashlib
import os
import shutil
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from devices.releases import storage
from devices.releases.storage import Folder, Full, Gone, Taking
from tests.releases.buckets import bucket

RAW = os.urandom(9_000_000)
PIECES = [RAW[n : n + 1_000_000] for n in range(0, len(RAW), 1_000_000)]


@pytest.fixture(params=["folder", "bucket"])
def kept(request, settings, tmp_path):
    """The store that this installation is set to, empty."""
    settings.VAR_DIR = tmp_path
    if request.param == "folder":
        settings.RELEASES_STORE = ""
        yield storage.store()
        return
    with bucket() as address:
        settings.RELEASES_STORE = address
        yield storage.store()


@pytest.fixture
def folder(settings, tmp_path):
    settings.VAR_DIR, settings.RELEASES_STORE = tmp_path, ""
    return tmp_path / "releases"


def test_a_file_is_hashed_on_its_way_and_read_back(kept):
    received = storage.take_in(PIECES)

    opened = kept.open(received.key)
    assert b"".join(opened.pieces()) == RAW
    assert b"".join(opened.pieces(1_234_567, 2_000_000)) == RAW[1_234_567:3_234_567]
    assert opened.size == received.size == len(RAW)
    assert received.sha1 == hashlib.sha1(RAW).hexdigest()
    assert received.md5 == hashlib.md5(RAW).hexdigest()
    assert received.sha256 == hashlib.sha256(RAW).hexdigest()


def test_what_breaks_off_leaves_nothing(kept):
    def broken_off():
        yield from PIECES[:8]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        storage.take_in(broken_off())

    assert list(kept.stored()) == []


def test_nothing_has_its_key_before_its_last_byte_is_safe(kept):
    taking = Taking()
    for piece in PIECES:
        taking.write(piece)

    with pytest.raises(Gone):
        kept.open(taking.key)

    taking.keep()
    assert kept.open(taking.key).size == len(RAW)


def test_what_is_removed_is_gone_however_often(kept):
    key = storage.take_in([b"firmware"]).key

    kept.remove(key)
    kept.remove(key)

    assert list(kept.stored()) == []
    with pytest.raises(Gone):
        kept.open(key)


def test_a_store_tells_what_is_in_it(kept):
    received = storage.take_in([b"firmware"])

    (one,) = kept.stored()

    assert (one.key, one.size, one.whole) == (received.key, 8, True)


def test_an_empty_store_that_nobody_made_yet_holds_nothing(tmp_path):
    assert list(Folder(tmp_path / "nowhere").stored()) == []


def test_files_are_their_owners_alone(folder):
    received = storage.take_in([b"firmware"])

    assert (folder / received.key).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_part_that_a_killed_process_left_is_told_from_a_file(folder):
    Taking().write(b"half")

    (part,) = storage.store().stored()

    assert not part.whole
    assert part.at > datetime.now(UTC) - timedelta(minutes=1)


def test_a_department_takes_no_more_than_its_quota(folder, settings):
    settings.RELEASES_QUOTA_GB = 1

    storage.refuse_if_full(1024**3 - 10, held=10)
    with pytest.raises(Full) as refused:
        storage.refuse_if_full(1024**3 - 10, held=11)

    assert str(refused.value) == ("Releases may take 1 GB and take 0.0 GB; this one has 1.0 GB.")


def test_the_fleet_keeps_room_on_the_disk_for_itself(folder, settings):
    settings.RELEASES_QUOTA_GB = 100_000
    free = shutil.disk_usage(folder.parent).free

    with pytest.raises(Full) as refused:
        storage.refuse_if_full(free - 1024**3 + 1024**2, held=0)

    assert "leaves 1.0 GB for the fleet" in str(refused.value)


def test_a_disk_that_fills_up_meanwhile_is_said_and_leaves_nothing(folder):
    taking = Taking()
    os.close(taking._writing._file)
    taking._writing._file = os.open("/dev/full", os.O_WRONLY)

    with pytest.raises(Full):
        taking.write(b"firmware")
    taking.drop()

    assert list(storage.store().stored()) == []


@pytest.fixture
def disk(folder, monkeypatch):
    """A disk with room for three megabytes beside what the fleet keeps, of which files take."""

    def usage(path):
        taken = sum(one.stat().st_size for one in path.glob("*"))
        return SimpleNamespace(free=storage.SPARE + 3 * storage.PIECE - taken)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    return folder


def test_files_that_come_at_once_do_not_take_what_the_fleet_keeps(disk, settings):
    settings.RELEASES_QUOTA_GB = 100
    for _ in range(2):
        storage.refuse_if_full(2 * storage.PIECE, held=0)
    first, second = Taking(), Taking()
    for one in (first, second, first):
        one.write(bytes(storage.PIECE))

    with pytest.raises(Full, match=r"leaves 1.0 GB for the fleet"):
        second.write(bytes(storage.PIECE))

    assert shutil.disk_usage(disk).free == storage.SPARE
    second.drop()
    kept = first.keep()
    assert [one.key for one in storage.store().stored()] == [kept.key]
