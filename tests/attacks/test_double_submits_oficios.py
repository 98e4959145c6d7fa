"""Every form of the ofícios, the câmara, the administration, publications and external users, sent twice at the same moment
and once more: one act, no failure, no lock that never ends, no message twice."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from documents.dossier import external, operations
from documents.dossier.external.models import Petition
from documents.dossier.models import DossierType
from documents.publication.models import Publication, PublicationVehicle
from documents.search.models import SavedSearch
from documents.signatures import operations as signatures
from documents.signatures import sealing
from documents.signatures.models import DocumentSignature
from documents.texts import operations as texts
from documents.texts.models import StandardText
from people import terms
from people.models import Account, Membership, Substitution
from processes.oficio_camaras.correspondence.models import (
    CamaraAccount,
    Forward,
    Receipt,
    Redirection,
    Reply,
    TriageMessage,
)
from processes.oficio_camaras.models import Camara, Campaign, ExemplarState
from processes.oficio_camaras.states import locked
from tests.processes.oficio_camaras.conftest import approved, drafted, task_of, team_of
from tests.webapp import scenario
from tests.webapp.oficio_house import PASSWORD, House, dispatched, exemplar_of, house, oficio_database
from workflow import clock
from workflow.calendar.models import CalendarDay
from workflow.database import transaction

__all__ = ["house", "oficio_database"]
pytestmark = pytest.mark.slow
S = ExemplarState
OUTSIDER = "camara@fora.example.org"
Count = Callable[[Any], int]


@dataclass(frozen=True)
class Act:
    """A form: who sends it (None: nobody signed in), where to, with what, and what there is one more of afterwards."""

    name: str
    who: str | None
    path: str
    count: Count
    data: dict[str, Any] = field(default_factory=dict)
    more: int = 1


def rows(model: Any, *where: Any) -> Count:
    """How many rows of a table."""
    return lambda session: session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def of_exemplar(model: Any) -> Callable[[UUID], Count]:
    """How many rows of a table are about one exemplar."""
    return lambda exemplar_id: rows(model, model.exemplar_id == exemplar_id)


class World:
    """What the acts are about, made once."""

    def __init__(self, house: House) -> None:
        self.house = house
        scenario.external(OUTSIDER, "Vera Lúcia Alves")
        with transaction() as session:
            self.admin = scenario.staff("admin")
            self.team = {who: getattr(team_of(session), who).id for who in ("writer", "chief", "director")}
        self.asks = dispatched(house, ("3106705", "3106200", "3118601", "3136702", "3143302"), requires_reply=True)
        with transaction() as session:
            without = session.get_one(Camara, "3170206")
            without.email_valid = False
        self.tells = dispatched(house, ("3170206",))
        with transaction() as session:
            self.draft = drafted(session, ("3106705",)).id
            self.redigir = self._task(session, self.draft, "redigir")
            self.review = self._begun(session, "revisar")
            self.sign = self._begun(session, "assinar")
            self.triage = [self._message(session, number) for number in range(2)]
        self.dossier, self.document, self.granted = self._archive()

    def _task(self, session: Any, campaign_id: UUID, node: str) -> UUID:
        return task_of(session, session.get_one(Campaign, campaign_id), node)

    def _begun(self, session: Any, node: str) -> UUID:
        if node == "assinar":
            return task_of(session, approved(session, ("3106705",)), node)
        campaign = drafted(session, ("3106705",))
        from workflow import operations as engine

        engine.complete_task(session, task_of(session, campaign, "redigir"), {}, actor=team_of(session).writer)
        return task_of(session, campaign, node)

    def _message(self, session: Any, number: int) -> UUID:
        raw = b"From: camara@x.example\r\nTo: ceac@almg.example\r\nMessage-ID: <%d@y>\r\n\r\nSegue.\r\n" % number
        row = TriageMessage(
            sender="camara@x.example", subject="Resposta", text="Segue.", raw=raw, arrived_at=clock.now()
        )
        session.add(row)
        session.flush()
        return row.id

    def _archive(self) -> tuple[UUID, UUID, UUID]:
        """A processo with a signed portaria to publish, and a draft that the external user may sign."""
        with transaction() as session:
            actor = team_of(session).chief
            dossier = operations.open_dossier(session, "administrativo_geral", actor=actor, specification="Convênio")
            made = operations.add_document(session, dossier.id, "internal", "portaria", actor=actor, title="Portaria")
            texts.save(session, made.id, "<p>Fica instituída a comissão.</p>", actor=actor, based_on=0)
            signatures.sign(session, [made.id], password=PASSWORD, cargo="Gerente", actor=actor)
            sealing.seal_signed(session, made.id)
            open_one = operations.add_document(session, dossier.id, "internal", "despacho", actor=actor, title="Termo")
            texts.save(session, open_one.id, "<p>O termo a assinar.</p>", actor=actor, based_on=0)
            external.grant(
                session,
                dossier.id,
                OUTSIDER,
                days=5,
                may_sign=True,
                may_add=True,
                document_ids=[open_one.id],
                actor=actor,
            )
            return dossier.id, made.id, open_one.id

    def exemplar(self, ibge: str, campaign: UUID | None = None) -> UUID:
        """The exemplar of a câmara."""
        return exemplar_of(campaign or self.asks, ibge)


def acts(world: World) -> Iterator[Act]:
    """The table, in an order in which each may be done."""
    receipts, replies, sent = of_exemplar(Receipt), of_exemplar(Reply), of_exemplar(Forward)
    link, who = world.house.link("3106705"), {"nome": "Vera Alves", "cargo": "Secretária"}
    first, second, third, fourth = (world.exemplar(code) for code in ("3106705", "3106200", "3118601", "3136702"))
    yield Act("novo ofício", "redatora", "/oficios/novo", rows(Campaign), {
        "subject": "Enviado duas vezes", "template": "almg_seed", "beginning": "frase", "deadline_kind": "calendar",
        "deadline_days": "10", "rectifies": "", "earlier": ""})  # fmt: skip
    yield Act("dados do ofício", "redatora", f"/oficios/{world.draft}/dados", rows(Campaign, Campaign.subject == "Assunto novo"), {
        "subject": "Assunto novo", "template": "almg_seed", "deadline_kind": "calendar", "deadline_days": "10", "rectifies": ""})  # fmt: skip
    yield Act("destinatários", "redatora", f"/oficios/{world.draft}/destinatarios", rows(Campaign, func.cardinality(Campaign.recipients) == 2),
              {"quem": "lista", "lista": "Betim\nContagem", "como": "trocar"})  # fmt: skip
    yield Act("enviar para revisão", "redatora", f"/oficios/tarefas/{world.redigir}/redigir",
              rows(Campaign, Campaign.state == "review"), {"chave": "r" * 32})  # fmt: skip
    yield Act("revisar", "chefe", f"/oficios/tarefas/{world.review}/decidir", rows(Campaign, Campaign.reviewed_by.is_not(None)),
              {"revisao": "aprovar", "chave": "d" * 32})  # fmt: skip
    yield Act("assinar o ofício", "chefe", f"/oficios/tarefas/{world.sign}/assinar", rows(Campaign, Campaign.number.is_not(None)),
              {"cargo": "Gerente", "password": PASSWORD})  # fmt: skip
    yield Act("confirmar pelo link", None, f"{link}/confirmar", receipts(first), {**who, "passo": "enviar"})
    yield Act("encaminhar pelo link", None, f"{link}/encaminhar", sent(first),
              {"enderecos": "ana@betim.example, bia@betim.example", "passo": "enviar"}, more=2)  # fmt: skip
    yield Act("responder pelo link", None, f"{link}/responder", replies(first),
              {"texto": "Estaremos lá.", "passo": "enviar", "chave": "c" * 32})  # fmt: skip
    yield Act(
        "vincular a conta",
        "redatora",
        "/oficios/camaras/3106200/contas",
        rows(CamaraAccount),
        {"account_email": OUTSIDER},
    )
    yield Act(
        "confirmar pela conta",
        OUTSIDER,
        f"/camara/oficios/{second}/confirmar",
        receipts(second),
        {**who, "passo": "enviar"},
    )
    yield Act("responder pela conta", OUTSIDER, f"/camara/oficios/{second}/responder", replies(second),
              {"texto": "Recebido.", "passo": "enviar", "chave": "k" * 32})  # fmt: skip
    yield Act("redirecionar", "redatora", f"/oficios/exemplares/{third}/redirecionar", rows(Redirection),
              {"email": "nova@contagem.example", "motivo": "A câmara avisou.", "cadastro": "y", "passo": "enviar", "versao": "1"})  # fmt: skip
    stamp = f"CÂMARA MUNICIPAL RECEBIDO {clock.local(clock.now()):%d/%m/%Y %H:%M} 092 1/2"
    yield Act(
        "carimbo em papel", "redatora", f"/oficios/exemplares/{fourth}/carimbo", receipts(fourth), {"carimbo": stamp}
    )
    yield Act(
        "dispensar a resposta",
        "redatora",
        f"/oficios/exemplares/{fourth}/dispensar",
        _state(fourth, "DISPENSADA_RESPOSTA"),
    )
    postal = world.exemplar("3170206", world.tells)
    yield Act("pendência", "redatora", f"/oficios/exemplares/{postal}/pendencia", _state(postal, "VIA_POSTAL"),
              {"providencia": "postal", "chave": "p" * 32})  # fmt: skip
    yield Act("juntar a mensagem", "redatora", f"/oficios/triagem/{world.triage[0]}/juntar", replies(world.exemplar("3143302")),
              {"exemplar": str(world.exemplar("3143302"))})  # fmt: skip
    yield Act("descartar a mensagem", "redatora", f"/oficios/triagem/{world.triage[1]}/descartar",
              rows(TriageMessage, TriageMessage.state == "discarded"))  # fmt: skip
    yield Act("cadastro da câmara", "redatora", "/oficios/camaras/3100302", rows(Camara, Camara.president == "Ana Lima"),
              {"email": "nova@abre.example", "phone": "", "president": "Ana Lima", "president_gender": "F"})  # fmt: skip
    yield from _house(world)
    yield Act("desligar a conta", "redatora", f"/oficios/camaras/3106200/contas/{scenario.actor_of(f'externo:{OUTSIDER}').id}/desligar",
              rows(CamaraAccount), more=-1)  # fmt: skip


def _house(world: World) -> Iterator[Act]:
    """Administration, one's own account, kept searches, publications, external users."""
    lists, users, writer = "/administracao/listas", "/administracao/usuarios", world.team["writer"]
    unit = {
        "sigla": "DUAS",
        "name": "Unidade criada uma vez",
        "organ": "",
        "parent": "",
        "code": "",
        "email": "",
        "active": "sim",
    }
    from people.models import Unit

    yield Act("unidade", world.admin, f"{lists}/unidades/novo", rows(Unit), unit)
    yield Act(
        "texto padrão",
        world.admin,
        f"{lists}/textos-padrao/novo",
        rows(StandardText),
        {"name": "Fecho", "unit": "", "html": "<p>A</p>"},
    )
    yield Act(
        "veículo",
        world.admin,
        f"{lists}/veiculos/novo",
        rows(PublicationVehicle),
        {"key": "mural", "name": "Mural", "active": "sim"},
    )
    yield Act("tipo de processo", world.admin, f"{lists}/tipos-de-processo/novo", rows(DossierType), {
        "key": "duas_vezes", "name": "Enviado duas vezes", "process_key": "", "free_routing": "sim", "level": "publico", "hypothesis_id": "",
        "subject_code": "", "current_years": "", "intermediate_years": "", "destination": "guarda", "active": "sim"})  # fmt: skip
    yield Act("conta de servidor", world.admin, f"{users}/novo", rows(Account),
              {"login": "duas.vezes", "display_name": "Duas Vezes", "email": "", "chave": "n" * 32})  # fmt: skip
    yield Act(
        "perfil",
        world.admin,
        f"{users}/{writer}/perfil",
        rows(Membership),
        {"unit": "GRPC", "role": "protocolo", "ends_on": ""},
    )
    yield Act("dia declarado", world.admin, "/administracao/calendario", rows(CalendarDay),
              {"day": "2030-03-06", "business": "nao", "reason": "Cinzas"})  # fmt: skip
    today = clock.today()
    yield Act("substituição", "redatora", "/conta/substituicao", rows(Substitution), {
        "substituted": str(writer), "substitute": str(world.team["chief"]), "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=3)).isoformat()})  # fmt: skip
    yield Act(
        "pesquisa guardada",
        "redatora",
        "/pesquisa/guardadas",
        rows(SavedSearch),
        {"nome": "Convênios", "q": "convênio"},
    )
    yield Act("publicar", "chefe", f"/documento/{world.document}/publicar", rows(Publication),
              {"vehicle": "diario", "day": _business_day(), "summary": "Institui comissão de acompanhamento."})  # fmt: skip
    with transaction() as session:
        scheduled = session.scalars(select(Publication.id).where(Publication.document_id == world.document)).first()
        held = session.scalars(select(Membership.id).where(Membership.role == "protocolo")).first()
    act = f"/documento/{world.document}/publicacao/{scheduled}"
    yield Act("alterar a publicação", "chefe", f"{act}/alterar", rows(Publication, Publication.summary.like("Cria%")),
              {"vehicle": "diario", "day": _business_day(), "summary": "Cria comissão de acompanhamento."})  # fmt: skip
    yield Act("cancelar a publicação", "chefe", f"{act}/cancelar", rows(Publication, Publication.status == "cancelled"),
              {"reason": "A comissão já existe."})  # fmt: skip
    yield Act("retirar o perfil", world.admin, f"{users}/{writer}/retirar", rows(Membership, Membership.revoked_at.is_not(None)),
              {"lotacao": str(held)})  # fmt: skip
    blocked = rows(Account, Account.disabled_at.is_not(None))
    yield Act("bloquear", world.admin, f"{users}/{world.team['director']}/bloquear", blocked)
    yield Act("conta de usuário externo", None, "/externo/cadastro", rows(Account), {
        "full_name": "Ana Prado Lima", "cpf": "529.982.247-25", "email": "ana@prado.example", "password": "uma senha bem comprida",
        "version": terms.VERSION, "accepted": "y"})  # fmt: skip
    yield Act("assinatura externa", OUTSIDER, f"/externo/documentos/{world.granted}/assinar",
              rows(DocumentSignature, DocumentSignature.document_id == world.granted), {"cargo": "Prefeita", "password": scenario.PASSWORD, "versao": "1"})  # fmt: skip
    yield Act("envio externo", OUTSIDER, f"/externo/processos/{world.dossier}/enviar", rows(Petition),
              {"title": "Resposta", "files": b"Texto da resposta."})  # fmt: skip


def _state(exemplar_id: UUID, wanted: str) -> Count:
    return lambda session: int(locked(session, exemplar_id).state == wanted)


def _business_day() -> str:
    from workflow import calendar

    with transaction() as session:
        return calendar.next_business_day(session, clock.today() + timedelta(days=3)).isoformat()


def send(client: FlaskClient, act: Act, token: str) -> TestResponse:
    """One sending of the form; a file is made anew for each."""
    data = {
        name: (io.BytesIO(value), "resposta.txt") if isinstance(value, bytes) else value
        for name, value in act.data.items()
    }
    return client.post(act.path, data={**data, "csrf_token": token})


def at_once(house: House, clients: tuple[FlaskClient, ...], act: Act) -> list[int]:
    """The answers of the same form from two tabs of one browser at the same moment, then of one more sending."""
    barrier, answers = threading.Barrier(len(clients)), [0] * len(clients)
    tokens = [scenario.token_of(client, "/validaDocumento") for client in clients]

    def run(place: int) -> None:
        barrier.wait()
        answers[place] = send(clients[place], act, tokens[place]).status_code

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), f"{act.name}: a lock that never ends"
    return [*answers, send(clients[0], act, tokens[0]).status_code]


def test_each_form_sent_twice_is_one_act(house: House) -> None:
    world = World(house)
    clients: dict[str | None, tuple[FlaskClient, ...]] = {}
    failures = []
    for act in acts(world):
        if act.who not in clients:
            clients[act.who] = _tabs(house, act.who)
        with transaction() as session:
            before = act.count(session)
        answers = at_once(house, clients[act.who], act)
        with transaction() as session:
            after = act.count(session)
        if (
            after - before != act.more
            or any(status not in (200, 302, 303, 404, 409, 422) for status in answers)
            or not {302, 303} & set(answers)
        ):
            failures.append(f"{act.name}: {before} → {after}, respostas {answers}")
    assert not failures, "\n".join(failures)
    scenario.work(house.url)
    told = Counter((str(one["To"]), str(one["Subject"])) for one in house.messages())
    assert [pair for pair, times in told.items() if times > 1] == []
    assert told[("nova@contagem.example", _subject(world.asks))] == 1
    assert scenario.chain_is_whole()


def _tabs(house: House, who: str | None) -> tuple[FlaskClient, ...]:
    """Two tabs, each with a session of its own, so that both requests are at work at the same time."""
    made = tuple(house.client() for _ in range(2))
    for client in made:
        if who == OUTSIDER:
            token = scenario.token_of(client, "/externo/entrar")
            client.post("/externo/entrar", data={"email": OUTSIDER, "password": scenario.PASSWORD, "csrf_token": token})
        elif who is not None:
            scenario.sign_in(client, who, PASSWORD if who in ("redatora", "chefe", "diretor") else scenario.PASSWORD)
    return made


def _subject(campaign_id: UUID) -> str:
    with transaction() as session:
        campaign = session.get_one(Campaign, campaign_id)
        return f"{campaign.number} – {campaign.subject}"
