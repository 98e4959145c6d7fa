"""Generating the exemplars (section 4, step 5): rendered in processes of their own, sealed and recorded in chunks.

Each chunk is a transaction, so progress is visible and a kill loses one chunk at most; what is there is never made again.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import codes, kinds
from documents import operations as documents
from documents import settings as document_settings
from documents.dossier.models import Dossier
from documents.fields import FieldValue, written
from documents.rendering import Page, render_pdf
from processes.oficio_camaras import events, letter
from processes.oficio_camaras.models import Camara, Campaign, Exemplar
from processes.oficio_camaras.settings import settings
from processes.oficio_camaras.signing import signature_of
from workflow import clock
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.errors import Conflict

CHUNK = 24
ALONE = 6
"""Up to so many are rendered without starting processes."""


@dataclass(frozen=True)
class Wanted:
    """An exemplar that is to be made."""

    ordinal: int
    ibge: str
    values: Mapping[str, str]
    page: Page
    token: str


def generate(campaign_id: UUID) -> int:
    """Make the exemplars that are missing; how many there are at the end. Called by the job, outside any transaction."""
    with transaction() as session:
        campaign = session.get_one(Campaign, campaign_id)
        if campaign.annex and campaign.annex_document_id is None:
            campaign.annex_document_id = _annex(session, campaign)
        wanted = _missing(session, campaign)
        total = len(campaign.recipients)
    with _renderers(len(wanted)) as pool:
        for chunk in _rendered(pool, wanted):
            with transaction() as session:
                _record(session, campaign, chunk)
    return total


def fields_of(session: Session, campaign: Campaign) -> dict[str, FieldValue]:
    """What all exemplars print alike."""
    dossier = session.get(Dossier, campaign.dossier_id) if campaign.dossier_id else None
    earlier = session.get(Campaign, campaign.rectifies) if campaign.rectifies else None
    rectified = f"Em retificação ao {earlier.number}." if earlier is not None else ""
    return letter.shared(campaign, dossier.number if dossier else "", signature_of(session, campaign), rectified)


def _annex(session: Session, campaign: Campaign) -> UUID:
    """The annex is the same for all: one document for the campaign."""
    document = documents.issue(
        session,
        letter.ANNEX_KIND,
        {"number": campaign.number or ""},
        case_id=campaign.case_id,
        owner_person_id=None,
        actor=SYSTEM,
        idempotency_key=f"oficio-anexo:{campaign.id}",
    )
    return document.id


def _missing(session: Session, campaign: Campaign) -> list[Wanted]:
    made = set(session.scalars(select(Exemplar.ibge).where(Exemplar.campaign_id == campaign.id)))
    camaras = {one.ibge: one for one in session.scalars(select(Camara).where(Camara.ibge.in_(campaign.recipients)))}
    kind = kinds.get(letter.KINDS[campaign.template])
    common = fields_of(session, campaign)
    total, base, now = len(campaign.recipients), document_settings.current(), clock.now()
    wanted = []
    for ordinal, ibge in enumerate(campaign.recipients, start=1):
        if ibge in made:
            continue
        values = letter.values_of(campaign.template, camaras[ibge])
        _require_whole(campaign, camaras[ibge])
        texts = written(kind, {**common, **letter.own(campaign, values, ordinal, total)})
        code, token = codes.new_code(), codes.new_token()
        page = Page(kind.key, texts, code, f"{base.validation_base_url}/{token}", now, base.brasao)
        wanted.append(Wanted(ordinal, ibge, values, page, token))
    return wanted


def _require_whole(campaign: Campaign, camara: Camara) -> None:
    """The register may have lost since the signature what the text needs: nothing leaves with a field in it."""
    still = letter.unresolved(campaign.body, campaign.template, camara)
    if still:
        raise Conflict(
            f"O campo «{still[0]}» do texto não tem valor para a câmara de {camara.name}. Complete o cadastro dela e tente de novo.",
            ibge=camara.ibge,
        )


def _rendered(pool: Executor, wanted: Sequence[Wanted]) -> Iterator[list[tuple[Wanted, bytes]]]:
    """Chunk by chunk, while the next ones are being rendered."""
    chunk: list[tuple[Wanted, bytes]] = []
    for one, pdf in zip(wanted, pool.map(render_pdf, [one.page for one in wanted], chunksize=4), strict=True):
        chunk.append((one, pdf))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _record(session: Session, campaign: Campaign, chunk: Sequence[tuple[Wanted, bytes]]) -> None:
    sealer = document_settings.current().sealer
    for one, pdf in chunk:
        made = documents.Made(
            one.page.kind, one.page.fields, one.page.code, one.token, one.page.issued_at, sealer.seal(pdf)
        )
        key = f"oficio:{campaign.id}:{one.ibge}"
        document = documents.record(
            session, made, case_id=campaign.case_id, owner_person_id=None, actor=SYSTEM, idempotency_key=key
        )
        exemplar = Exemplar(
            id=uuid4(), campaign_id=campaign.id, ordinal=one.ordinal, ibge=one.ibge, tracking=secrets.token_hex(8),
            document_id=document.id, merged=dict(one.values), generated_at=clock.now(),
        )  # fmt: skip
        session.add(exemplar)
        events.of_exemplar(session, exemplar, actor=SYSTEM)


@contextmanager
def _renderers(count: int) -> Iterator[Executor]:
    """Processes, since layout holds Python's global lock; for a few exemplars a thread is quicker than starting them."""
    if count <= ALONE:
        with ThreadPoolExecutor(1) as threads:
            yield threads
        return
    workers = settings().workers or len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(min(workers, count), get_context("spawn"), _end_with_parent, (os.getpid(),)) as processes:
        yield processes


def _end_with_parent(parent: int) -> None:
    """In the child: killed when the parent dies (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
