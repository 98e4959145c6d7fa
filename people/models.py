"""Tables of the people we know: persons, keys, accounts, sessions, units, drafts of the desk, the gallery's changes.

Every personal datum that can be encrypted rests encrypted (`people.crypto`); names, CPF and e-mail rest in the clear
because people are searched by them, and erasure empties them. Instants of sessions, tokens, drafts and throttles are
real time; those of persons, units and faces are the legal clock's.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base, UtcDateTime


class Person(Base):
    """Somebody we know (Deliberação 2.716/2019, art. 3º). What R6 allows to keep, and nothing else.

    An erased person stays as a row with its id and `erased_at` only, so that events keep their reference.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("cpf ~ '^[0-9]{11}$'", name="cpf_digits"),
        CheckConstraint("erased_at IS NOT NULL OR full_name IS NOT NULL", name="named_until_erased"),
        CheckConstraint(
            "erased_at IS NULL OR (full_name IS NULL AND name_folded IS NULL AND cpf IS NULL AND name_tokens = '{}')",
            name="erased_is_empty",
        ),
        Index("ix_person_name_tokens", "name_tokens", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    full_name: Mapped[str | None] = mapped_column(String(200))
    name_folded: Mapped[str | None] = mapped_column(String(200), index=True)
    name_tokens: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    cpf: Mapped[str | None] = mapped_column(String(11), unique=True)
    cpf_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    without_document: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PersonKey(Base):
    """The person's data key, wrapped by a master key, and the salt of the person's digests. Erasure deletes the row."""

    __tablename__ = "person_key"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    master_key_id: Mapped[str] = mapped_column(String(40), index=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FaceRecord(Base):
    """Face of an enrolled person, all of it under the person's data key: one face picture, one document picture (R6)
    and the averaged unit vector with the number of pictures behind it."""

    __tablename__ = "face_record"
    __table_args__ = (CheckConstraint("pictures >= 1", name="has_pictures"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    pictures: Mapped[int] = mapped_column(Integer)
    face_picture: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    document_picture: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


GALLERY_SEQUENCE = Sequence("gallery_change_sequence", metadata=Base.metadata)


class GalleryChange(Base):
    """A change that the bridges' galleries must learn of.

    Writers insert rows without `sequence` and wait for nobody; the reader numbers the committed ones under a lock
    (`people.faces.gallery_changes`), so a cursor never jumps over a change that commits late.
    """

    __tablename__ = "gallery_change"
    __table_args__ = (
        CheckConstraint("op IN ('record', 'seen')", name="op_known"),
        Index("ix_gallery_change_pending", "id", postgresql_where=text("sequence IS NULL")),
        Index("ix_gallery_change_person_id_op", "person_id", "op"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sequence: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    op: Mapped[str] = mapped_column(String(6))


class DocumentWaiver(Base):
    """Registration without a document, authorised by the Gpol (art. 3º, § 6º; R11). The justification is encrypted."""

    __tablename__ = "document_waiver"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    authorized_at: Mapped[datetime] = mapped_column(UtcDateTime)
    justification: Mapped[bytes] = mapped_column(LargeBinary)


class Account(Base):
    """Somebody who signs in: `staff` by login, `citizen` and `external` by e-mail. One CPF has at most one citizen
    account (PO6). `source`: who knows the password; `directory_id`: the directory's own id of the entry, so that a
    login given to somebody else there is not taken for the same person."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("kind IN ('staff', 'citizen', 'external')", name="kind_known"),
        CheckConstraint("source IN ('local', 'ldap')", name="source_known"),
        CheckConstraint("source = 'local' OR password_hash IS NULL", name="directory_keeps_its_passwords"),
        Index(
            "uq_account_citizen_person",
            "person_id",
            unique=True,
            postgresql_where=text("kind = 'citizen' AND person_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(5), default="local", server_default="local")
    directory_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    login: Mapped[str | None] = mapped_column(String(254), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    display_name: Mapped[str | None] = mapped_column(String(200))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    claimed_cpf: Mapped[str | None] = mapped_column(String(11), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EmailToken(Base):
    """One-use token sent by e-mail; only its digest rests. Real time.

    A confirmation carries the password of its own sign-up, so that a stranger's later one can't replace it.
    """

    __tablename__ = "email_token"
    __table_args__ = (CheckConstraint("purpose IN ('confirm', 'reset')", name="purpose_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(7))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    term_id: Mapped[UUID | None] = mapped_column(ForeignKey("term_acceptance.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TermAcceptance(Base):
    """The termo de concordância e veracidade as an external user accepted it: which text, when, with what name and CPF.

    Each sign-up has its own until the link of one is used; those never confirmed go with their tokens.
    """

    __tablename__ = "term_acceptance"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    version: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    full_name: Mapped[str | None] = mapped_column(String(200))
    cpf: Mapped[str | None] = mapped_column(String(11), index=True)
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SecondFactor(Base):
    """The TOTP secret of an account (RFC 6238), sealed under a master key; in force once a code has confirmed it.

    `last_step`: the latest time step whose code was taken, so that no code is taken twice (RFC 6238, 5.2).
    """

    __tablename__ = "second_factor"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code for who lost the phone; only its keyed digest rests, and the row goes when it is used."""

    __tablename__ = "recovery_code"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class SignInTicket(Base):
    """The password was right and the second factor is awaited. Only the token's digest rests. Real time."""

    __tablename__ = "sign_in_ticket"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class OutgoingMail(Base):
    """A message waiting for the mail job, sealed under a master key; deleted when it has left."""

    __tablename__ = "outgoing_mail"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccountSession(Base):
    """A signed-in browser. The token's digest rests, never the token. Idle and absolute expiry, real time."""

    __tablename__ = "account_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit: Mapped[str | None] = mapped_column(String(20))
    acting_for: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Throttle(Base):
    """Attempts counted per scope and subject (an HMAC, never the address or login itself). Real time."""

    __tablename__ = "throttle"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    attempts: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Organ(Base):
    """An órgão: the house that numbers its processos; `code` is the first group of the Sei!MG number."""

    __tablename__ = "organ"
    __table_args__ = (CheckConstraint("code ~ '^[0-9]{4}$'", name="code_digits"),)

    sigla: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(4), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class Unit(Base):
    """An organisational unit, known by its sigla; `organ` and `parent` are siglas too.

    `code`: the second group of the Sei!MG number; several units may share it. An inactive unit receives nothing new.
    """

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{2}$'", name="code_digits"),
        CheckConstraint("parent <> sigla", name="not_its_own_parent"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sigla: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(2))
    organ: Mapped[str | None] = mapped_column(ForeignKey("organ.sigla"))
    parent: Mapped[str | None] = mapped_column(ForeignKey("unit.sigla"), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))


class Membership(Base):
    """An account holds a role in a unit between two dates (both included; open end when null), until it is revoked.

    `source`: given here, or by a group of the directory, which alone takes it away again.
    """

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("account_id", "unit_id", "role", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period_in_order"),
        CheckConstraint("source IN ('local', 'ldap')", name="source_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(5), default="local", server_default="local")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Substitution(Base):
    """In the period (both dates included) the substitute may act with the substituted's roles; acts say for whom.

    `unit`: only there, because its chefia appointed it; null: everywhere, because the substituted did. `ended_at`: taken
    back before its time.
    """

    __tablename__ = "substitution"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="period_in_order"),
        CheckConstraint("substitute_id <> substituted_id", name="two_people"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    substituted_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    substitute_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    unit: Mapped[str | None] = mapped_column(ForeignKey("unit.sigla"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RegistrationDraft(Base):
    """A registration being made at the desk; everything personal sealed under the draft's own key; gone after 1 h.

    `shown` holds the ids of the candidates that the attendant has seen; null until they were asked for. `waiver_…`: the
    request to the Gpol for a registration without document, and its answer (R11); the officer is there once it is granted.
    """

    __tablename__ = "registration_draft"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    master_key_id: Mapped[str] = mapped_column(String(40))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    details: Mapped[bytes] = mapped_column(LargeBinary)
    shown: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    waiver_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiver_refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiver_officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    waiver_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DraftPicture(Base):
    """A picture of a draft, sealed under the draft's key."""

    __tablename__ = "draft_picture"
    __table_args__ = (CheckConstraint("kind IN ('face', 'document')", name="kind_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("registration_draft.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_measure: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MinorDiscard(Base):
    """How many registrations were discarded on a day because the person was a minor (R8 to R10): a number, no more."""

    __tablename__ = "minor_discard"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    discarded: Mapped[int] = mapped_column(Integer)
