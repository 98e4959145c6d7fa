"""What is refused at deployment, with node and reason: what the engine can't run, and what drawing and code don't share."""

from workflow.checks.elements import Finding
from workflow.checks.findings import Refused, check, check_files, require

__all__ = ["Finding", "Refused", "check", "check_files", "require"]
