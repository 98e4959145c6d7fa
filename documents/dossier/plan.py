"""The plan of work of a dossier: the open tasks of its diagram, and in one sentence what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from documents.dossier.models import Dossier
from people.roles import ROLES
from workflow import queries as engine
from workflow.queries import TaskRow

_ROLES = {
    "chefia": ("a chefia da {unit}", "a chefia da unidade"),
    "servidor": ("a equipe da {unit}", "a equipe da unidade"),
    "protocolo": ("o protocolo da {unit}", "o protocolo"),
    "gestor": ("a gestão de processos", "a gestão de processos"),
    "admin": ("a administração do sistema", "a administração do sistema"),
    "cidadao": ("a pessoa interessada", "a pessoa interessada"),
    "externo": ("o usuário externo", "o usuário externo"),
}


def tasks_of(session: Session, dossier: Dossier) -> tuple[TaskRow, ...]:
    """The open tasks of the dossier's diagram; none without a diagram."""
    return engine.case_view(session, dossier.case_id).tasks if dossier.case_id is not None else ()


def missing(session: Session, dossier: Dossier, tasks: Sequence[TaskRow]) -> str:
    """What is missing, in one sentence: “Falta a chefia da GRI aprovar a minuta.” Empty without a diagram."""
    if dossier.case_id is None:
        return ""
    if engine.incidents(session, case_id=dossier.case_id, limit=1):
        return "Uma etapa automática falhou: falta a gestão de processos resolver a falha."
    if tasks:
        return f"Falta {'; e '.join(dict.fromkeys(_who_does(one) for one in tasks))}."
    status = engine.case_status(session, dossier.case_id)
    if status == "completed":
        return "Nada falta: o plano de trabalho foi concluído."
    if status == "cancelled":
        return "O plano de trabalho foi cancelado."
    return "Nada falta de ninguém agora: o plano de trabalho aguarda um prazo, uma resposta ou o próprio sistema."


def _who_does(task: TaskRow) -> str:
    return f"{_who(task)} {_what(task.title)}"


def _who(task: TaskRow) -> str:
    role = task.role or ""
    with_unit, without = _ROLES.get(role, (f"a equipe {ROLES.get(role, 'responsável')}",) * 2)
    return with_unit.format(unit=task.unit) if task.unit else without


def _what(title: str) -> str:
    """A task's title is what to do, in the infinitive; one that is not gets a verb."""
    first, _, rest = title.strip().rstrip(".").partition(" ")
    if first.lower().endswith(("ar", "er", "ir", "or")):
        return f"{first.lower()} {rest}".strip()
    return f"concluir “{title.strip()}”"
