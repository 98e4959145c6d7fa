"""Certificates of persons, made by the tests."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from documents.signatures import certificates
from workflow import clock

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
