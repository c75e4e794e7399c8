"""The index file deleted, cut short, overwritten, of another version or held elsewhere, at the start and while open.

Nothing rests on that file alone, so the expectation is always the same: the app says what it did, goes on, and shows
what an index made anew shows.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.journal import read_records
from benchmarks.faulting.equal import find_differences
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import App, find_action, read_page, run_command, serve_app, wait_for
from benchmarks.faulting.trial import Trial, count_lost, read_complete
from tests.support.journals import write_run

_PROCESSES = multiprocessing.get_context("spawn")


def try_databases(trial: Trial) -> list[Outcome]:
    damages: list[tuple[str, Callable[[Path], None]]] = [
        ("deleted", Path.unlink),
        ("cut short", _truncate),
        ("overwritten with garbage", _overwrite),
        ("garbage in the middle", _scramble),
    ]
    outcomes = [_try_start(trial, name, damage) for name, damage in damages]
    outcomes.append(_try_start(trial, "of a newer version", _make_newer))
    outcomes += [_try_open(trial, name, damage) for name, damage in damages]
    outcomes.append(_try_held(trial))
    return outcomes


def make_home(trial: Trial) -> Home:
    """Twelve tasks, one of them decided, with an index."""
    home = trial.copy("database")
    run = write_run(home, "cs-0002", 12, plans=[("accepted",)], words=30)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
    with open_index(home) as index:
        ingest_home(index, home)
        task = index.query("SELECT task_id FROM trajectories WHERE accepted ORDER BY 1")[0][0]
    done = run_command(home, "decide", task, "approve", "--reviewer", "ann")
    if done.code or run.run_id != "cs-0002":
        raise RuntimeError(f"the home could not be made: {done.said}")
    return home


def _try_start(trial: Trial, name: str, damage: Callable[[Path], None]) -> Outcome:
    """The app starts with the file as it is; then it is asked for pages and a decision."""
    outcome = Outcome(f"index at the start: {name}", 1)
    home = make_home(trial)
    damage(home.database)
    before = read_complete(home.reviews)
    with serve_app(home) as app:
        _judge_pages(outcome, app, home, before, told=name != "deleted")
    _judge_end(outcome, home)
    return outcome


def _try_open(trial: Trial, name: str, damage: Callable[[Path], None]) -> Outcome:
    """The same behind the back of an app that has the file open."""
    outcome = Outcome(f"index while the app is open: {name}", 1)
    home = make_home(trial)
    before = read_complete(home.reviews)
    with serve_app(home) as app:
        app.open("review")
        damage(home.database)
        _judge_pages(outcome, app, home, before, told=name != "garbage in the middle")
    _judge_end(outcome, home)
    return outcome


def _try_held(trial: Trial) -> Outcome:
    """Another program has the file open: the app names it, and goes on once it is gone."""
    outcome = Outcome("index held by another process", 1)
    home = make_home(trial)
    with _hold(home.database) as pid, serve_app(home) as app:
        outcome.expect_told(_cut(read_page(app.open("review")), "is open in"), str(pid), "close that process")
        os.kill(pid, 9)
        wait_for(lambda: find_action(app.open("review"), "review.approve."), 30, 0.5)
        outcome.expect(find_action(app.open("review"), "review.approve."), "the page did not come back")
    _judge_end(outcome, home)
    return outcome


def _judge_pages(outcome: Outcome, app: App, home: Home, before: bytes, *, told: bool) -> None:
    shown: list[str] = []

    def is_back() -> str:
        page = app.open("review")
        shown.append(read_page(page))
        return find_action(page, "review.approve.")

    outcome.expect(wait_for(is_back, 40, 0.5), f"the Review page did not come back: {shown[-1][:300] if shown else ''}")
    for words in shown:
        outcome.expect("Traceback" not in words, f"a traceback was shown: {words[:300]}")

    def has_decided() -> bool:
        page = app.open("review")
        key = find_action(page, "review.approve.")
        if key:
            app.ask(session_id=page["session_id"], trigger={"key": key})
        return len(list(read_records(home.reviews))) > 1

    outcome.expect(wait_for(has_decided, 30, 0.5), "no decision could be made")
    decided = [record.data["task_id"] for record in read_records(home.reviews)]
    outcome.expect(len(decided) == 2, f"{len(decided)} decisions are recorded, 2 were made")
    outcome.twice += len(decided) - len(set(decided))
    outcome.lost += count_lost(home.reviews, before)
    notice = _find_notice(read_page(app.open("settings")))
    if told:
        outcome.expect_told(notice, "built again from the journals", "no task and no decision is lost")
    else:
        outcome.told = notice if "built again" in notice else "Nothing: the index is there as before."


def _judge_end(outcome: Outcome, home: Home) -> None:
    differing = find_differences(home)
    outcome.expect(not differing, f"the index differs from one made anew in {', '.join(differing)}")


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))


def _scramble(path: Path) -> None:
    """Every block after the headers and the first: the file opens, and its rows cannot be read."""
    with path.open("r+b") as file:
        for at in range(300_000, path.stat().st_size - 100, 50_000):
            file.seek(at)
            file.write(b"garbage!" * 64)


def _make_newer(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")


def _keep_open(path: str, ready) -> None:  # type: ignore[no-untyped-def]
    with duckdb.connect(path):
        ready.set()
        multiprocessing.Event().wait()


@contextmanager
def _hold(path: Path) -> Iterator[int]:
    ready = _PROCESSES.Event()
    process = _PROCESSES.Process(target=_keep_open, args=(str(path), ready))
    process.start()
    try:
        ready.wait(60)
        yield process.pid or 0
    finally:
        process.kill()
        process.join()


def _find_notice(words: str) -> str:
    """What the Settings page says of an index that was begun anew; the whole page where it says nothing."""
    found = re.search(r"autodata\.duckdb (?:is|has|could).*?at any time\.", words)
    return found[0] if found else words[:300]


def _cut(words: str, part: str) -> str:
    """The sentence that holds `part`, with what surrounds it."""
    at = words.find(part)
    return words[max(0, at - 160) : at + 220] if at >= 0 else words[:300]
