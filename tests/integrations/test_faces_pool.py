"""Recognition processes with real photographs: the judgements in words, limits of memory and time, deaths and their end."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from integrations.faces import calibration, samples
from integrations.faces.analysis import PictureReport
from integrations.faces.decision import decide_one_to_one
from integrations.faces.embedding import average, distance
from integrations.faces.pictures import PictureError, to_jpeg
from integrations.faces.pool import RecognitionFailed, RecognitionPool
from integrations.faces.samples import Samples
from integrations.faces.tracking import Tracker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return samples.fetch(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def pool() -> Iterator[RecognitionPool]:
    with RecognitionPool(2) as opened:
        yield opened


@pytest.fixture(scope="module")
def portrait(photographs: Samples) -> Image.Image:
    return Image.open(photographs.same[0]).convert("RGB").resize((455, 568))


def pasted(*people: tuple[Image.Image, tuple[int, int]], size: tuple[int, int]) -> Image.Image:
    board = Image.new("RGB", size, (120, 130, 140))
    for image, place in people:
        board.paste(image, place)
    return board


def judged(pool: RecognitionPool, image: Image.Image) -> PictureReport:
    return pool.analyse(to_jpeg(image))


def test_good_picture_has_vector_jpeg_and_crop(pool: RecognitionPool, photographs: Samples) -> None:
    report = pool.analyse(photographs.same[0].read_bytes())
    assert (report.quality.code, report.quality.faces) == ("ok", 1)
    assert report.vector is not None
    assert np.linalg.norm(report.vector) == pytest.approx(1, abs=1e-5)
    assert b"Exif" not in report.jpeg
    assert max(Image.open(io.BytesIO(report.face_jpeg)).size) <= 320


def test_same_person_is_recognised_in_another_picture_and_another_is_not(
    pool: RecognitionPool, photographs: Samples
) -> None:
    reports = [pool.analyse(file.read_bytes()) for file in (*photographs.same, photographs.other)]
    vectors = [report.vector for report in reports if report.vector is not None]
    assert len(vectors) == 4
    limits = calibration.load()
    results = [
        decide_one_to_one(limits, person="p", enrolled=average(vectors[:2]), pictures=2, face=face, frames=1).result
        for face in vectors[2:]
    ]
    assert results == ["recognised", "unknown"]


def test_quality_is_said_in_words(pool: RecognitionPool, portrait: Image.Image) -> None:
    far = portrait.resize((110, 137))
    dark = ImageEnhance.Brightness(portrait)
    spoiled = {
        "sem_rosto": Image.new("RGB", (400, 400), (120, 140, 160)),
        "escura": dark.enhance(0.25),
        "clara": Image.eval(portrait, lambda value: min(255, 175 + value // 2)),
        "borrada": portrait.resize((228, 284)).filter(ImageFilter.GaussianBlur(4)),
        "dois_rostos": pasted((portrait, (0, 0)), (portrait, (455, 0)), size=(910, 568)),
        "rosto_pequeno": pasted((far, (300, 200)), size=(700, 540)),
        "rosto_cortado": portrait.crop((185, 0, 455, 568)),
    }
    found = {code: judged(pool, image).quality for code, image in spoiled.items()}
    assert {code: quality.code for code, quality in found.items()} == {code: code for code in spoiled}
    assert all(quality.message.endswith(".") for quality in found.values())


def test_nine_faces_are_counted_and_give_no_vector(pool: RecognitionPool, portrait: Image.Image) -> None:
    small = portrait.resize((300, 374))
    board = pasted(*((small, (300 * (n % 3), 374 * (n // 3))) for n in range(9)), size=(900, 1122))
    report = judged(pool, board)
    assert (report.quality.code, report.quality.faces, report.vector) == ("varios_rostos", 9, None)
    assert "9 pessoas" in report.quality.message


def test_same_pose_again_is_refused_and_another_picture_taken(pool: RecognitionPool, photographs: Samples) -> None:
    first = pool.analyse(photographs.same[0].read_bytes()).quality.look
    assert first is not None
    picture = Image.open(photographs.same[0]).convert("RGB")
    again = ImageEnhance.Brightness(picture.resize((800, 1000))).enhance(1.1)
    assert pool.analyse(to_jpeg(again), [first]).quality.code == "repetida"
    assert pool.analyse(photographs.same[1].read_bytes(), [first]).quality.ok


def test_small_picture_of_250_pixels_works(pool: RecognitionPool, portrait: Image.Image) -> None:
    report = judged(pool, portrait.crop((70, 20, 400, 350)).resize((250, 250)))
    assert report.vector is not None


def test_bad_files_are_answered_in_words_and_the_pool_goes_on(pool: RecognitionPool, portrait: Image.Image) -> None:
    bad = {
        "pdf": b"%PDF-1.7 x" * 50,
        "grande_demais": bytes(50 * 1024 * 1024),
        "vazia": b"",
        "truncada": to_jpeg(portrait)[:900],
    }
    before = pool.pids()
    assert {code: pool.analyse(data).quality.code for code, data in bad.items()} == {code: code for code in bad}
    assert all(pool.analyse(data).vector is None for data in bad.values())
    assert judged(pool, portrait).quality.ok
    assert set(before) <= set(pool.pids())


def test_document_picture_is_cleaned_or_refused(pool: RecognitionPool) -> None:
    data = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Fabricante"
    Image.new("RGB", (600, 400), "white").save(data, "JPEG", exif=exif.tobytes())
    assert b"Fabricante" not in pool.clean(data.getvalue())
    with pytest.raises(PictureError, match="PDF"):
        pool.clean(b"%PDF-1.7 x" * 50)


def test_frame_is_located_embedded_and_tracked_like_the_still_picture(
    pool: RecognitionPool, photographs: Samples
) -> None:
    frame = cv2.cvtColor(cv2.imread(str(photographs.same[0])), cv2.COLOR_BGR2RGB)
    [seen] = pool.locate(frame)
    assert seen.usable
    vector = pool.embed(seen.chip)
    still = pool.analyse(photographs.same[0].read_bytes()).vector
    assert still is not None
    assert distance(vector, still) < 0.1
    [again] = pool.locate(np.roll(frame, 12, axis=1), near=[seen.face])
    assert abs(again.face.left - seen.face.left - 12) < 20
    assert distance(pool.embed(again.chip), still) < 0.15
    [found] = pool.locate(frame, near=[replace(seen.face, left=0, right=60, top=0, bottom=60)])
    assert found.face == seen.face, "not where it was: sought everywhere"
    tracker = Tracker()
    [track] = tracker.update([seen], 0.0).wanted
    assert distance(tracker.add(track, vector, 0.0).vector, vector) < 1e-6


def test_memory_limit_stops_a_picture_and_not_the_process(portrait: Image.Image) -> None:
    heavy = io.BytesIO()
    Image.new("RGBA", (6000, 6000), (10, 200, 30, 128)).save(heavy, "PNG")
    with RecognitionPool(1, memory_bytes=420 * 1024 * 1024) as tight:
        assert tight.analyse(heavy.getvalue()).quality.code in {"bomba", "memoria"}
        assert judged(tight, portrait).quality.ok


def test_largest_picture_that_is_allowed_fits_the_limit(pool: RecognitionPool) -> None:
    heavy = io.BytesIO()
    Image.new("RGBA", (6300, 6300), (10, 200, 30, 128)).save(heavy, "PNG")
    assert pool.analyse(heavy.getvalue()).quality.code == "sem_rosto"


def test_killed_process_is_replaced_and_its_call_answered(portrait: Image.Image) -> None:
    data = to_jpeg(portrait)
    with RecognitionPool(1) as small:
        small.warm()
        [pid] = small.pids()
        os.kill(pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(small.analyse, data)
            time.sleep(0.3)
            os.kill(pid, signal.SIGKILL)
            assert answer.result(10).quality.code == "falha"
        assert small.analyse(data).quality.ok
        os.kill(small.pids()[0], signal.SIGKILL)
        time.sleep(0.2)
        assert small.analyse(data).quality.ok, "a process that died while idle costs nobody an answer"


def test_process_that_hangs_is_answered_in_time_and_replaced(portrait: Image.Image) -> None:
    with RecognitionPool(1, call_seconds=3) as small:
        small.warm()
        os.kill(small.pids()[0], signal.SIGSTOP)
        assert judged(small, portrait).quality.code == "tempo"
        assert judged(small, portrait).quality.ok


def test_more_threads_than_processes_all_get_their_answer(pool: RecognitionPool, portrait: Image.Image) -> None:
    data = to_jpeg(portrait)
    with ThreadPoolExecutor(6) as threads:
        reports = list(threads.map(lambda _: pool.analyse(data), range(12)))
    assert all(report.quality.ok for report in reports)
    assert len(pool.pids()) <= pool.size


def test_close_ends_every_process_and_refuses_calls(portrait: Image.Image) -> None:
    pool = RecognitionPool(2)
    pool.warm()
    pids = pool.pids()
    assert len(pids) == 2
    pool.close()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert judged(pool, portrait).quality.code == "fechado"
    with pytest.raises(RecognitionFailed):
        pool.locate(np.zeros((100, 100, 3), dtype=np.uint8))


def test_close_while_a_call_waits_answers_it(portrait: Image.Image) -> None:
    pool = RecognitionPool(1)
    pool.warm()
    os.kill(pool.pids()[0], signal.SIGSTOP)
    answers: list[PictureReport] = []
    thread = threading.Thread(target=lambda: answers.append(judged(pool, portrait)))
    thread.start()
    time.sleep(0.3)
    pool.close()
    thread.join(10)
    assert answers[0].quality.code == "fechado"


def test_processes_end_with_the_program_that_started_them_and_know_no_secret() -> None:
    root = Path(__file__).resolve().parents[2]
    program = (
        "import os, signal\n"
        "from integrations.faces.pool import RecognitionPool\n"
        "pool = RecognitionPool(1); pool.warm(); print(pool.pids()[0], flush=True); input()\n"
    )
    environment = os.environ | {"DATABASE_URL": "postgresql://user:secret@host/db"}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert "DATABASE_URL" not in child.environ()
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()


def test_samples_are_fetched_once_and_a_changed_one_is_mended(photographs: Samples) -> None:
    folder = photographs.other.parent
    photographs.other.write_bytes(b"changed")
    started = time.perf_counter()
    again = samples.fetch(folder)
    assert time.perf_counter() - started < 0.5, "from the archive kept, without the network"
    assert again.other.read_bytes()[:3] == b"\xff\xd8\xff"
