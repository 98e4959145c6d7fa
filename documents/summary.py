"""What a validation shows of a document (VA3): name, masked CPF and date, resting under the owner's data key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from documents.fields import masked_cpf
from people import crypto

PURPOSE = "document-summary"


@dataclass(frozen=True)
class Summary:
    """Empty strings where the kind has no such field."""

    name: str = ""
    masked_cpf: str = ""
    date: str = ""


def of(texts: Mapping[str, str]) -> Summary:
    """The summary of a document's fields `name`, `cpf` and `date`, as printed; the CPF's mask is all that rests."""
    cpf = texts.get("cpf", "")
    return Summary(texts.get("name", ""), masked_cpf(cpf) if cpf else "", texts.get("date", ""))


def sealed(session: Session, owner: UUID | None, summary: Summary) -> bytes:
    """The bytes of the row."""
    plain = json.dumps(asdict(summary), ensure_ascii=False).encode()
    return plain if owner is None else crypto.encrypt_for(session, owner, plain, PURPOSE)


def opened(session: Session, owner: UUID | None, data: bytes) -> Summary:
    """The reverse of `sealed`."""
    plain = data if owner is None else crypto.decrypt_for(session, owner, data, PURPOSE)
    return Summary(**json.loads(plain))
