"""Signing with a person's own certificate: whose it is, what it signs, what stays provable."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType
from documents.operations import read_bytes
from documents.settings import current
from documents.signatures import certificates, operations, sealing, standing
from documents.signatures.errors import CertificateRefused
from documents.verification import verify_seal
from people.models import Person
from tests.documents.signatures.conftest import PASSWORD, House, account_of, person, seal, written
from workflow import clock

pytestmark = pytest.mark.slow

CPF, OTHER_CPF = "52998224725", "11144477735"


def own_certificate(name: str, *, cpf: str | None = None, days: int = 30) -> tuple[bytes, bytes]:
    """A PKCS#12 (password `segredo`) and its certificate, in ICP-Brasil's form when a CPF is given."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}:{cpf}" if cpf else name)])
    now = clock.now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(True, True, False, False, False, True, True, False, False), critical=True)
    )
    if cpf:
        said = x509.OtherName(x509.ObjectIdentifier(certificates.CPF_IN_SAN), b"\x13\x13" + f"01011980{cpf}".encode())
        builder = builder.add_extension(x509.SubjectAlternativeName([said]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    packed = pkcs12.serialize_key_and_certificates(b"x", key, made, None, BestAvailableEncryption(b"segredo"))
    return packed, made.public_bytes(Encoding.PEM)


def sign(session: Session, document, actor, packed: bytes, passphrase: str = "segredo"):  # type: ignore[no-untyped-def]
    return operations.sign_with_certificate(
        session, [document.id], pkcs12=packed, passphrase=passphrase, password=PASSWORD, cargo="Gerente", actor=actor
    )


def test_a_registered_certificate_signs_the_content_and_the_file(session: Session, house: House) -> None:
    admin = person(session, "admin", "Administradora", "GTI", "admin")
    packed, certificate = own_certificate("Joana Ferreira Lopes")
    session.get_one(DocumentType, "parecer").signature = "qualificada"
    document = written(session, house, "parecer")
    with pytest.raises(CertificateRefused, match="nem foi registrado"):
        sign(session, document, house.gri, packed)
    registered = operations.register_certificate(session, house.gri.id, certificate, actor=admin)
    (signature,) = sign(session, document, house.gri, packed)
    assert signature.certificate_sha256 == registered.sha256
    assert certificates.holds(signature.cms, operations.canonical(session, document))
    assert not certificates.holds(signature.cms, operations.canonical(session, document) + b" ")
    pdf = read_bytes(session, document.sealed_id)
    assert verify_seal(pdf, current().sealer.roots).ok
    fields = [one.field_name for one in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures]
    assert fields == ["Assinatura 1", "Selo"]
    assert operations.verify(session, document.id).ok
    operations.revoke_certificate(session, registered.sha256, actor=admin)
    with pytest.raises(CertificateRefused, match="não vale mais"):
        sign(session, written(session, house, "parecer"), house.gri, packed)
    assert operations.verify(session, document.id).ok


def test_a_later_signer_by_password_keeps_the_certified_signature_provable(session: Session, house: House) -> None:
    packed, certificate = own_certificate("Joana Ferreira Lopes")
    admin = person(session, "admin", "Administradora", "GTI", "admin")
    operations.register_certificate(session, house.gri.id, certificate, actor=admin)
    document = written(session, house)
    sign(session, document, house.gri, packed)
    certified = document.sealed_id
    operations.sign(session, [document.id], password=PASSWORD, cargo="Analista", actor=house.colleague)
    assert sealing.pending(session, document)
    seal(session, document)
    assert document.sealed_id != certified
    report = operations.verify(session, document.id)
    assert report.ok
    assert [check.method for check in report.signatures] == ["certificate", "password"]
    standing.signatures_of(session, document.id)[0].cms = b"0\x00"
    session.flush()
    assert not operations.verify(session, document.id).ok


def test_the_certificate_must_be_the_persons_own(session: Session, house: House) -> None:
    account = account_of(session, house.gri)
    known = Person(full_name="Joana Ferreira Lopes", name_folded="joana", cpf=CPF, created_at=clock.now())
    session.add(known)
    session.flush()
    account.person_id = known.id
    document = written(session, house)
    for packed, why in (
        (own_certificate("Joana Ferreira Lopes", cpf=OTHER_CPF)[0], "CPF"),
        (own_certificate("Outra Pessoa")[0], "nome"),
        (own_certificate("Joana Ferreira Lopes", cpf=CPF, days=-1)[0], "validade"),
        (own_certificate("Joana Ferreira Lopes", cpf=CPF)[0], "ICP-Brasil"),
    ):
        with pytest.raises(CertificateRefused, match=why):
            sign(session, document, house.gri, packed)
    with pytest.raises(CertificateRefused, match="não abriu"):
        sign(session, document, house.gri, packed, "errada")
    assert not standing.signed(session, document.id)


def test_a_trusted_authority_needs_no_registration(
    session: Session, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, certificate = own_certificate("Joana Ferreira Lopes")
    monkeypatch.setattr(certificates, "_roots", ())
    certificates.trust([certificate])
    document = written(session, house)
    sign(session, document, house.gri, packed)
    assert operations.verify(session, document.id).ok
