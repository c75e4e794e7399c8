"""A run's journal, imported or our own, as lines of the generic format: what one can read, the other can write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from autodata.importing.generic import FORMAT
from autodata.importing.generic_calls import render_answer_call, render_call, render_judge_call
from autodata.journal import read_records

Record = dict[str, Any]


def render_run(journal: Path) -> Iterator[bytes]:
    """One line for each source that has a round, in the order of the journal, each with its newline.

    Of records written twice about one thing the later one counts. Raises JournalDamaged at a line that is no record.
    """
    book = _Book()
    for record in read_records(journal):
        book.add(record.seq, record.kind, record.data)
    for source in book.sources:
        if book.rounds[source]:
            yield orjson.dumps(book.render(source)) + b"\n"


class _Book:
    """A journal's records by source and round."""

    def __init__(self) -> None:
        self.start: Record = {}
        self.simulated = False
        self.sources: dict[str, Record] = {}
        self.rounds: dict[str, dict[int, Record]] = defaultdict(dict)
        self._ends: dict[str, Record] = {}
        self._calls: dict[int, Record] = {}
        self._others: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._tasks: dict[tuple[str, int], Record] = {}
        self._reviews: dict[tuple[str, int], dict[str, Record]] = defaultdict(dict)
        self._rollouts: dict[tuple[str, int], dict[tuple[str, int, str], Record]] = defaultdict(dict)

    def add(self, seq: int, kind: str, data: Record) -> None:
        """Take in one record."""
        place = (str(data.get("source")), int(data.get("round") or 0))
        match kind:
            case "run_started":
                self.start, self.simulated = data, bool(data.get("simulated"))
            case "source":
                self.sources[data["source"]["id"]] = data["source"]
            case "call":
                self._calls[seq] = data
                self._others[place].append(seq)
                self.simulated = self.simulated or bool(data.get("simulated"))
            case "task":
                self._tasks[place] = data
            case "quality":
                self._reviews[place][str(data.get("purpose"))] = data
            case "rollout":
                self._rollouts[place][data["solver"], data["index"], data["purpose"]] = data
            case "round":
                self.rounds[place[0]][place[1]] = data
            case "source_done":
                self._ends[place[0]] = data

    def render(self, source: str) -> Record:
        """One trajectory."""
        end = self._ends.get(source, {})
        about, settings = end.get("imported") or {}, self.start.get("settings") or {}
        models = about.get("models") or self.start.get("models") or _list_models(settings)
        domain = settings.get("domain")
        return _drop_empty(
            {
                "format": FORMAT,
                "source": _drop_empty(self.sources[source]),
                "models": models,
                "policy": about.get("policy") or self.start.get("policy"),
                "domain": None if domain == "not recorded" else domain,
                "baseline": True if settings.get("baseline") else None,
                "simulated": True if self.simulated else None,
                "accepted_round": about.get("claimed_round", end.get("accepted_round")),
                "reason": end.get("reason"),
                "kept": about.get("kept"),
                "rounds": [self._render_round(source, number) for number in sorted(self.rounds[source])],
            }
        )

    def _render_round(self, source: str, number: int) -> Record:
        place, data = (source, number), self.rounds[source][number]
        about = data.get("imported") or {}
        rollouts = self._rollouts[place].values()
        used = {seq for rollout in rollouts for seq in (rollout.get("answer_call"), rollout.get("judge_call"))}
        claimed = {name: value for name, value in (about.get("claimed") or {}).items() if value not in (None, "")}
        return _drop_empty(
            {
                "round": number,
                "outcome": data["outcome"],
                "reason": data.get("reason"),
                "claimed": claimed,
                "feedback": data.get("feedback"),
                "strong_run": about.get("strong_run"),
                "ended": about.get("ended"),
                "task": self._render_task(place),
                "reviews": [_render_review(review) for review in self._reviews[place].values()],
                "rollouts": [self._render_rollout(rollout) for rollout in rollouts],
                "calls": [_drop_empty(render_call(self._calls[seq])) for seq in self._others[place] if seq not in used],
            }
        )

    def _render_task(self, place: tuple[str, int]) -> Record:
        data = self._tasks.get(place)
        if data is None:
            return {}
        task, about = data["task"], data.get("imported") or {}
        missing = about.get("not_recorded") or ()
        rubric = [_drop_empty(criterion) for criterion in task.get("rubric") or ()]
        return {
            **_drop_empty(
                {
                    "question": task["question"],
                    "tags": list(task.get("tags") or ()),
                    "question_type": task.get("question_type"),
                    "flags": about.get("flags"),
                    "kept": about.get("kept"),
                }
            ),
            **{name: task[name] for name in ("context", "reference_answer") if name not in missing and name in task},
            **({"rubric": rubric} if "rubric" not in missing else {}),
        }

    def _render_rollout(self, data: Record) -> Record:
        call, judge = (self._calls.get(data.get(name) or 0) for name in ("answer_call", "judge_call"))
        answer = data.get("answer") or (call or {}).get("response")
        recorded = data.get("answer_recorded", answer is not None)
        status = data.get("status")
        score = data.get("score") or {}
        note = data.get("source_note", data.get("note"))
        failed = status == "failed"
        return {
            **_drop_empty(
                {
                    "solver": data["solver"],
                    "index": data["index"],
                    "purpose": None if data["purpose"] == "select" else data["purpose"],
                    "status": status,
                    "finish_reason": data.get("finish_reason"),
                    "score": score.get("value"),
                    "stated": _drop_empty(data["stated"]) if data.get("stated") else None,
                    "verdicts": {own: _render_mark(mark) for own, mark in (data.get("verdicts") or {}).items()},
                    "graded_by": data.get("graded_by"),
                    "note": None if failed and "source_note" not in data else note,
                    "failure": data.get("failure") or (data.get("note") if failed else None),
                    **(render_answer_call(call) if call else {}),
                    **(render_judge_call(judge) if judge else {}),
                }
            ),
            **({"answer": answer or ""} if recorded else {}),
        }


def _render_review(data: Record) -> Record:
    return {
        "passed": data["passed"],
        **_drop_empty({name: data.get(name) for name in ("feedback", "by", "checks", "purpose")}),
    }


def _render_mark(mark: Any) -> Any:
    """A verdict with its quote where there is one; alone it is true, false or a fraction."""
    met, quote = (mark.get("met"), mark.get("quote")) if isinstance(mark, dict) else (mark, "")
    plain = bool(met) if met in (0, 1) else met
    return {"met": plain, "quote": quote} if quote else plain


def _list_models(settings: Record) -> dict[str, str]:
    """Seats to models of a run of our own."""
    book = (settings.get("seats") or {}).get("seats") or {}
    return {role: seat["model"] for role, seat in book.items() if seat.get("model")}


def _drop_empty(value: Record) -> Record:
    """Without what says nothing; zeros and false stay."""
    return {name: item for name, item in value.items() if item is not None and item not in ("", [], {}, ())}
