"""The seal: PAdES, its key, and what the report says of a changed file."""

from __future__ import annotations

import io
import stat
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from documents.development_ca import development_sealer
from documents.errors import SealerUnavailable
from documents.sealing import PadesSealer, key_sealer, pkcs11_sealer, pkcs12_sealer
from documents.verification import verify_seal
from workflow import clock


def test_seal_is_pades_and_verifies(sealed_pdf: bytes, sealer: PadesSealer) -> None:
    report = verify_seal(sealed_pdf, sealer.roots)
    assert report.ok
    assert report.intact
    assert report.trusted
    assert report.unmodified
    assert report.signer.startswith("Selo de demonstração")
    assert report.signed_at is not None
    assert abs(report.signed_at - clock.real_now()) < timedelta(minutes=5)
    with pikepdf.open(io.BytesIO(sealed_pdf)) as pdf:
        widget = pdf.Root.AcroForm.Fields[0]
        assert widget.V.SubFilter == "/ETSI.CAdES.detached"
        assert widget.V.Reference[0].TransformParams.P == 1
        assert int(widget.F) & 4
        assert not int(widget.F) & 2
        assert all(float(edge) < 0 for edge in widget.Rect)
        assert str(widget.TU) == "Selo eletrônico da instituição"


def test_any_changed_byte_breaks_the_seal(sealed_pdf: bytes, sealer: PadesSealer) -> None:
    start = sealed_pdf.index(b"/ByteRange")
    for position in (9, 700, len(sealed_pdf) // 3, len(sealed_pdf) // 2, start + 14, start + 200, len(sealed_pdf) - 40):
        changed = bytearray(sealed_pdf)
        changed[position] ^= 1
        assert not verify_seal(bytes(changed), sealer.roots).ok, position


def test_an_addition_after_the_seal_is_told(sealed_pdf: bytes, sealer: PadesSealer) -> None:
    report = verify_seal(sealed_pdf + b"\n% mais um byte", sealer.roots)
    assert not report.ok
    assert not report.unmodified


def test_a_later_signature_by_somebody_else_is_not_ours(sealed_pdf: bytes, sealer: PadesSealer, tmp_path: Path) -> None:
    stranger = development_sealer(tmp_path / "outra", "Outra Casa")
    assert not verify_seal(sealed_pdf, stranger.roots).trusted
    assert verify_seal(sealed_pdf, stranger.roots).problem == "O selo não é desta instituição."


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7", b"GIF89a", b"\x00" * 5000])
def test_junk_gives_a_report_and_no_exception(junk: bytes, sealer: PadesSealer) -> None:
    report = verify_seal(junk, sealer.roots)
    assert not report.ok
    assert report.problem


def test_unsealed_file_is_told(sample_pdf: bytes, sealer: PadesSealer) -> None:
    assert verify_seal(sample_pdf, sealer.roots).problem == "O arquivo não tem selo."


def test_development_keys_are_private_and_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "selo"
    first = development_sealer(folder, "Câmara Municipal de Betim" * 4)
    again = development_sealer(folder, "outro nome")
    assert first.roots == again.roots
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_damaged_development_key_is_told(tmp_path: Path) -> None:
    development_sealer(tmp_path, "Casa")
    (tmp_path / "selo.key").write_text("nada")
    with pytest.raises(SealerUnavailable):
        development_sealer(tmp_path, "Casa")


def test_pkcs12_with_rsa_seals(tmp_path: Path, sample_pdf: bytes) -> None:
    key, certificate = _rsa_certificate()
    path = tmp_path / "casa.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"casa", key, certificate, None, BestAvailableEncryption(b"s3nha"))
    )
    sealer = pkcs12_sealer(path, "s3nha")
    assert verify_seal(sealer.seal(sample_pdf), sealer.roots).ok
    with pytest.raises(SealerUnavailable, match="senha"):
        pkcs12_sealer(path, "errada")
    with pytest.raises(SealerUnavailable, match="caminho"):
        pkcs12_sealer(tmp_path / "falta.p12", None)


def test_certificate_of_another_key_is_refused() -> None:
    _, certificate = _rsa_certificate()
    other, _ = _rsa_certificate()
    with pytest.raises(SealerUnavailable):
        key_sealer(other, certificate, [])


def test_pkcs11_without_its_library_is_told(tmp_path: Path) -> None:
    with pytest.raises(SealerUnavailable, match="PKCS#11"):
        pkcs11_sealer(tmp_path / "libnada.so", "token", "1234", "selo", [])


def _rsa_certificate() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Selo da Casa")])
    now = clock.real_now()
    usage = x509.KeyUsage(True, True, False, False, False, True, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate
