"""What leaves the house: headers of messages, cells of spreadsheets, names of files, addresses of the storage."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest

from documents.storage import Storage
from documents.texts.uploads import _file_name
from integrations.mail import Attachment, Mail, MailError, compose
from webapp.oficios.reports import safe

INJECTED = ("\r\nBcc: todos@exemplo.org", "\nBcc: todos@exemplo.org", "\rBcc: todos@exemplo.org", "\r\n\r\n<script>")


@pytest.mark.parametrize("tail", INJECTED)
@pytest.mark.parametrize("where", ["to", "subject", "reply_to", "message_id", "name", "sender"])
def test_no_text_becomes_a_header_or_a_second_recipient(where: str, tail: str) -> None:
    """Refused, or kept inside the one header where it was put (RFC 5322, 2.2)."""
    given = {"to": "a@b.example", "subject": "Ofício", "reply_to": "c@d.example", "message_id": "<x@d.example>"}
    given |= {where: given[where] + tail} if where in given else {}
    name = "a.pdf" + (tail if where == "name" else "")
    sender = "ALMG" + (tail if where == "sender" else "")
    mail = Mail(
        given["to"], given["subject"], "Texto.", given["message_id"], (Attachment(name, "application/pdf", b"%PDF-"),),
        reply_to=given["reply_to"],
    )  # fmt: skip
    try:
        sent = message_from_bytes(compose(mail, "z@almg.example", sender).as_bytes())
    except MailError:
        return
    assert sent["Bcc"] is None
    assert (sent.get_all("To") or []) == ["a@b.example"]
    assert all(part["Bcc"] is None for part in sent.walk())


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0=", "＝", "'="])
def test_no_cell_is_a_formula(sign: str) -> None:
    cell = safe(f'{sign}HYPERLINK("http://x";"y")')
    assert cell.startswith("'")


@pytest.mark.parametrize("plain", ["", "Betim", "31", "a=b", "1 - 2"])
def test_other_cells_stay_as_they_are(plain: str) -> None:
    assert safe(plain) == plain


@pytest.mark.parametrize(
    "address", ["../../etc/passwd", "/etc/passwd", "", "0" * 63, "0" * 63 + "/", "0" * 64 + "\n", "A" * 64]
)
def test_nothing_outside_the_storage_is_reached(tmp_path: Path, address: str) -> None:
    storage = Storage(str(tmp_path))
    for verb in (storage.get, storage.delete):
        with pytest.raises(ValueError, match="not an address"):
            verb(address)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..\\..\\a.pdf", "a.pdf"),
        ("a.pdf\r\nSet-Cookie: x", "a.pdfSet-Cookie x"),
        ('a"; filename="b.exe', "a; filename=b.exe"),
        ("\u202efdp.a", "fdp.a"),
        ("...", None),
    ],
)
def test_names_of_files_carry_no_path_no_header_and_no_mask(given: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(Exception, match="nome"):
            _file_name(given)
    else:
        assert _file_name(given) == kept
