"""The seal with a key inside a token, on SoftHSM (Debian: softhsm2), where that is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11 import lib as load_library
from pkcs11.util.ec import encode_named_curve_parameters

from documents.development_ca import development_sealer
from documents.errors import SealerUnavailable
from documents.sealing import pkcs11_sealer
from documents.verification import verify_seal

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LIBRARY.exists(), reason="SoftHSM (softhsm2) is not installed: PKCS#11 is not tried"),
]


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A token holding key and certificate of a seal; gives the root's PEM."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm.conf"))
    command = ["softhsm2-util", "--init-token", "--free", "--label", "casa", "--so-pin", "0000", "--pin", "1234"]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    development_sealer(tmp_path / "selo", "Casa")
    key = load_pem_private_key((tmp_path / "selo" / "selo.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate = x509.load_pem_x509_certificate((tmp_path / "selo" / "selo.crt").read_bytes())
    with load_library(str(LIBRARY)).get_token(token_label="casa").open(user_pin="1234", rw=True) as session:
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                Attribute.KEY_TYPE: KeyType.EC,
                Attribute.TOKEN: True,
                Attribute.LABEL: "selo",
                Attribute.ID: b"\x01",
                Attribute.SIGN: True,
                Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1"),
                Attribute.VALUE: key.private_numbers().private_value.to_bytes(32, "big"),
            }
        )
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: 0,
                Attribute.TOKEN: True,
                Attribute.LABEL: "selo",
                Attribute.ID: b"\x01",
                Attribute.SUBJECT: certificate.subject.public_bytes(),
                Attribute.VALUE: certificate.public_bytes(Encoding.DER),
            }
        )
    return (tmp_path / "selo" / "ca.crt").read_bytes()


def test_seal_by_pkcs11(token: bytes, sample_pdf: bytes) -> None:
    sealer = pkcs11_sealer(LIBRARY, "casa", "1234", "selo", [token])
    for _ in range(2):
        assert verify_seal(sealer.seal(sample_pdf), sealer.roots).ok
    with pytest.raises(SealerUnavailable):
        pkcs11_sealer(LIBRARY, "outra", "1234", "selo", [token])
    with pytest.raises(SealerUnavailable):
        pkcs11_sealer(LIBRARY, "casa", "1234", "outro", [token])
