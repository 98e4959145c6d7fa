"""The declarations of `oficio_camaras` and of `oficio_pendencia`, what a person must look at in one exemplar."""

from __future__ import annotations

from processes.oficio_camaras import steps
from workflow.process import Due, Field, Form, Lane, Message, Process, Service

_LEGAL = "Of. 002/2018/GRPC/GRI (modelo); Lei 14.063/2020, art. 4º; Lei 14.184/2002, art. 59"
_WRITING = Lane(role="servidor", unit="GRI")


def _decision(title: str, name: str, who: str) -> Form:
    return Form(
        title=title,
        fields=(
            Field(
                name,
                "Decisão",
                kind="choice",
                choices=(("aprovar", "Aprovar"), ("devolver", "Devolver para correção")),
            ),
            Field(f"{name}_motivo", "O que precisa ser corrigido", kind="textarea", required=False, max_length=2000),
        ),
        help=f"Leia o ofício antes de decidir. Quem redigiu não pode {who}.",
        action="Registrar a decisão",
        page="oficios.decide",
    )


PROCESS = Process(
    key="oficio_camaras",
    title="Ofício às câmaras",
    legal_basis=_LEGAL,
    lanes={
        "Redação (GRI)": _WRITING,
        "Chefia da GRI": Lane(role="chefia", unit="GRI"),
        "Chefia da GRPC": Lane(role="chefia", unit="GRPC"),
    },
    forms={
        "redigir": Form(
            title="Redigir ofício",
            help="Escreva o texto, escolha o modelo, as câmaras e o prazo. Ao concluir, o ofício vai à revisão.",
            action="Enviar para revisão",
            page="oficios.draft",
        ),
        "revisar": _decision("Revisar ofício", "revisao", "revisá-lo"),
        "aprovar": _decision("Aprovar ofício", "aprovacao", "aprová-lo"),
        "assinar": Form(
            title="Assinar",
            help="O número é dado na assinatura. Depois dela, o texto não muda mais.",
            action="Assinar",
            page="oficios.sign",
        ),
        "decidir": Form(
            title="Decidir sobre o encerramento",
            fields=(
                Field(
                    "decisao",
                    "O prazo terminou. O que fazer?",
                    kind="choice",
                    choices=(("encerrar", "Encerrar com relatório"), ("prorrogar", "Prorrogar o prazo")),
                ),
                Field("novo_prazo", "Novo prazo", kind="date", required=False, help="Para prorrogar."),
            ),
            action="Registrar a decisão",
        ),
    },
    services={
        "abrir": Service(steps.abrir, gives=("campanha",)),
        "preparar": Service(steps.preparar, gives=("destinatarios",)),
        "registrar_revisao": Service(steps.registrar_revisao),
        "registrar_aprovacao": Service(steps.registrar_aprovacao),
        "conferir_assinatura": Service(steps.conferir_assinatura),
        "gerar": Service(steps.gerar, mode="job", queue="documents", gives=("exemplares",)),
        "despachar": Service(steps.despachar, gives=("prazo_fim",)),
        "registrar_decisao": Service(steps.registrar_decisao, gives=("prazo_fim",)),
        "encerrar": Service(steps.encerrar),
    },
    messages={"oficio_concluido": Message("campanha")},
    due={"revisar": Due(2), "aprovar": Due(2), "assinar": Due(2), "decidir": Due(5)},
    starts_with=("dossier",),
)

PENDENCIA = Process(
    key="oficio_pendencia",
    title="Pendência de exemplar de ofício",
    legal_basis=_LEGAL,
    lanes={"Redação (GRI)": _WRITING},
    forms={
        "atualizar_cadastro": Form(
            title="Atualizar cadastro da câmara",
            fields=(
                Field(
                    "providencia",
                    "O que fazer com o exemplar?",
                    kind="choice",
                    choices=(("reenviar", "Enviar a um novo endereço de e-mail"), ("postal", "Enviar pelo correio")),
                ),
                Field("email", "Novo e-mail da câmara", required=False, max_length=254),
            ),
            help="A câmara não tem e-mail válido, ou a mensagem voltou. Confirme o endereço por telefone.",
            action="Registrar",
        ),
        "conferir_envio": Form(
            title="Conferir envio em dúvida",
            fields=(
                Field(
                    "envio",
                    "A câmara recebeu a mensagem?",
                    kind="choice",
                    choices=(
                        ("recebido", "Recebeu: não enviar de novo"),
                        ("reenviar", "Não recebeu: enviar de novo"),
                        ("postal", "Enviar pelo correio"),
                    ),
                ),
            ),
            help="O envio foi interrompido antes da resposta do servidor. Pergunte à câmara antes de enviar de novo.",
            action="Registrar",
        ),
    },
    services={"resolver": Service(steps.resolver)},
    due={"atualizar_cadastro": Due(3), "conferir_envio": Due(1)},
    starts_with=("exemplar", "problema"),
)

PROCESSES = (PROCESS, PENDENCIA)
