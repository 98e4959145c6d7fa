"""Posts of the four buildings, their hours and extensions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from people.access import authorize
from processes.entrada.models import ExtensionAct, Post, PostHours
from processes.entrada.rules import Building, Extension, Hours, Opening, opening_at
from workflow import calendar, clock, history
from workflow.actor import Actor
from workflow.clock import local
from workflow.errors import InvalidInput, NotFound

POSTS: tuple[tuple[str, Building, str], ...] = (
    ("PI-HALL", Building.PALACIO_INCONFIDENCIA, "Hall Principal"),
    ("PI-ADM", Building.PALACIO_INCONFIDENCIA, "Hall Administrativo"),
    ("PI-GALERIA", Building.PALACIO_INCONFIDENCIA, "Entrada da galeria superior do Plenário"),
    ("TIRADENTES", Building.EDIFICIO_TIRADENTES, "Portaria"),
    ("DRUMMOND", Building.EDIFICIO_CARLOS_DRUMMOND, "Portaria"),
    ("ESCOLA", Building.ESCOLA_LEGISLATIVO, "Portaria"),
)
"""The posts of an installation's first start; later ones are rows like these (R1, I15)."""
FIRST_HOURS = date(2022, 5, 2)


def install_posts(session: Session) -> list[Post]:
    """The posts of the four buildings with the ordinary hours; what is there already stays as it is."""
    rows = [{"code": code, "building": building.value, "hall": hall} for code, building, hall in POSTS]
    session.execute(insert(Post).values(rows).on_conflict_do_nothing(index_elements=["code"]))
    posts = list(session.scalars(select(Post).order_by(Post.code)))
    ordinary = Hours()
    hours = [
        {"post_id": post.id, "valid_from": FIRST_HOURS, "opens": ordinary.opens, "closes": ordinary.closes}
        for post in posts
    ]
    session.execute(insert(PostHours).values(hours).on_conflict_do_nothing())
    return posts


def add_post(session: Session, actor: Actor, code: str, building: Building, hall: str) -> Post:
    """One more post in one of the four buildings (R1)."""
    authorize(actor, "bridges.manage")
    post = Post(code=code, building=building.value, hall=hall)
    session.add(post)
    session.flush()
    history.record(session, "posto_criado", {"post": str(post.id)}, actor=actor)
    return post


def post_by_code(session: Session, code: str) -> Post:
    """The post with that code; NotFound when there is none."""
    post = session.scalar(select(Post).where(Post.code == code))
    if post is None:
        raise NotFound(f"Não há posto com o código {code}.", post=code)
    return post


def extend_hours(
    session: Session, actor: Actor, post_id: UUID, until: datetime, act: str, *, day: date
) -> ExtensionAct:
    """Extend one post on one date (art. 10, § 1º; R52): `act` names the event or the Plenary meeting."""
    authorize(actor, "calendar.manage")
    hours = hours_on(session, post_id, day)
    closes = datetime.combine(day, hours.closes, clock.TZ)
    if not closes < until <= closes + timedelta(hours=12):
        raise InvalidInput({"until": "Informe um horário depois do fechamento, até 12 horas além dele."})
    if not act.strip():
        raise InvalidInput({"act": "Informe o evento ou a reunião do Plenário que justifica a extensão."})
    extension = ExtensionAct(
        post_id=post_id, day=day, until=until, act=act.strip(), registered_by=actor.id, registered_at=clock.now()
    )
    session.add(extension)
    session.flush()
    data = {"post": str(post_id), "day": day.isoformat(), "until": until.isoformat()}
    history.record(session, "horario_estendido", data, actor=actor)
    return extension


def hours_on(session: Session, post_id: UUID, day: date) -> Hours:
    """The ordinary hours of the post on that day; those of the law where none are recorded."""
    query = select(PostHours).where(PostHours.post_id == post_id, PostHours.valid_from <= day)
    row = session.scalar(query.order_by(PostHours.valid_from.desc()).limit(1))
    return Hours() if row is None else Hours(row.opens, row.closes)


def extensions_of(session: Session, post_id: UUID, first: date, last: date) -> list[Extension]:
    """The extensions of the post for the days from `first` to `last`."""
    query = select(ExtensionAct.day, ExtensionAct.until)
    between = query.where(ExtensionAct.post_id == post_id, ExtensionAct.day.between(first, last))
    return [Extension(day, until) for day, until in session.execute(between)]


def opening_of(session: Session, post_id: UUID, instant: datetime) -> Opening:
    """How the post stands at that instant, calendar and extensions included."""
    day = local(instant).date()
    return opening_at(
        instant,
        business_day=calendar.is_business_day(session, day),
        hours=hours_on(session, post_id, day),
        extensions=extensions_of(session, post_id, day - timedelta(days=1), day),
    )
