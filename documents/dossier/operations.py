"""The verbs of the dossier, by one name. Each takes the session first, locks the dossier, flushes and never commits."""

from documents.dossier.annotations.markers import create_marker, mark, retire_marker, unmark
from documents.dossier.annotations.models import COLOURS
from documents.dossier.annotations.operations import (
    acknowledge,
    add_entry,
    add_note,
    comment,
    remove_comment,
    remove_note,
    unwatch,
    watch,
)
from documents.dossier.catalogue import install_types
from documents.dossier.deadlines import extend_return, finish_due, program_reopening, program_return, set_due
from documents.dossier.levels import change_access, grant_credential, revoke_credential
from documents.dossier.opening import Party, open_dossier, set_parties, set_specification
from documents.dossier.relations import attach, detach, relate, unrelate
from documents.dossier.routing import (
    assign,
    conclude,
    mark_read,
    mark_unread,
    reopen,
    resume,
    send,
    set_priority,
    suspend,
)
from documents.dossier.tree import add_document, cancel_document, delete_document, note_seen

__all__ = [
    "COLOURS",
    "Party",
    "acknowledge",
    "add_document",
    "add_entry",
    "add_note",
    "assign",
    "attach",
    "cancel_document",
    "change_access",
    "comment",
    "conclude",
    "create_marker",
    "delete_document",
    "detach",
    "extend_return",
    "finish_due",
    "grant_credential",
    "install_types",
    "mark",
    "mark_read",
    "mark_unread",
    "note_seen",
    "open_dossier",
    "program_reopening",
    "program_return",
    "relate",
    "remove_comment",
    "remove_note",
    "reopen",
    "resume",
    "retire_marker",
    "revoke_credential",
    "send",
    "set_due",
    "set_parties",
    "set_priority",
    "set_specification",
    "suspend",
    "unmark",
    "unrelate",
    "unwatch",
    "watch",
]
