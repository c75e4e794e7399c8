"""Bespoke Curator: `curator.LLM` over a list of rows; the loop is one LLM a stage, as its guides chain them.

Settings: backend openai with `base_url`, `max_concurrent_requests` the slots, rate limits out of the way, its cache on,
for that is what it resumes from; no live display, no telemetry. Every stage waits for the one before it. It has nothing
that repeats a row until it is accepted, so there is no loop with rejected rounds.
"""

from __future__ import annotations

import os
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.peering import work

os.environ.update(TELEMETRY_ENABLED="0", CURATOR_DISABLE_RICH_DISPLAY="1", LITELLM_LOCAL_MODEL_COST_MAP="True")
os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1", OPENAI_API_KEY="none")

from bespokelabs import curator

Row = dict[str, Any]


class Ask(curator.LLM):
    """Sends a row's prompt and adds the reply to the row."""

    def prompt(self, row: Row) -> str:
        return row["prompt"]

    def parse(self, row: Row, response: str) -> Row:
        return {"key": row["key"], "reply": response}


def main() -> None:
    job = work.read_job()
    notes = stub_tokeniser()
    llm = Ask(
        model_name="fixed-weak",
        backend="openai",
        backend_params={
            "base_url": f"{job.address}/v1",
            "api_key": "none",
            "max_concurrent_requests": job.slots,
            "max_requests_per_minute": 10_000_000,
            "max_tokens_per_minute": 10_000_000_000,
        },
        generation_params={"max_tokens": 900},
    )

    def ask(prompts: dict[str, str]) -> dict[str, str]:
        rows = [{"key": key, "prompt": prompt} for key, prompt in prompts.items()]
        return {row["key"]: row["reply"] for row in llm(rows, working_dir=str(Path(job.folder) / "cache")).dataset}

    if job.single or job.case == "kill":
        finished = len(ask({f"{number:05d}": work.write_call(number) for number in range(1, job.count + 1)}))
    else:
        finished = run_loop(job, ask)
    work.finish(job, work.Done(finished, notes))


def run_loop(job: work.Job, ask: Any) -> int:
    """The 14 calls of every source, stage by stage; returns how many sources were accepted."""
    numbers = [f"{number:04d}" for number in range(1, job.count + 1)]
    drafts = ask({number: work.write_prompt("challenger", int(number), " Round 1.") for number in numbers})
    questions = {number: work.read_object(draft)["payload"]["question"] for number, draft in drafts.items()}
    reviews = ask({number: work.write_prompt("verifier", int(number), text) for number, text in questions.items()})
    passed = {number: questions[number] for number, text in reviews.items() if work.read_object(text)["passed"]}
    weak = roll_out("weak", passed, ask)
    hard = {number: question for number, question in passed.items() if weak[number] <= work.WEAK_MAX}
    strong = roll_out("strong", hard, ask)
    return sum(score > work.WEAK_MAX for score in strong.values())


def roll_out(stage: work.Stage, questions: dict[str, str], ask: Any) -> dict[str, float]:
    """Source → mean score of its attempts on this side."""
    places = {f"{number}-{index}": number for number in questions for index in range(work.ROLLOUTS)}
    answers = ask(
        {key: work.write_prompt(stage, int(n), f" Attempt {key}. {questions[n]}") for key, n in places.items()}
    )
    marks = ask(
        {key: work.write_prompt("judge", int(n), f" {questions[n]} {answers[key]}") for key, n in places.items()}
    )
    return {n: mean(work.read_total(marks[f"{n}-{a}"]) for a in range(work.ROLLOUTS)) for n in questions}


def stub_tokeniser() -> tuple[str, ...]:
    """Where its tokeniser's file cannot be downloaded, count a token for every four characters instead."""
    import tiktoken

    try:
        tiktoken.get_encoding("cl100k_base")
    except Exception:  # noqa: BLE001 - whatever keeps the file away, the remedy is the same
        tiktoken.get_encoding = lambda name: FourCharacters()
        return ("no network for its tokeniser's file: one token for every four characters, which is to its advantage",)
    return ()


class FourCharacters:
    """A tokeniser without a vocabulary."""

    def encode(self, text: str, **options: Any) -> range:
        return range(len(text) // 4)


if __name__ == "__main__":
    main()
