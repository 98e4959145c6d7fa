"""The termo de concordância e veracidade that an external user accepts; a changed text is a new version.

The acceptance records the version and the SHA-256 of this text, so that what was accepted can be shown years later.
"""

from __future__ import annotations

import hashlib

VERSION = "2026-1"
PARAGRAPHS: tuple[str, ...] = (
    "Declaro que são verdadeiros os dados que informo neste cadastro e que o CPF e o e-mail são meus. Sei que a "
    "falsidade da declaração sujeita o autor às sanções civis, administrativas e penais.",
    "A conta é pessoal. A senha é de meu conhecimento exclusivo, e respondo por guardá-la e pelo uso que se fizer dela. "
    "Se suspeitar de uso por outra pessoa, troco a senha e aviso a Assembleia.",
    "Concordo em que os atos que eu praticar com esta conta (ver, assinar e juntar documentos) sejam feitos por meio "
    "eletrônico e tenham a data e a hora registradas pelo sistema, no horário oficial de Brasília.",
    "Concordo em que a assinatura feita com meu e-mail e minha senha me identifica como autor e vale como minha "
    "assinatura eletrônica nos documentos do processo.",
    "São de minha responsabilidade a conformidade entre os dados informados e os dos documentos, e a guarda dos originais "
    "dos documentos digitalizados que eu enviar, para apresentação quando forem pedidos.",
    "Acompanho pelo sistema e pelo e-mail cadastrado o que me for enviado, e mantenho o e-mail em uso.",
)


def text() -> str:
    """The whole text, as its digest sees it."""
    return "\n\n".join(PARAGRAPHS)


def sha256() -> bytes:
    """The digest of the text in force."""
    return hashlib.sha256(text().encode()).digest()
