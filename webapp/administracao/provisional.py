"""Provisional passwords: made of a secret and of the form that asked, shown once, kept nowhere.

The same form sent twice (a double click) gives the same password, so that the one shown is the one that opens; the
browser's session carries the form's key and never the password.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import request, session
from sqlalchemy import select
from sqlalchemy.orm import Session

from people import passwords
from people.models import Account
from people.settings import settings

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O: passwords are read aloud."""
_KEY = "senha_provisoria"


def form_key() -> str:
    """The key of the form that was sent, or a new one for a form about to be shown."""
    sent = request.form.get("chave", "")
    return sent if 16 <= len(sent) <= 64 else secrets.token_hex(16)


def password_of(key: str, login: str) -> str:
    """`K7QM-2XA9-TZ4H-B6WC`: 80 bits that nobody derives from the key alone."""
    digest = settings().keyring.digest("senha-provisoria", f"{login.strip().casefold()}\n{key}")
    letters = "".join(_LETTERS[byte % 32] for byte in digest[:16])
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def show_once(account_id: UUID, key: str) -> None:
    """The next page of this account shows the password."""
    session[_KEY] = [str(account_id), key]


def shown_now(account_id: UUID, login: str) -> str:
    """The password to show on this page, this once; empty when there is none."""
    kept = session.get(_KEY)
    if not kept or kept[0] != str(account_id):
        return ""
    session.pop(_KEY)
    return password_of(kept[1], login)


def made_before(database: Session, login: str, password: str) -> UUID | None:
    """The account that this very form has already made."""
    query = select(Account).where(Account.login == login.strip().casefold(), Account.kind == "staff")
    account = database.scalar(query)
    if account is None or not passwords.verify_password(account.password_hash, password):
        return None
    return account.id
