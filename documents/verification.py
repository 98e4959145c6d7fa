"""What a sealed PDF proves, as a frozen report; no exception for a bad file."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import UnacceptableSignerError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from documents.sealing import FIELD

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SealReport:
    """The state of a PDF's seal.

    `ok`: exactly one seal, whose `bottom_line` holds (intact, trusted, policy), over the whole file with the signatures
    that people gave before it, and nothing changed after it. `intact`: the digest and the signature hold. `trusted`: the chain ends in a root of ours.
    `unmodified`: the modification level is NONE and the seal covers every byte. `signed_at`: as the signer claims.
    """

    ok: bool
    sealed: bool
    intact: bool = False
    trusted: bool = False
    unmodified: bool = False
    signer: str = ""
    signed_at: datetime | None = None
    problem: str = ""


def verify_seal(pdf: bytes, roots: Sequence[bytes]) -> SealReport:
    """Check the seal of `pdf` against the DER trust anchors `roots`; no network is used."""
    try:
        every = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_regular_signatures
        signatures = [one for one in every if one.field_name == FIELD]
        if not signatures:
            return SealReport(False, sealed=False, problem="O arquivo não tem selo.")
        if len(signatures) > 1 or every[-1].field_name != FIELD:
            return SealReport(False, sealed=True, problem="O arquivo foi assinado outra vez depois do selo.")
        anchors = [asn1_x509.Certificate.load(root) for root in roots]
        context = ValidationContext(trust_roots=anchors, allow_fetching=False, revocation_mode="soft-fail")
        return _report(validate_pdf_signature(signatures[0], context))
    except (PdfError, SignatureValidationError, UnacceptableSignerError, ValueError, KeyError, TypeError) as broken:
        _log.info("seal not readable: %s", type(broken).__name__)
        return SealReport(False, sealed=True, problem="O selo não pôde ser lido: o arquivo foi alterado.")


def _report(status: PdfSignatureStatus) -> SealReport:
    unmodified = (
        status.coverage == SignatureCoverageLevel.ENTIRE_FILE and status.modification_level == ModificationLevel.NONE
    )
    ok = bool(status.bottom_line) and unmodified
    return SealReport(
        ok=ok,
        sealed=True,
        intact=bool(status.intact and status.valid),
        trusted=bool(status.trusted),
        unmodified=unmodified,
        signer=str(status.signing_cert.subject.native.get("common_name", "")),
        signed_at=status.signer_reported_dt,
        problem="" if ok else _problem(status, unmodified),
    )


def _problem(status: PdfSignatureStatus, unmodified: bool) -> str:
    if not (status.intact and status.valid):
        return "O arquivo foi alterado depois do selo."
    if not unmodified:
        return "Algo foi acrescentado ao arquivo depois do selo."
    if not status.trusted:
        return "O selo não é desta instituição."
    return "O selo não atende à política de assinatura."
