from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from gate_bridge.errors import SpoolFull
from gate_bridge.spool import CROP_LIFE_S, GalleryChange, Spool
from tests.gate_bridge.conftest import dumped, event


def wait_until(holds, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)


def test_events_get_sequences_in_order_and_survive_reopening(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s.sqlite")
    ids = [spool.add(event()).id for _ in range(3)]
    spool.close()
    spool = Spool(tmp_path / "s.sqlite")
    assert [(one.sequence, one.id, one.document["sequence"]) for one in spool.batch()] == [
        (n + 1, i, n + 1) for n, i in enumerate(ids)
    ]
    assert spool.depth() == 3
    spool.close()


def test_writes_are_fsynced_and_only_the_owner_reads_the_file(spool: Spool, tmp_path: Path) -> None:
    connection = spool._connect()
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert (tmp_path / "spool.sqlite").stat().st_mode & 0o077 == 0


def test_the_same_event_is_stored_once(spool: Spool) -> None:
    one = event()
    assert spool.add(one).outcome == "stored"
    assert spool.add(one).outcome == "duplicate"
    other = event()
    assert spool.add(other, origin="t:1").outcome == "stored"
    assert spool.add(event(), origin="t:1").id == other.id
    assert spool.depth() == 2


def test_the_same_person_at_the_same_gate_within_10_seconds_is_one_passage(spool: Spool) -> None:
    person = "3f0d5c0e-0000-4000-8000-000000000001"
    first = spool.add(event(person, at=0))
    assert spool.add(event(person, at=9.9)) == type(first)("same_passage", first.id, first.sequence)
    assert spool.add(event(person, at=10.1)).outcome == "stored"
    assert spool.add(event(person, at=0.1, post="P2")).outcome == "stored"
    assert spool.add(event(at=0.2)).outcome == "stored"
    assert spool.add(event(decision="unknown")).outcome == spool.add(event(decision="unknown")).outcome == "stored"


def test_accepted_events_keep_no_content_and_their_raw_bytes_go(spool: Spool, tmp_path: Path) -> None:
    raw = spool.store_raw("t", "/x", time.time(), b"the visitor's bytes")
    one = event("7b7e6a52-0000-4000-8000-000000000002")
    spool.add(one, raw_id=raw)
    spool.finish_raw(raw, "passagem")
    assert b"the visitor's bytes" in (tmp_path / "spool.sqlite-wal").read_bytes()
    spool.settle([one.id])
    spool.tidy()
    assert (tmp_path / "spool.sqlite-wal").stat().st_size == 0
    spool.close()
    content = (tmp_path / "spool.sqlite").read_bytes()
    assert b"the visitor's bytes" not in content
    assert b'"device":"cam"' not in content
    assert one.id.encode() in content


def test_a_crop_is_not_sent_nor_kept_after_24_hours(spool: Spool) -> None:
    from dataclasses import replace

    spool.add(replace(event(decision="unknown"), crop="Y3JvcA=="))
    assert spool.batch()[0].document["crop"] == "Y3JvcA=="
    spool.tidy(time.time() + CROP_LIFE_S + 1)
    assert spool.batch()[0].document["crop"] is None


def test_somebody_dropped_from_the_gallery_leaves_nothing_behind(spool: Spool) -> None:
    person = "9a7e6a52-0000-4000-8000-000000000003"
    spool.apply_gallery([GalleryChange("put", person, "Ym94", None)], 1)
    spool.map_user("term", "1657", person)
    one = event(person)
    raw = spool.store_raw("term", "/x", time.time(), b"bytes of a person")
    spool.add(one, raw_id=raw)
    spool.finish_raw(raw, "passagem")
    spool.settle([one.id])
    spool.apply_gallery([GalleryChange("drop", person)], 2)
    files = b"".join(path.read_bytes() for path in spool._path.parent.iterdir())
    assert b"bytes of a person" not in files
    assert person.encode() not in files
    assert spool.gallery() == []
    assert spool.person_of("term", "1657") is None
    assert person not in dumped(spool)
    assert spool.recall("gallery_cursor") == 2


def test_a_mistaken_operation_does_not_undo_its_neighbours(spool: Spool) -> None:
    def wrong(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO event (id) VALUES (?)", ("x",))

    with pytest.raises(sqlite3.IntegrityError):
        spool._writer.submit(wrong)
    assert spool.add(event()).outcome == "stored"


def test_many_threads_share_one_writer(spool: Spool) -> None:
    threads = [threading.Thread(target=lambda: [spool.add(event()) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.sequence for one in spool.batch()] == list(range(1, 201))


def fill_until_refused(spool: Spool) -> list[int]:
    acknowledged: list[int] = []
    with pytest.raises(SpoolFull):
        for _ in range(3000):
            acknowledged.append(spool.store_raw("t", "/x", time.time(), b"x" * 20_000))
    return acknowledged


def stored_raw(path: Path) -> set[int]:
    connection = sqlite3.connect(path)
    rows = {row[0] for row in connection.execute("SELECT id FROM raw")}
    connection.close()
    return rows


def test_disk_full_is_said_refused_and_recovers_by_itself(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s.sqlite", reserve_bytes=0, max_pages=120)
    sent = [spool.add(event()).id for _ in range(10)]
    acknowledged = fill_until_refused(spool)
    assert spool.full
    assert spool.refusals >= 1
    assert set(acknowledged) <= stored_raw(tmp_path / "s.sqlite")
    spool.settle(sent)
    assert spool.depth() == 0
    for raw in acknowledged:
        spool.finish_raw(raw, "visto")
    wait_until(lambda: not spool.full)
    assert spool.add(event()).outcome == "stored"
    spool.close()


@pytest.fixture
def tiny_disk(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a tiny tmpfs needs root and the right to mount; the page limit's test covers the rest")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_disk_full_on_a_real_tiny_filesystem(tiny_disk: Path) -> None:
    spool = Spool(tiny_disk / "s.sqlite", reserve_bytes=512 * 1024)
    one = spool.add(event())
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(b"x" * 3_000_000)
    acknowledged = fill_until_refused(spool)
    assert spool.full
    assert set(acknowledged) <= stored_raw(tiny_disk / "s.sqlite")
    spool.settle([one.id])
    with pytest.raises(SpoolFull):
        spool.add(event())
    ballast.unlink()
    wait_until(lambda: not spool.full)
    assert spool.add(event()).outcome == "stored"
    assert set(acknowledged) <= stored_raw(tiny_disk / "s.sqlite")
    spool.close()


def test_documents_are_the_contracts_event(spool: Spool) -> None:
    spool.add(event())
    document = spool.batch()[0].document
    assert set(document) == {
        "id",
        "sequence",
        "post",
        "device",
        "device_kind",
        "device_time",
        "bridge_time",
        "instant",
        "skew_s",
        "way",
        "claim",
        "decision",
        "person",
        "score",
        "limit",
        "candidates",
        "frames",
        "calibration",
        "crop",
        "replayed",
        "raw_sha256",
    }
    assert json.dumps(document)
