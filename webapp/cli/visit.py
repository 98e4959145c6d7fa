"""A person's visit to the running server, as a browser makes it: cookies, forms, the token of each page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests

T = TypeVar("T")
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|name="csrf-token" content="([^"]+)"')


class Refused(Exception):
    """The server answered with something else than what was expected; the message holds what it said."""


class Visit:
    """One browser: keeps cookies and sends the page's token with each form."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._token = ""
        self.location = url
        """Where the last page was, redirections followed."""

    def get(self, path: str) -> str:
        """The text of a page; Refused when it does not answer 200."""
        answer = self._checked(self._http.get(self._address(path), timeout=30))
        self.location = answer.url
        return answer.text

    def download(self, path: str) -> bytes:
        """The bytes at a path."""
        return self._checked(self._http.get(self._address(path), timeout=30)).content

    def post(self, path: str, **fields: str) -> str:
        """The text of the page that a form leads to."""
        answer = self._http.post(self._address(path), data={**fields, "csrf_token": self._token}, timeout=60)
        return self._checked(answer).text

    def ask(self, path: str, *, picture: bytes | None = None, **fields: str) -> dict[str, Any]:
        """The JSON that a form of the desk answers; `picture` goes as the file `foto`."""
        files = None if picture is None else {"foto": ("foto.jpg", picture, "image/jpeg")}
        answer = self._http.post(
            self._address(path), data={**fields, "csrf_token": self._token}, files=files, timeout=60,
            headers={"Accept": "application/json"},
        )  # fmt: skip
        return self._json(answer)

    def look(self, path: str) -> dict[str, Any]:
        """The JSON at a path."""
        return self._json(self._http.get(self._address(path), headers={"Accept": "application/json"}, timeout=30))

    def sign_in(self, login: str, password: str) -> None:
        """Sign in; Refused when the server does not let in."""
        self.get("/entrar")
        if 'name="password"' in self.post("/entrar", login=login, password=password):
            raise Refused(f"{login} não conseguiu entrar")

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else f"{self._url}{path}"

    def _json(self, answer: requests.Response) -> dict[str, Any]:
        if answer.status_code not in (200, 201, 422):
            raise Refused(f"{answer.url}: {answer.status_code} {answer.text[:500]}")
        found: dict[str, Any] = answer.json()
        return found

    def _checked(self, answer: requests.Response) -> requests.Response:
        if answer.status_code != 200:
            plain = re.sub(r"<[^>]+>|\s+", " ", answer.text)
            raise Refused(f"{answer.url}: {answer.status_code} {plain[:500]}")
        if "html" in answer.headers.get("Content-Type", ""):
            found = _TOKEN.search(answer.text)
            if found:
                self._token = found.group(1) or found.group(2)
        return answer


def first(pattern: str, text: str) -> str:
    """What the first group of the pattern holds; Refused when the page has no such thing."""
    found = re.search(pattern, text)
    if found is None:
        raise Refused(f"a página não tem {pattern}")
    return found.group(1)


def wait_for(what: str, look: Callable[[], T | None], seconds: float = 30) -> T:
    """The first value that `look` gives that is not None; Refused when it does not come in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise Refused(f"{what} não aconteceu em {seconds:.0f} s")
