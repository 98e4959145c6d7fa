"""What travels to and from a gate bridge, as pydantic models; the OpenAPI document is generated from these.

Unknown keys are refused: nobody adds a reason of entry, or anything else, to an event (art. 3º, § 3º; R7).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from processes.entrada.received import Candidate, DeviceReport, ReceivedEvent

MOST_EVENTS = 500
MOST_CANDIDATES = 20
EARLIEST, LATEST = datetime(2019, 9, 30, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Way = Literal["one_to_one", "one_to_many", "device"]
DeviceKind = Literal["camera", "keypad", "controlid", "hikvision"]
Result = Literal["LIBERADO", "PENDENTE_VERIFICACAO", "NEGADO", "ENCAMINHADO_GPOL"]


def _in_range(instant: datetime) -> datetime:
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("instant out of range")
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_in_range)]
Score = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class Closed(BaseModel):
    """A model that refuses keys that it does not know."""

    model_config = ConfigDict(extra="forbid")


class CandidateIn(Closed):
    """Somebody whom the face may belong to; the smaller the score, the more alike."""

    person: UUID
    score: Score | None = None


class EventIn(Closed):
    """One event of a gate: a passage, or a face that the attendant must look at."""

    id: UUID = Field(description="Dado pela ponte; o mesmo evento enviado de novo leva o mesmo.")
    sequence: int = Field(ge=0, le=2**53, description="Cresce de um em um a cada evento da ponte.")
    post: str = Field(min_length=1, max_length=40, description="Código do posto em que a ponte está cadastrada.")
    device: str = Field(min_length=1, max_length=80)
    device_kind: DeviceKind
    device_time: Instant | None = Field(default=None, description="O que dizia o relógio do equipamento.")
    bridge_time: Instant = Field(description="Quando a ponte recebeu, pelo relógio dela.")
    instant: Instant = Field(description="O instante corrigido, no relógio legal.")
    skew_s: float = Field(
        ge=-1e9, le=1e9, allow_inf_nan=False, description="Quanto o relógio do equipamento está adiantado, em segundos."
    )
    way: Way
    claim: Literal["cpf", "qr"] | None = Field(default=None, description="Como a pessoa disse quem é.")
    decision: Literal["recognised", "doubtful", "unknown"]
    person: UUID | None = Field(default=None, description="Presente só quando a decisão é recognised.")
    score: Score | None = None
    limit: Score | None = Field(default=None, description="O limite em vigor nesta comparação.")
    candidates: list[CandidateIn] = Field(default_factory=list, max_length=MOST_CANDIDATES)
    frames: int = Field(default=0, ge=0, le=100_000)
    calibration: str = Field(default="", max_length=80, description="Versão da calibração.")
    crop: str | None = Field(
        default=None,
        max_length=600_000,
        description="base64(nonce, AES-256-GCM); guardado por 24 horas, só em caso de dúvida.",
    )
    replayed: bool = Field(default=False, description="Lido depois, da memória do equipamento.")
    raw_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _named_when_recognised(self) -> EventIn:
        if (self.person is not None) != (self.decision == "recognised"):
            raise ValueError("an event has a person exactly when somebody was recognised")
        return self

    def received(self) -> ReceivedEvent:
        """The same as the value that the operation takes."""
        fields = {name: getattr(self, name) for name in EventIn.model_fields if name != "candidates"}
        return ReceivedEvent(**fields, candidates=tuple(Candidate(one.person, one.score) for one in self.candidates))


class EventsIn(Closed):
    """A batch of events."""

    events: list[EventIn] = Field(max_length=MOST_EVENTS)


class RawEventsIn(Closed):
    """The same batch before its events are looked at one by one: a bad one keeps no other out."""

    events: list[Any] = Field(max_length=MOST_EVENTS)


class RejectionOut(Closed):
    """An event that will never be accepted: the bridge keeps it apart."""

    id: str
    reason: Literal["posto_desconhecido", "identificador_em_uso", "dados_invalidos"]


class EventsOut(Closed):
    """What became of each event of the batch."""

    accepted: list[UUID]
    duplicates: list[UUID]
    rejected: list[RejectionOut]
    server_time: float


class EventOut(Closed):
    """What became of one event; `result` is null until its case has been started."""

    id: UUID
    result: Result | None
    message: str = Field(description="Para a pessoa diante da portaria; não diz o nome de ninguém.")
    case: UUID | None
    server_time: float


class GalleryItemOut(Closed):
    """One change of the gallery; `box` comes with `put`, sealed for this bridge."""

    op: Literal["put", "drop", "seen"]
    person: UUID
    box: str | None = None
    seen_at: datetime | None = None


class GalleryOut(Closed):
    """The changes after a cursor."""

    cursor: int
    more: bool
    items: list[GalleryItemOut]
    server_time: float


class WindowOut(BaseModel):
    """A stretch of time in which the post is open."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: datetime = Field(alias="from")
    to: datetime


class ConfigOut(Closed):
    """What the server decides for the gate."""

    bridge: UUID
    post: str
    building: str
    calibration: dict[str, Any]
    token_key: str = Field(description="base64 da chave pública Ed25519 do QR do visitante.")
    one_to_many: bool
    windows: list[WindowOut] = Field(description="Horários de abertura dos próximos 8 dias, em UTC.")
    legal_time: datetime
    server_time: float


class DeviceIn(Closed):
    """A device as the bridge sees it."""

    name: str = Field(min_length=1, max_length=80)
    kind: DeviceKind
    last_seen: Instant | None = None
    skew_s: float = Field(default=0.0, ge=-1e9, le=1e9, allow_inf_nan=False)

    def report(self) -> DeviceReport:
        """The same as the value that the operation takes."""
        return DeviceReport(self.name, self.kind, self.last_seen, self.skew_s)


class HeartbeatIn(Closed):
    """That the bridge lives, and how it is."""

    devices: list[DeviceIn] = Field(default_factory=list, max_length=100)
    spool: int = Field(ge=0, le=2**31 - 1, description="Eventos que esperam o envio.")
    gallery_cursor: int = Field(ge=0, le=2**53)


class HeartbeatOut(Closed):
    """The server's clock."""

    server_time: float


class ErrorOut(Closed):
    """Why a request was refused: `stale`, `replayed`, `unauthorised`, `too_large`, `invalid`, or another word."""

    error: str
    message: str = ""
    server_time: float | None = None


class HealthOut(Closed):
    """That the process answers."""

    status: Literal["ok"]


class ReadyOut(Closed):
    """Whether the installation can work; with what was looked at."""

    ready: bool
    database: bool
    disk_free_mb: int
    jobs_waiting: int | None
    jobs_lag_s: float | None
