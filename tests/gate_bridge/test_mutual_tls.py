"""mTLS when configured: the bridge shows its certificate, and trusts the house's own authority only."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gate_bridge.clock import BridgeClock
from gate_bridge.errors import ServerUnavailable
from gate_bridge.link import ServerLink
from tests.gate_bridge.conftest import KEY
from tests.gate_bridge.gate_server import GateServer


def certified(
    folder: Path, name: str, issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey] | None = None
) -> tuple[Path, x509.Name, ec.EllipticCurvePrivateKey]:
    """A certificate and its key in one PEM file: its own authority, or signed by one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer_name, signer_key = issuer or (subject, key)
    now = datetime.now(UTC)
    public = key.public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer_name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(authority=issuer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(signer_key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path, subject, key


def _usage(*, authority: bool) -> x509.KeyUsage:
    """Of an authority (RFC 5280, 4.2.1.3; Python 3.13 asks for it) or of who is at one end of TLS."""
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@pytest.fixture
def house(tmp_path: Path, server: GateServer) -> Iterator[tuple[str, Path, Path]]:
    """A server that asks for a certificate; its address, its authority, and a bridge's certificate of that authority."""
    authority, name, key = certified(tmp_path, "casa")
    own, _, _ = certified(tmp_path, "servidor", (name, key))
    bridge, _, _ = certified(tmp_path, "ponte", (name, key))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(own)
    quiet = type("Quiet", (ThreadingHTTPServer,), {"handle_error": lambda *_: None, "daemon_threads": True})
    secure = quiet(("127.0.0.1", 0), server._handler())
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    thread = threading.Thread(target=secure.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{secure.server_port}", authority, bridge
    secure.shutdown()
    secure.server_close()
    thread.join()


def test_the_bridges_certificate_opens_the_way_and_nothing_else_does(
    house: tuple[str, Path, Path], clock: BridgeClock, tmp_path: Path
) -> None:
    url, authority, bridge = house
    link = ServerLink(url, "b1", (KEY,), clock, certificate=(bridge, bridge), authority=authority)
    assert link.get("/api/v1/gate/config")["post"] == "P1"
    stranger, _, _ = certified(tmp_path, "alheio")
    for certificate, trusted in (
        (None, authority),
        ((stranger, stranger), authority),
        ((bridge, bridge), stranger),
        ((bridge, bridge), None),
    ):
        with pytest.raises(ServerUnavailable):
            ServerLink(url, "b1", (KEY,), clock, certificate=certificate, authority=trusted).get("/api/v1/gate/config")
