"""Endpoints that come and go, drip, drown, or hang up: the run comes to the same result, and nothing is scored zero."""

from __future__ import annotations

import resource

from autodata.journal import read_records
from autodata.llm.simulator import Faults
from benchmarks.faulting.equal import find_differences
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import run_command
from benchmarks.faulting.trial import RUN, Trial, count_answered_twice, is_intact, read_result

MEMORY = 3 * 2**30
"""Bytes of address space of a run that a server wants to drown; it needs about one gigabyte."""


def try_endpoints(trial: Trial) -> list[Outcome]:
    """One run for every way in which the server misbehaves; the server is the simulated one, told to do so."""
    try:
        return [
            _try(trial, "up and down every half second", Faults(flap_s=0.5), "cannot", "broke"),
            _try(trial, "hangs up in the middle of a reply", Faults(reset=0.1), "broke the connection"),
            _try(trial, "a byte at a time, without end", Faults(drip=0.03), "did not answer within", "timeout_s"),
            _try(trial, "a reply without end", Faults(giant=0.03), "more than", "MB"),
            _try(
                trial,
                "all of these, with 429, 500 and broken JSON",
                Faults(reset=0.04, drip=0.01, giant=0.01, rate_limited=0.05, server_error=0.05),
                "",
            ),
        ]
    finally:
        trial.restart_server()


def limit_memory() -> None:
    """In a new process: more memory is refused, so a reply that fills it ends the run."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _try(trial: Trial, name: str, faults: Faults, *words: str) -> Outcome:
    outcome = Outcome(f"endpoint: {name}", 1)
    trial.restart_server(faults)
    home = trial.copy("endpoint")
    done = run_command(home, "resume", RUN, "--quiet", setup=limit_memory)
    failures = [
        str(record.data["error"]["message"])
        for record in read_records(home.journal(RUN))
        if record.kind == "call" and record.data["error"]
    ]
    outcome.points = len(failures)
    outcome.expect(failures, "no call failed, so nothing was tried")
    said = next((one for one in failures if all(word in one for word in words[:1])), failures[0] if failures else "")
    if words[:2] == ("cannot", "broke"):
        said = failures[0] if failures else ""
        outcome.expect(all("cannot be reached" in one or "broke" in one for one in failures), f"wrong words: {said}")
        outcome.expect_told(said, "endpoint")
    else:
        outcome.expect_told(said, *words)
    outcome.expect(done.code == 0, f"the run ended with code {done.code}: {done.said[-300:]}")
    found = read_result(home)
    outcome.expect(found.outcomes == trial.result.outcomes, "sources ended otherwise than without the fault")
    outcome.expect(found.accepted == trial.result.accepted, "another set was accepted than without the fault")
    outcome.lost += len(trial.result.keys - found.keys)
    outcome.twice += count_answered_twice(home)
    outcome.expect(is_intact(home), "the chain of the journal does not hold")
    outcome.expect(not find_differences(home), "the index differs from one made anew")
    return outcome
