"""A certification authority of this installation, for demonstrations: nobody outside trusts it.

Made at first start in the data folder, keys with 0600. A house puts its own key in its place by configuration.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from documents.errors import SealerUnavailable
from documents.sealing import PadesSealer, key_sealer
from workflow import clock

_FILES = ("ca.key", "ca.crt", "selo.key", "selo.crt")
_YEARS = timedelta(days=3652)


def development_sealer(folder: Path, house: str) -> PadesSealer:
    """The sealer of the demonstration; makes CA and key in `folder` when they are not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        if not (folder / _FILES[-1]).exists():
            _make(folder, house)
    return _load(folder)


def _load(folder: Path) -> PadesSealer:
    try:
        key = load_pem_private_key((folder / "selo.key").read_bytes(), None)
        certificate, root = (
            x509.load_pem_x509_certificate((folder / name).read_bytes()) for name in ("selo.crt", "ca.crt")
        )
    except (OSError, ValueError) as wrong:
        raise SealerUnavailable(
            "A chave de demonstração do selo não pôde ser lida.", cause=type(wrong).__name__
        ) from wrong
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SealerUnavailable("A chave de demonstração do selo não é uma chave P-256.")
    return key_sealer(key, certificate, [root])


def _make(folder: Path, house: str) -> None:
    ca_key, seal_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = _name("Carimbo: AC de demonstração (sem valor legal)", house)
    ca = _certificate(ca_name, ca_name, ca_key, ca_key, authority=True)
    seal = _certificate(
        _name("Selo de demonstração (sem valor legal)", house), ca_name, seal_key, ca_key, authority=False
    )
    for name, content in zip(_FILES, (_pem(ca_key), _crt(ca), _pem(seal_key), _crt(seal)), strict=True):
        _write(folder / name, content)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    """RFC 5280: the CA may only sign certificates, the seal only documents."""
    now = clock.real_now()
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _YEARS)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _name(common: str, house: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _short(house)),
            x509.NameAttribute(NameOID.COMMON_NAME, _short(common)),
        ]
    )


def _short(text: str) -> str:
    """At most 64 octets (RFC 5280, appendix A.1)."""
    return text.encode()[:64].decode(errors="ignore").strip()


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _crt(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _write(path: Path, content: bytes) -> None:
    """Whole or absent, readable by the owner alone from its first byte."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time: web server and worker start together."""
    with os.fdopen(os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
