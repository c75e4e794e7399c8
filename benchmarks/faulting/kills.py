"""SIGKILL at seeded random points: the run, its audit, the server of the models, the app."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

from autodata.home import Home
from autodata.journal import Record, read_records
from benchmarks.faulting.equal import find_differences
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import (
    App,
    Command,
    Done,
    find_action,
    read_page,
    run_command,
    serve_app,
    wait_for,
)
from benchmarks.faulting.trial import (
    RUN,
    SLOTS,
    Trial,
    begin_run,
    count_answered_twice,
    count_lost,
    count_records,
    is_intact,
    read_complete,
    read_result,
    start_server,
)
from tests.support.journals import write_run

OUTAGE_S = 0.3


def kill_run(trial: Trial, points: int, seed: int = 1) -> Outcome:
    """The process of the run, at a random record; then `autodata resume`."""
    outcome = Outcome("kill -9: run", points, may_repeat=SLOTS)
    rng = random.Random(seed)
    for point in range(points):
        home = trial.copy(f"run-{point}")
        journal, served = home.journal(RUN), trial.count_served()
        process = Command(home, "resume", RUN, "--quiet")
        at = rng.randint(count_records(trial.begun.journal(RUN)), trial.records - 2)
        wait_for_records(process, journal, at)
        time.sleep(rng.uniform(0, 0.01))
        process.kill()
        acknowledged = read_complete(journal)
        resumed = run_command(home, "resume", RUN, "--quiet")
        judge_run(outcome, trial, home, resumed, acknowledged)
        again = trial.count_served() - served - len(trial.result.keys)
        outcome.again = max(outcome.again, again)
    outcome.expect_told(_say_interrupted(trial, rng), "resume")
    return outcome


def kill_audit(trial: Trial, points: int, seed: int = 2) -> Outcome:
    """The process of an audit with model calls, at a random record; then `autodata audit --resume`."""
    outcome = Outcome("kill -9: audit with model calls", points, may_repeat=SLOTS)
    rng, ordered = random.Random(seed), ("audit", RUN, "--plan", "lean", "--slots", str(SLOTS), "--yes", "--quiet")
    whole = trial.copy("audit-whole", trial.whole)
    before = trial.count_served()
    wanted = run_command(whole, *ordered)
    needed = trial.count_served() - before
    length = count_records(whole.audit_journal(RUN))
    outcome.expect(wanted.result.get("calls"), f"the undisturbed audit asked nothing: {wanted.said[-300:]}")
    for point in range(points):
        home = trial.copy(f"audit-{point}", trial.whole)
        journal, served = home.audit_journal(RUN), trial.count_served()
        process = Command(home, *ordered)
        at = rng.randint(1, max(1, length - 2))
        wait_for_records(process, journal, at)
        time.sleep(rng.uniform(0, 0.01))
        process.kill()
        acknowledged = read_complete(journal)
        done = run_command(home, "audit", RUN, "--resume", "--quiet")
        outcome.lost += count_lost(journal, acknowledged)
        same = _read_verdicts(done) == _read_verdicts(wanted)
        outcome.expect(same, f"point {point}: the audit came to another result: {done.said[-200:]}")
        outcome.again = max(outcome.again, trial.count_served() - served - needed)
        outcome.twice += _count_checks_twice(home)
        outcome.expect(not find_differences(home), f"point {point}: the index differs from one made anew")
    outcome.told = "Resume it with the same command and --resume."
    return outcome


def kill_server(trial: Trial, points: int, seed: int = 3) -> Outcome:
    """The server of the models, at a random record of the run, back at its address a moment later."""
    outcome = Outcome("kill -9: model server, back after a moment", points, may_repeat=SLOTS)
    rng = random.Random(seed)
    for point in range(points):
        home = trial.copy(f"server-{point}")
        process = Command(home, "resume", RUN, "--quiet", "--json")
        at = rng.randint(count_records(trial.begun.journal(RUN)), trial.records - 12)
        wait_for_records(process, home.journal(RUN), at)
        killed = time.time()
        trial.server.process.kill()
        trial.server.stop()
        acknowledged = read_complete(home.journal(RUN))
        time.sleep(OUTAGE_S)
        trial.server = start_server(trial.folder, trial.port)
        judge_run(outcome, trial, home, process.finish(), acknowledged)
        failed = [record.data for record in _read_failures(home)]
        # Only what was under way may have been served, and is asked again; later tries found nobody.
        outcome.again = max(outcome.again, sum(call["t_start"] <= killed <= call["t_end"] for call in failed))
        if failed:
            outcome.expect_told(failed[-1]["error"]["message"], "endpoint")
    return outcome


def kill_app(trial: Trial, points: int, seed: int = 4) -> Outcome:
    """The app, while a reviewer decides as fast as the page answers and journals are taken in; then it starts again."""
    outcome = Outcome("kill -9: app, during decisions and ingestion", points)
    rng, home = random.Random(seed), Home(trial.folder / "app")
    write_run(home, "cs-0001", 20 + 15 * points, plans=[("accepted",)], words=30)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
    seen: list[str] = []
    for point in range(points):
        app = App(home)
        try:
            write_run(home, f"cs-{point + 2:04d}", 5, plans=[("too_easy", "accepted")], words=30, seed=point)
            started = time.monotonic()
            seen += _decide_on(app, app.open("review"), home, outcome, most=1)
            took = time.monotonic() - started
            page = app.open("review")
            # Killed by another thread, so that it may be in the middle of a decision.
            timer = threading.Timer(rng.uniform(0.05, 1.5) * took, app.kill)
            timer.start()
            seen += _decide_on(app, page, home, outcome)
            timer.join()
        finally:
            app.kill()
        acknowledged = read_complete(home.reviews)
        decided = [r.data["task_id"] for r in read_records(home.reviews) if r.kind == "decision"]
        outcome.lost += len(set(seen) - set(decided))
        outcome.twice += len(decided) - len(set(decided))
        differing = find_differences(home)
        outcome.expect(not differing, f"point {point}: the index differs in {', '.join(differing)}")
        outcome.lost += count_lost(home.reviews, acknowledged)
    outcome.expect(len(seen) >= points, f"only {len(seen)} decisions were made")
    with serve_app(home) as app:
        page = read_page(app.open("review"))
    outcome.told = "Nothing: the page opens at the next waiting task."
    outcome.expect("Approve" in page or "decided" in page, f"the page did not open: {page[:300]}")
    return outcome


def kill_server_for_good(trial: Trial, points: int, seed: int = 5) -> Outcome:
    """The server of the models, which nobody starts again: the run ends with sources undecided, and is resumed."""
    outcome = Outcome("kill -9: model server, gone until the run has ended", points, may_repeat=SLOTS)
    rng = random.Random(seed)
    for point in range(points):
        home = Home(trial.folder / f"gone-{point}")
        begin_run(home, trial.server.base_url, max_tries=2)
        at = rng.randint(count_records(home.journal(RUN)), trial.records - 40)
        process = Command(home, "resume", RUN, "--quiet", "--json")
        wait_for_records(process, home.journal(RUN), at)
        trial.server.process.kill()
        trial.server.stop()
        acknowledged = read_complete(home.journal(RUN))
        broken = process.finish()
        trial.server = start_server(trial.folder, trial.port)
        outcome.expect(broken.code in (1, 3, 0), f"point {point}: exit code {broken.code}: {broken.said[-200:]}")
        scored = [
            r.data for r in read_records(home.journal(RUN)) if r.kind == "rollout" and r.data["status"] == "failed"
        ]
        outcome.expect(all(one["score"] is None for one in scored), f"point {point}: a failure was scored")
        if failed := _read_failures(home):
            outcome.expect_told(failed[-1].data["error"]["message"], "endpoint", "cannot be reached", "start it")
        resumed = run_command(home, "resume", RUN, "--quiet")
        judge_run(outcome, trial, home, resumed, acknowledged)
    return outcome


def judge_run(outcome: Outcome, trial: Trial, home: Home, done: Done, acknowledged: bytes) -> None:
    found = read_result(home)
    outcome.lost += count_lost(home.journal(RUN), acknowledged)
    outcome.twice += count_answered_twice(home)
    outcome.expect(done.code == 0, f"the run ended with code {done.code}: {done.said[-300:]}")
    outcome.expect(found.accepted == trial.result.accepted, "another set was accepted than without the fault")
    outcome.expect(found.outcomes == trial.result.outcomes, "sources ended otherwise than without the fault")
    outcome.expect(found.keys == trial.result.keys, "other calls were made than without the fault")
    outcome.expect(is_intact(home), "the chain of the journal does not hold")
    differing = find_differences(home)
    outcome.expect(not differing, f"the index differs from one made anew in {', '.join(differing)}")


def wait_for_records(process: Command, journal: Path, count: int) -> None:
    """Until the journal has so many records, or the process has ended."""
    wait_for(lambda: count_records(journal) >= count or not process.alive)


def _read_failures(home: Home) -> list[Record]:
    return [record for record in read_records(home.journal(RUN)) if record.kind == "call" and record.data["error"]]


def _say_interrupted(trial: Trial, rng: random.Random) -> str:
    """What `doctor` says of a run that was killed."""
    home = trial.copy("interrupted")
    process = Command(home, "resume", RUN, "--quiet")
    at = rng.randint(count_records(home.journal(RUN)) + 5, trial.records // 2)
    wait_for_records(process, home.journal(RUN), at)
    process.kill()
    findings = run_command(home, "doctor").result.get("findings", [])
    return " ".join(f"{one['sentence']}: {one['remedy']}" for one in findings if one["area"] == "runs")


def _decide_on(app: App, page: dict[str, Any], home: Home, outcome: Outcome, most: int = 1_000) -> list[str]:
    """Approve what the page shows until the server is gone; ids of tasks whose next page was painted."""
    painted: list[str] = []
    with suppress(OSError, ValueError, HTTPException):
        while len(painted) < most and (key := find_action(page, "review.approve.")):
            task_id = key.removeprefix("review.approve.")
            page = app.ask(session_id=page["session_id"], trigger={"key": key})
            written = task_id.encode() in home.reviews.read_bytes()
            outcome.expect(written, f"the page was painted before the decision on {task_id} was in the journal")
            painted.append(task_id)
    return painted


def _read_verdicts(done: Done) -> list[tuple[object, ...]]:
    return [
        (task["task_id"], task["integrity"], task["difficulty"], task["validity"], task["certified"])
        for task in done.result.get("tasks", ())
    ]


def _count_checks_twice(home: Home) -> int:
    answers = Counter(
        record.data["key"]
        for record in read_records(home.audit_journal(RUN))
        if record.kind == "call" and not record.data["error"]
    )
    return sum(count - 1 for count in answers.values())
