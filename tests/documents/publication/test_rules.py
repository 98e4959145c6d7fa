"""What may be published, when, and what may follow."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from documents.publication import rules
from workflow import clock
from workflow.errors import Conflict, InvalidInput

MONDAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 9, tzinfo=clock.TZ)
EVENING = datetime(2026, 11, 23, 17, tzinfo=clock.TZ)


def obstacle(**changed: object) -> str:
    facts = {"status": "signed", "kind": "internal", "version": 2, "publishable": True, "level": "publico", **changed}
    document = SimpleNamespace(status=facts["status"], kind=facts["kind"], version=facts["version"])
    declared = SimpleNamespace(publishable=facts["publishable"], name="Portaria")
    dossier = SimpleNamespace(effective_level=facts["level"])
    found: str = rules.obstacle(cast(Any, document), cast(Any, declared), cast(Any, dossier), 2)
    return found


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"publishable": False}, "Portaria não são publicados"),
        ({"status": "cancelled"}, "cancelado"),
        ({"status": "draft"}, "não está assinado"),
        ({"status": "filed", "kind": "external"}, "não está assinado"),
        ({"level": "restrito"}, "não é público"),
        ({"level": "sigiloso"}, "não é público"),
        ({"version": 3}, "mudou depois"),
    ],
)
def test_only_a_signed_document_of_a_publico_dossier_is_published(changed: dict[str, object], words: str) -> None:
    assert obstacle() == ""
    assert words in obstacle(**changed)


def refused(day: date | None, now: datetime = MORNING, *, business: bool = True) -> str:
    with pytest.raises(InvalidInput) as refusal:
        rules.require_day(day, now, business=business)
    return refusal.value.fields["day"]


def test_the_day_is_a_business_day_to_come_and_today_only_before_the_closing() -> None:
    assert rules.require_day(MONDAY, MORNING, business=True) == MONDAY
    assert rules.require_day(date(2026, 11, 24), EVENING, business=True) == date(2026, 11, 24)
    assert "fechou às 17h00" in refused(MONDAY, EVENING)
    assert "já passou" in refused(date(2026, 11, 20))
    assert "não há expediente" in refused(date(2026, 11, 28), business=False)
    assert "doze meses" in refused(date(2062, 11, 24))
    assert "Escolha o dia" in refused(None)


def test_what_nobody_could_publish_on_its_day_is_published_on_the_next_business_day() -> None:
    friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), MONDAY
    assert rules.is_due(friday, friday, business=True)
    assert not rules.is_due(monday, friday, business=True)
    assert not rules.is_due(friday, saturday, business=False)
    assert rules.is_due(friday, monday, business=True)


def row(status: str = "published", kind: str = "original") -> Any:
    return SimpleNamespace(status=status, kind=kind, document_id=uuid4(), dossier_id=uuid4())


def test_what_is_published_is_neither_changed_nor_cancelled() -> None:
    for status in ("scheduled", "held"):
        rules.require_waiting(row(status))
    for status in ("published", "cancelled"):
        with pytest.raises(Conflict):
            rules.require_waiting(row(status))


def test_what_may_follow_a_publication() -> None:
    for kind in ("rectification", "republication", "voiding"):
        rules.require_followable(row(), kind, voided=False, waiting=False)
        for wrong in (row("scheduled"), row(kind="voiding")):
            with pytest.raises(Conflict):
                rules.require_followable(wrong, kind, voided=False, waiting=False)
        with pytest.raises(Conflict):
            rules.require_followable(row(), kind, voided=False, waiting=True)
    rules.require_followable(row(), "republication", voided=True, waiting=False)
    for kind in ("rectification", "voiding"):
        with pytest.raises(Conflict):
            rules.require_followable(row(), kind, voided=True, waiting=False)


def test_a_rectification_is_another_document_of_the_same_dossier() -> None:
    before = row()
    rules.require_rectifier(before, cast(Any, SimpleNamespace(id=uuid4(), dossier_id=before.dossier_id)))
    for wrong in (
        SimpleNamespace(id=before.document_id, dossier_id=before.dossier_id),
        SimpleNamespace(id=uuid4(), dossier_id=uuid4()),
    ):
        with pytest.raises(InvalidInput):
            rules.require_rectifier(before, cast(Any, wrong))


def test_the_ementa_is_one_line_and_is_found_by_its_words() -> None:
    assert rules.summary("  Institui\n a comissão  de  inventário ") == "Institui a comissão de inventário"
    for wrong in ("curta", "x" * 501, "com um caractere\x00 nulo"):
        with pytest.raises(InvalidInput):
            rules.summary(wrong)
    assert rules.folded("A Comissão, nº 7") == " a comissao no 7 "
