"""A file is in the store whole or not at all, in a folder as in a bucket."""

import hashlib
import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Thread
from types import SimpleNamespace

import pytest

from devices.releases import storage
from devices.releases.bucket import _Dropped
from devices.releases.storage import Folder, Full, Gone, Taking
from tests.releases.buckets import bucket, serving

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


def test_a_bucket_out_of_reach_is_as_a_disk_that_fails(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with bucket() as address:
        settings.RELEASES_STORE = address
        store = storage.store()
        received = storage.take_in([RAW])
        opened = store.open(received.key)

    for act in (
        lambda: store.open(received.key),
        lambda: list(opened.pieces()),
        lambda: store.remove(received.key),
        lambda: list(store.stored()),
        lambda: storage.take_in([RAW]),
    ):
        with pytest.raises((OSError, Full)):
            act()
    storage.discard(received.key)


@pytest.fixture
def served(settings, tmp_path):
    """A bucket, by the server that keeps it."""
    settings.VAR_DIR = tmp_path
    with serving() as (address, server):
        settings.RELEASES_STORE = address
        yield server


@pytest.mark.parametrize("pieces", [0, 1, 8, 9])
def test_what_breaks_off_leaves_no_parts_in_a_bucket(served, pieces):
    def broken_off():
        yield from PIECES[:pieces]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        storage.take_in(broken_off())

    assert (served.objects, served.parts) == ({}, {})


def test_what_is_whole_leaves_none_either(served):
    received = storage.take_in(PIECES)

    assert served.parts == {}
    assert served.objects == {f"releases/{received.key}": RAW}


def test_others_read_the_bucket_while_files_wait_for_their_next_piece(served):
    kept = storage.take_in([b"firmware"])
    waiting = [Taking() for _ in range(20)]
    for one in waiting:
        one.write(PIECES[0])

    assert b"".join(storage.store().open(kept.key).pieces()) == b"firmware"

    for one in waiting:
        one.drop()
    assert (len(served.objects), served.parts) == (1, {})


def test_a_bucket_that_goes_meanwhile_is_said_and_nobody_waits_for_it(served):
    taking = Taking()
    taking.write(PIECES[0])
    served.away = True

    def write_on():
        for piece in PIECES * 4:
            taking.write(piece)

    with pytest.raises(Full):
        write_on()
    with pytest.raises(Full):
        taking.keep()
    taking.drop()


@pytest.mark.parametrize("fails", [True, False])
def test_what_is_dropped_while_a_piece_of_it_waits_keeps_no_thread(served, fails):
    served.goes.clear()
    taking = Taking()
    ended = []

    def write_on():
        with suppress(Full, _Dropped):
            for piece in PIECES * 5:
                taking.write(piece)
        ended.append("writing")

    def drop():
        taking.drop()
        ended.append("dropping")

    writing, dropping = Thread(target=write_on, daemon=True), Thread(target=drop, daemon=True)
    writing.start()
    assert served.reached.wait(60)
    writing.join(1)  # as long as it takes to stand still: nothing is taken from it any more
    dropping.start()
    dropping.join(0.5)
    served.away = fails
    served.goes.set()

    for one in (writing, dropping):
        one.join(60)
    assert sorted(ended) == ["dropping", "writing"]
    assert served.objects == {}
    assert fails or served.parts == {}


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
