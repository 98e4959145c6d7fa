"""A person's own certificate (Lei 14.063/2020, art. 4º, III): reading it, finding it to be theirs, registering it.

The key comes as a PKCS#12 file at the moment of signing, or stays in a token (PKCS#11); neither key nor password is ever
kept. An ICP-Brasil certificate says its holder's CPF (DOC-ICP-04, 2.16.76.1.3.1); another one only a name, and then an
administrator must have registered it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from asn1crypto import cms as asn1_cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.sign import signers
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore
from sqlalchemy.orm import Session

from documents.sealing import asn1
from documents.signatures import events
from documents.signatures.errors import CertificateRefused
from documents.signatures.models import AccountCertificate
from people import rules
from people.access import authorize
from people.models import Account, Person
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Conflict, NotFound

MAX_PKCS12 = 100_000
CPF_IN_SAN = "2.16.76.1.3.1"
_roots: tuple[asn1_x509.Certificate, ...] = ()


@dataclass(frozen=True)
class OwnKey:
    """A key that signs for a person, with its certificate and the issuers that came along."""

    signer: Signer
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def sha256(self) -> str:
        """The certificate's fingerprint."""
        return fingerprint(self.certificate)


def trust(roots: Sequence[bytes]) -> None:
    """The authorities (DER, or PEM with one or several; ICP-Brasil's) whose certificates need no registration; called by
    the wiring."""
    global _roots
    _roots = tuple(asn1(one) for root in roots for one in _load_all(root))


def public_part(data: bytes, passphrase: str = "") -> bytes:
    """The certificate (DER) of an uploaded file: PEM, DER or PKCS#12, whose key is not looked at and not kept."""
    if len(data) > MAX_PKCS12:
        raise CertificateRefused("O arquivo do certificado é grande demais. Envie o .cer, .pem ou .p12 de uma pessoa.")
    try:
        return _load(data).public_bytes(Encoding.DER)
    except CertificateRefused:
        pass
    try:
        _, certificate, _ = pkcs12.load_key_and_certificates(data, passphrase.encode() or None)
    except ValueError:
        raise CertificateRefused(
            "O arquivo não abriu. Envie um certificado .cer ou .pem; se for .p12 ou .pfx, confira a senha dele."
        ) from None
    if certificate is None:
        raise CertificateRefused("O arquivo não traz o certificado da pessoa. Exporte-o de novo.")
    return certificate.public_bytes(Encoding.DER)


def from_pkcs12(data: bytes, passphrase: str) -> OwnKey:
    """The key of a .p12 or .pfx file; CertificateRefused when it does not open."""
    if len(data) > MAX_PKCS12:
        raise CertificateRefused("O arquivo do certificado é grande demais. Envie o .p12 ou .pfx.")
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, passphrase.encode() or None)
    except ValueError:
        raise CertificateRefused("O certificado não abriu. Confira o arquivo (.p12 ou .pfx) e a senha dele.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or certificate is None:
        raise CertificateRefused("O arquivo não traz chave e certificado. Exporte-o de novo com a chave privada.")
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it without types
    store.register_multiple(asn1(other) for other in others)
    signer = signers.SimpleSigner(asn1(certificate), asn1_keys.PrivateKeyInfo.load(der), store)
    return OwnKey(signer, certificate, tuple(others))


def from_pkcs11(library: Path, token_label: str, pin: str, certificate_label: str) -> OwnKey:
    """The key inside a person's token, configured on the machine that signs; the PIN is typed and not kept."""
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

    try:
        opened = open_pkcs11_session(str(library), token_criteria=TokenCriteria(label=token_label), user_pin=pin)
        signer = PKCS11Signer(opened, cert_label=certificate_label, key_label=certificate_label, use_raw_mechanism=True)
        certificate = _load(signer.signing_cert.dump())
    except Exception as wrong:  # the driver raises what its vendor likes
        raise CertificateRefused("O token não respondeu. Confira se está conectado e o PIN.") from wrong
    return OwnKey(signer, certificate, ())


def require_own(session: Session, key: OwnKey, account: Account) -> None:
    """CertificateRefused unless the certificate is in force, this person's, and trusted or registered."""
    require_persons(session, key.certificate, account)
    row = session.get(AccountCertificate, key.sha256)
    if row is not None and (row.revoked_at is not None or row.account_id != account.id):
        raise CertificateRefused("Este certificado não vale mais para a sua conta. Procure a administração do sistema.")
    if row is None and not _trusted(key):
        raise CertificateRefused(
            "Este certificado não é da ICP-Brasil nem foi registrado para a sua conta. Procure a administração do sistema."
        )


def require_persons(session: Session, certificate: x509.Certificate, account: Account) -> None:
    """The certificate is in force now and its holder, by CPF or else by name, is the account's person."""
    now = clock.now()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise CertificateRefused("O certificado está fora da validade.")
    person = session.get(Person, account.person_id) if account.person_id else None
    cpf = cpf_of(certificate)
    if cpf and person is not None and person.cpf:
        if cpf != person.cpf:
            raise CertificateRefused(
                "O CPF do certificado não é o de quem tem a conta. Use o certificado da própria pessoa."
            )
        return
    name = (person.full_name if person else None) or account.display_name or ""
    if not name or rules.fold(name) != rules.fold(holder_of(certificate)):
        raise CertificateRefused(
            "O nome do certificado não é o de quem tem a conta. Use o certificado da própria pessoa."
        )


def register(session: Session, account_id: UUID, certificate: bytes, *, actor: Actor) -> AccountCertificate:
    """An administrator vouches that a certificate (PEM or DER) is the account's person's own; a revoked one comes back."""
    authorize(actor, "users.manage")
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("Não encontramos esta conta.")
    loaded = _load(certificate)
    require_persons(session, loaded, account)
    row = _registered(session, loaded, account_id)
    row.registered_by, row.registered_at, row.revoked_at = actor.id, clock.now(), None
    session.flush()
    data = {"account": str(account_id), "certificate": row.sha256}
    history.record(session, events.CERTIFICATE, data, actor=actor)
    return row


def _registered(session: Session, loaded: x509.Certificate, account_id: UUID) -> AccountCertificate:
    """The row of a certificate; Conflict when it is another account's, or is in force already."""
    row = session.get(AccountCertificate, fingerprint(loaded), with_for_update=True)
    if row is not None and row.account_id != account_id:
        raise Conflict("Este certificado já está registrado para outra conta.")
    if row is not None and row.revoked_at is None:
        raise Conflict("Este certificado já está registrado para esta conta.")
    row = row or AccountCertificate(
        sha256=fingerprint(loaded),
        account_id=account_id,
        certificate=loaded.public_bytes(Encoding.DER),
        subject=loaded.subject.rfc4514_string()[:300],
        expires_at=loaded.not_valid_after_utc,
    )
    session.add(row)
    return row


def revoke(session: Session, sha256: str, *, actor: Actor) -> None:
    """From now on the certificate signs no more; what it signed stays signed."""
    authorize(actor, "users.manage")
    row = session.get(AccountCertificate, sha256)
    if row is None or row.revoked_at is not None:
        raise NotFound("Não encontramos este certificado.")
    row.revoked_at = clock.now()
    session.flush()
    data = {"account": str(row.account_id), "certificate": sha256}
    history.record(session, events.CERTIFICATE_REVOKED, data, actor=actor)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate's DER, in hex."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def cpf_of(certificate: x509.Certificate) -> str | None:
    """The holder's CPF as ICP-Brasil writes it: after the birth date in the alternative name, or `NOME:CPF`."""
    for name in _alternative_names(certificate):
        if isinstance(name, x509.OtherName) and name.type_id.dotted_string == CPF_IN_SAN:
            found = re.search(rb"[0-9]{8}([0-9]{11})", name.value)
            return found[1].decode() if found else None
    found_in_name = re.search(r":([0-9]{11})$", _common_name(certificate))
    return found_in_name[1] if found_in_name else None


def holder_of(certificate: x509.Certificate) -> str:
    """The holder's name, without the CPF that ICP-Brasil puts behind it."""
    return re.sub(r":[0-9]{11}$", "", _common_name(certificate))


def detached(key: OwnKey, content: bytes) -> bytes:
    """The detached signature of a content (CAdES, RFC 5652), DER."""
    signed = asyncio.run(key.signer.async_sign_general_data(content, "sha256", detached=True, use_cades=True))
    return bytes(signed.dump())


def holds(cms: bytes, content: bytes) -> bool:
    """Whether a detached signature is of exactly this content; whose it is, is the row's own matter."""
    try:
        signed = asn1_cms.ContentInfo.load(cms)["content"]
        status = asyncio.run(
            async_validate_detached_cms(content, signed, ValidationContext(trust_roots=[], allow_fetching=False))
        )
    except Exception:  # noqa: BLE001 - whatever a broken signature makes the library raise, it does not hold
        return False
    return bool(status.intact and status.valid)


def certificate_in(cms: bytes) -> str:
    """The fingerprint of the certificate that a detached signature names as its signer's."""
    signed: Any = asn1_cms.ContentInfo.load(cms)["content"]
    issuer = signed["signer_infos"][0]["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if certificate.serial_number == issuer["serial_number"].native and certificate.issuer == issuer["issuer"]:
            return hashlib.sha256(certificate.dump()).hexdigest()
    return ""


def _trusted(key: OwnKey) -> bool:
    if not _roots:
        return False
    context = ValidationContext(trust_roots=list(_roots), allow_fetching=False, revocation_mode="soft-fail")
    validator = CertificateValidator(
        asn1(key.certificate), intermediate_certs=[asn1(one) for one in key.chain], validation_context=context
    )
    try:
        asyncio.run(validator.async_validate_usage(set()))  # type: ignore[no-untyped-call]  # ships without types
    except (PathBuildingError, PathValidationError):
        return False
    return True


def _load(certificate: bytes) -> x509.Certificate:
    return _load_all(certificate)[0]


def _load_all(certificates: bytes) -> list[x509.Certificate]:
    try:
        if b"-----BEGIN CERTIFICATE-----" in certificates:
            return x509.load_pem_x509_certificates(certificates)
        return [x509.load_der_x509_certificate(certificates)]
    except ValueError:
        raise CertificateRefused("O arquivo não é um certificado (PEM ou DER).") from None


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _alternative_names(certificate: x509.Certificate) -> Sequence[x509.GeneralName]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return list(extension.value)
