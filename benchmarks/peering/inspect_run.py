"""Inspect: `eval()` with a solver that works through the rounds of one sample, several calls at once with `collect()`.

Settings: one model, `max_connections` the slots, `max_samples` twice that, as the product has sources in flight; no
display, samples logged, their events not in real time, which its users found to be what costs most. What is to be
killed keeps that log as by default, for `eval_retry` resumes from it. Single calls are samples of one `generate()`
each, with `max_samples` the slots.
"""

from __future__ import annotations

import os
from pathlib import Path
from statistics import mean

from benchmarks.peering.work import (
    MAX_ROUNDS,
    ROLLOUTS,
    WEAK_MAX,
    Done,
    Job,
    Stage,
    finish,
    read_job,
    read_object,
    read_total,
    write_call,
    write_prompt,
)

os.environ.setdefault("OPENAI_API_KEY", "none")

from inspect_ai import Task, eval, eval_retry, task
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, list_eval_logs, read_eval_log
from inspect_ai.model import ChatMessageUser, get_model
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver
from inspect_ai.util import collect


@solver
def run_loop() -> Solver:
    """The 14 calls of a round, and another round where the weak side did too well."""

    async def ask(stage: Stage, number: int, tail: str) -> str:
        reply = await get_model().generate([ChatMessageUser(content=write_prompt(stage, number, tail))])
        return reply.completion

    async def roll_out(stage: Stage, number: int, question: str, attempt: int) -> float:
        answer = await ask(stage, number, f" Attempt {attempt}. {question}")
        return read_total(await ask("judge", number, f" {question} {answer}"))

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        number = int(state.sample_id)
        for round_number in range(1, MAX_ROUNDS + 1):
            task = read_object(await ask("challenger", number, f" Round {round_number}."))
            question = task["payload"]["question"]
            if not read_object(await ask("verifier", number, question))["passed"]:
                continue
            weak = await collect(*(roll_out("weak", number, question, index) for index in range(ROLLOUTS)))
            if mean(weak) > WEAK_MAX:
                continue
            strong = await collect(*(roll_out("strong", number, question, index) for index in range(ROLLOUTS)))
            state.metadata["accepted"] = mean(strong) > WEAK_MAX
            break
        return state

    return solve


@task
def loop(count: int) -> Task:
    """One sample a source."""
    samples = [Sample(id=number, input=f"Source {number}", metadata={}) for number in range(1, count + 1)]
    return Task(dataset=samples, solver=run_loop())


@task
def calls(count: int) -> Task:
    """One sample a call."""
    return Task(dataset=[Sample(id=n, input=write_call(n)) for n in range(1, count + 1)], solver=generate())


def main() -> None:
    job = read_job()
    logs = Path(job.folder) / "logs"
    single = job.single or job.case == "kill"
    limits = {"max_connections": job.slots, "max_samples": job.slots if single else 2 * job.slots}
    if job.resume:
        killed = list_eval_logs(str(logs))[0]
        done = eval_retry(killed, log_dir=str(logs), display="none", **limits)[0]
    else:
        done = run_eval(job, logs, calls(job.count) if single else loop(job.count), limits)[0]
    samples = read_eval_log(done.location).samples or []
    finished = sum(bool(sample.output.completion if single else sample.metadata.get("accepted")) for sample in samples)
    finish(job, Done(finished))


def run_eval(job: Job, logs: Path, work: Task, limits: dict[str, int]) -> list[EvalLog]:
    """Evaluate from the start; returns the logs."""
    realtime = job.case == "kill"
    model = get_model("openai/fixed-weak", base_url=f"{job.address}/v1", api_key="none", responses_api=False)
    return eval(work, model=model, log_dir=str(logs), display="none", max_tokens=900, log_realtime=realtime, **limits)


if __name__ == "__main__":
    main()
