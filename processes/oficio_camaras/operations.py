"""The verbs of the ofícios, by one name. Each takes the session first, flushes and never commits."""

from processes.oficio_camaras.camaras import import_camaras, link_account, read_csv, update_camara
from processes.oficio_camaras.correspondence.incoming import attach, discard
from processes.oficio_camaras.correspondence.notices import forward_by_account, forward_by_link
from processes.oficio_camaras.correspondence.receipts import confirm_by_account, confirm_by_link, record_paper
from processes.oficio_camaras.correspondence.redirecting import redirect
from processes.oficio_camaras.correspondence.replies import answer_by_account, answer_by_link
from processes.oficio_camaras.deciding import dispense_reply, unlink_account
from processes.oficio_camaras.drafting import Draft, save_draft
from processes.oficio_camaras.signing import sign

__all__ = [
    "Draft",
    "answer_by_account",
    "answer_by_link",
    "attach",
    "confirm_by_account",
    "confirm_by_link",
    "discard",
    "dispense_reply",
    "forward_by_account",
    "forward_by_link",
    "import_camaras",
    "link_account",
    "read_csv",
    "record_paper",
    "redirect",
    "save_draft",
    "sign",
    "unlink_account",
    "update_camara",
]
