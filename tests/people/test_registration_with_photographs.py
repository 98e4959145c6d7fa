"""The desk with real photographs and the real recognition processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from integrations.faces.pool import RecognitionPool
from people import faces, registration
from workflow.actor import Actor
from workflow.errors import InvalidInput

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool() -> Iterator[RecognitionPool]:
    with RecognitionPool(size=1) as running:
        yield running


def test_R5_a_registered_face_is_a_candidate_in_another_photograph(
    session: Session, desk: Actor, pool: RecognitionPool, faces_folder: Path
) -> None:
    people = sorted((faces_folder / "known").iterdir())[:4]
    registered = {}
    for folder in people:
        draft = registration.start(session, actor=desk).id
        registration.describe(session, draft, full_name=folder.name.replace("_", " "), actor=desk)
        for number in (1, 2, 3):
            report = pool.analyse((folder / f"{number}.jpg").read_bytes())
            if report.quality.ok:
                registration.add_picture(session, draft, "face", report, actor=desk)
        registration.add_document(session, draft, pool.clean((folder / "1.jpg").read_bytes()), actor=desk)
        looks = registration.earlier_looks(session, draft, actor=desk)
        assert looks
        registration.candidates(session, draft, actor=desk)
        registered[folder.name] = registration.finish(session, draft, actor=desk).person_id
    hits = 0
    for folder in people:
        report = pool.principal((folder / "4.jpg").read_bytes())
        assert report.vector is not None
        nearest = faces.candidates(session, report.vector, limit=1, within=2.0)
        hits += nearest[0].person_id == registered[folder.name]
    assert hits == len(people)


def test_the_same_picture_again_is_told_by_the_looks_that_the_draft_kept(
    session: Session, desk: Actor, pool: RecognitionPool, faces_folder: Path
) -> None:
    data = (sorted((faces_folder / "known").iterdir())[0] / "1.jpg").read_bytes()
    first = pool.analyse(data)
    assert first.quality.look is not None
    draft = registration.start(session, actor=desk).id
    registration.add_picture(session, draft, "face", first, actor=desk)
    assert registration.earlier_looks(session, draft, actor=desk) == [asdict(first.quality.look)]
    again = pool.analyse(data, [first.quality.look])
    with pytest.raises(InvalidInput) as caught:
        registration.add_picture(session, draft, "face", again, actor=desk)
    assert "igual a uma anterior" in caught.value.fields["face"]
