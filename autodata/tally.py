"""Counts of a run's journal, taken record by record: the use of every seat, and the evidence for early warnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from autodata.early import RECENT_ROUNDS, SOLVED_FROM, Evidence
from autodata.history import read_use
from autodata.model import SOLVERS, Role
from autodata.prices import NO_PRICES, PriceTable, Use

_Place = tuple[str, int]
"""Source and round."""


@dataclass(frozen=True, slots=True)
class _Answer:
    solver: str
    status: str
    finish_reason: str
    sha: str

    @property
    def cut_off(self) -> bool:
        """Whether the token limit ended it, with text or before any."""
        return self.status == "truncated" or (self.status == "empty" and self.finish_reason == "length")


class RunTally:
    """Feed it every record in order; ask when all are in. Of records about the same thing the last counts.

    `uses` and `models` are by role; `prices` are those in force at the end.
    """

    def __init__(self) -> None:
        self.uses: dict[Role, Use] = {}
        self.models: dict[Role, str] = {}
        self.prices = NO_PRICES
        self._asked_again = 0
        self._baseline = False
        self._verdicts: dict[_Place, dict[str, bool]] = {}
        self._answers: dict[_Place, dict[tuple[str, int], _Answer]] = {}
        self._rounds: dict[_Place, Evidence] = {}

    def add(self, kind: str, data: Mapping[str, Any]) -> None:
        """Take in one record."""
        if kind == "run_started":
            settings = data.get("settings") or {}
            self._baseline = bool(settings.get("baseline"))
            self.prices = PriceTable(**(settings.get("prices") or {}))
        elif kind == "run_resumed" and "prices" in data:
            self.prices = PriceTable(**data["prices"])
        elif kind == "call":
            role: Role = data["role"]
            use = read_use(data)
            self.uses[role] = self.uses.get(role, Use()) + use
            self.models[role] = data.get("model_requested") or ""
            self._asked_again += use.answered if role not in SOLVERS and data.get("ask") else 0
        elif kind == "quality" and data.get("by") == "verifier":
            verdicts = self._verdicts.setdefault((data["source"], data["round"]), {})
            verdicts[data.get("purpose", "review")] = bool(data["passed"])
        elif kind == "rollout" and data.get("purpose", "select") == "select" and data["status"] != "failed":
            answers = self._answers.setdefault((data["source"], data["round"]), {})
            answers[data["solver"], data["index"]] = _Answer(
                data["solver"], data["status"], data.get("finish_reason") or "", data.get("answer_sha") or ""
            )
        elif kind == "round":
            self._close_round(data)

    def gather_evidence(self) -> Evidence:
        """The evidence of the newest rounds, and of all calls."""
        newest = islice(reversed(self._rounds.values()), RECENT_ROUNDS)
        agents = [use for role, use in self.uses.items() if role not in SOLVERS]
        calls = Evidence(
            calls=sum(use.calls for use in self.uses.values()),
            failed=sum(use.calls - use.answered for use in self.uses.values()),
            replies=sum(use.answered for use in agents),
            asked_again=self._asked_again,
        )
        return replace(sum(newest, calls), baseline=self._baseline)

    def _close_round(self, data: Mapping[str, Any]) -> None:
        place = (data["source"], data["round"])
        verdicts = self._verdicts.get(place, {}).values()
        answers = self._answers.get(place, {}).values()
        weak, strong = data.get("weak_mean"), data.get("strong_mean")
        sides = [[answer for answer in answers if answer.solver == solver] for solver in SOLVERS]
        texts = [[answer.sha for answer in side if answer.status in ("ok", "truncated")] for side in sides]
        several = [shas for shas in texts if len(shas) > 1]
        self._rounds.pop(place, None)  # a round that comes again is the newest
        self._rounds[place] = Evidence(
            rounds=1,
            reviewed=len(verdicts),
            rejected=sum(not passed for passed in verdicts),
            measured=int(weak is not None and strong is not None),
            inverted=int(weak is not None and strong is not None and weak > strong),
            weak_rounds=int(weak is not None),
            solved=int(weak is not None and weak >= SOLVED_FROM),
            answers_weak=len(sides[0]),
            truncated_weak=sum(answer.cut_off for answer in sides[0]),
            answers_strong=len(sides[1]),
            truncated_strong=sum(answer.cut_off for answer in sides[1]),
            groups=len(several),
            identical=sum(len(set(shas)) == 1 for shas in several),
        )
        if data["outcome"] != "undecided":  # an undecided round may be tried again, and keeps what was answered
            self._verdicts.pop(place, None)
            self._answers.pop(place, None)
