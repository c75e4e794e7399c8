"""Killed in the middle of more than one record: an export, a rebuild; and the app, while a run goes on beside it."""

from __future__ import annotations

import random
import time

from autodata.dataset.folder import list_versions
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.journal import read_records
from autodata.review.decisions import record_decision
from benchmarks.faulting.equal import find_differences
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import Command, run_command, serve_app, wait_for
from benchmarks.faulting.trial import Trial, count_lost, read_complete
from tests.support.journals import write_run

APPROVED = 30


def kill_export(trial: Trial, points: int, seed: int = 6) -> Outcome:
    """`autodata export` at random moments, again and again on one home: a version is there whole or not at all."""
    outcome = Outcome("kill -9: export", points)
    home, rng = _make_approved(trial, "export"), random.Random(seed)
    started = time.monotonic()
    first = run_command(home, "export", "proofs")
    took = time.monotonic() - started
    outcome.expect(first.result.get("items") == APPROVED, f"the undisturbed export failed: {first.said[-300:]}")
    for point in range(points):
        process = Command(home, "export", "proofs", "--json")
        time.sleep(rng.uniform(0.2, 1.0) * took)
        process.kill()
        acknowledged = read_complete(home.reviews)
        visible = list_versions(home)
        for version in visible:
            checked = run_command(home, "dataset", "verify", f"proofs/{version.version}")
            outcome.expect(checked.code == 0, f"point {point}: {version.version}: {checked.said[-200:]}")
        outcome.lost += count_lost(home.reviews, acknowledged)
    last = run_command(home, "export", "proofs")
    outcome.expect(last.result.get("items") == APPROVED, f"the export after the kills failed: {last.said[-300:]}")
    named = [record.data["version"] for record in read_records(home.reviews) if record.kind == "export"]
    outcome.twice += len(named) - len(set(named))
    outcome.lost += sum(not (home.datasets / "proofs" / version).is_dir() for version in named)
    hidden = [path.name for path in (home.datasets / "proofs").glob(".v*")]
    outcome.expect(not hidden, f"half-written folders are left: {hidden}")
    with open_index(home) as index:
        ingest_home(index, home)
    outcome.expect(not find_differences(home), "the index differs from one made anew")
    outcome.told = "Nothing: no half-written version is ever seen, and the next export takes the next number."
    return outcome


def kill_rebuild(trial: Trial, points: int, seed: int = 7) -> Outcome:
    """`autodata rebuild` at random moments; then the index is opened as the app does."""
    outcome = Outcome("kill -9: rebuild of the index", points)
    home, rng = _make_approved(trial, "rebuild"), random.Random(seed)
    before = read_complete(home.reviews)
    started = time.monotonic()
    run_command(home, "rebuild")
    took = time.monotonic() - started
    for point in range(points):
        process = Command(home, "rebuild", "--json")
        time.sleep(rng.uniform(0.1, 1.0) * took)
        process.kill()
        differing = find_differences(home)
        outcome.expect(not differing, f"point {point}: the index differs in {', '.join(differing)}")
    outcome.lost += count_lost(home.reviews, before)
    outcome.told = "Nothing: the next process goes on where the index stopped."
    return outcome


def kill_app_with_run(trial: Trial, points: int, seed: int = 8) -> Outcome:
    """The app, while a run that is its own process goes on: the run never notices."""
    outcome = Outcome("kill -9: app, while a run goes on", points)
    rng = random.Random(seed)
    for point in range(points):
        home = trial.copy(f"beside-{point}")
        with serve_app(home) as app:
            process = Command(home, "resume", "cs-0001", "--quiet", "--json")
            time.sleep(rng.uniform(0.1, 1.5))
            app.open("runs")
            app.kill()
            done = process.finish()
        outcome.expect(done.code == 0, f"point {point}: the run ended with {done.code}: {done.said[-200:]}")
        with serve_app(home) as app:
            outcome.expect(wait_for(lambda home=home: _has_run(home), 20, 0.5), "the run is not there")
        differing = find_differences(home)
        outcome.expect(not differing, f"point {point}: the index differs in {', '.join(differing)}")
    outcome.told = "Nothing: a run is a process of its own and outlives the page."
    return outcome


def _has_run(home: Home) -> bool:
    return home.database.exists()


def _make_approved(trial: Trial, name: str) -> Home:
    home = Home(trial.folder / name)
    write_run(home, "cs-0001", APPROVED, plans=[("too_easy", "accepted")], words=60)
    with open_index(home) as index:
        ingest_home(index, home)
        rows = index.query("SELECT task_id, run_id FROM trajectories JOIN runs USING (run) WHERE accepted ORDER BY 1")
        shas = dict(index.query("SELECT task_id, content_sha FROM tasks"))
    for task_id, run_id in rows:
        record_decision(
            home, task_id=task_id, run_id=run_id, content_sha=shas[task_id], verdict="approve", reviewer="ann"
        )
    return home
