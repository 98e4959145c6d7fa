"""The verbs of signatures, by one name; those of blocks are in `documents.signatures.blocks`.

`sign` and `sign_with_certificate` sign; `canonical` is what they sign; `verify` says what it proves now; `cancel_files`
cancels the sealed files of a document that was cancelled.
"""

from documents.signatures.certificates import register as register_certificate
from documents.signatures.certificates import revoke as revoke_certificate
from documents.signatures.certified import sign_with_certificate
from documents.signatures.content import canonical
from documents.signatures.sealing import cancel_files, pending
from documents.signatures.signing import sign
from documents.signatures.verification import SignatureReport, verify

__all__ = [
    "SignatureReport",
    "cancel_files",
    "canonical",
    "pending",
    "register_certificate",
    "revoke_certificate",
    "sign",
    "sign_with_certificate",
    "verify",
]
