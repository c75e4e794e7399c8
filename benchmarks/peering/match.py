"""The match: who runs what, in turns, and what came of it."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.thread import IngestThread
from autodata.journal import verify_journal
from benchmarks.engine import CALLS_PER_SOURCE
from benchmarks.fixed_endpoint import run_endpoint
from benchmarks.latencies import Profile
from benchmarks.peering.contenders import OURS, RAW, Contender
from benchmarks.peering.starting import DidNotRun, Killed, Measured, kill_and_resume, measure
from benchmarks.peering.work import Case, Job
from benchmarks.report import say

TITLES: dict[Case, str] = {
    "loop": "H1 loop",
    "staged": "H1r real latencies",
    "calls": "H2 single calls",
    "tail": "H2 slow tail",
    "kill": "H3 kill, resume",
}
PROFILES: dict[Case, Profile] = {"staged": "staged", "tail": "tail"}
ENDPOINT = "benchmarks.peering.endpoint"
IN_LOOP = (OURS, "autosynth")
"""Who is killed in the loop; the others resume whole rows or samples, so single calls are kindest to them."""


class Match:
    """All runs of all contenders, and what of it is to be shown."""

    def __init__(self, contenders: list[Contender], slots: int, timeout_s: float) -> None:
        self.contenders, self.slots, self.timeout_s = contenders, slots, timeout_s
        self.results: dict[tuple[Case, str], list[Measured]] = defaultdict(list)
        self.short: dict[tuple[Case, str], Measured] = {}
        """A run a tenth as long: what it takes in processor time beside a whole one is not start-up."""
        self.killed: dict[str, Killed] = {}
        self.skipped: dict[tuple[Case, str], str] = {}
        self.notes: set[str] = set()
        self.whole = True
        """Whether the app's index read along without an error and the killed run's journal is intact."""

    def run(self, case: Case, count: int, repeats: int, *, short: bool = False) -> None:
        """Let everybody do it, in turns; `short` makes one of a tenth first."""
        with run_endpoint(0.05, PROFILES.get(case, "fixed"), ENDPOINT) as address:
            for turn in range(0 if short else 1, repeats + 1):
                for contender in self._list_able(case):
                    say(f"{TITLES[case]}, {f'turn {turn} of {repeats}' if turn else 'a tenth'}: {contender.name}")
                    with self._prepare(case, contender, address, count if turn else -(-count // 10)) as job:
                        measured = measure(contender, job, self.timeout_s)
                        self.notes.update(f"{contender.name}: {note}" for note in measured.done.notes)
                        if turn:
                            self.results[case, contender.name].append(measured)
                        else:
                            self.short[case, contender.name] = measured

    def kill(self, loop_count: int, call_count: int) -> None:
        """Kill everybody at half way; the loop for those whose loop resumes, single calls for the others."""
        with run_endpoint(0.05, module=ENDPOINT) as address:
            for contender in self._list_able("kill"):
                if contender.name == RAW:
                    continue
                say(f"{TITLES['kill']}: {contender.name}")
                in_loop = contender.name in IN_LOOP
                count = loop_count if in_loop else call_count
                half = loop_count * CALLS_PER_SOURCE // 2 if in_loop else call_count // 2
                with self._prepare("kill", contender, address, count) as job:
                    if contender.name == OURS:
                        self.killed[OURS] = self._kill_with_reader(contender, job, half)
                    else:
                        self.killed[contender.name] = kill_and_resume(contender, job, half, self.timeout_s)

    def find_shares(self, case: Case, name: str) -> list[float]:
        """The contender's speed over that of the bare loop, turn by turn."""
        return self.compare(case, name, RAW)

    def find_cpu_ms(self, case: Case, name: str) -> float | None:
        """Milliseconds of processor time a call without start-up, from the turn that took least; None without a short
        run, and where so few calls drown in start-up."""
        short = self.short.get((case, name))
        if short is None:
            return None
        whole = min(self.results[case, name], key=lambda one: one.cpu_s)
        used, calls = whole.cpu_s - short.cpu_s, whole.calls - short.calls
        return 1000 * used / calls if used > 0 and calls > 0 else None

    def compare(self, case: Case, name: str, other: str) -> list[float]:
        """Speed over speed of the same turn."""
        pairs = zip(self.results[case, name], self.results[case, other], strict=False)
        return [mine.rate / theirs.rate for mine, theirs in pairs]

    def _list_able(self, case: Case) -> list[Contender]:
        """Those that have the feature and have not failed at this before."""
        for contender in self.contenders:
            reason = contender.why_not or contender.cannot.get(case, "")
            if reason:
                self.skipped.setdefault((case, contender.name), reason)
        return [one for one in self.contenders if (case, one.name) not in self.skipped]

    @contextmanager
    def _prepare(self, case: Case, contender: Contender, address: str, count: int) -> Iterator[Job]:
        """The job in a folder of its own; a contender that does not manage is out of this case."""
        with tempfile.TemporaryDirectory() as folder:
            try:
                yield Job(case, address, count, self.slots, folder)
            except DidNotRun as error:
                self.skipped[case, contender.name] = str(error)
                self.results.pop((case, contender.name), None)
                say(f"  skipped: {error}")

    def _kill_with_reader(self, contender: Contender, job: Job, half: int) -> Killed:
        """As with the app open: its index follows the journal from this process all the time."""
        home = Home(Path(job.folder))
        with open_index(home) as index:
            thread = IngestThread(index, home, audit_s=0).start()
            try:
                killed = kill_and_resume(contender, job, half, self.timeout_s)
            finally:
                thread.stop()
            ingest_home(index, home)
            shown = index.query("SELECT count(*) FROM trajectories")[0][0]
        journals = [home.journal(run.name) for run in home.runs.iterdir()]
        intact = all(verify_journal(path).ok for path in journals)
        self.whole = not thread.last_error and shown == job.count and intact
        if thread.last_error:
            self.notes.add(f"{OURS}: the index could not read along: {thread.last_error}")
        return killed
