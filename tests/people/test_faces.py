"""Enrolment, following a face over visits, candidates at the desk, the gallery's cursor, the short list, retention."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from people import faces, gallery
from people.models import FaceRecord, GalleryChange, Person
from people.persons import create_person
from tests.people.conftest import CPF, face
from workflow import clock
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound

JPEG = b"\xff\xd8\xff\xe0 rosto"
DOCUMENT = b"\xff\xd8\xff\xe0 documento"


def enrolled(session: Session, seed: int, name: str = "Maria Silva", cpf: str | None = None) -> Person:
    person = create_person(session, name, cpf, verified=True)
    shots = [face(seed, 0.3, shot) for shot in range(3)]
    faces.enrol(session, person.id, vectors=shots, face_jpeg=JPEG, document_jpeg=DOCUMENT)
    return person


def test_R6_one_face_one_document_one_average_and_all_of_it_encrypted(session: Session) -> None:
    person = enrolled(session, 1)
    row = session.execute(text("SELECT * FROM face_record")).mappings().one()
    raw = [bytes(value) for value in row.values() if isinstance(value, bytes | memoryview)]
    assert len(raw) == 3
    plain = [JPEG, DOCUMENT, face(1).tobytes()[:16]]
    assert not any(part in value for part in plain for value in raw)
    assert faces.picture(session, person.id, "face") == JPEG
    assert faces.picture(session, person.id, "document") == DOCUMENT
    found = faces.vector_of(session, person.id)
    assert found is not None
    vector, pictures = found
    assert pictures == 3
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-6)
    assert np.linalg.norm(vector - face(1)) < np.linalg.norm(face(1, 0.3, 0) - face(1))


def test_nobody_is_enrolled_twice(session: Session) -> None:
    person = enrolled(session, 1)
    with pytest.raises(InvalidInput):
        faces.enrol(session, person.id, vectors=[face(1)], face_jpeg=JPEG, document_jpeg=None)


@pytest.mark.parametrize("bad", [np.zeros(128), np.full(128, np.nan), np.ones(127), np.ones((2, 128))])
def test_what_is_no_vector_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(InvalidInput):
        faces.unit(bad)


def test_a_confirmed_visit_moves_the_vector_and_adds_no_picture(session: Session) -> None:
    person = enrolled(session, 1)
    older = face(1, 0.5, 99)
    before = faces.vector_of(session, person.id)
    pictures = session.execute(text("SELECT face_picture, document_picture FROM face_record")).one()
    assert faces.update(session, person.id, older)
    after = faces.vector_of(session, person.id)
    assert before is not None
    assert after is not None
    assert np.linalg.norm(after[0] - older) < np.linalg.norm(before[0] - older)
    assert after[1] == 4
    assert session.execute(text("SELECT face_picture, document_picture FROM face_record")).one() == pictures


def test_an_old_average_still_follows_the_face(session: Session) -> None:
    person = enrolled(session, 1)
    session.execute(update(FaceRecord).values(pictures=1000))
    session.expire_all()
    for _ in range(40):
        faces.update(session, person.id, face(2))
    found = faces.vector_of(session, person.id)
    assert found is not None
    assert np.linalg.norm(found[0] - face(2)) < 0.1


def test_without_a_face_there_is_nothing_to_update_or_show(session: Session) -> None:
    person = create_person(session, "Maria Silva", None, verified=False)
    assert not faces.update(session, person.id, face(1))
    assert faces.vector_of(session, person.id) is None
    with pytest.raises(NotFound):
        faces.picture(session, person.id, "face")


def test_candidates_are_the_nearest_first(session: Session) -> None:
    people = [enrolled(session, seed) for seed in range(1, 9)]
    found = faces.candidates(session, face(3, 0.3, 50), limit=3)
    assert found[0].person_id == people[2].id
    assert found[0].distance < 0.5
    assert [near.distance for near in found] == sorted(near.distance for near in found)
    assert faces.candidates(session, face(77), within=0.6) == []


def test_candidates_follow_changes_and_drops(session: Session) -> None:
    people = [enrolled(session, seed) for seed in range(1, 90)]
    assert faces.candidates(session, face(5))[0].person_id == people[4].id
    faces.drop(session, people[4].id)
    assert faces.candidates(session, face(5)) == []
    late = enrolled(session, 5)
    assert faces.candidates(session, face(5))[0].person_id == late.id
    for index in (0, 88, 50):
        faces.drop(session, people[index].id)
        assert faces.candidates(session, face(index + 1)) == []
    assert faces.candidates(session, face(89 - 1))[0].person_id == people[87].id


def test_a_registration_rolled_back_is_nobodys_candidate(database_url: str) -> None:
    with transaction() as session:
        enrolled(session, 1)
        assert len(faces.candidates(session, face(1))) == 1
        session.rollback()
    with transaction() as session:
        assert faces.candidates(session, face(1)) == []
        person = enrolled(session, 1)
        assert [near.person_id for near in faces.candidates(session, face(1))] == [person.id]


def ops(page: gallery.GalleryPage) -> list[tuple[str, UUID]]:
    return [(item.op, item.person_id) for item in page.items]


def test_the_cursor_gives_put_seen_and_drop_once(session: Session) -> None:
    maria, rosa = enrolled(session, 1, cpf=CPF), enrolled(session, 2, "Rosa Lima")
    first = faces.gallery_changes(session, 0)
    assert sorted(ops(first)) == sorted([("put", maria.id), ("put", rosa.id)])
    put = next(item for item in first.items if item.person_id == maria.id)
    assert (put.full_name, put.cpf, put.pictures) == ("Maria Silva", CPF, 3)
    assert put.vector is not None
    assert put.vector.shape == (128,)
    assert ops(faces.gallery_changes(session, first.cursor)) == []
    faces.mark_seen(session, maria.id, clock.now() + timedelta(minutes=1))
    seen = faces.gallery_changes(session, first.cursor)
    assert ops(seen) == [("seen", maria.id)]
    faces.drop(session, maria.id)
    assert ops(faces.gallery_changes(session, seen.cursor)) == [("drop", maria.id)]
    assert sorted(ops(faces.gallery_changes(session, 0))) == sorted([("put", rosa.id), ("drop", maria.id)])


def test_pages(session: Session) -> None:
    people = {enrolled(session, seed).id for seed in range(1, 8)}
    cursor, got, more = 0, set(), True
    while more:
        page = faces.gallery_changes(session, cursor, limit=3)
        assert len(page.items) <= 3
        got |= {item.person_id for item in page.items}
        assert page.cursor > cursor
        cursor, more = page.cursor, page.more
    assert got == people


def test_a_change_that_commits_late_is_not_jumped_over(database_url: str) -> None:
    with transaction() as session:
        early = enrolled(session, 1)
    with transaction() as slow:
        late = enrolled(slow, 2)
        with transaction() as session:
            fast = enrolled(session, 3)
        with transaction() as reader:
            page = faces.gallery_changes(reader, 0)
            assert {item.person_id for item in page.items} == {early.id, fast.id}
    with transaction() as reader:
        assert ops(faces.gallery_changes(reader, page.cursor)) == [("put", late.id)]


def test_a_cursor_ahead_of_a_restored_database_starts_over(session: Session) -> None:
    person = enrolled(session, 1)
    assert ops(faces.gallery_changes(session, 10_000_000)) == [("put", person.id)]
    assert ops(faces.gallery_changes(session, -5)) == [("put", person.id)]


def test_the_table_of_changes_does_not_grow_with_visits(session: Session) -> None:
    person = enrolled(session, 1)
    for minute in range(20):
        faces.mark_seen(session, person.id, clock.now() + timedelta(minutes=minute))
        faces.gallery_changes(session, 0)
    assert session.scalar(select(func.count()).select_from(GalleryChange)) == 2


def test_an_older_visit_does_not_turn_seen_back(session: Session) -> None:
    person = enrolled(session, 1)
    page = faces.gallery_changes(session, 0)
    faces.mark_seen(session, person.id, clock.now() - timedelta(days=1))
    assert ops(faces.gallery_changes(session, page.cursor)) == []


def test_the_short_list_is_30_days_latest_first_at_most_600(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [enrolled(session, seed) for seed in range(1, 6)]
    for days, person in enumerate(people):
        session.execute(
            update(FaceRecord)
            .where(FaceRecord.person_id == person.id)
            .values(seen_at=clock.now() - timedelta(days=10 * days, minutes=-1))
        )
    assert faces.short_list(session) == [person.id for person in people[:4]]
    assert faces.SHORT_LIST_LENGTH == 600
    monkeypatch.setattr(gallery, "SHORT_LIST_LENGTH", 2)
    assert faces.short_list(session) == [person.id for person in people[:2]]


def test_P7_a_face_expires_24_months_after_the_last_entry(session: Session) -> None:
    old, fresh = enrolled(session, 1), enrolled(session, 2)
    session.execute(
        update(FaceRecord).where(FaceRecord.person_id == old.id).values(seen_at=clock.now() - timedelta(days=731))
    )
    assert faces.expire_faces(session) == 1
    assert session.scalars(select(FaceRecord.person_id)).all() == [fresh.id]
    assert session.get_one(Person, old.id).full_name == "Maria Silva"
    assert ("drop", old.id) in ops(faces.gallery_changes(session, 0))
