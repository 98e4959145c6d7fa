"""Many events for benchmarks: made without cameras, kept and sent by the bridge's own Spool and Sender.

spool = Spool(folder / "spool.sqlite")
fill(spool, entries(10_000, post="P1", people=people))
Sender(spool, ServerLink(url, bridge_id, (Key(key_id, secret),), BridgeClock())).drain()

python -m gate_bridge.simulators.gate_load --config ponte.toml --count 1000 --rate 20 --person UUID ...
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from gate_bridge.clock import BridgeClock, Timing
from gate_bridge.events import Candidate, Event, new_id
from gate_bridge.link import ServerLink
from gate_bridge.sender import Sender
from gate_bridge.settings import load
from gate_bridge.spool import Spool

_GROUP = 500


def entries(
    count: int,
    *,
    post: str,
    people: Sequence[str],
    clock: BridgeClock | None = None,
    doubtful_share: float = 0.0,
    seed: int = 1,
    apart_s: float = 0.05,
) -> Iterator[Event]:
    """So many entries of these people in turn, ``apart_s`` seconds apart, ending now; the same seed gives the same mix."""
    legal, chance = clock or BridgeClock(), random.Random(seed)  # noqa: S311 - a mix of events, nothing secret
    start = legal.now() - timedelta(seconds=count * apart_s)
    for number, person in zip(range(count), itertools.cycle(people), strict=False):
        moment = start + timedelta(seconds=number * apart_s)
        doubtful = chance.random() < doubtful_share
        score = round(chance.uniform(0.08, 0.26), 4)
        yield Event(
            id=new_id(),
            post=post,
            device="carga",
            device_kind="camera",
            timing=Timing(None, moment, legal.legal(moment), 0.0),
            way="one_to_one",
            claim="cpf",
            decision="doubtful" if doubtful else "recognised",
            person=None if doubtful else person,
            score=score,
            limit=0.29,
            candidates=(Candidate(person, score),) if doubtful else (),
            frames=3,
            calibration="carga",
        )


def fill(spool: Spool, events: Iterator[Event]) -> list[str]:
    """Keep all of them durably, in large commits; returns the ids that are stored (same passages left out)."""
    stored: list[str] = []
    while group := list(itertools.islice(events, _GROUP)):
        stored += [one.id for one in spool.add_many(group) if one.outcome == "stored"]
    return stored


def main() -> None:
    """Send a load from the command line; prints one JSON line."""
    parser = argparse.ArgumentParser(description="Gera muitos eventos de portão e os envia como a ponte os envia.")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=0.0, help="eventos por segundo; 0: tudo de uma vez")
    parser.add_argument("--person", action="append", required=True, help="pessoa cadastrada (repetível)")
    parser.add_argument("--post", default="")
    options = parser.parse_args()
    settings, clock = load(options.config), BridgeClock()
    spool = Spool(settings.data_dir / "carga.sqlite")
    link = ServerLink.of(settings, clock)
    post = options.post or str(link.get("/api/v1/gate/config")["post"])
    sender = Sender(spool, link)
    began, sent = time.monotonic(), 0
    for number, event in enumerate(entries(options.count, post=post, people=options.person, clock=clock), 1):
        spool.add(event)
        if options.rate:
            sent += sender.drain()
            time.sleep(max(0.0, began + number / options.rate - time.monotonic()))
    sent += sender.drain()
    seconds = time.monotonic() - began
    spool.close()
    print(json.dumps({"sent": sent, "seconds": round(seconds, 3), "per_second": round(sent / seconds, 1)}))


if __name__ == "__main__":
    main()
