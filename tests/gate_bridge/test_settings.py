from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from gate_bridge.errors import SettingsError
from gate_bridge.settings import Address, load

GALLERY = base64.b64encode(bytes(32)).decode()
BASE = f"""
server_url = "http://127.0.0.1:8000/"
bridge_id = "b1"
key_id = "k1"
secret = "s1"
gallery_secret = "{GALLERY}"
data_dir = "dados"
"""
TERMINAL = """
[[devices]]
name = "term"
kind = "controlid"
secret_path = "abcdefghijklmnop"
allow = ["10.1.0.0/24"]
people = { "1657" = "person" }
door = [{ action = "door", parameters = "door=1" }]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ponte.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    settings = load(written(tmp_path, BASE + TERMINAL), {})
    assert (settings.server_url, settings.listen, settings.live) == (
        "http://127.0.0.1:8000",
        Address("127.0.0.1", 0),
        None,
    )
    assert [(key.id, key.secret) for key in settings.keys] == [("k1", b"s1")]
    assert settings.devices[0].door == (("door", "door=1"),)
    assert settings.devices[0].people == (("1657", "person"),)
    assert settings.clock_offset is None


def test_the_environment_wins(tmp_path: Path) -> None:
    environment = {
        "CARIMBO_BRIDGE_BRIDGE_ID": "b2",
        "CARIMBO_BRIDGE_CLOCK_OFFSET_S": "60",
        "CARIMBO_BRIDGE_LISTEN": "0.0.0.0:8090",
        "CARIMBO_BRIDGE_KEYS": json.dumps([{"id": "k2", "secret": "s2"}]),
        "CARIMBO_BRIDGE_DEVICES": json.dumps([{"name": "cam", "kind": "camera", "source": "0"}]),
    }
    settings = load(written(tmp_path, BASE), environment)
    assert (settings.bridge_id, settings.clock_offset, settings.listen.port) == ("b2", timedelta(minutes=1), 8090)
    assert [key.id for key in settings.keys] == ["k1", "k2"]
    assert settings.devices[0].source == "0"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ('live = "0.0.0.0:8091"', "loopback"),
        ('live = "192.168.0.2:80"', "loopback"),
        ('live = "gate.example:80"', "loopback"),
        ('listen = "nada"', "listen"),
        ('server_url = "ftp://x"', "http"),
        ('gallery_secret = "YQ=="', "32 bytes"),
        ('secret = ""', "chave"),
        ('heartbeat_s = "x"', "heartbeat_s"),
        ('server_ca = "/nada/ca.pem"', "não existe"),
        ('[[devices]]\nname = "cam"\nkind = "camera"', "source"),
        ('[[devices]]\nname = "t"\nkind = "controlid"', "secret_path"),
        ('[[devices]]\nname = "t"\nkind = "controlid"\nsecret_path = "curto"', "secret_path"),
        ('[[devices]]\nname = "t"\nkind = "hikvision"\nsecret_path = "abcdefghijklmnop"', "allow"),
        ('[[devices]]\nname = "../x"\nkind = "camera"\nsource = "0"', "name"),
        ('[[devices]]\nname = "x"\nkind = "toaster"', "kind"),
        ("isto não é TOML", "TOML"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(tmp_path: Path, change: str, word: str) -> None:
    name = change.partition(" =")[0]
    base = "\n".join(line for line in BASE.splitlines() if not line.startswith(f"{name} "))
    with pytest.raises(SettingsError, match=word):
        load(written(tmp_path, base + "\n" + change), {})


def test_the_live_view_may_use_any_loopback_address(tmp_path: Path) -> None:
    for address in ("127.0.0.1:0", "localhost:8091", "[::1]:8091", "127.8.8.8:1"):
        assert load(written(tmp_path, BASE + f'live = "{address}"'), {}).live is not None
