"""What the simulated solvers are up against: tasks with latent difficulties, remembered across restarts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import orjson

from autodata.canon import derive_seed, hash_text
from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator import phrases
from autodata.llm.simulator.document import digest_document
from autodata.llm.simulator.text import normalise, split_sentences


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement an answer may make; negative weight: an error it may make. Difficulty is on the ability scale."""

    text: str
    weight: int
    difficulty: float
    slope: float = cal.SLOPE
    """How sharply it tells abilities apart."""


@dataclass(frozen=True, slots=True)
class LatentTask:
    """A task with what nobody but the simulator knows. `origin` names the request that it was written for.

    `like` is the key of the task that this one says in other words: a model knows about both the same.
    """

    key: str
    origin: str
    question: str
    context: str
    terms: tuple[str, ...]
    claims: tuple[Claim, ...]
    difficulty: float
    like: str = ""

    @property
    def luck_key(self) -> str:
        """What a model's luck with the task goes by."""
        return self.like or self.key


def make_task(
    origin: str,
    question: str,
    context: str,
    terms: tuple[str, ...],
    items: Iterable[tuple[str, int]],
    difficulty: float,
    rng: Random,
    *,
    first: bool = False,
    expert_share: float = 0.0,
    flat: frozenset[int] = frozenset(),
) -> LatentTask:
    """Draw criterion difficulties round the task's; `items` are (claim, weight). `first`: written without feedback.

    `expert_share` is added to the usual share of criteria that nobody is likely to meet; meeting the `flat` ones is
    mostly luck.
    """
    share = rng.gauss(cal.FIRST_EXPERT_SHARE if first else cal.EXPERT_SHARE, cal.EXPERT_SHARE_SD) + expert_share
    listed = list(items)
    positive = [index for index, (_, weight) in enumerate(listed) if weight > 0]
    count = int(min(0.5, max(0.0, share)) * len(positive) + rng.random())
    beyond = set(rng.sample(positive, min(count, len(positive))))
    claims = [
        Claim(text, weight, _draw_criterion(weight, difficulty, index in beyond, rng))
        for index, (text, weight) in enumerate(listed)
    ]
    for index in flat:
        claims[index] = replace(claims[index], difficulty=cal.FLAT_DIFFICULTY, slope=cal.FLAT_SLOPE)
    return LatentTask(key_of(question), origin, question, context, terms, tuple(claims), difficulty)


def key_of(question: str) -> str:
    """The name under which a question is remembered; case and white space do not count."""
    return hash_text(normalise(question))[:24]


@lru_cache(maxsize=4096)
def improvise_task(message: str) -> LatentTask:
    """Latent claims for a question nobody here wrote: drawn from the message alone, always the same."""
    rng = Random(derive_seed("improvised", normalise(message)))
    digest = digest_document(message)
    terms = (*digest.terms, *phrases.SPARE_TERMS[digest.field])[:3]
    slots = dict(zip("ABC", terms, strict=True))
    items = [(fact.clause, 6) for fact in digest.facts[:6]]
    items += [(text.format(**slots), 6) for text in rng.sample(phrases.COMMON_RELATIONS, max(2, 7 - len(items)))]
    items += [(text.format(**slots), -5) for text in rng.sample(phrases.ERRORS, 3)]
    return make_task("", message, "", terms, items, rng.gauss(cal.LATER_DIFFICULTY, cal.LATER_SD), rng)


class TaskStore:
    """Tasks by question, in memory and in an append-only file that several servers may share."""

    def __init__(self, state_dir: Path | None) -> None:
        """Reads what is there; creates `state_dir` when missing. Raises OSError where it cannot be written."""
        self._tasks: dict[str, LatentTask] = {}
        self._by_context: dict[str, str] = {}
        self._by_ending: dict[str, list[LatentTask]] = {}
        self._file: int | None = None
        self._read_to = 0
        if state_dir is not None:
            state_dir.mkdir(parents=True, exist_ok=True)
            self._file = os.open(state_dir / "tasks.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            self._mend_last_line()
            self._read_new()

    def __len__(self) -> int:
        return len(self._tasks)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def get(self, key: str) -> LatentTask | None:
        """The task under `key`, if it was ever written."""
        return self._tasks.get(key)

    def remember(self, task: LatentTask) -> None:
        """Keep a task, here and on disk; the same task twice is kept once."""
        if self._tasks.get(task.key) == task:
            return
        self._keep(task)
        if self._file is not None:
            os.write(self._file, orjson.dumps(asdict(task)) + b"\n")

    def find(self, message: str) -> LatentTask | None:
        """The task whose question stands in `message`: as a paragraph of its own, or inside one.

        Where only the context is known: the task of that context with new difficulties. None when neither is.
        """
        found = self._search(message)
        if found is None and self._read_new():
            found = self._search(message)
        return found

    def _search(self, message: str) -> LatentTask | None:
        paragraphs = [part for part in message.split("\n\n") if part.strip()]
        for paragraph in reversed(paragraphs):
            task = self._tasks.get(key_of(paragraph))
            if task is not None:
                return task
        folded = normalise(message)
        for sentence in split_sentences(message):
            for task in self._by_ending.get(key_of(sentence), ()):
                if normalise(task.question) in folded:
                    return task
        for paragraph in paragraphs:
            task = self._tasks.get(self._by_context.get(key_of(paragraph), ""))
            if task is not None:
                return _retarget(task, message)
        return None

    def _keep(self, task: LatentTask) -> None:
        self._tasks[task.key] = task
        self._by_context[key_of(task.context)] = task.key
        for sentence in split_sentences(task.question)[-1:]:
            self._by_ending.setdefault(key_of(sentence), []).append(task)

    def _mend_last_line(self) -> None:
        size = os.fstat(self._file).st_size if self._file is not None else 0
        if self._file is not None and size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")

    def _read_new(self) -> bool:
        if self._file is None:
            return False
        size = os.fstat(self._file).st_size
        if size <= self._read_to:
            return False
        data = os.pread(self._file, size - self._read_to, self._read_to)
        complete = data[: data.rfind(b"\n") + 1]
        self._read_to += len(complete)
        for line in complete.splitlines():
            task = _parse_task(line)
            if task is not None:
                self._keep(task)
        return bool(complete)


def _draw_criterion(weight: int, difficulty: float, beyond: bool, rng: Random) -> float:
    own = difficulty + rng.gauss(0, cal.CRITERION_SD)
    if weight < 0:
        return own - cal.ERROR_SHIFT
    return max(own, cal.EXPERT_DIFFICULTY) if beyond else own


def _retarget(task: LatentTask, message: str) -> LatentTask:
    rng = Random(derive_seed("retargeted", normalise(message)))
    items = [(claim.text, claim.weight) for claim in task.claims]
    return make_task(
        "", message, task.context, task.terms, items, task.difficulty + rng.gauss(0, cal.LATER_SD / 2), rng
    )


def _parse_task(line: bytes) -> LatentTask | None:
    """A remembered line; None for one that was torn when a server was killed."""
    try:
        values: dict[str, Any] = orjson.loads(line)
        claims = tuple(Claim(**claim) for claim in values.pop("claims"))
        return LatentTask(**{**values, "claims": claims, "terms": tuple(values["terms"])})
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
