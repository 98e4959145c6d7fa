"""Exemplars by what matters to who follows them: groups, each with its own sign, and the sentence they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from processes.oficio_camaras.models import Campaign, CampaignState, ExemplarState
from processes.oficio_camaras.queries import Progress

S = ExemplarState


@dataclass(frozen=True, slots=True)
class Group:
    """States that are shown as one; `key` names its sign on the map and its class."""

    key: str
    label: str
    states: tuple[ExemplarState, ...]


ANSWERED = Group("resp", "Responderam", (S.RESPONDIDO,))
RECEIVED = Group("rec", "Confirmaram o recebimento, sem responder", (S.RECEBIDO, S.DISPENSADA_RESPOSTA, S.SEM_RESPOSTA))
DELIVERED = Group("ent", "Entregues, sem confirmação", (S.ENTREGUE,))
SENT = Group("env", "Enviados, sem confirmação", (S.ENVIADO,))
MADE = Group("ger", "Gerados, ainda não enviados", (S.GERADO,))
"""Before the dispatch; after it, those that wait for an address (EM8)."""
QUEUED = Group("fila", "Na fila de envio", (S.NA_FILA, S.REENVIO))
POSTAL = Group("pos", "Pelo correio", (S.VIA_POSTAL,))
BOUNCED = Group("dev", "Devolvidos", (S.DEVOLVIDO,))
DOUBT = Group("duv", "Envio em dúvida", ())
GROUPS = (ANSWERED, RECEIVED, DELIVERED, SENT, QUEUED, MADE, POSTAL, BOUNCED, DOUBT)
_OF_STATE = {state: group for group in GROUPS for state in group.states}
REACHED = (*ANSWERED.states, *RECEIVED.states)


def group_of(state: str, *, in_doubt: bool) -> Group:
    """The group of an exemplar."""
    return DOUBT if in_doubt else _OF_STATE[S(state)]


def counted(progress: Progress) -> list[tuple[Group, int]]:
    """Every group with how many are in it; those in doubt are NA_FILA by state and are counted once."""
    found = []
    for group in GROUPS:
        count = progress.in_doubt if group is DOUBT else progress.count(*group.states)
        found.append((group, count - progress.in_doubt if group is QUEUED else count))
    return found


def finding(campaign: Campaign, progress: Progress) -> str:
    """What the dashboard shows, in one sentence: its title."""
    total = progress.recipients
    if campaign.state == CampaignState.GENERATING:
        return f"Gerando os exemplares: {progress.generated} de {total} prontos"
    queued = progress.count(*QUEUED.states) - progress.in_doubt
    reached = progress.count(*REACHED)
    if queued and not reached:
        return f"Enviando: faltam {queued} de {total} mensagens"
    if campaign.requires_reply:
        return f"{_share(progress.count(S.RESPONDIDO), total)} {_verb(progress.count(S.RESPONDIDO), 'respondeu', 'responderam')}"
    return f"{_share(reached, total)} {_verb(reached, 'confirmou o recebimento', 'confirmaram o recebimento')}"


def weakest(regions: Mapping[str, Mapping[str, int]], *, requires_reply: bool) -> str:
    """The region where the most is missing, in one sentence; empty when no region stands out."""
    wanted = ANSWERED.states if requires_reply else REACHED
    done = {name: (sum(counts.get(s, 0) for s in wanted), sum(counts.values())) for name, counts in regions.items()}
    shares = {name: reached / total for name, (reached, total) in done.items() if total}
    if len(shares) < 2 or max(shares.values()) == min(shares.values()):
        return ""
    name = min(shares, key=lambda one: (shares[one], one))
    reached, total = done[name]
    return f"Menor retorno no {name}: {reached} de {total}."


def _share(count: int, total: int) -> str:
    of = f"{count} das {total} câmaras" if total != 1 else f"{count} câmara de 1"
    return f"{of} ({round(100 * count / total)}%)" if total > 1 else of


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
