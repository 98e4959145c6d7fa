"""Signing with a person's own certificate: whose it is, what it signs, what stays provable."""

from __future__ import annotations

import io

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
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
from tests.documents.signatures.own_certificates import CPF, OTHER_CPF, own_certificate
from workflow import clock
from workflow.errors import Conflict

pytestmark = pytest.mark.slow


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


def test_only_the_certificate_of_a_file_is_read() -> None:
    packed, pem = own_certificate("Joana Ferreira Lopes")
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    assert certificates.public_part(pem) == der
    assert certificates.public_part(b"Bag Attributes\n" + b" " * 200 + b"\n" + pem) == der
    assert certificates.public_part(der) == der
    assert certificates.public_part(packed, "segredo") == der
    for data, passphrase in ((packed, ""), (packed, "errada"), (b"texto", ""), (b"", ""), (b"0" * 200_000, "")):
        with pytest.raises(CertificateRefused):
            certificates.public_part(data, passphrase)


def test_a_certificate_is_one_accounts_and_comes_back_only_when_registered_again(
    session: Session, house: House
) -> None:
    admin = person(session, "admin", "Administradora", "GTI", "admin")
    _, certificate = own_certificate("Joana Ferreira Lopes")
    row = operations.register_certificate(session, house.gri.id, certificate, actor=admin)
    with pytest.raises(Conflict, match="esta conta"):
        operations.register_certificate(session, house.gri.id, certificate, actor=admin)
    namesake = person(session, "joana.outra", "Joana Ferreira Lopes", "GTI")
    with pytest.raises(Conflict, match="outra conta"):
        operations.register_certificate(session, namesake.id, certificate, actor=admin)
    operations.revoke_certificate(session, row.sha256, actor=admin)
    assert operations.register_certificate(session, house.gri.id, certificate, actor=admin).revoked_at is None
