"""Acts of tramitação: send, conclude, reopen, programmed return and reopening, sobrestamento."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from flask_wtf import FlaskForm

from documents.dossier import operations, page_queries
from people import queries as people
from webapp import shown
from webapp.processo import forms
from webapp.processo.acts import Act, Target, act
from webapp.processo.fields import choices
from workflow import calendar, clock


def day_asked(target: Target, form: FlaskForm) -> date | None:
    """The day that was chosen, or the one that so many days lead to."""
    if form.on.data or not form.days.data:
        chosen: date | None = form.on.data
        return chosen
    if form.business.data:
        return calendar.add_business_days(target.session, clock.today(), form.days.data)
    return clock.today() + timedelta(days=form.days.data)


def listed(names: list[str]) -> str:
    """GRI, CAC e DIR"""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} e {names[-1]}"


def _prepare_send(target: Target, form: FlaskForm) -> None:
    names = page_queries.active_units(target.session)
    back = target.here.from_unit
    order = sorted(names, key=lambda sigla: (sigla != back, sigla))
    form.units.choices = choices((sigla, f"{sigla}: {names[sigla]}") for sigla in order if sigla != target.actor.unit)


def _told_send(target: Target) -> list[tuple[str, str]]:
    told = []
    drafts = page_queries.drafts_of(target.session, target.dossier.id, target.actor.unit)
    if drafts:
        numbers = listed([f"{draft.number:07d}" for draft in drafts])
        one = len(drafts) == 1
        told.append(
            (
                "warning",
                f"{'Falta assinar o documento' if one else 'Faltam assinaturas nos documentos'} {numbers}. "
                "Se enviar assim, a outra unidade recebe sem assinatura.",
            )
        )
    if target.here.return_by is not None and target.here.from_unit:
        day = shown.show_date(target.here.return_by)
        told.append(("info", f"{target.here.from_unit} pediu este processo de volta até {day}."))
    if target.here.due_at is not None:
        day = shown.show_date(target.here.due_at)
        told.append(
            (
                "info",
                f"O prazo da sua unidade ({day}) termina com o envio, a não ser que o processo continue aberto nela.",
            )
        )
    return told


def _send(target: Target, form: FlaskForm) -> str:
    units = list(form.units.data)
    operations.send(
        target.session, target.dossier.id, units, actor=target.actor, keep_open=form.keep_open.data,
        return_by=day_asked(target, form), notify=form.notify.data,
    )  # fmt: skip
    kept = " Ele continua aberto na sua unidade." if form.keep_open.data else ""
    return f"Processo enviado a {listed(units)}.{kept}"


act(Act(
    "enviar", "Enviar a outra unidade", "tramitar", _send, forms.SendForm, _prepare_send, _told_send,
    title="Enviar o processo", submit="Enviar", offered=lambda here: here.open_here and here.free,
    explanation="O envio conclui o processo na sua unidade, a não ser que você o mantenha aberto.",
))  # fmt: skip


def _conclude(target: Target, _: FlaskForm) -> str:
    operations.conclude(target.session, target.dossier.id, actor=target.actor)
    return "Processo concluído nesta unidade. Para desfazer, use “Reabrir”."


def _reopen(target: Target, _: FlaskForm) -> str:
    operations.reopen(target.session, target.dossier.id, actor=target.actor)
    return "Processo reaberto nesta unidade."


act(Act("concluir", "Concluir na unidade", "tramitar", _conclude))
act(Act(
    "reabrir", "Reabrir na unidade", "tramitar", _reopen,
    offered=lambda here: here.here == "closed" and here.status == "running",
))  # fmt: skip


def _units(target: Target, form: FlaskForm, units: Iterable[str]) -> None:
    names = dict(people.units(target.session))
    form.unit.choices = choices((unit, f"{unit}: {names.get(unit, '')}") for unit in units)


def _prepare_return(target: Target, form: FlaskForm) -> None:
    _units(target, form, target.here.returnable)


def _prepare_extension(target: Target, form: FlaskForm) -> None:
    _units(target, form, target.here.awaited)


def _extend_return(target: Target, form: FlaskForm) -> str:
    operations.extend_return(target.session, target.dossier.id, form.unit.data, on=form.on.data, actor=target.actor)
    return f"Retorno de {form.unit.data} prorrogado para {shown.show_date(form.on.data)}."


def _program_return(target: Target, form: FlaskForm) -> str:
    operations.program_return(target.session, target.dossier.id, form.unit.data, on=form.on.data, actor=target.actor)
    return f"{form.unit.data} deve devolver o processo até {shown.show_date(form.on.data)}."


act(Act(
    "retorno", "Programar retorno", "tramitar", _program_return, forms.ReturnForm, _prepare_return,
    offered=lambda here: here.status == "running" and here.passed and bool(here.returnable), submit="Programar",
    explanation="A unidade escolhida vê o prazo na caixa dela. Ele só pode ser prorrogado, e termina quando o processo volta.",
))  # fmt: skip
act(Act(
    "prorrogar-retorno", "Prorrogar retorno", "tramitar", _extend_return, forms.ReturnForm, _prepare_extension,
    offered=lambda here: here.status == "running" and here.passed and bool(here.awaited), submit="Prorrogar",
    explanation="Escolha um dia depois do que está programado.",
))  # fmt: skip


def _program_reopening(target: Target, form: FlaskForm) -> str:
    operations.program_reopening(target.session, target.dossier.id, on=form.on.data, actor=target.actor)
    return f"O processo volta sozinho à caixa da unidade em {shown.show_date(form.on.data)}."


act(Act(
    "reabertura", "Programar reabertura", "tramitar", _program_reopening, forms.DayForm,
    offered=lambda here: here.here == "closed" and here.status == "running", submit="Programar",
    explanation="No dia escolhido, o processo reabre sozinho na sua unidade.",
))  # fmt: skip


def _suspend(target: Target, form: FlaskForm) -> str:
    operations.suspend(target.session, target.dossier.id, form.reason.data, actor=target.actor)
    return "Processo sobrestado: saiu da caixa da unidade."


def _resume(target: Target, _: FlaskForm) -> str:
    operations.resume(target.session, target.dossier.id, actor=target.actor)
    return "Sobrestamento encerrado."


act(Act(
    "sobrestar", "Sobrestar", "tramitar", _suspend, forms.ReasonForm, submit="Sobrestar",
    title="Sobrestar o processo",
    explanation="O processo sai da caixa e espera. Só é possível quando está aberto apenas na sua unidade.",
))  # fmt: skip
act(Act(
    "retomar", "Encerrar o sobrestamento", "tramitar", _resume,
    offered=lambda here: here.status == "suspended" and here.suspended_here,
))  # fmt: skip
