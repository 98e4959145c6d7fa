"""Running every check over a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.checks import conformance, drawing
from workflow.checks.elements import Drawing, Finding, read
from workflow.engine import parser
from workflow.errors import DomainError
from workflow.process import Process


class Refused(DomainError):
    """The diagrams can't be deployed; `findings` says why, node by node."""

    code = "diagrama_recusado"
    message = "O diagrama não pode ser implantado."

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


@dataclass(frozen=True)
class _Checked:
    drawing: Drawing | None
    findings: tuple[Finding, ...]


def check(process: Process) -> tuple[Finding, ...]:
    """Everything that speaks against deploying the process; empty when nothing does."""
    try:
        files = process.sources()
    except OSError as error:
        return (Finding(process.key, "", f"arquivo do diagrama não encontrado: {error.filename}"),)
    checked = _files(process.key, files)
    if checked.drawing is None:
        return checked.findings
    return (*checked.findings, *conformance.findings(process, checked.drawing))


def check_files(key: str, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """What speaks against the diagram alone."""
    return _files(key, files).findings


def _files(key: str, files: Mapping[str, bytes]) -> _Checked:
    try:
        drawn = read(key, files)
    except parser.DiagramRefused as error:
        return _Checked(None, (Finding(key, "", str(error)),))
    found = tuple(drawing.findings(drawn))
    if not found:
        try:
            parser.diagram(key, files)
        except parser.DiagramRefused as error:
            found = (Finding(key, "", f"o interpretador recusou o diagrama: {error}"),)
    return _Checked(drawn, found)


def require(processes: Iterable[Process]) -> None:
    """Refused, with all findings of all processes, unless every one may be deployed."""
    found = [finding for process in processes for finding in check(process)]
    if found:
        raise Refused(found)
