"""The desk: R4 to R6, R8 to R11, the candidates that must be seen, two attendants at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from integrations.faces import calibration
from people import drafts, faces, queries, registration
from people.errors import CandidatesNotSeen, CpfTaken
from people.models import DocumentWaiver, DraftPicture, FaceRecord, MinorDiscard, Person, RegistrationDraft
from people.persons import create_person
from tests.people.conftest import CPF, OTHER_CPF, face, staff
from workflow import clock, history
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound

JPEG = b"\xff\xd8\xff\xe0"


@dataclass(frozen=True)
class Look:
    """Stands where the analysis puts its measures."""

    sharpness: float
    hash: int = 1 << 63


@dataclass(frozen=True)
class Quality:
    ok: bool = True
    code: str = "ok"
    message: str = "Foto boa."
    look: Look = field(default_factory=lambda: Look(10.0))


@dataclass(frozen=True, eq=False)
class Report:
    vector: npt.NDArray[np.float32] | None
    jpeg: bytes = JPEG + b"inteira"
    face_jpeg: bytes = JPEG + b"rosto"
    quality: Quality = field(default_factory=Quality)


def shot(seed: int, number: int = 0, sharpness: float = 10.0) -> Report:
    quality = Quality(look=Look(sharpness))
    return Report(face(seed, 0.2, number), face_jpeg=JPEG + f"rosto{number}".encode(), quality=quality)


def draft(
    session: Session, actor: Actor, seed: int, name: str = "Maria da Silva", cpf: str = "", document: bool = True
) -> UUID:
    identifier = registration.start(session, actor=actor).id
    registration.describe(session, identifier, full_name=name, cpf=cpf, actor=actor)
    for number in range(3):
        registration.add_picture(session, identifier, "face", shot(seed, number), actor=actor)
    if document:
        registration.add_document(session, identifier, JPEG + b"documento", actor=actor)
    return identifier


def register(session: Session, actor: Actor, seed: int, name: str = "Maria da Silva", cpf: str = "") -> UUID:
    identifier = draft(session, actor, seed, name, cpf)
    registration.candidates(session, identifier, actor=actor)
    return registration.finish(session, identifier, actor=actor).person_id


def test_R4_first_access(session: Session, desk: Actor) -> None:
    identifier = draft(session, desk, 1, cpf="529.982.247-25")
    assert registration.candidates(session, identifier, actor=desk) == []
    done = registration.finish(session, identifier, actor=desk)
    assert done.created
    person = queries.person(session, done.person_id)
    assert person is not None
    assert (person.full_name, person.cpf, person.has_face) == ("Maria da Silva", CPF, True)
    assert person.cpf_verified_at is not None
    assert session.get(RegistrationDraft, identifier) is None
    assert session.scalar(select(func.count()).select_from(DraftPicture)) == 0


def test_R4_the_cpf_is_asked_for_and_not_demanded(session: Session, desk: Actor) -> None:
    person = queries.person(session, register(session, desk, 1))
    assert person is not None
    assert (person.cpf, person.cpf_verified_at) == (None, None)


@pytest.mark.parametrize("missing", ["full_name", "face", "document"])
def test_R4_what_is_missing_is_named(session: Session, desk: Actor, missing: str) -> None:
    identifier = registration.start(session, actor=desk).id
    if missing != "full_name":
        registration.describe(session, identifier, full_name="Maria da Silva", actor=desk)
    if missing != "face":
        registration.add_face(session, identifier, shot(1), actor=desk)
    if missing != "document":
        registration.add_document(session, identifier, JPEG, actor=desk)
    registration.candidates(session, identifier, actor=desk)
    with pytest.raises(InvalidInput) as caught:
        registration.finish(session, identifier, actor=desk)
    assert set(caught.value.fields) == {missing}


def test_R6_the_sharpest_picture_rests_and_the_others_do_not(session: Session, desk: Actor) -> None:
    identifier = registration.start(session, actor=desk).id
    registration.describe(session, identifier, full_name="Maria da Silva", actor=desk)
    for number, sharpness in enumerate([10.0, 90.0, 30.0]):
        registration.add_face(session, identifier, shot(1, number, sharpness), actor=desk)
    registration.add_document(session, identifier, JPEG + b"documento", actor=desk)
    registration.candidates(session, identifier, actor=desk)
    person_id = registration.finish(session, identifier, actor=desk).person_id
    assert faces.picture(session, person_id, "face") == JPEG + b"rosto1"
    found = faces.vector_of(session, person_id)
    assert found is not None
    assert found[1] == 3


def test_R6_R7_nothing_else_has_a_column(session: Session) -> None:
    allowed = {
        "id", "full_name", "name_folded", "name_tokens", "cpf", "cpf_verified_at", "without_document",
        "created_at", "erased_at",
    }  # fmt: skip
    assert set(Person.__table__.columns.keys()) == allowed
    assert set(drafts.Details.__dataclass_fields__) == {"full_name", "cpf", "justification"}


def test_a_bad_picture_is_refused_in_its_own_words(session: Session, desk: Actor) -> None:
    identifier = registration.start(session, actor=desk).id
    dark = Report(None, quality=Quality(ok=False, code="escura", message="A foto está muito escura."))
    with pytest.raises(InvalidInput) as caught:
        registration.add_picture(session, identifier, "face", dark, actor=desk)
    assert caught.value.fields == {"face": "A foto está muito escura."}
    unreadable = Report(None, jpeg=b"", quality=Quality(ok=False, code="pdf", message="O arquivo é um PDF."))
    with pytest.raises(InvalidInput, match="Confira"):
        registration.add_picture(session, identifier, "document", unreadable, actor=desk)
    with pytest.raises(InvalidInput):
        registration.add_document(session, identifier, b"%PDF-1.7", actor=desk)
    assert registration.view(session, identifier, actor=desk).pictures == ()


def test_R6_one_registration_takes_the_pictures_of_one_person(session: Session, desk: Actor) -> None:
    identifier = registration.start(session, actor=desk).id
    registration.add_face(session, identifier, shot(1), actor=desk)
    for number in range(2):
        with pytest.raises(InvalidInput, match="outra pessoa") as caught:
            registration.add_picture(session, identifier, "face", shot(2, number), actor=desk)
        assert caught.value.code == "outra_pessoa"
        assert registration.add_face(session, identifier, shot(1, number + 1), actor=desk).faces == number + 2
    for taken in registration.view(session, identifier, actor=desk).pictures:
        registration.remove_picture(session, identifier, taken.id, actor=desk)
    assert registration.add_face(session, identifier, shot(2), actor=desk).faces == 1


def test_R6_the_limit_between_two_people_is_the_calibrations(session: Session, desk: Actor) -> None:
    shipped = calibration.load()
    strict = replace(shipped, one_to_one=tuple(calibration.Limits(0.1, 0.2) for _ in shipped.one_to_one))
    identifier = registration.start(session, actor=desk).id
    registration.add_face(session, identifier, shot(1), actor=desk)
    with pytest.raises(InvalidInput, match="outra pessoa"):
        registration.add_face(session, identifier, shot(1, 1), actor=desk, calibration=strict)
    assert registration.add_face(session, identifier, shot(1, 1), actor=desk, calibration=shipped).faces == 2


def test_there_is_an_end_to_pictures(session: Session, desk: Actor) -> None:
    identifier = registration.start(session, actor=desk).id
    for number in range(drafts.MOST_FACES):
        registration.add_face(session, identifier, shot(1, number), actor=desk)
    with pytest.raises(Conflict):
        registration.add_face(session, identifier, shot(1, 99), actor=desk)
    view = registration.view(session, identifier, actor=desk)
    registration.remove_picture(session, identifier, view.pictures[0].id, actor=desk)
    assert registration.add_face(session, identifier, shot(1, 99), actor=desk).faces == drafts.MOST_FACES


def test_earlier_looks_come_back_for_the_next_judgement(session: Session, desk: Actor) -> None:
    identifier = registration.start(session, actor=desk).id
    registration.add_face(session, identifier, shot(1, 0, 33.5), actor=desk)
    assert registration.earlier_looks(session, identifier, actor=desk) == [{"sharpness": 33.5, "hash": 1 << 63}]


def test_R5_found_by_cpf_by_name_and_by_face(session: Session, desk: Actor) -> None:
    known = register(session, desk, 1, "Maria da Conceição Silva", CPF)
    homonym = register(session, desk, 2, "MARIA SILVA CONCEICAO", OTHER_CPF)
    by_cpf = draft(session, desk, 9, "Outra Pessoa", CPF)
    assert [(c.person_id, c.reasons) for c in registration.candidates(session, by_cpf, actor=desk)] == [
        (known, ("cpf",))
    ]
    by_name = draft(session, desk, 8, "maria conceição")
    found = registration.candidates(session, by_name, actor=desk)
    assert {c.person_id: c.reasons for c in found} == {known: ("nome",), homonym: ("nome",)}
    by_face = draft(session, desk, 1, "Nome Diferente")
    (candidate,) = registration.candidates(session, by_face, actor=desk)
    assert (candidate.person_id, candidate.reasons, candidate.has_face) == (known, ("rosto",), True)
    assert candidate.masked_cpf == "***.982.247-**"
    assert candidate.distance is not None
    assert candidate.distance < 0.4


def test_nobody_is_registered_before_the_candidates_were_seen(session: Session, desk: Actor) -> None:
    known = register(session, desk, 1)
    identifier = draft(session, desk, 1)
    with pytest.raises(CandidatesNotSeen):
        registration.finish(session, identifier, actor=desk)
    with pytest.raises(CandidatesNotSeen):
        registration.finish(session, identifier, actor=desk, link_to=known)
    registration.candidates(session, identifier, actor=desk)
    assert registration.finish(session, identifier, actor=desk, link_to=known).person_id == known


def test_candidates_must_be_seen_again_when_the_name_changes_or_somebody_new_appears(
    session: Session, desk: Actor
) -> None:
    register(session, desk, 1, "Rosa Lima")
    identifier = draft(session, desk, 5, "Maria da Silva")
    assert registration.candidates(session, identifier, actor=desk) == []
    registration.describe(session, identifier, full_name="Rosa Lima", actor=desk)
    with pytest.raises(CandidatesNotSeen):
        registration.finish(session, identifier, actor=desk)
    registration.candidates(session, identifier, actor=desk)
    register(session, desk, 7, "Rosa Maria Lima")
    with pytest.raises(CandidatesNotSeen):
        registration.finish(session, identifier, actor=desk)
    registration.candidates(session, identifier, actor=desk)
    assert registration.finish(session, identifier, actor=desk).created


def test_nobody_is_linked_to_somebody_who_was_not_shown(session: Session, desk: Actor) -> None:
    stranger = register(session, desk, 1, "Rosa Lima")
    identifier = draft(session, desk, 5)
    registration.candidates(session, identifier, actor=desk)
    with pytest.raises(CandidatesNotSeen):
        registration.finish(session, identifier, actor=desk, link_to=stranger)


def test_R5_later_access_keeps_the_pictures_and_moves_the_vector(session: Session, desk: Actor) -> None:
    known = register(session, desk, 1)
    before = session.execute(text("SELECT face_picture, document_picture FROM face_record")).one()
    identifier = draft(session, desk, 1)
    registration.candidates(session, identifier, actor=desk)
    done = registration.finish(session, identifier, actor=desk, link_to=known)
    assert not done.created
    assert session.execute(text("SELECT face_picture, document_picture FROM face_record")).one() == before
    assert session.scalar(select(func.count()).select_from(Person)) == 1
    found = faces.vector_of(session, known)
    assert found is not None
    assert found[1] == 6


def test_D8_a_cpf_on_the_document_completes_an_existing_registration(session: Session, desk: Actor) -> None:
    known = register(session, desk, 1)
    identifier = draft(session, desk, 1, cpf=CPF)
    registration.candidates(session, identifier, actor=desk)
    registration.finish(session, identifier, actor=desk, link_to=known)
    person = queries.person_by_cpf(session, CPF)
    assert person is not None
    assert person.id == known
    assert person.cpf_verified_at is not None


def test_another_cpf_is_another_person(session: Session, desk: Actor) -> None:
    known = register(session, desk, 1, cpf=CPF)
    identifier = draft(session, desk, 1, cpf=OTHER_CPF)
    registration.candidates(session, identifier, actor=desk)
    with pytest.raises(Conflict, match="outro CPF"):
        registration.finish(session, identifier, actor=desk, link_to=known)


def test_a_person_known_by_cpf_only_receives_the_face(session: Session, desk: Actor) -> None:
    known = create_person(session, "Maria da Silva", CPF, verified=True)
    identifier = draft(session, desk, 1, cpf=CPF)
    registration.candidates(session, identifier, actor=desk)
    registration.finish(session, identifier, actor=desk, link_to=known.id)
    assert session.scalars(select(FaceRecord.person_id)).all() == [known.id]


def test_the_same_cpf_again_is_a_conflict_that_says_what_to_do(session: Session, desk: Actor) -> None:
    register(session, desk, 1, cpf=CPF)
    identifier = draft(session, desk, 2, "Outra Pessoa", CPF)
    registration.candidates(session, identifier, actor=desk)
    with pytest.raises(CpfTaken, match="Abra o cadastro existente"):
        registration.finish(session, identifier, actor=desk)
    assert registration.view(session, identifier, actor=desk).details.cpf == CPF


def test_two_attendants_registering_the_same_cpf_at_once_make_one_person(database_url: str) -> None:
    with transaction() as session:
        actors = [staff(session, "identificacao", login=f"atendente{n}") for n in range(2)]
        prepared = [
            draft(session, actor, n + 1, f"Maria {'Silva' if n else 'Souza'}", CPF) for n, actor in enumerate(actors)
        ]
        for actor, identifier in zip(actors, prepared, strict=True):
            registration.candidates(session, identifier, actor=actor)
    barrier = threading.Barrier(2)
    outcomes: list[object] = []

    def finish(actor: Actor, identifier: UUID) -> None:
        barrier.wait()
        try:
            with transaction() as session:
                outcomes.append(registration.finish(session, identifier, actor=actor).created)
        except DomainError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=finish, args=pair) for pair in zip(actors, prepared, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(True) == 1
    assert set(outcomes) - {True} <= {"cpf_ja_cadastrado", "candidatos_nao_vistos"}
    with transaction() as session:
        assert session.scalars(select(Person.cpf)).all() == [CPF]
        assert history.verify(session).ok


def test_R11_only_the_gpol_lets_register_without_document(session: Session, desk: Actor, gpol: Actor) -> None:
    identifier = draft(session, desk, 1, cpf=CPF, document=False)
    registration.candidates(session, identifier, actor=desk)
    with pytest.raises(InvalidInput, match="Confira"):
        registration.finish(session, identifier, actor=desk)
    reason = "Documento furtado hoje, conforme boletim de ocorrência."
    for act in (registration.view, registration.refuse_without_document):
        with pytest.raises(Forbidden, match="não pediu"):
            act(session, identifier, actor=gpol)
    registration.request_without_document(session, identifier, actor=desk)
    for officer in (desk, staff(session, "gestor", "DIR")):
        with pytest.raises(Forbidden):
            registration.authorize_without_document(session, identifier, reason, actor=officer)
        with pytest.raises(Forbidden):
            registration.waiver_requests(session, actor=officer)
    with pytest.raises(InvalidInput):
        registration.authorize_without_document(session, identifier, " ", actor=gpol)
    registration.authorize_without_document(session, identifier, reason, actor=gpol)
    person_id = registration.finish(session, identifier, actor=desk).person_id
    person = session.get_one(Person, person_id)
    assert person.without_document
    assert person.cpf is None, "R11: a CPF said aloud is not kept"
    waiver = session.get_one(DocumentWaiver, person_id)
    assert waiver.officer_id == gpol.id
    assert reason.encode() not in waiver.justification
    assert reason not in session.execute(text("SELECT string_agg(event::text, '') FROM event")).scalar_one()


def test_R11_a_request_waits_for_the_gpol_until_it_is_answered(session: Session, desk: Actor, gpol: Actor) -> None:
    identifier = draft(session, desk, 1, document=False)
    assert registration.waiver_requests(session, actor=gpol) == []
    for _ in range(2):
        assert registration.request_without_document(session, identifier, actor=desk).waiver == "asked"
    (waiting,) = registration.waiver_requests(session, actor=gpol)
    assert (waiting.draft_id, waiting.full_name, waiting.asked_by) == (identifier, "Maria da Silva", desk.id)
    shown = [registration.waiver_picture(session, identifier, one, actor=gpol) for one in waiting.faces]
    assert shown == [JPEG + f"rosto{number}".encode() for number in range(3)]
    assert registration.refuse_without_document(session, identifier, actor=gpol).waiver == "refused"
    assert registration.waiver_requests(session, actor=gpol) == []
    with pytest.raises(Conflict, match="já foi respondido"):
        registration.authorize_without_document(session, identifier, "Documento furtado hoje.", actor=gpol)
    with pytest.raises(Conflict):
        registration.waiver_picture(session, identifier, waiting.faces[0], actor=gpol)
    registration.candidates(session, identifier, actor=desk)
    with pytest.raises(InvalidInput):
        registration.finish(session, identifier, actor=desk)
    registration.request_without_document(session, identifier, actor=desk)
    assert len(registration.waiver_requests(session, actor=gpol)) == 1
    kinds = session.scalars(text("SELECT kind FROM event WHERE kind LIKE 'cadastro_sem%' ORDER BY seq")).all()
    assert kinds == ["cadastro_sem_documento_pedido", "cadastro_sem_documento_negado", "cadastro_sem_documento_pedido"]


def test_R11_a_request_ends_with_its_draft_and_shows_no_document(session: Session, desk: Actor, gpol: Actor) -> None:
    identifier = draft(session, desk, 1)
    registration.request_without_document(session, identifier, actor=desk)
    document = next(
        one.id for one in registration.view(session, identifier, actor=desk).pictures if one.kind == "document"
    )
    with pytest.raises(NotFound):
        registration.waiver_picture(session, identifier, document, actor=gpol)
    session.get_one(RegistrationDraft, identifier).expires_at = clock.real_now() - timedelta(seconds=1)
    session.flush()
    assert registration.waiver_requests(session, actor=gpol) == []
    with pytest.raises(NotFound, match="não existe mais"):
        registration.authorize_without_document(session, identifier, "Documento furtado hoje.", actor=gpol)


def test_R11_the_gpol_is_asked_about_a_face(session: Session, desk: Actor) -> None:
    identifier = registration.start(session, actor=desk).id
    with pytest.raises(InvalidInput) as caught:
        registration.request_without_document(session, identifier, actor=desk)
    assert set(caught.value.fields) == {"face"}


def test_R10_a_minor_leaves_a_number_and_nothing_else(session: Session, desk: Actor) -> None:
    identifier = draft(session, desk, 1, "Joana Menor da Silva", CPF)
    registration.discard(session, identifier, minor=True, actor=desk)
    again = registration.start(session, actor=desk).id
    registration.discard(session, again, minor=True, actor=desk)
    assert session.scalars(select(MinorDiscard.discarded)).all() == [2]
    for table in (RegistrationDraft, DraftPicture, Person, FaceRecord):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    events = session.execute(text("SELECT kind, data FROM event")).all()
    assert [(kind, json.loads(data)) for kind, data in events] == [("menor_descartado", {})] * 2


def test_discarding_an_adults_draft_counts_nothing(session: Session, desk: Actor) -> None:
    registration.discard(session, draft(session, desk, 1), actor=desk)
    assert session.scalar(select(func.count()).select_from(MinorDiscard)) == 0


def test_a_draft_is_its_attendants_only(session: Session, desk: Actor, gpol: Actor, cac: Actor) -> None:
    identifier = draft(session, desk, 1)
    other = staff(session, "identificacao")
    calls: list[Callable[[], object]] = [
        lambda: registration.view(session, identifier, actor=other),
        lambda: registration.candidates(session, identifier, actor=other),
        lambda: registration.finish(session, identifier, actor=other),
        lambda: registration.discard(session, identifier, actor=other),
        lambda: registration.view(session, identifier, actor=cac),
        lambda: registration.view(session, identifier, actor=gpol),
        lambda: registration.start(session, actor=gpol),
        lambda: registration.start(session, actor=cac),
    ]
    for call in calls:
        with pytest.raises(Forbidden):
            call()
    registration.request_without_document(session, identifier, actor=desk)
    assert registration.view(session, identifier, actor=gpol).faces == 3


def test_a_draft_expires_after_an_hour_of_real_time(session: Session, desk: Actor) -> None:
    identifier = draft(session, desk, 1)
    clock.configure(timedelta(days=30))
    assert registration.view(session, identifier, actor=desk).faces == 3
    assert registration.purge_drafts(session) == 0
    session.execute(update(RegistrationDraft).values(expires_at=clock.real_now()))
    with pytest.raises(NotFound):
        registration.view(session, identifier, actor=desk)
    assert registration.purge_drafts(session) == 1
    assert session.scalar(select(func.count()).select_from(DraftPicture)) == 0


def test_nothing_of_a_draft_rests_in_the_clear(session: Session, desk: Actor) -> None:
    draft(session, desk, 1, "Joana Secreta", CPF)
    dump = "".join(
        session.execute(text(f"SELECT string_agg(t::text, '') FROM {table} t")).scalar_one()
        for table in ("registration_draft", "draft_picture")
    )
    for plain in (b"Joana", CPF.encode(), JPEG + b"rosto0", JPEG + b"documento"):
        assert plain.hex() not in dump
        assert plain.decode("latin-1") not in dump


def test_a_picture_of_another_draft_is_not_given(session: Session, desk: Actor) -> None:
    mine, other = draft(session, desk, 1), staff(session, "identificacao")
    theirs = draft(session, other, 2)
    foreign = registration.view(session, theirs, actor=other).pictures[0].id
    with pytest.raises(NotFound):
        registration.picture(session, mine, foreign, actor=desk)
    with pytest.raises(NotFound):
        registration.remove_picture(session, mine, foreign, actor=desk)
    own = registration.view(session, mine, actor=desk).pictures[0].id
    assert registration.picture(session, mine, own, actor=desk) == JPEG + b"rosto0"
