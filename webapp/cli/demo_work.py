"""Work that the demonstration begins with: processos in two units, an ofício to write, addresses of the câmaras."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from workflow.actor import Actor

DESPACHO = (
    "<h2>Despacho</h2><p>Encaminho à <strong>Gerência-Geral de Relações Públicas e Cerimonial</strong> o pedido de apoio ao "
    "encontro de câmaras municipais, para manifestação.</p><p>Há disponibilidade de datas na segunda quinzena.</p>"
)
NOTA = (
    "<h2>Nota técnica</h2><p>O objeto é a impressão de cartilhas para as câmaras. As quantidades seguem a tabela.</p>"
    "<table><thead><tr><th>Item</th><th>Quantidade</th></tr></thead><tbody><tr><td>Cartilha do vereador</td><td>8.530</td></tr>"
    "<tr><td>Guia do Centro de Apoio</td><td>853</td></tr></tbody></table>"
)


def begin(session: Session) -> None:
    """Everything through the same operations as people use."""
    from documents.dossier import operations as dossiers
    from documents.texts import operations as texts

    writer = _actor(session, "redatora")
    meeting = dossiers.open_dossier(
        session, "administrativo_geral", actor=writer, specification="Encontro de câmaras da Zona da Mata",
        parties=("Câmara Municipal de Juiz de Fora",),
    )  # fmt: skip
    order = dossiers.add_document(session, meeting.id, "internal", "despacho", actor=writer, title="Encaminha o pedido")
    texts.save(session, order.id, DESPACHO, actor=writer, based_on=0)
    dossiers.send(session, meeting.id, ["GRPC"], actor=writer, keep_open=True)
    print_shop = dossiers.open_dossier(
        session, "contratacao", actor=writer, specification="Impressão de cartilhas para as câmaras"
    )
    note = dossiers.add_document(session, print_shop.id, "internal", "nota_tecnica", actor=writer, title="Quantidades")
    texts.save(session, note.id, NOTA, actor=writer, based_on=0)
    dossiers.set_due(session, print_shop.id, actor=writer, days=2)
    dossiers.open_dossier(
        session,
        "oficio_camaras",
        actor=writer,
        specification="Declaração de comparecimento: novo serviço aos vereadores",
    )
    _addresses(session)


def _actor(session: Session, login: str) -> Actor:
    from people.queries import staff_accounts
    from people.units import actor_of

    return actor_of(session, next(row.id for row in staff_accounts(session) if row.login == login))


def _addresses(session: Session) -> None:
    """Every câmara gets an address that leads nowhere, except three, so that the register has something to ask for."""
    from processes.oficio_camaras.camaras import DATA, import_camaras, read_csv

    rows = read_csv(DATA.read_text("utf-8"))
    import_camaras(
        session, [*rows[:3], *(replace(row, email=f"camara.{row.ibge}@camaras.example") for row in rows[3:])]
    )
