"""The hash chain of events: every act, in the chain of its case or of its day, provable whole.

Events hold ids, enums and digests, never personal data: a person can be erased and the chains still verify.
"""

from workflow.history.chain import Event, append, case_chain, day_chain, record
from workflow.history.checkpoints import Checkpoint, checkpoint
from workflow.history.kinds import SENTENCES, UnknownKind, register_kinds, sentence
from workflow.history.records import digest, last_told, record_digest, without_row
from workflow.history.verification import AuditReport, Problem, Progress, silent, verify

__all__ = [
    "SENTENCES",
    "AuditReport",
    "Checkpoint",
    "Event",
    "Problem",
    "Progress",
    "UnknownKind",
    "append",
    "case_chain",
    "checkpoint",
    "day_chain",
    "digest",
    "last_told",
    "record",
    "record_digest",
    "register_kinds",
    "sentence",
    "silent",
    "verify",
    "without_row",
]
