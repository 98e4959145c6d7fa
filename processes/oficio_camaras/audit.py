"""Exemplars, receipts and replies against their chains: what this process adds to `carimbo audit verify`.

An exemplar has a chain of its own, `exemplar:<id>`, whose last event holds the digest of its facts; receipts and replies
hold theirs in the events of the ofício's case (`records` names the columns, and those that are not proved, with the reason).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.models import Document
from processes.oficio_camaras import events, records
from processes.oficio_camaras.correspondence.models import Receipt, Reply, ReplyFile
from processes.oficio_camaras.models import Exemplar
from workflow import history
from workflow.models import EventRow

BATCH = 500


def verify(session: Session) -> list[str]:
    """Every disagreement between these tables and the chains, in words; empty when all is whole."""
    gone = history.without_row(session, events.EXEMPLAR_CHAIN, Exemplar.__tablename__)
    problems = [f"{name}: o exemplar está na cadeia e não na tabela" for name in gone]
    for exemplars in _batches(session, Exemplar):
        told = history.last_told(session, [events.exemplar_chain(row.id) for row in exemplars])
        digests = records.exemplar_digests(session, exemplars)
        for row in exemplars:
            if told.get(events.exemplar_chain(row.id), {}).get("record") != digests[row.id]:
                problems.append(f"exemplar {row.id}: ele ou o seu redirecionamento não é o que a cadeia diz")
    return problems + _receipt_problems(session) + _reply_problems(session)


def _receipt_problems(session: Session) -> list[str]:
    told = _told(session, events.RECEIVED, "receipt")
    problems: list[str] = []
    for receipts in _batches(session, Receipt):
        keys = {records.stamped_key(row.id): row for row in receipts}
        copies = select(Document).where(Document.idempotency_key.in_(keys))
        stamped = {one.idempotency_key: one.id for one in session.scalars(copies)}
        for key, row in keys.items():
            if told.pop(str(row.id), None) != records.receipt_digest(row):
                problems.append(f"recebimento {row.id}: não é o que a cadeia diz")
            if stamped.get(key) != row.document_id:
                problems.append(f"recebimento {row.id}: a cópia carimbada não é a sua")
    return problems + [f"recebimento {missing}: está na cadeia e não na tabela" for missing in sorted(told)]


def _reply_problems(session: Session) -> list[str]:
    told = _told(session, events.REPLIED, "reply")
    problems: list[str] = []
    for replies in _batches(session, Reply):
        digests = records.reply_digests(session, replies)
        problems += [
            f"resposta {row.id}: ela ou um de seus arquivos não é o que a cadeia diz"
            for row in replies
            if told.pop(str(row.id), None) != digests[row.id]
        ]
    orphans = select(ReplyFile.id).where(ReplyFile.reply_id.not_in(select(Reply.id))).order_by(ReplyFile.id)
    problems += [f"arquivo {orphan}: é de uma resposta que não existe" for orphan in session.scalars(orphans)]
    return problems + [f"resposta {missing}: está na cadeia e não na tabela" for missing in sorted(told)]


def _told(session: Session, kind: str, name: str) -> dict[str, str]:
    """What the chains tell of each row: its digest, by its id."""
    query = select(EventRow.data).where(EventRow.kind == kind, EventRow.chain.startswith("case:"))
    told = (json.loads(text) for text in session.scalars(query.execution_options(yield_per=BATCH)))
    return {data[name]: data["record"] for data in told}


def _batches(session: Session, model: Any) -> Iterator[Sequence[Any]]:
    """The rows of a table, some at a time, in the order of their ids."""
    last: UUID | None = None
    query = select(model).order_by(model.id).limit(BATCH)
    while rows := session.scalars(query.where(model.id > last) if last is not None else query).all():
        yield rows
        last = rows[-1].id
