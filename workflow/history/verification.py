"""Proving the history whole: what `carimbo audit verify` runs. Reads everything, changes nothing, raises for nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow.history.chain import GENESIS, link
from workflow.history.checkpoints import digest_of, unpack

CheckSignature = Callable[[str, bytes, bytes], bool]  # key id, digest, signature
Progress = Callable[[str, int], None]
"""Told of what is being verified, in words, and how many of them so far."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not add up: where, and in words."""

    where: str
    what: str


@dataclass(frozen=True)
class AuditReport:
    """The outcome of a verification."""

    problems: tuple[Problem, ...]
    chains: int
    events: int
    checkpoints: int

    @property
    def ok(self) -> bool:
        """True when nothing was altered, removed or added by hand."""
        return not self.problems


@dataclass(slots=True)
class _Seen:
    """What one walk over the events learned."""

    heads: dict[str, tuple[int, bytes]]
    states: dict[str, dict[str, Any]]
    sealed: dict[str, dict[int, bytes]]
    signed: dict[str, int]
    processes: dict[str, str] = field(default_factory=dict)
    events: int = 0


def silent(_what: str, _done: int) -> None:
    """Nobody watches the progress."""


def verify(
    session: Session,
    check_signature: CheckSignature | None = None,
    anchors: Mapping[int, bytes] | None = None,
    progress: Progress = silent,
) -> AuditReport:
    """Check chains, heads, cases and checkpoints; signatures too when `check_signature` is given.

    `anchors` are digests of checkpoints noted outside the database: with them, even a database rewritten consistently
    and cut back to an earlier moment is found out.
    """
    session.flush()
    problems: list[Problem] = []
    checkpoints = session.execute(text("SELECT * FROM checkpoint ORDER BY seq")).all()
    problems.extend(_checkpoints(checkpoints, check_signature))
    problems.extend(_anchored(checkpoints, anchors or {}))
    sealed = _sealed(checkpoints)
    seen = _Seen({}, {}, sealed, {name: max(heads) for name, heads in sealed.items()})
    problems.extend(_events(session, seen, progress))
    problems.extend(_heads(session, seen))
    problems.extend(_cases(session, seen))
    problems.extend(_against_checkpoints(seen))
    return AuditReport(tuple(problems), len(seen.heads), seen.events, len(checkpoints))


def _events(session: Session, seen: _Seen, progress: Progress) -> Iterator[Problem]:
    rows = session.execute(
        text(
            "SELECT chain, seq, at, kind, data, actor_kind, actor_id, acting_for, unit, hash"
            " FROM event ORDER BY chain, seq"
        ).execution_options(yield_per=2000)
    )
    for row in rows:
        length, head = seen.heads.get(row.chain, (0, GENESIS))
        where = f"{row.chain} #{row.seq}"
        if row.seq != length + 1:
            yield Problem(where, f"falta o evento {length + 1} da cadeia")
        if link(head, tuple(row)[:9]) != bytes(row.hash):
            yield Problem(where, "o evento foi alterado: o resumo não confere")
        _note(seen, row)
        if seen.events % 1000 == 0:
            progress("eventos", seen.events)


def _note(seen: _Seen, row: Any) -> None:
    digest = bytes(row.hash)
    seen.events += 1
    seen.heads[row.chain] = (row.seq, digest)
    if row.seq in (wanted := seen.sealed.get(row.chain, {})) and wanted[row.seq] == digest:
        del wanted[row.seq]
    if row.chain.startswith("case:"):
        data = _object(row.data)
        if row.kind == "case_started":
            seen.processes[row.chain] = str(data.get("process"))
        if "revision" in data:
            seen.states[row.chain] = data


def _object(stored: str) -> dict[str, Any]:
    try:
        data = json.loads(stored)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _heads(session: Session, seen: _Seen) -> Iterator[Problem]:
    rows = {row.name: row for row in session.execute(text("SELECT name, length, head, sealed FROM chain"))}
    for name, chain in rows.items():
        if chain.sealed != seen.signed.get(name, 0):
            yield Problem(name, f"há selo até o evento {seen.signed.get(name, 0)} e deveria haver até o {chain.sealed}")
    for name, (length, digest) in seen.heads.items():
        row = rows.pop(name, None)
        if row is None:
            yield Problem(name, "a cadeia não tem registro de seu último evento")
        elif row.length != length:
            yield Problem(name, f"o fim da cadeia foi removido: são {length} eventos e deveriam ser {row.length}")
        elif bytes(row.head) != digest:
            yield Problem(name, "o registro do último evento foi alterado")
    for name, row in rows.items():
        if row.length:
            yield Problem(name, f"os {row.length} eventos da cadeia foram removidos")


def _cases(session: Session, seen: _Seen) -> Iterator[Problem]:
    rows = session.execute(
        text("SELECT id, process_key, status, revision, state, data FROM workflow_case").execution_options(
            yield_per=1000
        )
    )
    states = dict(seen.states)
    for row in rows:
        where = f"case:{row.id}"
        known = states.pop(where, None)
        if known is None:
            yield Problem(where, "o processo não tem eventos")
            continue
        if row.process_key != seen.processes.get(where):
            yield Problem(where, f"processo trocado: {row.process_key}, e o histórico diz {seen.processes.get(where)}")
        if row.status != known.get("status"):
            yield Problem(where, f"situação alterada: {row.status}, e o histórico diz {known.get('status')}")
        if row.revision != known.get("revision"):
            yield Problem(where, f"revisão alterada: {row.revision}, e o histórico diz {known.get('revision')}")
        if state_digest(row.state, row.data) != known.get("state"):
            yield Problem(where, "estado ou dados do processo foram alterados")
    for where in states:
        yield Problem(where, "o processo foi removido")


def state_digest(state: bytes, data: bytes) -> str:
    """SHA-256 over the stored state and data of a case: what every step's event states."""
    return hashlib.sha256(len(state).to_bytes(8, "big") + bytes(state) + bytes(data)).hexdigest()


def _sealed(checkpoints: Any) -> dict[str, dict[int, bytes]]:
    wanted: dict[str, dict[int, bytes]] = {}
    for row in checkpoints:
        for name, (length, head) in _heads_of(row).items():
            wanted.setdefault(name, {})[length] = bytes.fromhex(head)
    return wanted


def _heads_of(row: Any) -> dict[str, tuple[int, str]]:
    try:
        return unpack(bytes(row.heads))
    except Exception:
        return {}


def _against_checkpoints(seen: _Seen) -> Iterator[Problem]:
    for name, missing in seen.sealed.items():
        for length in missing:
            yield Problem(f"{name} #{length}", "o evento não é o que um selo de auditoria assinou")


def _checkpoints(rows: Any, check_signature: CheckSignature | None) -> Iterator[Problem]:
    previous, expected = b"", 1
    for row in rows:
        where = f"checkpoint #{row.seq}"
        if row.seq != expected:
            yield Problem(where, f"falta o selo {expected}")
        if digest_of(previous, row.seq, row.at, _heads_of(row)) != bytes(row.digest):
            yield Problem(where, "o selo foi alterado")
        elif check_signature is not None and not check_signature(row.key_id, bytes(row.digest), bytes(row.signature)):
            yield Problem(where, "a assinatura do selo não confere")
        previous, expected = bytes(row.digest), row.seq + 1


def _anchored(rows: Any, anchors: Mapping[int, bytes]) -> Iterator[Problem]:
    kept = {row.seq: bytes(row.digest) for row in rows}
    for seq, digest in anchors.items():
        if kept.get(seq) != digest:
            yield Problem(f"checkpoint #{seq}", "o selo anotado fora do banco não existe mais, ou mudou")
