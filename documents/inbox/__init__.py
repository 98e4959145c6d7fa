"""Controle de processos: the work of a unit, BPMN tasks and dossiers, as one list."""

from documents.inbox.items import Mark, WorkFilters, WorkItem, WorkPage
from documents.inbox.queries import Counts, counts, work, work_version

__all__ = ["Counts", "Mark", "WorkFilters", "WorkItem", "WorkPage", "counts", "work", "work_version"]
