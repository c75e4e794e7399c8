"""A home through which the whole corpus went: as documents, as output of every model, and as an imported file."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autodata.canon import hash_text, replace_surrogates
from autodata.context import LoopContext
from autodata.engine import run_sources
from autodata.home import Home
from autodata.importing.report import ImportReport
from autodata.importing.store import import_path
from autodata.index import open_index
from autodata.index.auditing import audit_pending
from autodata.index.ingest import ingest_home
from autodata.journal import JournalWriter, read_records
from autodata.llm.seat import simulated_seats
from autodata.model import Source
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Recorder
from autodata.review.bulk import Chosen, decide_all
from autodata.review.comments import add_comment
from autodata.runs import create_run
from autodata.settings import RunSettings
from autodata.sources import Loaded
from autodata.stored_run import load_run
from tests.security.corpus import CORPUS, TEXTS
from tests.support.drafts import make_reply
from tests.support.scripted import PASS, ScriptedTransport, skip_sleep

RUN = "cs-0001"


@dataclass(frozen=True, slots=True)
class HostileHome:
    """`report` is what the import of the corpus said, `written` the texts as journals can hold them."""

    home: Home
    report: ImportReport
    written: tuple[str, ...]


def make_hostile_home(folder: Path) -> HostileHome:
    """Made once for all tests of the corpus."""
    home = Home(folder / "home")
    _run_corpus(home)
    report = import_path(home, _write_lines(folder / "corpus.jsonl"))
    with open_index(home) as index:
        ingest_home(index, home)
        audit_pending(index, home)
    texts = [text for text in TEXTS if len(text) < 10_000][::8]
    for run_id in (report.run_id, RUN):
        done = [r.data for r in read_records(home.journal(run_id)) if r.kind == "source_done"]
        shas = {
            r.data["task"]["id"]: r.data["content_sha"] for r in read_records(home.journal(run_id)) if r.kind == "task"
        }
        accepted = [data["task_id"] for data in done if data["outcome"] == "accepted"]
        for task_id, text in zip(accepted, texts, strict=False):
            add_comment(home, task_id, run_id, text, "Ada")
        decide_all(home, [Chosen(task_id, run_id, shas[task_id]) for task_id in accepted], "approve", "Ada")
    with open_index(home) as index:
        ingest_home(index, home)
    return HostileHome(home, report, tuple(replace_surrogates(text) for text in TEXTS))


def _run_corpus(home: Home) -> None:
    """One accepted round a text: it is the document, the task, every answer, every judge's quote and the feedback."""
    sources = [
        Source(hash_text(f"{number}{text}")[:16], text[:300], f"{text}\n\nA document about leases.", f"{text[:80]}.md")
        for number, text in enumerate(TEXTS)
    ]
    sources = [Source(**{k: replace_surrogates(getattr(s, k)) for k in s.__dataclass_fields__}) for s in sources]
    settings = RunSettings(domain="cs", policy=make_policy("deployed"), seats=simulated_seats(), max_rounds=2, slots=8)
    run_id = create_run(home, settings, load_recipe("cs"), Loaded(tuple(sources)))
    assert run_id == RUN
    stored = load_run(home, run_id)
    with JournalWriter(home.journal(run_id)) as journal:
        recorder = Recorder(journal, settings.seats, _HostileModels(), slots=8, sleep=skip_sleep)
        context = LoopContext(run_id, settings, stored.recipe, recorder)

        async def work() -> None:
            await run_sources(stored.sources, {}, context, read_request=lambda: None, signals=False)
            await recorder.drain()

        asyncio.run(work())


class _HostileModels(ScriptedTransport):
    """Every model says the text that its task is about, in the form that was asked for."""

    def __init__(self) -> None:
        super().__init__(
            challenger=lambda number, body: self._write(body),
            verifier=lambda number, body: json.dumps({**json.loads(PASS), "feedback": self._find(body)[:2000]}),
            weak=lambda number, body: f"weak answer {number}\n{self._find(body)}",
            strong=lambda number, body: f"strong answer {number}\n{self._find(body)}",
            judge=lambda number, body: self._judge(body),
        )
        self._taken = 0

    def _find(self, body: dict[str, Any]) -> str:
        said = "\n".join(message["content"] for message in body["messages"])
        found = re.search(r"corpus item (\d+) ends here", said)
        assert found, said[:500]
        return TEXTS[int(found[1])]

    def _write(self, body: dict[str, Any]) -> str:
        number, self._taken = self._taken % len(TEXTS), self._taken + 1
        text = TEXTS[number]
        short = text if len(text) < 3000 else text[:500]
        return make_reply(
            question=f"Which bound holds here, and why? {short} corpus item {number} ends here",
            context=f"A replicated store lets its leader answer reads locally while its lease is unexpired. {short}",
            reference_answer=f"The lease must end before any follower may vote. {short}",
            tags=[short[:60], "timing"],
            rubric=[
                *({"criterion": f"{short} in step {n}", "weight": n, "category": "positive"} for n in range(1, 9)),
                *({"criterion": f"{short} as error {n}", "weight": -n, "category": "negative"} for n in range(1, 4)),
            ],
        )

    def _judge(self, body: dict[str, Any]) -> str:
        met = 5 if "weak answer" in body["messages"][1]["content"] else 7
        quote = self._find(body)[:300]
        return json.dumps(
            {"verdicts": [{"id": f"c{n}", "met": int(n <= met), "quote": quote} for n in range(1, 12)], "note": quote}
        )


def _write_lines(path: Path) -> Path:
    """One trajectory a text, and one a category in which every text of it stands on its own."""
    lines = [_make_line(text, [text], number) for number, text in enumerate(TEXTS)]
    lines += [
        _make_line(replace_surrogates("\n".join(texts)), replace_surrogates(texts), 1000 + place)
        for place, (name, texts) in enumerate(CORPUS.items())
        if name != "sizes"
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def _make_line(text: str, criteria: list[str], number: int) -> dict[str, Any]:
    def answer(solver: str, index: int, met: bool) -> dict[str, Any]:
        return {
            "solver": solver, "index": index, "answer": text, "finish_reason": "stop",
            "verdicts": {f"c{n}": met for n in range(1, len(criteria) + 1)}, "judge_reply": text,
            "request": {"model": "m", "messages": [{"role": "user", "content": text}], "temperature": 1.0},
        }  # fmt: skip

    task = {
        "context": text, "question": f"{text} number {number}", "reference_answer": text, "tags": [text[:50]],
        "rubric": [{"id": f"c{n}", "criterion": one, "weight": 5} for n, one in enumerate(criteria, 1)],
    }  # fmt: skip
    rollouts = [answer("weak", i, False) for i in range(3)] + [answer("strong", i, True) for i in range(3)]
    return {
        "format": "autodata-trajectory/1", "source": {"id": text[:60], "title": text[:200], "text": text},
        "models": {"challenger": text[:60], "weak": text[:60], "strong": text[:60], "judge": text[:60]},
        "accepted_round": 1,
        "rounds": [{"round": 1, "outcome": "accepted", "feedback": text, "task": task, "rollouts": rollouts}],
    }  # fmt: skip
