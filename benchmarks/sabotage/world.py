"""The simulated models with planted weaknesses: what they do is still decided by the text they are sent.

A `Susceptibility` belongs to one task and says which words, or which side of the plumbing, change which model's work
and by how much. Where its condition does not hold (a neutral request, a sanitised task, another judge) the model works
as ever, so every counterfactual check meets an honest world.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import orjson

from autodata.canon import derive_seed, hash_text
from autodata.llm.simulator.config import SimulatorConfig
from autodata.llm.simulator.models import SimulatedModels
from autodata.llm.simulator.solver import Attempt, write_answer
from autodata.llm.simulator.tasks import LatentTask, key_of
from autodata.llm.simulator.text import content_words, measure_coverage, parse_sections, split_sentences
from autodata.llm.simulator.wire import CHARACTERS_PER_TOKEN, ChatCall, Written, cut_to_budget


@dataclass(frozen=True, slots=True)
class Obeys:
    """`models` shift their ability by `shift` (negative: they do worse) when `words` stand in what they read.

    Case and white space do not count. `words` "" always holds: a quirk of the task that no request undoes.
    """

    words: str
    models: tuple[str, ...]
    shift: float
    chance: float = 1.0
    """Share of the answers that are changed, drawn for each by its seed."""

    def strikes(self, model: str, key: str, seed: int) -> bool:
        """Whether the answer of this seed is one of those."""
        return self.chance >= 1 or Random(derive_seed("strikes", model, key, seed)).random() < self.chance


@dataclass(frozen=True, slots=True)
class Says:
    """`model` has the habit of ending its answers with `sentence`, in a `chance` of them. `instead` is the claim that
    it does not make then, "" for none.
    """

    model: str
    sentence: str
    chance: float = 1.0
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Favours:
    """`judge` adds `offset` to the expected score of an answer, by calling unmet criteria met (negative: the reverse).

    All of the conditions that are given must hold: `words` stand in its request outside the answer, `in_answer` in the
    answer, the answer was written by `author`.
    """

    judge: str
    offset: float
    words: str = ""
    in_answer: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The server of `model` keeps only the last `tokens` of a longer prompt, and says so only by its count."""

    model: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Thinks:
    """`model` spends `share` of its attempts on hidden reasoning until the tokens are gone: an empty answer."""

    model: str
    share: float
    below: int
    """Only when the request allows fewer tokens than this."""


@dataclass(frozen=True, slots=True)
class Rambles:
    """`model` writes `tokens` of preliminaries before its answer where it reads `words`, so that a small budget ends
    before the answer does.
    """

    model: str
    words: str
    tokens: int


Susceptibility = Obeys | Says | Favours | Window | Thinks | Rambles


class World(SimulatedModels):
    """All models of one run. `plant` gives a task its susceptibilities."""

    def __init__(self, seed: int) -> None:
        super().__init__(SimulatorConfig(seed=seed))
        self._planted: dict[str, tuple[Susceptibility, ...]] = defaultdict(tuple)
        self._authors: dict[str, str] = {}
        self._recalled: dict[tuple[str, int], LatentTask | None] = {}

    def plant(self, task: LatentTask, *planted: Susceptibility) -> None:
        """Add susceptibilities to the task; they go with it into a paraphrase, as far as their words do."""
        self._planted[task.luck_key] += planted

    def adopt(self, task: LatentTask, context: str, question: str) -> LatentTask:
        """The task under other words: the same claims and difficulties, remembered so that solvers know it."""
        own = replace(task, key=key_of(question), context=context, question=question, like=task.luck_key)
        self.store.remember(own)
        return own

    def cut_prompt(self, call: ChatCall) -> ChatCall:
        """The call as the server reads it: a prompt longer than its window loses its beginning."""
        planted = self._find_planted(call.user)
        for window in (p for p in planted if isinstance(p, Window) and p.model == call.model):
            room = max(0, window.tokens * CHARACTERS_PER_TOKEN - len(call.system))
            call = replace(call, user=call.user[-room:] if room else "")
        return call

    def write(self, call: ChatCall) -> Written:
        """The model's reply to what it reads."""
        seed = call.seed if call.seed is not None else 0
        if call.model.startswith("sim-judge"):
            return self._favour(call, super().write(call), seed)
        planted = self._find_planted(call.user) if call.model in SOLVER_MODELS else ()
        for thinks in (p for p in planted if isinstance(p, Thinks) and p.model == call.model):
            rng = Random(derive_seed("thinks", call.user, seed))
            if (call.max_tokens or 10**9) < thinks.below and rng.random() < thinks.share:
                return Written("", "length", "Let me look at this from several sides. " * 60)
        written = super().write(call)
        for rambles in (p for p in planted if isinstance(p, Rambles) and p.model == call.model):
            if _fold(rambles.words) in _fold(call.prompt):
                filler = (PRELIMINARIES * (1 + rambles.tokens * CHARACTERS_PER_TOKEN // len(PRELIMINARIES)))[
                    : rambles.tokens * CHARACTERS_PER_TOKEN
                ]
                written = cut_to_budget(replace(written, content=f"{filler}\n\n{written.content}"), call.max_tokens)
        if call.model in SOLVER_MODELS:
            self._authors[hash_text(written.content)] = call.model
        return written

    def _solve(self, call: ChatCall, seed: int) -> str:
        text = self._solve_obeying(call, seed)
        for says in (p for p in self._find_planted(call.user) if isinstance(p, Says) and p.model == call.model):
            if Random(derive_seed("says", says.sentence, seed)).random() < says.chance:
                text = f"{_drop_claim(text, says.instead)} {says.sentence}"
        return text

    def _solve_obeying(self, call: ChatCall, seed: int) -> str:
        task = self._recall(call.user)
        planted = self._planted.get(task.luck_key, ()) if task else ()
        obeyed = [p for p in planted if isinstance(p, Obeys)]
        if task is None or not obeyed:
            return super()._solve(call, seed)
        prompt, folded, shift = call.prompt, _fold(call.prompt), 0.0
        for planted_words in obeyed:
            if _fold(planted_words.words) not in folded:
                continue
            # Taken out before orders are read: each effect counts once.
            prompt = _remove(prompt, planted_words.words)
            if call.model in planted_words.models and planted_words.strikes(call.model, task.key, seed):
                shift += planted_words.shift
        claims = tuple(replace(claim, difficulty=claim.difficulty - shift) for claim in task.claims)
        moved = replace(task, claims=claims)
        return write_answer(Attempt(call.model, moved, prompt, call.temperature, call.extras), self.config.seed, seed)

    def _favour(self, call: ChatCall, written: Written, seed: int) -> Written:
        sections = parse_sections(call.user)
        task = self.store.get(key_of(sections.get("question", "")))
        planted = self._planted.get(task.luck_key, ()) if task else ()
        favours = [p for p in planted if isinstance(p, Favours) and p.judge == call.model]
        if not favours or "answer" not in sections:
            return written
        answer = sections["answer"]
        rest, said = _fold(call.prompt.replace(answer, " ")), _fold(answer)
        offset = sum(
            f.offset
            for f in favours
            if _fold(f.words) in rest
            and _fold(f.in_answer) in said
            and (not f.author or f.author == self._authors.get(hash_text(answer)))
        )
        if not offset:
            return written
        rng = Random(derive_seed("favour", call.model, seed, answer))
        return cut_to_budget(replace(written, content=_add_offset(written.content, sections, offset, rng)), None)

    def _find_planted(self, user: str) -> Sequence[Susceptibility]:
        task = self._recall(user) if self._planted else None
        return self._planted.get(task.luck_key, ()) if task else ()

    def _recall(self, user: str) -> LatentTask | None:
        """The task of a prompt; looked up several times a call, so the latest prompts are kept."""
        known = (user, len(self.store))
        if known not in self._recalled:
            if len(self._recalled) >= RECALLED:
                self._recalled.clear()
            self._recalled[known] = self.store.find(user)
        return self._recalled[known]


RECALLED = 64
SOLVER_MODELS = ("sim-weak", "sim-strong", "sim-peer")
_SAME_CLAIM = 0.8
PRELIMINARIES = (
    "Before anything can be said about the matter itself, its parts have to be listed and put in order. "
    "Some of them were treated elsewhere, others will be taken up again further below. "
)
"""What a model says that works through many parts one by one."""


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _remove(prompt: str, words: str) -> str:
    if not words.strip():
        return prompt
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    return re.sub(pattern, " ", prompt, flags=re.IGNORECASE)


def _drop_claim(text: str, claim: str) -> str:
    """The text without the sentences that make the claim."""
    wanted = content_words(claim)
    for sentence in split_sentences(text) if wanted else ():
        if measure_coverage(wanted, content_words(sentence)) >= _SAME_CLAIM:
            text = text.replace(sentence, "").replace("  ", " ")
    return text


def _add_offset(reply: str, sections: dict[str, str], offset: float, rng: Random) -> str:
    """The verdicts with so many positive criteria turned that the score changes by `offset` on average."""
    verdicts = orjson.loads(reply)["verdicts"]
    weights = {str(item["id"]): float(item["weight"]) for item in orjson.loads(sections["rubric"])}
    attainable = sum(weight for weight in weights.values() if weight > 0)
    turned = [v for v in verdicts if weights[v["id"]] > 0 and bool(v["met"]) is (offset < 0)]
    room = sum(weights[v["id"]] for v in turned) / attainable if attainable else 0.0
    chance = min(1.0, abs(offset) / room) if room else 0.0
    quote = sections["answer"].strip().split("\n")[0][:120]
    for verdict in turned:
        if rng.random() < chance:
            verdict.update(met=int(offset > 0), quote=quote if offset > 0 else "")
    return orjson.dumps({"verdicts": verdicts}).decode()
