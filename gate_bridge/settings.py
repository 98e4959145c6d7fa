"""The bridge's settings: a TOML file, each value also by environment ``CARIMBO_BRIDGE_<NAME>``."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, cast

from gate_bridge.errors import SettingsError

DeviceKind = Literal["camera", "controlid", "hikvision"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PREFIX = "CARIMBO_BRIDGE_"
MINIMUM_SECRET_PATH = 16
_DEVICE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")


@dataclass(frozen=True)
class Key:
    """One HMAC key of this bridge; several may be valid while they rotate."""

    id: str
    secret: bytes


@dataclass(frozen=True)
class Address:
    """Where a server listens; port 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True)
class DeviceSettings:
    """One device: a camera (``source``) or a terminal that calls back (``secret_path``, ``allow``)."""

    name: str
    kind: DeviceKind
    source: str = ""
    url: str = ""
    user: str = ""
    password: str = ""
    secret_path: str = ""
    allow: tuple[Network, ...] = ()
    timezone: str = "America/Sao_Paulo"
    door: tuple[tuple[str, str], ...] = ()
    turnstile: bool = False
    people: tuple[tuple[str, str], ...] = ()
    frames_per_second: float = 10.0
    silence_s: float = 90.0


@dataclass(frozen=True)
class Settings:
    """Everything the bridge needs to know before it starts."""

    server_url: str
    bridge_id: str
    keys: tuple[Key, ...]
    gallery_secret: bytes
    data_dir: Path
    listen: Address = Address("127.0.0.1", 0)
    live: Address | None = None
    devices: tuple[DeviceSettings, ...] = ()
    post: str = ""
    clock_offset: timedelta | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    server_ca: Path | None = None
    workers: int = 1
    heartbeat_s: float = 30.0
    sync_s: float = 10.0


def load(path: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from a TOML file and the environment, which wins; raises SettingsError saying what to do."""
    values = _file(path) if path else {}
    values.update(_environment(os.environ if environment is None else environment))
    for name in ("server_url", "bridge_id", "gallery_secret", "data_dir"):
        if not values.get(name):
            raise SettingsError(f"Falta '{name}' na configuração da ponte (arquivo TOML ou {PREFIX}{name.upper()}).")
    return Settings(
        server_url=_server_url(str(values["server_url"])),
        bridge_id=str(values["bridge_id"]),
        keys=_keys(values),
        gallery_secret=_gallery_secret(str(values["gallery_secret"])),
        data_dir=Path(str(values["data_dir"])),
        listen=_address("listen", str(values.get("listen", "127.0.0.1:0"))),
        live=_live(values.get("live")),
        devices=_devices(values.get("devices", [])),
        post=str(values.get("post", "")),
        clock_offset=_offset(values.get("clock_offset_s")),
        client_certificate=_path(values.get("client_certificate")),
        client_key=_path(values.get("client_key")),
        server_ca=_path(values.get("server_ca")),
        workers=int(_number("workers", values.get("workers", 1), 1)),
        heartbeat_s=_number("heartbeat_s", values.get("heartbeat_s", 30), 0.05),
        sync_s=_number("sync_s", values.get("sync_s", 10), 0.05),
    )


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"Não foi possível ler a configuração {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"A configuração {path} não é um TOML válido: {error}.") from error


def _environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX).lower()
            values[key] = _json(name, text) if key in ("devices", "keys") else text
    return values


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{name} deve ser JSON: {error}.") from error


def _server_url(url: str) -> str:
    if not re.match(r"https?://[^/]+", url):
        raise SettingsError("server_url deve começar com http:// ou https://.")
    return url.rstrip("/")


def _gallery_secret(text: str) -> bytes:
    try:
        secret = (
            bytes.fromhex(text) if re.fullmatch(r"[0-9a-fA-F]{64}", text) else base64.b64decode(text, validate=True)
        )
    except binascii.Error as error:
        raise SettingsError("gallery_secret deve ser base64 de 32 bytes.") from error
    if len(secret) != 32:
        raise SettingsError("gallery_secret deve ser base64 de 32 bytes.")
    return secret


def _keys(values: Mapping[str, Any]) -> tuple[Key, ...]:
    rows = list(values.get("keys", []))
    if values.get("key_id"):
        rows.insert(0, {"id": values["key_id"], "secret": values.get("secret", "")})
    keys = tuple(Key(str(row.get("id", "")), str(row.get("secret", "")).encode()) for row in rows)
    if not keys or any(not key.id or not key.secret for key in keys):
        raise SettingsError("Falta a chave da ponte: informe key_id e secret (ou a lista keys com id e secret).")
    return keys


def _address(name: str, text: str) -> Address:
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"{name} deve ser endereço:porta, por exemplo 127.0.0.1:8090.")
    return Address(host.strip("[]"), int(port))


def _live(value: Any) -> Address | None:
    if not value:
        return None
    address = _address("live", str(value))
    if address.host != "localhost":
        try:
            if not ipaddress.ip_address(address.host).is_loopback:
                raise SettingsError("live mostra rostos e nomes: só pode usar um endereço de loopback (127.0.0.1).")
        except ValueError as error:
            raise SettingsError("live deve ser um endereço de loopback (127.0.0.1:porta).") from error
    return address


def _offset(value: Any) -> timedelta | None:
    if value is None or value == "":
        return None
    return timedelta(seconds=_number("clock_offset_s", value, None))


def _number(name: str, value: Any, minimum: float | None) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{name} deve ser um número.") from error
    if minimum is not None and number < minimum:
        raise SettingsError(f"{name} deve ser pelo menos {minimum}.")
    return number


def _path(value: Any) -> Path | None:
    if not value:
        return None
    path = Path(str(value))
    if not path.is_file():
        raise SettingsError(f"O arquivo {path} não existe.")
    return path


def _devices(rows: Any) -> tuple[DeviceSettings, ...]:
    devices = tuple(_device(row) for row in rows)
    names = [device.name for device in devices]
    if len(set(names)) != len(names):
        raise SettingsError("Cada equipamento precisa de um nome próprio (devices.name).")
    paths = [device.secret_path for device in devices if device.secret_path]
    if len(set(paths)) != len(paths):
        raise SettingsError("Cada equipamento precisa de um caminho secreto próprio (secret_path).")
    return devices


def _device(row: Mapping[str, Any]) -> DeviceSettings:
    name, kind = str(row.get("name", "")), str(row.get("kind", ""))
    if not _DEVICE_NAME.fullmatch(name):
        raise SettingsError("devices.name deve ter só letras minúsculas, números, - e _.")
    if kind not in ("camera", "controlid", "hikvision"):
        raise SettingsError(f"O equipamento {name} tem kind desconhecido: use camera, controlid ou hikvision.")
    secret_path = str(row.get("secret_path", ""))
    if kind == "camera" and not str(row.get("source", "")):
        raise SettingsError(f"A câmera {name} precisa de source (índice USB, rtsp://…, vídeo ou pasta).")
    if kind != "camera" and not re.fullmatch(rf"[A-Za-z0-9_-]{{{MINIMUM_SECRET_PATH},}}", secret_path):
        raise SettingsError(f"O equipamento {name} precisa de secret_path com pelo menos {MINIMUM_SECRET_PATH} letras.")
    if kind != "camera" and not row.get("allow"):
        raise SettingsError(f"O equipamento {name} precisa de allow: os endereços que podem chamar a ponte.")
    return DeviceSettings(
        name=name,
        kind=cast(DeviceKind, kind),
        source=str(row.get("source", "")),
        url=str(row.get("url", "")).rstrip("/"),
        user=str(row.get("user", "")),
        password=str(row.get("password", "")),
        secret_path=secret_path,
        allow=tuple(_network(name, text) for text in row.get("allow", ())),
        timezone=str(row.get("timezone", "America/Sao_Paulo")),
        door=tuple((str(step["action"]), str(step.get("parameters", ""))) for step in row.get("door", ())),
        turnstile=bool(row.get("turnstile", False)),
        people=tuple((str(user), str(person)) for user, person in dict(row.get("people", {})).items()),
        frames_per_second=_number("frames_per_second", row.get("frames_per_second", 10), 0.1),
        silence_s=_number("silence_s", row.get("silence_s", 90), 1),
    )


def _network(name: str, text: Any) -> Network:
    try:
        return ipaddress.ip_network(str(text), strict=False)
    except ValueError as error:
        raise SettingsError(f"O equipamento {name} tem em allow um endereço inválido: {text}.") from error
