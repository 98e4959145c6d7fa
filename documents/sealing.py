"""The institution's seal: PAdES (ETSI EN 319 142-1, baseline B-B) over the rendered PDF.

The key is parsed once. The widget is invisible and outside the page, which PDF/A-3 and PDF/UA-1 both accept; the
signature certifies the file and permits no later change (DocMDP, ISO 32000-1, 12.8.2.2).
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from documents.errors import SealerUnavailable

FIELD = "Selo"
_REST_OF_CMS = 3072
"""Attributes, names and the signature itself (RSA 4096: 512 bytes): what a CMS holds beside certificates. Told the size,
pyHanko does not sign a first time to find it out."""
SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Sealer(Protocol):
    """Seals a PDF with the institution's key; `roots` are the DER certificates that its chain ends in."""

    @property
    def roots(self) -> Sequence[bytes]:
        """DER of the trust anchors to verify the seals with."""

    def seal(self, pdf: bytes) -> bytes:
        """The PDF with the institution's seal, by an incremental update."""


class PadesSealer:
    """A `Sealer` over any pyHanko signer."""

    def __init__(self, signer: Signer, roots: Sequence[bytes]) -> None:
        if signer.signing_cert is None:
            raise SealerUnavailable("O certificado do selo não foi encontrado.")
        self._signer = signer
        certificates = {bytes(one.dump()) for one in (signer.signing_cert, *signer.cert_registry)}
        self._reserved = 2 * (sum(map(len, certificates)) + _REST_OF_CMS)
        self._roots = tuple(roots)
        self._metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            name=signer.signing_cert.subject.native.get("common_name"),
            location="Belo Horizonte, Minas Gerais",
            reason="Documento emitido eletronicamente",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        self._field = fields.SigFieldSpec(
            FIELD,
            readable_field_name="Selo eletrônico da instituição",
            invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
        )

    @property
    def roots(self) -> Sequence[bytes]:
        """DER of the trust anchors to verify the seals with."""
        return self._roots

    def seal(self, pdf: bytes) -> bytes:
        """The PDF with the institution's seal, by an incremental update.

        Over a file that people signed before, the seal is an approval signature: only a file's first may certify it
        (ISO 32000-1, 12.8.2.2.1). Whatever comes after it, `verify_seal` finds out all the same.
        """
        out, writer = io.BytesIO(), _QuietWriter(io.BytesIO(pdf))
        metadata = self._metadata
        if writer.prev.embedded_signatures:
            metadata = dataclasses.replace(metadata, certify=False)
        signers.PdfSigner(metadata, signer=self._signer, new_field_spec=self._field).sign_pdf(writer, output=out)
        return out.getvalue()


def sign_as(pdf: bytes, signer: Signer, field_name: str, name: str) -> bytes:
    """The PDF with a person's own signature (PAdES baseline B-B), invisible like the seal; the text shows who signed."""
    metadata = signers.PdfSignatureMetadata(
        field_name=field_name,
        md_algorithm="sha256",
        name=name,
        reason="Assinatura do documento",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    spec = fields.SigFieldSpec(
        field_name,
        readable_field_name=f"Assinatura de {name}",
        invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
    )
    out = io.BytesIO()
    pdf_signer = signers.PdfSigner(metadata, signer=signer, new_field_spec=spec)
    pdf_signer.sign_pdf(_QuietWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


class _QuietWriter(IncrementalPdfFileWriter):
    """Leaves XMP and document information as they were rendered.

    pyHanko would write both anew: it turns the namespace URI of the PDF/UA extension schema into an rdf:resource, which
    ISO 19005-3 (6.6.2.3.3) does not foresee, and dates the change by the machine's clock, not by the legal one.
    """

    def _update_meta(self) -> None:
        return


class _ParsedKeySigner(signers.SimpleSigner):
    """pyHanko's SimpleSigner parses (and for RSA checks) the key at each signature; this one keeps it parsed."""

    def __init__(self, key: SigningKey, certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> None:
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it without types
        store.register_multiple(asn1(other) for other in others)
        super().__init__(asn1(certificate), asn1_keys.PrivateKeyInfo.load(der), store)
        self._key = key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        if digest_algorithm != "sha256":
            raise ValueError("only SHA-256 is used")
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(80 if isinstance(self._key, ec.EllipticCurvePrivateKey) else self._key.key_size // 8)
        return self.sign_raw(data, digest_algorithm)


def asn1(certificate: x509.Certificate) -> Any:
    """The same certificate as pyHanko wants it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def key_sealer(key: SigningKey, certificate: x509.Certificate, chain: Sequence[x509.Certificate]) -> PadesSealer:
    """A sealer over a key in memory; `chain` goes up to the root, which comes last."""
    if certificate.public_key() != key.public_key():
        raise SealerUnavailable("O certificado do selo não é o da chave configurada.")
    roots = [chain[-1] if chain else certificate]
    return PadesSealer(_ParsedKeySigner(key, certificate, chain), [root.public_bytes(Encoding.DER) for root in roots])


def pkcs12_sealer(path: Path, password: str | None) -> PadesSealer:
    """The institution's key from a PKCS#12 file (.p12, .pfx) that also holds the chain."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            path.read_bytes(), password.encode() if password else None
        )
    except (OSError, ValueError) as wrong:
        raise SealerUnavailable(
            f"O arquivo PKCS#12 {path.name} não abriu: confira o caminho e a senha.", path=str(path)
        ) from wrong
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or certificate is None:
        raise SealerUnavailable(f"O arquivo PKCS#12 {path.name} não traz chave EC ou RSA com seu certificado.")
    return key_sealer(key, certificate, _ordered(certificate, others))


def pkcs11_sealer(
    library: Path,
    token_label: str,
    pin: str,
    certificate_label: str,
    roots: Sequence[bytes],
    key_label: str | None = None,
) -> PadesSealer:
    """The institution's key inside a token or HSM (PKCS#11); the session stays open for the process's life.

    The digest is taken here and only signed there: every token has CKM_ECDSA and CKM_RSA_PKCS, few have the hashing ones.
    `roots`: the certificates that the chain ends in, PEM or DER.
    """
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

    try:
        session = open_pkcs11_session(str(library), token_criteria=TokenCriteria(label=token_label), user_pin=pin)
        signer = PKCS11Signer(
            session, cert_label=certificate_label, key_label=key_label or certificate_label, use_raw_mechanism=True
        )
        sealer = PadesSealer(signer, [_der(root) for root in roots])
    except SealerUnavailable:
        raise
    except Exception as wrong:  # the driver raises what its vendor likes
        raise SealerUnavailable(
            "O dispositivo PKCS#11 não respondeu: confira biblioteca, token e PIN.", cause=type(wrong).__name__
        ) from wrong
    return sealer


def _der(certificate: bytes) -> bytes:
    """DER of a certificate given as PEM or DER."""
    pem = certificate.lstrip().startswith(b"-----BEGIN")
    load = x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate
    return load(certificate).public_bytes(Encoding.DER)


def _ordered(certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The issuers of `certificate`, nearest first, as far as the file has them."""
    by_subject = {other.subject: other for other in others}
    chain: list[x509.Certificate] = []
    issuer = by_subject.pop(certificate.issuer, None)
    while issuer is not None:
        chain.append(issuer)
        issuer = by_subject.pop(issuer.issuer, None)
    return chain
