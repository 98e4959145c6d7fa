"""The one database and the one transaction.

`with transaction() as session:` opens in a POST view, a job or a CLI command, nowhere else; operations flush and
never commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
CONNECT_TIMEOUT_S = 4


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive datetimes, gives aware UTC ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of every package."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - read by SQLAlchemy as a class attribute


_engine: Engine | None = None
_sessions: sessionmaker[Session] | None = None
_refusing = False


def driver_url(url: str) -> str:
    """The same database URL with psycopg 3 named as its driver."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def configure(url: str, **engine_options: Any) -> None:
    """Bind this process to the database at `url` (any PostgreSQL URL); called once, by the wiring or the tests."""
    global _engine, _sessions
    if _engine is not None:
        _engine.dispose()
    patience = {"connect_timeout": CONNECT_TIMEOUT_S}
    usual = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 10, "connect_args": patience}
    usual["hide_parameters"] = True  # what was typed stays out of every error, and so out of the log
    options: dict[str, Any] = {**usual, **engine_options}
    _engine = create_engine(driver_url(url), **options)
    _sessions = sessionmaker(_engine, expire_on_commit=False)


def engine() -> Engine:
    """The engine in force; an error when nothing was configured."""
    if _engine is None:
        raise RuntimeError("database.configure was not called")
    return _engine


def dispose() -> None:
    """Close every pooled connection."""
    if _engine is not None:
        _engine.dispose()


def refuse_transactions(refusing: bool) -> bool:
    """From now on `transaction()` raises OperationalError at once, or no longer; what was in force before."""
    global _refusing
    before, _refusing = _refusing, refusing
    return before


def refusing_transactions() -> bool:
    """Whether `transaction()` refuses at present."""
    return _refusing


@contextmanager
def transaction() -> Iterator[Session]:
    """One act: commits at the end, rolls everything back on any exception."""
    if _sessions is None:
        raise RuntimeError("database.configure was not called")
    if _refusing:
        raise OperationalError("BEGIN", None, TimeoutError("the database hangs"))
    with _sessions() as session, session.begin():
        yield session


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Run `callback` once the session's transaction has been committed; not at all when it is rolled back."""

    def run(_: Session) -> None:
        event.remove(session, "after_rollback", forget)
        callback()

    def forget(_: Session) -> None:
        event.remove(session, "after_commit", run)

    event.listen(session, "after_commit", run, once=True)
    event.listen(session, "after_rollback", forget, once=True)
