"""Reward of a completion: a judge reads it against the task's rubric, this file does the arithmetic.

The judge is asked with the prompts that made the dataset, one answer at a time, and says only which criteria are met.

    score = clip((earned - penalty) / attainable, 0, 1)

earned: sum of the positive weights of criteria that are met; penalty: sum of |weights| of errors that happened;
attainable: sum of the positive weights. A task without a rubric is right (1) or wrong (0) against its reference answer.

A completion that could not be judged has no reward: None, never 0.

    export JUDGE_BASE_URL=http://localhost:8000/v1 JUDGE_MODEL=my-judge JUDGE_API_KEY=…

    from reward import reward                                   # TRL
    trainer = GRPOTrainer(..., reward_funcs=reward)

    from reward import verifiers_reward                         # verifiers
    rubric = vf.Rubric(funcs=[verifiers_reward])

    python reward.py grpo/train.jsonl --limit 3                 # tries the endpoint on the reference answers

Needs `pip install openai`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import logging
import os
import re
import secrets
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

JUDGES: dict[str, dict[str, str]] = {}
"""Prompts of the judges that scored this dataset, by the `judge` column: kind, system, request, model."""

MAX_CANDIDATE = 12_000
"""Characters of an answer that is compared with a reference: its end, where the final answer stands."""

WRONG_SET_UP = (401, 403, 404)
"""HTTP statuses that say that key, model or address are wrong."""

Unscored = Literal["none", "mean"]
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_START = re.compile(r'\{\s*["}]')
_REST = re.compile(r'["}\]]')
_MAX_STARTS = 300
_log = logging.getLogger("reward")


class Unjudged(Exception):
    """The judge could not be asked, or its reply could not be read."""


@dataclass
class Scorer:
    """Asks one judge endpoint. What is not given comes from JUDGE_BASE_URL, JUDGE_API_KEY and JUDGE_MODEL.

    `model` falls back to the judge that made the dataset. `asks`: how often an unreadable reply is asked again.
    `settings` go into every request (temperature, max_tokens, extra_body, …). `empty`: the reward of a completion
    without an answer; None means that it has none. `unscored`: "none" leaves None where the judge failed, which newer
    versions of TRL leave out and older ones count as 0; "mean" puts the mean of the same prompt's other rewards there,
    so that a failed call teaches nothing in either.
    """

    base_url: str | None = None
    api_key: str | None = None
    model: str | None = None
    concurrency: int = 16
    asks: int = 3
    timeout_s: float = 120.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    empty: float | None = None
    unscored: Unscored = "none"
    _client: Any = field(default=None, init=False, repr=False)

    def score(self, completion: Any, columns: Mapping[str, Any]) -> float | None:
        """The reward of one completion, text or messages. `columns`: the task's row."""
        answer = read_answer(completion)
        if not answer:
            return self.empty
        try:
            judge = find_judge(str(columns["judge"]))
            rubric = columns.get("rubric") or []
            return self._judge(judge, columns, rubric, answer) if rubric else self._compare(judge, columns, answer)
        except Unjudged as error:
            _log.warning("task %s has no reward: %s", columns.get("id"), error)
            return None

    def score_all(self, completions: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """Rewards in the order given, asked for at once."""
        if len(completions) != len(rows):
            raise ValueError(f"{len(completions)} completions and {len(rows)} rows")
        self._connect()
        with ThreadPoolExecutor(max_workers=self.concurrency) as pool:
            rewards = list(pool.map(self.score, completions, rows))
        return fill_with_means(rewards, rows) if self.unscored == "mean" else rewards

    def _judge(self, judge: Mapping[str, str], task: Mapping[str, Any], rubric: Sequence[Any], answer: str) -> float:
        nonce = secrets.token_hex(12)
        values = {
            "context": mark("context", str(task.get("context") or ""), nonce),
            "question": mark("question", str(task["question"]), nonce),
            "rubric": mark("rubric", render_rubric(rubric), nonce),
            "answer": mark("answer", answer, nonce),
        }
        return score_verdicts(rubric, self._ask(judge, values, answer, lambda text: read_verdicts(text, rubric)))

    def _compare(self, judge: Mapping[str, str], task: Mapping[str, Any], answer: str) -> float:
        nonce = secrets.token_hex(12)
        context = str(task.get("context") or "")
        values = {
            "question": mark("question", (f"{context}\n\n" if context else "") + str(task["question"]), nonce),
            "reference_answer": mark("reference_answer", str(task["answer"]), nonce),
            "candidate_answer": mark("candidate_answer", answer[-MAX_CANDIDATE:], nonce),
        }
        return float(self._ask(judge, values, answer, read_equivalent))

    def _ask(self, judge: Mapping[str, str], values: Mapping[str, str], answer: str, read: Callable[[str], Any]) -> Any:
        messages = [
            {"role": "system", "content": judge["system"]},
            {"role": "user", "content": fill(judge["request"], values)},
        ]
        client, model, reason = self._connect(), self._find_model(judge), "it was not asked"
        for ask in range(self.asks):
            seed = int(hashlib.sha256(f"{answer}\x1f{ask}".encode("utf-8", "replace")).hexdigest()[:8], 16) >> 1
            try:
                reply = client.chat.completions.create(
                    **{"model": model, "messages": messages, "seed": seed, **self.settings}
                )
                return read(reply.choices[0].message.content or "")
            except Unjudged as error:
                reason = str(error)
            except Exception as error:
                if getattr(error, "status_code", None) in WRONG_SET_UP:
                    raise  # no call will ever succeed: a training run without any reward must not go on in silence
                raise Unjudged(f"{type(error).__name__}: {error}") from error
        raise Unjudged(f"no readable reply in {self.asks} asks: {reason}")

    def _find_model(self, judge: Mapping[str, str]) -> str:
        model = self.model or os.environ.get("JUDGE_MODEL") or judge.get("model")
        if not model:
            raise ValueError("no judge model: set JUDGE_MODEL or give model=")
        return model

    def _connect(self) -> Any:
        if self._client is None:
            from openai import OpenAI

            base_url = self.base_url or os.environ.get("JUDGE_BASE_URL")
            if not base_url:
                raise ValueError("no judge endpoint: set JUDGE_BASE_URL or give base_url=")
            key = self.api_key or os.environ.get("JUDGE_API_KEY") or "none"
            self._client = OpenAI(base_url=base_url, api_key=key, timeout=self.timeout_s)
        return self._client


def make_reward(scorer: Scorer) -> Callable[..., list[float | None]]:
    """A reward function as TRL's GRPOTrainer calls it: completions first, every column of the dataset by name."""

    def rubric_reward(completions: Sequence[Any], **columns: Any) -> list[float | None]:
        return scorer.score_all(completions, split_columns(columns, len(completions)))

    return rubric_reward


_default: list[Scorer] = []


def reward(completions: Sequence[Any], **columns: Any) -> list[float | None]:
    """The reward function with the endpoint that the environment names."""
    if not _default:
        _default.append(Scorer())
    return make_reward(_default[0])(completions, **columns)


async def verifiers_reward(completion: Any, info: Any, **_: Any) -> float:
    """The reward function as verifiers calls it; everything it needs is in `info`. Raises Unjudged without a score."""
    if not _default:
        _default.append(Scorer())
    row = json.loads(info) if isinstance(info, str) else info
    value = await asyncio.to_thread(_default[0].score, completion, row)
    if value is None:
        raise Unjudged(f"task {row.get('id')} has no reward")
    return value


def read_answer(completion: Any) -> str:
    """What a completion says in the end: its last message, without what was thought before it."""
    if isinstance(completion, Sequence) and not isinstance(completion, str):
        last = completion[-1] if completion else {}
        completion = last.get("content") if isinstance(last, Mapping) else last
    text = completion if isinstance(completion, str) else ""
    _, found, tail = text.rpartition("</think>")
    if found:
        return tail.strip()
    return "" if text.lstrip().startswith("<think>") else text.strip()


def find_judge(name: str) -> Mapping[str, str]:
    """The prompts that the task was scored with."""
    if name not in JUDGES:
        raise ValueError(f"this file knows no judge {name!r}: take the reward.py of the same dataset version")
    return JUDGES[name]


def mark(name: str, text: str, nonce: str) -> str:
    """Text between marks that its author cannot know, so that it cannot close them."""
    return f"[[{name} {nonce}]]\n{text}\n[[/{name} {nonce}]]"


def fill(template: str, values: Mapping[str, str]) -> str:
    """Placeholders filled in one pass: text that holds a placeholder pulls nothing in."""
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], template).strip()


def render_rubric(rubric: Sequence[Mapping[str, Any]]) -> str:
    """The rubric as the judge sees it; whole weights are written as whole numbers."""
    lines = []
    for criterion in rubric:
        weight = float(criterion["weight"])
        shown = {
            "id": criterion["id"],
            "criterion": criterion["criterion"],
            "weight": int(weight) if weight.is_integer() else weight,
        }
        lines.append(json.dumps(shown, ensure_ascii=False))
    return "[\n" + ",\n".join(lines) + "\n]"


def read_verdicts(text: str, rubric: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Criterion id to 1 or 0. Raises Unjudged unless every criterion is judged once, and once only."""

    def read(values: dict[str, Any]) -> dict[str, float]:
        found: dict[str, float] = {}
        items = values["verdicts"]
        for item in items if isinstance(items, list) else [None]:
            if not isinstance(item, dict) or not isinstance(item.get("id"), str | int):
                raise Unjudged("a verdict without an id")
            name, met = str(item["id"]).strip(), item.get("met")
            if name in found or met not in (0, 1):
                raise Unjudged(f"criterion {name} is judged twice, or with neither 1 nor 0")
            found[name] = float(met)
        if found.keys() != {str(criterion["id"]) for criterion in rubric}:
            raise Unjudged("the verdicts do not match the rubric")
        return found

    return read_agreed(text, "verdicts", read)


def read_equivalent(text: str) -> bool:
    """Whether the candidate says the same as the reference. Raises Unjudged for anything but true or false."""

    def read(values: dict[str, Any]) -> bool:
        if not isinstance(values["equivalent"], bool):
            raise Unjudged("equivalent is neither true nor false")
        return values["equivalent"]

    return bool(read_agreed(text, "equivalent", read))


def read_agreed(text: str, key: str, read: Callable[[dict[str, Any]], Any]) -> Any:
    """What the JSON objects with `key` in a reply say. Raises Unjudged where there is none or they contradict: the
    answer that is quoted may hold an object that looks like a decision."""
    decoder = json.JSONDecoder(object_pairs_hook=_make_object)
    found, failed, end, start = [], 0, 0, _START.search(text)
    while start and failed < _MAX_STARTS:
        try:
            value, end = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            failed, start = failed + 1, _START.search(text, start.start() + 1)
        else:
            found.append(value)
            start = _START.search(text, end)
    named = [value for value in found if key in value]
    if not named:
        raise Unjudged(f"no JSON object with {key!r} in the reply")
    if failed and _REST.search(text, end):
        raise Unjudged(f"the object with {key!r} lies inside a broken one")
    said, problem = [], Unjudged("nothing readable")
    for value in named:
        try:
            said.append(read(value))
        except Unjudged as error:
            problem = error
    if not said:
        raise problem
    if any(one != said[0] for one in said):
        raise Unjudged(f"{len(said)} objects with {key!r} contradict each other")
    return said[-1]


def score_verdicts(rubric: Sequence[Mapping[str, Any]], verdicts: Mapping[str, float]) -> float:
    """clip((earned - penalty) / attainable, 0, 1)."""
    weights = {str(criterion["id"]): float(criterion["weight"]) for criterion in rubric}
    attainable = sum(weight for weight in weights.values() if weight > 0)
    if attainable <= 0:
        raise Unjudged("the rubric has no positive weight")
    earned = sum(weight * verdicts[name] for name, weight in weights.items() if weight > 0)
    penalty = sum(-weight * verdicts[name] for name, weight in weights.items() if weight < 0)
    return min(1.0, max(0.0, (earned - penalty) / attainable))


def fill_with_means(rewards: Sequence[float | None], rows: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """Rewards with the mean of the same task's others where there is none; a task with none at all keeps none."""
    groups: dict[Any, list[float]] = defaultdict(list)
    for value, row in zip(rewards, rows, strict=True):
        if value is not None:
            groups[row.get("id")].append(value)
    means = {name: sum(values) / len(values) for name, values in groups.items()}
    return [means.get(row.get("id")) if value is None else value for value, row in zip(rewards, rows, strict=True)]


def split_columns(columns: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """Columns as TRL hands them over, one row per completion; what is no column (trainer_state, …) is left out."""
    lists = {name: value for name, value in columns.items() if isinstance(value, list | tuple) and len(value) == count}
    return [{name: values[number] for name, values in lists.items()} for number in range(count)]


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a field is given twice")
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the reference answers of a GRPO file, to see whether the endpoint judges."""
    parser = argparse.ArgumentParser(description="Score the reference answers of a GRPO file.")
    parser.add_argument("file", help="a grpo/*.jsonl of this dataset version")
    parser.add_argument("--limit", type=int, default=5, help="tasks to score")
    given = parser.parse_args(arguments)
    with open(given.file, encoding="utf-8") as file:
        rows = [json.loads(line) for line, _ in zip(file, range(given.limit), strict=False)]
    if not rows:
        print(f"{given.file} holds no task", file=sys.stderr)
        return 2
    try:
        rewards = reward([row["answer"] for row in rows], **{name: [row[name] for row in rows] for name in rows[0]})
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for row, value in zip(rows, rewards, strict=True):
        print(f"{row['id']}  {'no reward' if value is None else format(value, '.3f')}")
    return 0 if any(value is not None for value in rewards) else 1


if __name__ == "__main__":
    sys.exit(main())
