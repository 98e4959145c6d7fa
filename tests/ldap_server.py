"""A real slapd with TLS, started by the tests in a folder of its own: `with LdapServer(folder) as server: ...`.

`server.settings()` are those of `integrations.ldap`; people sign in with PASSWORD. The server allows binds without a
password (`allow bind_anon_cred`), as careless ones do, and refuses simple binds outside TLS.
"""

from __future__ import annotations

import datetime
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import ldap3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.ldap import LdapSettings

BINARY = Path("/usr/sbin/slapd")
BASE = "dc=almg,dc=example"
SERVICE, SERVICE_PASSWORD = f"cn=carimbo,{BASE}", "a senha do serviço"
ADMIN = f"cn=admin,{BASE}"
PASSWORD = "uma senha do diretório"
PEOPLE = {"lucia": "Lúcia Barros", "marcos": "Marcos Paulo Reis"}
GROUPS = {"gri": ("lucia", "marcos"), "chefes-gri": ("lucia",), "grpc": ("lucia",)}

_LDIF = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: almg
o: ALMG

dn: {SERVICE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: carimbo
userPassword: {SERVICE_PASSWORD}
"""
_CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
allow bind_anon_cred
security simple_bind=112
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
maxsize 4194304
dbnosync
suffix "{base}"
rootdn "{admin}"
rootpw "{password}"
directory {folder}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by * none
"""


class LdapServer:
    """The server; `ldaps` and `starttls` are its addresses, `ca_file` verifies it, `other_ca` does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file, self.other_ca = folder / "ca.pem", folder / "other.pem"
        self._binary = folder / "slapd"  # Ubuntu's AppArmor shuts the one in /usr/sbin out of every folder of ours
        self._plain, self._tls = _free_port(), _free_port()
        self.ldaps, self.starttls = f"ldaps://localhost:{self._tls}", f"ldap+starttls://localhost:{self._plain}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LdapServer:
        (self.folder / "db").mkdir(parents=True)
        _certificates(self.folder)
        words = {"base": BASE, "admin": ADMIN, "password": PASSWORD, "service": SERVICE, "folder": self.folder}
        (self.folder / "slapd.conf").write_text(_CONF.format(**words))
        ldif = self.folder / "start.ldif"
        ldif.write_text(_LDIF + "".join(map(_person, PEOPLE)) + "".join(map(_group, GROUPS)))
        shutil.copy(BINARY, self._binary)
        command = [str(self._binary), "-Tadd", "-q", "-f", str(self.folder / "slapd.conf"), "-l", str(ldif)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve, again after `stop`, on the same ports and with the same entries."""
        urls = f"ldap://127.0.0.1:{self._plain} ldaps://127.0.0.1:{self._tls}"
        command = [str(self._binary), "-d", "0", "-f", str(self.folder / "slapd.conf"), "-h", urls]
        with open(self.folder / "slapd.log", "ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        _wait_for(self._tls, self._process, self.folder / "slapd.log")

    def stop(self) -> None:
        """The directory is down."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def settings(self, url: str = "", ca_file: Path | None = None) -> LdapSettings:
        """The client's settings for this server."""
        return LdapSettings(
            url or self.ldaps, BASE, SERVICE, SERVICE_PASSWORD, ca_file or self.ca_file, timeout_s=3.0
        )  # fmt: skip

    def leave(self, group: str, login: str) -> None:
        """The person is taken out of the group."""
        self._change(group_dn(group), {"member": [(ldap3.MODIFY_DELETE, [person_dn(login)])]})

    def join(self, group: str, login: str) -> None:
        """The person is put into the group."""
        self._change(group_dn(group), {"member": [(ldap3.MODIFY_ADD, [person_dn(login)])]})

    def replace_person(self, login: str) -> None:
        """The entry is deleted and another with the same login is made: somebody else was given the login."""
        values = {"cn": "Outra Pessoa", "sn": "Pessoa", "uid": login, "userPassword": PASSWORD}
        with self._admin() as connection:
            assert connection.delete(person_dn(login)), connection.result
            assert connection.add(person_dn(login), "inetOrgPerson", values), connection.result

    def _change(self, dn: str, changes: dict[str, list[tuple[str, list[str]]]]) -> None:
        with self._admin() as connection:
            assert connection.modify(dn, changes), connection.result

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        server = ldap3.Server("127.0.0.1", self._tls, use_ssl=True, tls=ldap3.Tls(), get_info=ldap3.NONE)
        connection = ldap3.Connection(server, ADMIN, PASSWORD, auto_bind=True)
        try:
            yield connection
        finally:
            connection.unbind()


def person_dn(login: str) -> str:
    """Where a person is in the tree."""
    return f"uid={login},{BASE}"


def group_dn(group: str) -> str:
    """Where a group is in the tree."""
    return f"cn={group},{BASE}"


def _person(login: str) -> str:
    name = PEOPLE[login]
    return (
        f"\ndn: {person_dn(login)}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {name}\nsn: {name.split()[-1]}\n"
        f"mail: {login}@almg.example\nuserPassword: {PASSWORD}\n"
    )


def _group(name: str) -> str:
    """The service account is a member of each, because a groupOfNames may not be empty."""
    members = "".join(f"member: {person_dn(login)}\n" for login in GROUPS[name])
    return f"\ndn: {group_dn(name)}\nobjectClass: groupOfNames\ncn: {name}\nmember: {SERVICE}\n{members}"


def _certificates(folder: Path) -> None:
    """An authority, the server's certificate for the name localhost only, and an authority that signed nothing."""
    ca, ca_key = _certificate("Autoridade de teste", None, None)
    other, _ = _certificate("Outra autoridade", None, None)
    server, server_key = _certificate("localhost", ca, ca_key)
    for name, certificate in (("ca.pem", ca), ("other.pem", other), ("server.pem", server)):
        (folder / name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    (folder / "server.key").write_bytes(server_key.private_bytes(*form))


def _certificate(
    name: str, issuer: x509.Certificate | None, issuer_key: ec.EllipticCurvePrivateKey | None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signer = issuer_key or key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(authority=issuer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if issuer is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signer, hashes.SHA256()), key


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"slapd did not start: {log.read_text()}")
