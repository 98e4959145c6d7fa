"""Where a task opens: the page that its form names, else the generic one."""

from __future__ import annotations

from flask import url_for

from workflow import process
from workflow.process import Process
from workflow.queries import TaskRow


def declared(key: str) -> Process | None:
    """The process of a case, when it is still declared."""
    try:
        return process.get(key)
    except LookupError:
        return None


def task_url(row: TaskRow) -> str:
    """The task's own page when its form names one, else the generic one."""
    found = declared(row.process_key)
    form = found.forms.get(row.node) if found else None
    return url_for(form.page if form and form.page else "gestao.task", task_id=row.id)
