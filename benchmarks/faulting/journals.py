"""Journals that are not what was written: torn, edited, shortened, swapped, doubled, empty, or of a clock set back."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson

from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.journal import GENESIS
from autodata.review.shared import forget_reviews, list_standing
from benchmarks.faulting.equal import find_differences
from benchmarks.faulting.outcome import Outcome
from benchmarks.faulting.processes import run_command
from benchmarks.faulting.trial import RUN, Trial, count_records, is_intact, read_result
from tests.support.journals import write_decision

_LINK = re.compile(rb',"prev":"[0-9a-f]{64}","sha":"[0-9a-f]{64}"\}$')


def try_journals(trial: Trial) -> list[Outcome]:
    """Every damage, on a copy of the undisturbed home."""
    return [
        try_torn(trial),
        _try_damage(trial, "edited line", _edit_line, "does not match its hash"),
        _try_damage(trial, "missing line", _drop_line, "does not follow"),
        _try_damage(trial, "line written twice", _double_line, "does not follow"),
        _try_damage(trial, "empty line", _empty_line, "not a journal record"),
        _try_swapped(trial),
        _try_empty(trial),
        try_clock(trial),
        _try_reviews_swapped(trial),
    ]


def try_torn(trial: Trial) -> Outcome:
    """Half of a last line: what a power cut leaves. The run goes on, the rest of the line is kept aside."""
    outcome = Outcome("journal: torn last line", 1)
    home = trial.copy("torn")
    journal = home.journal(RUN)
    before = journal.read_bytes()
    journal.write_bytes(before + b'{"seq":8,"t":1795302834.9,"kind":"call","key":"1/1/wea')
    outcome.expect_told(run_command(home, "verify").said, "torn last line", "ignored")
    done = run_command(home, "resume", RUN, "--quiet")
    outcome.expect(done.code == 0, f"the run could not be resumed: {done.said[-300:]}")
    outcome.lost += not journal.read_bytes().startswith(before)
    outcome.expect(journal.with_name("journal.jsonl.torn").exists(), "what was torn was not kept")
    outcome.expect(read_result(home) == trial.result, "the run came to another result")
    return outcome


def _try_damage(trial: Trial, name: str, damage: Callable[[list[bytes]], int], words: str) -> Outcome:
    """One line in the middle: named by `verify`, nothing is added, what is before it is in the index, exactly once."""
    outcome = Outcome(f"journal: {name}", 1)
    home = trial.copy("damaged", trial.whole)
    journal = home.journal(RUN)
    lines = journal.read_bytes().splitlines(keepends=True)
    intact = damage(lines)
    journal.write_bytes(b"".join(lines))
    verified = run_command(home, "verify")
    outcome.expect(verified.code == 1, f"verify ended with code {verified.code}")
    outcome.expect_told(_last_line(verified.said), words, f"Record {intact + 1}", "intact")
    before = journal.read_bytes()
    resumed = run_command(home, "resume", RUN, "--quiet")
    outcome.expect(resumed.code != 0, "a damaged run was resumed")
    outcome.expect("Traceback" not in resumed.said, f"resume showed a traceback: {resumed.said[-300:]}")
    outcome.expect(journal.read_bytes() == before, "something was added to a damaged journal")
    with open_index(home) as index:
        report = ingest_home(index, home)
        taken = index.query("SELECT records FROM journals WHERE name = ?", [f"runs/{RUN}"])[0][0]
        calls = index.query("SELECT count(*), count(DISTINCT seq) FROM calls")[0]
    outcome.lost += max(0, intact - taken)
    outcome.twice += calls[0] - calls[1]
    outcome.expect(len(report.damaged) == 1, "the index does not say that the journal is damaged")
    return outcome


def _try_swapped(trial: Trial) -> Outcome:
    """The whole journal of another run in this one's place: every hash holds, and still it is not this run's."""
    outcome = Outcome("journal: another run's in its place", 1)
    home = trial.copy("swapped", trial.whole)
    other = home.journal("cs-0002")
    other.parent.mkdir()
    shutil.copy(home.journal(RUN), other)
    before = other.read_bytes()
    verified = run_command(home, "verify")
    outcome.expect(verified.code == 1, f"verify ended with code {verified.code}")
    outcome.expect_told(_last_line(verified.said), "cs-0001", "cs-0002")
    resumed = run_command(home, "resume", "cs-0002", "--quiet")
    outcome.expect(resumed.code != 0 and RUN in resumed.said, f"resume did not refuse: {resumed.said[-300:]}")
    outcome.expect(other.read_bytes() == before, "something was added to another run's journal")
    with open_index(home) as index:
        report = ingest_home(index, home)
        tasks = index.query("SELECT count(*), count(DISTINCT task_id) FROM rounds WHERE task_id IS NOT NULL")[0]
    outcome.twice += tasks[0] - tasks[1]
    outcome.expect(report.damaged, "the index does not say that the journal is another run's")
    return outcome


def _try_reviews_swapped(trial: Trial) -> Outcome:
    """A run's journal where the decisions should be: they are gone, and that must not pass in silence."""
    outcome = Outcome("decisions: a run's journal in their place", 1)
    home = trial.copy("reviews-swapped", trial.whole)
    shutil.copy(home.journal(RUN), home.reviews)
    before = home.reviews.read_bytes()
    verified = run_command(home, "verify")
    outcome.expect(verified.code == 1, f"verify ended with code {verified.code}")
    outcome.expect_told(_last_line(verified.said), RUN, "decisions")
    task = next(iter(trial.result.accepted.values()))[1]
    decided = run_command(home, "decide", str(task), "approve", "--reviewer", "ann")
    outcome.expect(decided.code != 0, "a decision was appended to a run's journal")
    outcome.expect(home.reviews.read_bytes() == before, "something was added to a run's journal")
    with open_index(home) as index:
        outcome.expect(ingest_home(index, home).damaged, "the index does not say that the decisions are missing")
    return outcome


def _try_empty(trial: Trial) -> Outcome:
    """A file of no bytes: nothing is known of the run, every other is as it was."""
    outcome = Outcome("journal: empty file", 1)
    home = trial.copy("empty", trial.whole)
    empty = home.journal("cs-0002")
    empty.parent.mkdir()
    empty.touch()
    for command in (("verify",), ("status",), ("doctor", "--quick")):
        done = run_command(home, *command)
        outcome.expect("Traceback" not in done.said, f"{command[0]} showed a traceback: {done.said[-300:]}")
    resumed = run_command(home, "resume", "cs-0002", "--quiet")
    outcome.expect(resumed.code in (1, 2), f"resume ended with code {resumed.code}")
    outcome.expect_told(resumed.said, "cs-0002", "start a new run")
    outcome.expect(empty.stat().st_size == 0, "something was written into it")
    with open_index(home) as index:
        ingest_home(index, home)
        outcome.expect(index.query("SELECT count(*) FROM runs WHERE domain <> ''") == [(1,)], "the runs are miscounted")
    return outcome


def try_clock(trial: Trial) -> Outcome:
    """The machine's clock went back an hour in the middle: order is that of the records, never that of their times."""
    outcome = Outcome("journal: clock set back in the middle", 1)
    home, straight = trial.copy("clock", trial.whole), trial.copy("straight", trial.whole)
    task = str(next(iter(trial.result.accepted.values()))[1])
    for place in (home, straight):
        write_decision(place, task, "approve", run_id=RUN, decision_id="d1")
        write_decision(place, task, "reject", run_id=RUN, decision_id="d2", reason="Leak")
    for path in (home.journal(RUN), home.reviews):
        chain_anew(path, lambda number, count, t: t - 3600 if number > count // 2 else t)
    outcome.expect(is_intact(home), "the chain does not hold")
    done = run_command(home, "verify")
    outcome.expect(done.code == 0, f"verify ended with code {done.code}")
    outcome.told = "Nothing: order is that of the records."
    forget_reviews()
    last = list_standing(home)[-1].verdict
    outcome.expect(last == "reject", f"the decision in force is {last}, made before the last one")
    states = []
    for place in (home, straight):
        with open_index(place) as index:
            ingest_home(index, place)
            states.append(
                (
                    index.query("SELECT task_id, state FROM verdicts ORDER BY 1"),
                    index.query("SELECT source_id, round, outcome, rounds, gaps FROM trajectories ORDER BY 1"),
                    index.query("SELECT state, calls FROM runs"),
                )
            )
    outcome.expect(states[0] == states[1], "the index shows another result than with a clock that goes on")
    outcome.expect(not find_differences(home), "the index differs from one made anew")
    outcome.lost += abs(count_records(home.journal(RUN)) - trial.records)
    return outcome


def chain_anew(path: Path, change: Callable[[int, int, float], float]) -> None:
    """Write every record again with the time that `change(number, count, t)` gives, and with the hashes that follow."""
    lines, head, made = path.read_bytes().splitlines(), GENESIS, []
    for number, line in enumerate(lines):
        record = orjson.loads(line)
        changed = {**record, "t": change(number, len(lines), record["t"])}
        body = _LINK.sub(b"", orjson.dumps(changed)) + b',"prev":"' + head.encode() + b'"'
        head = hashlib.sha256(body).hexdigest()
        made.append(body + b',"sha":"' + head.encode() + b'"}\n')
    path.write_bytes(b"".join(made))


def _edit_line(lines: list[bytes]) -> int:
    middle = next(n for n, line in enumerate(lines) if b'"kind":"round"' in line)
    lines[middle] = lines[middle].replace(b'"outcome":"', b'"outcome":"x', 1)
    return middle


def _drop_line(lines: list[bytes]) -> int:
    middle = len(lines) // 2
    del lines[middle]
    return middle


def _double_line(lines: list[bytes]) -> int:
    middle = len(lines) // 2
    lines.insert(middle, lines[middle - 1])
    return middle


def _empty_line(lines: list[bytes]) -> int:
    middle = len(lines) // 2
    lines.insert(middle, b"\n")
    return middle


def _last_line(text: str) -> str:
    return text.splitlines()[-1] if text else ""
