"""The steps of `./run --once`: each does what a person would, over HTTP, and says what it made."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from webapp.cli.demo import Demonstration
from webapp.cli.start import Plan, line
from webapp.cli.visit import Refused, Visit, first, wait_for

NAME = "Visitante da Demonstração"
PASSWORD = "uma frase longa de demonstração"  # noqa: S105 - of an account that exists for a minute
DECLARATIONS = "/area-do-usuario/certificados-e-declaracoes"

LEAVES_S = 4
"""How long nobody stands before the camera between two visits: a claim takes the face seen just before it too."""

Made = dict[str, Any]


@dataclass
class Rehearsal:
    """What the steps hand on to one another."""

    plan: Plan
    demonstration: Demonstration
    photos: list[bytes]
    frames: list[bytes]
    stranger: bytes
    cpf: str
    shown: int = 0
    alone_at: float = 0.0
    failed: bool = False
    result: Made = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = Visit(self.plan.url)
        self.cac = Visit(self.plan.url)
        self.visitor = Visit(self.plan.url)
        self.anyone = Visit(self.plan.url)
        self.email = f"visitante-{self.cpf}@exemplo.com.br"

    def step(self, name: str, act: Callable[[], Made]) -> None:
        """Run one step and print its line; after a failure the following ones are not tried."""
        if self.failed:
            return
        start = time.perf_counter()
        try:
            made, ok = act(), True
        except (Refused, requests.RequestException, OSError, KeyError, ValueError) as error:
            made, ok = {"error": f"{type(error).__name__}: {error}"}, False
        ok = ok and bool(made.pop("ok", True))
        self.failed = not ok
        line(step=name, ok=ok, ms=round((time.perf_counter() - start) * 1000), **made)

    # -- the desk -----------------------------------------------------------------------------------------------------

    def register(self) -> Made:
        """The attendant registers the visitor, or finds them when an earlier run did."""
        self.desk.sign_in("atendente", self.demonstration.passwords["atendente"])
        self.desk.get("/atendimento/")
        draft = self.desk.ask("/atendimento/cadastros")
        judged = [self.desk.ask(draft["face_url"], picture=photo) for photo in self.photos]
        good = [answer for answer in judged if answer["accepted"]]
        if not good:
            return {"ok": False, "message": judged[-1]["message"]}
        self.desk.ask(draft["document_url"], picture=self.photos[0])
        self.desk.ask(draft["details_url"], nome=NAME, cpf=self.cpf)
        candidates = self.desk.look(draft["candidates_url"])["candidates"]
        same = [one["person"] for one in candidates if "cpf" in one["reasons"]]
        if same:
            outcome = self.desk.ask(draft["candidates_url"], decisao="esta", pessoa=same[0])
        else:
            self.desk.ask(draft["candidates_url"], decisao="outra")
            outcome = self.desk.ask(draft["finish_url"])
        self.result["person"] = outcome["person"]
        return {
            "person": outcome["person"], "created": outcome["created"], "pictures": len(good),
            "judged": [answer["message"] for answer in judged], "candidates_seen": len(candidates),
        }  # fmt: skip

    # -- the visitor's account ----------------------------------------------------------------------------------------

    def open_account(self) -> Made:
        """Cadastre-se, the link of the message, the cadastro completo."""
        try:
            self.visitor.sign_in(self.email, PASSWORD)
        except Refused:
            self.visitor.get("/cadastre-se")
        else:
            return {"existing": True}
        self.visitor.post("/cadastre-se", email=self.email, password=PASSWORD)
        message = wait_for("a mensagem de confirmação", self._confirmation)
        path = first(r"(/confirmar-cadastro/\S+)", message.get_content())
        self.visitor.get(path)
        self.visitor.post(path, password=PASSWORD)
        self.visitor.sign_in(self.email, PASSWORD)
        self.visitor.get("/area-do-usuario/cadastro-completo")
        self.visitor.post("/area-do-usuario/cadastro-completo", full_name=NAME, cpf=self.cpf)
        return {"subject": message["Subject"]}

    def _confirmation(self) -> email.message.EmailMessage | None:
        for path in (self.plan.data / "correio").glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if self.email in str(message["To"]) and "/confirmar-cadastro/" in message.get_content():
                return message
        return None

    def prove_cpf(self) -> Made:
        """The CAC desk sees the document."""
        self.cac.sign_in("cac", self.demonstration.passwords["cac"])
        self.cac.get("/cac/comprovar")
        found = re.search(r'action="(/cac/comprovar/[0-9a-f-]{36})"', self.cac.post("/cac/comprovar", email=self.email))
        if found is None:
            return {"existing": True}
        self.cac.post(found.group(1), full_name=NAME, cpf=self.cpf, document_seen="y")
        return {"existing": False}

    # -- the gate -----------------------------------------------------------------------------------------------------

    def known_face(self) -> Made:
        """The visitor types the CPF and looks at the camera: 1:1."""
        state = self._claim(self.frames)
        self.result["entry_result"] = state["result"]
        return {
            "ok": state["result"] == "LIBERADO", "way": "one_to_one", "claim": "cpf", "event": state["event"],
            "result": state["result"], "screen": state["word"],
            "note": "entrada por CPF e comparação 1:1"
            + ("" if len(self.photos) >= 3 else "; a busca 1:N exige ao menos três fotos no cadastro"),
        }  # fmt: skip

    def nobody_says_anything(self) -> Made:
        """With three pictures or more: the face is sought among the short list, 1:N; in doubt the attendant decides."""
        doubts, days = self._doubts(), self._days()
        self._show(self.frames)

        def outcome() -> tuple[str, str] | None:
            for found, result in ((self._days() - days, "LIBERADO"), (self._doubts() - doubts, "PENDENTE_VERIFICACAO")):
                if found:
                    return result, found.pop()
            return None

        result, made = wait_for("uma entrada ou uma tarefa do atendimento", outcome, 40)
        return {"way": "one_to_many", "result": result, "task" if result != "LIBERADO" else "attendance": made}

    def stranger_face(self) -> Made:
        """Somebody else claims the visitor's CPF: an attendant's task and no entry."""
        before, days = self._doubts(), self._days()
        state = self._claim([self.stranger])
        task = wait_for("a tarefa do atendimento", lambda: next(iter(self._doubts() - before), None))
        return {
            "ok": state["result"] == "PENDENTE_VERIFICACAO" and self._days() == days, "way": "one_to_one",
            "result": state["result"], "screen": state["word"], "task": task, "entries": 0,
        }  # fmt: skip

    def _claim(self, frames: list[bytes]) -> Made:
        keypad = self.demonstration.keypad_url
        time.sleep(max(0.0, self.alone_at - time.monotonic()))
        claim: Made = requests.post(f"{keypad}/claim", json={"cpf": self.cpf}, timeout=10).json()
        self._show(frames)

        def answered() -> Made | None:
            state: Made = requests.get(
                f"{keypad}/claim/{claim['id']}", headers={"Accept": "application/json"}, timeout=10
            ).json()
            return state if state["state"] in ("done", "unseen") else None

        return wait_for("a resposta da portaria", answered, 40)

    def _show(self, frames: list[bytes]) -> None:
        """Lay pictures before the camera, in the order of their names, whole or not at all."""
        self.alone_at = time.monotonic() + LEAVES_S
        for frame in frames:
            self.shown += 1
            name = f"{time.time_ns()}-{self.shown:04}.jpg"
            partial = self.demonstration.frames / f".{name}.partial"
            partial.write_bytes(frame)
            partial.rename(self.demonstration.frames / name)

    def _doubts(self) -> set[str]:
        return set(re.findall(r"/atendimento/verificar/([0-9a-f-]{36})", self.desk.get("/atendimento/duvidas")))

    def gallery_arrives(self) -> Made:
        """The bridge receives the encrypted gallery."""

        def there() -> Made | None:
            health: Made = requests.get(f"{self.demonstration.keypad_url}/healthz", timeout=10).json()
            return health if health["gallery"]["people"] else None

        return {"people": wait_for("a galeria na ponte", there)["gallery"]["people"]}

    # -- the declaration ----------------------------------------------------------------------------------------------

    def _days(self) -> set[str]:
        return set(re.findall(DECLARATIONS + r"/([0-9a-f-]{36})", self.visitor.get(DECLARATIONS)))

    def listed(self) -> Made:
        """The day appears under “Certificados e declarações”."""
        day = wait_for("o dia na área do usuário", lambda: next(iter(self._days()), None), 20)
        self.result["day"] = f"{DECLARATIONS}/{day}"
        return {"attendance": day}

    def issue(self) -> Made:
        """Issue, wait, download twice: the same bytes."""
        page = self.visitor.get(self.result["day"])
        if "/emitir" in page:
            self.visitor.post(f"{self.result['day']}/emitir")
        page = wait_for("a emissão", self._issued, 60)
        code = first(r"\b([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\b", page)
        pdf = self.visitor.download(f"{self.result['day']}/declaracao.pdf")
        again = self.visitor.download(f"{self.result['day']}/declaracao.pdf")
        target = self.plan.data / f"declaracao-{code}.pdf"
        target.write_bytes(pdf)
        self.result |= {
            "declaration_pdf": str(target), "code": code, "pdf": pdf,
            "validation_url": f"{self.plan.url}/validaDocumento?codigo={code}",
        }  # fmt: skip
        return {"ok": pdf == again, "bytes": len(pdf), "same_bytes_again": pdf == again, "declaration_pdf": str(target)}

    def _issued(self) -> str | None:
        page = self.visitor.get(f"{self.result['day']}/andamento")
        return page if "declaracao.pdf" in page else None

    def validate(self) -> Made:
        """Anyone types the code."""
        verdict = self._verdict()
        return {"ok": verdict == "AUTENTICO", "verdict": verdict, "validation_url": self.result["validation_url"]}

    def altered_copy(self) -> Made:
        """Anyone drops a copy with one byte changed."""
        altered = bytearray(self.result["pdf"])
        altered[len(altered) // 2] ^= 1
        whole = self._verdict(hashlib.sha256(self.result["pdf"]).hexdigest())
        verdict = self._verdict(hashlib.sha256(altered).hexdigest())
        return {"ok": (whole, verdict) == ("AUTENTICO", "DIVERGENTE"), "whole": whole, "verdict": verdict}

    def _verdict(self, sha256: str = "") -> str:
        page = self.anyone.get(f"/validaDocumento?codigo={self.result['code']}&sha256={sha256}")
        return first(r'data-result="(\w+)"', page)
