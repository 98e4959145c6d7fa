"""The declaration of the process `entrada`."""

from __future__ import annotations

from processes.entrada import jobs  # noqa: F401 - registers the jobs of the gates
from processes.entrada.passage import avaliar, registrar_entrada, registrar_sem_entrada
from workflow.process import Due, Field, Form, Lane, Message, Process, Service

CONFIRM = Form(
    title="Confirmar identidade",
    fields=(
        Field(
            "resposta",
            "Quem é a pessoa diante da portaria?",
            kind="choice",
            choices=(
                ("confirmada", "É a pessoa escolhida"),
                ("ninguem", "Não é ninguém cadastrado"),
                ("gpol", "Encaminhar à Gpol"),
            ),
        ),
        Field("pessoa_id", "Pessoa confirmada", required=False, max_length=36),
        Field("criancas", "Crianças menores de 12 anos que acompanham", kind="integer", required=False),
    ),
    help="Compare o rosto com os cadastros parecidos. Ninguém entra em um nome que você não confirmou.",
    action="Responder",
    page="atendimento.verificar",
)

AUTHORISE = Form(
    title="Autorizar entrada",
    fields=(
        Field("autorizada", "A entrada está autorizada?", kind="boolean"),
        Field("pessoa_id", "Pessoa que entra", required=False, max_length=36),
        Field("criancas", "Crianças menores de 12 anos que acompanham", kind="integer", required=False),
    ),
    help="Depois das 19 horas, só a Gpol autoriza a entrada de visitante (Deliberação 2.716/2019, art. 10, § 2º).",
    action="Responder",
    page="atendimento.verificar",
)

# Each first entry of a day begins a case of the declaration: the key names the entry, so that a day that was withdrawn
# by a correction can begin again. That it is the first is decided by `presence`, under its lock.
ATTENDANCE = Message('pessoa_id + ":" + str(dia) + ":" + entrada_id', payload=("pessoa_id", "dia", "entrada_id"))

PROCESS = Process(
    key="entrada",
    title="Entrada",
    legal_basis="Deliberação da Mesa da ALMG 2.716/2019, arts. 1º a 3º, 10 e 11",
    lanes={
        "GRPC": Lane(role="identificacao", unit="GRPC"),
        "Gpol": Lane(role="gpol", unit="GPOL"),
    },
    forms={"confirmar_identidade": CONFIRM, "autorizar_entrada": AUTHORISE},
    services={
        "avaliar": Service(avaliar, gives=("decisao", "fundamento", "pessoa_id")),
        "registrar_entrada": Service(registrar_entrada, gives=("pessoa_id", "dia", "entrada_id", "primeira_do_dia")),
        "registrar_sem_entrada": Service(registrar_sem_entrada, gives=("decisao", "fundamento")),
    },
    messages={"comparecimento_registrado": ATTENDANCE},
    due={"confirmar_identidade": Due(1, "hours"), "autorizar_entrada": Due(1, "hours")},
    starts_with=("evento_id", "menor", "criancas"),
    priority=10,
)
