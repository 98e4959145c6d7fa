"""The verbs of this part, by one name. Each takes the session first, flushes and never commits."""

from people.accounts import (
    change_password,
    confirm_account,
    create_staff_account,
    disable_account,
    enable_account,
    open_account,
    purge_tokens,
    request_password_reset,
    resend_confirmation,
    reset_password,
    set_temporary_password,
)
from people.drafts import purge_drafts
from people.erasure import erase_account, erase_person
from people.external import open_external_account
from people.faces import expire_faces
from people.notices import purge_unsent
from people.persons import add_cpf, complete_profile, correct_name, prove_cpf, proved_person, undo_proof
from people.queries import external_account_of_email
from people.second_factor import reset as reset_second_factor
from people.sessions import account_for_token, purge_sessions, revoke_all, sign_out, switch_seat
from people.sign_in import finish_totp, prove_password, purge_tickets, sign_in
from people.throttle import purge as purge_throttle
from people.units import (
    add_membership,
    appoint_substitute,
    change_unit,
    create_organ,
    create_unit,
    end_membership,
    revoke_membership,
)

__all__ = [
    "account_for_token",
    "add_cpf",
    "add_membership",
    "appoint_substitute",
    "change_password",
    "change_unit",
    "complete_profile",
    "confirm_account",
    "correct_name",
    "create_organ",
    "create_staff_account",
    "create_unit",
    "disable_account",
    "enable_account",
    "end_membership",
    "erase_account",
    "erase_person",
    "expire_faces",
    "external_account_of_email",
    "finish_totp",
    "open_account",
    "open_external_account",
    "prove_cpf",
    "prove_password",
    "proved_person",
    "purge_drafts",
    "purge_sessions",
    "purge_throttle",
    "purge_tickets",
    "purge_tokens",
    "purge_unsent",
    "request_password_reset",
    "resend_confirmation",
    "reset_password",
    "reset_second_factor",
    "revoke_all",
    "revoke_membership",
    "set_temporary_password",
    "sign_in",
    "sign_out",
    "switch_seat",
    "undo_proof",
]
