"""`./run --once`: the main job without a person, on real photographs, by the same ways as everybody else.

HTTP to the running server, the bridge as its own process, the real engine and worker. One JSON object a line for each
step (`step`, `ok`, `ms` and what it made); the last holds `declaration_pdf`, `code`, `validation_url`, `entry_result`.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

from integrations.faces.samples import SamplesUnavailable, fetch
from webapp.cli.installation import data_folder, make_data_folder
from webapp.cli.rehearsal import Rehearsal
from webapp.cli.start import Plan, bring_up, free_port, line, offset_of
from workflow import clock
from workflow.calendar import holiday_name

Pictures = tuple[list[bytes], list[bytes], bytes]


def once(data: Path | None, *, at: str | None, photos: list[Path], frames: list[Path], stranger: Path | None) -> int:
    """Run it; the exit status: 0 only if every step held."""
    folder = data.absolute() if data else data_folder(None) / "demonstracao"
    if data is None:
        shutil.rmtree(folder, ignore_errors=True)
    make_data_folder(data_folder(data))
    started = time.perf_counter()
    try:
        pictures = chosen_pictures(data_folder(data) / "amostras", photos, frames, stranger)
    except (SamplesUnavailable, OSError) as error:
        line(step="fotografias", ok=False, ms=_since(started), error=str(error))
        return 1
    line(step="fotografias", ok=True, ms=_since(started), photos=len(pictures[0]), frames=len(pictures[1]))
    started = time.perf_counter()
    plan = Plan(folder, "127.0.0.1", free_port(8000), offset_of(at or next_opening()))
    try:
        supervisor, demonstration = bring_up(plan)
    except Exception as error:
        line(step="inicio", ok=False, ms=_since(started), error=str(error))
        return 1
    try:
        clock.configure(plan.offset)
        line(step="inicio", ok=True, ms=_since(started), url=plan.url, legal_clock=clock.local(clock.now()).isoformat())
        return rehearse(Rehearsal(plan, demonstration, *pictures, cpf=made_up_cpf(pictures[0])))
    finally:
        supervisor.stop()


def rehearse(rehearsal: Rehearsal) -> int:
    """Every step in its order, then the line that sums up; 0 when all held."""
    started = time.perf_counter()
    rehearsal.step("cadastro", rehearsal.register)
    rehearsal.step("conta", rehearsal.open_account)
    rehearsal.step("cpf_comprovado", rehearsal.prove_cpf)
    rehearsal.step("galeria", rehearsal.gallery_arrives)
    if len(rehearsal.photos) >= 3:
        rehearsal.step("entrada_1_n", rehearsal.nobody_says_anything)
    rehearsal.step("entrada", rehearsal.known_face)
    rehearsal.step("comparecimento", rehearsal.listed)
    rehearsal.step("declaracao", rehearsal.issue)
    rehearsal.step("validacao", rehearsal.validate)
    rehearsal.step("copia_alterada", rehearsal.altered_copy)
    rehearsal.step("estranho", rehearsal.stranger_face)
    wanted = ("declaration_pdf", "code", "validation_url", "entry_result")
    summary = {name: rehearsal.result.get(name) for name in wanted}
    line(step="resumo", ok=not rehearsal.failed, ms=_since(started), **summary)
    return int(rehearsal.failed)


def chosen_pictures(folder: Path, photos: list[Path], frames: list[Path], stranger: Path | None) -> Pictures:
    """The user's own pictures, and for what was not given those of face_recognition's source archive."""
    if not (photos and frames and stranger):
        samples = fetch(folder)
        photos = photos or list(samples.same[:2])
        frames = frames or [samples.same[2]]
        stranger = stranger or samples.other
    return [path.read_bytes() for path in photos], [path.read_bytes() for path in frames], stranger.read_bytes()


def next_opening() -> str:
    """10:00 of the next business day (today's, while that is still to come)."""
    now = clock.local(clock.real_now())
    day = now.date() if now.hour < 10 else now.date() + timedelta(days=1)
    while day.weekday() >= 5 or holiday_name(day) is not None:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 10, tzinfo=clock.TZ).isoformat()


def made_up_cpf(photos: list[bytes]) -> str:
    """A well-formed CPF that is always the same for the same photographs, so that a second run finds the person."""
    digits = [int(digit) for digit in f"{int(hashlib.sha256(b''.join(photos)).hexdigest(), 16) % 10**9:09}"]
    for length in (9, 10):
        rest = sum(digit * weight for digit, weight in zip(digits, range(length + 1, 1, -1), strict=False)) * 10 % 11
        digits.append(0 if rest == 10 else rest)
    return "".join(map(str, digits))


def _since(start: float) -> int:
    return round((time.perf_counter() - start) * 1000)
