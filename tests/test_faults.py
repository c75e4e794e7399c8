"""A run against an endpoint that misbehaves in every way at once, over real HTTP."""

import threading
import time

import pytest

from autodata import runs
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.seat import parse_seats, simulated_seats
from autodata.llm.simulator import Faults, start_simulator
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.settings import RunSettings
from autodata.sources import load_sources
from tests.support.documents import write_documents

FAULTS = Faults(rate_limited=0.10, server_error=0.05, hang=0.02, malformed=0.05, truncated=0.05, empty=0.02)
OUTAGE_S = 1.0


class Outage:
    """An endpoint that is killed once some calls are answered, and is back at the same address a moment later."""

    def __init__(self, folder, after_calls):
        self.after_calls, self.start = (
            after_calls,
            lambda port: start_simulator(folder, latency_s=0.0, faults=FAULTS, port=port),
        )
        self.server = self.start(0)
        self.port = int(self.server.base_url.rsplit(":", 1)[1].split("/")[0])
        self.thread = None

    def notice(self, progress, recorder):
        if self.thread is None and recorder.calls >= self.after_calls:
            self.thread = threading.Thread(target=self._strike)
            self.thread.start()

    def end(self):
        if self.thread:
            self.thread.join()
        self.server.stop()

    def _strike(self):
        self.server.process.kill()
        self.server.stop()
        time.sleep(OUTAGE_S)
        self.server = self.start(self.port)


@pytest.fixture(scope="module", params=["cs", "legal", "math"])
def outage_and_journal(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    documents = write_documents(folder / "documents")
    home, recipe = Home(folder / "home"), load_recipe(request.param)
    outage = Outage(folder / "simulator", after_calls=60)
    values = simulated_seats().model_dump()
    values["endpoints"]["simulated"] |= {"base_url": outage.server.base_url, "timeout_s": 1.0, "max_tries": 8}
    settings = RunSettings(
        domain=recipe.name,
        policy=make_policy(recipe.limits.flow.policy),
        seats=parse_seats(values, "test"),
        max_rounds=4,
        slots=8,
    )
    run_id = runs.create_run(home, settings, recipe, load_sources([documents], passage_words=60))
    try:
        end = runs.execute_run(home, run_id, outage.notice)
    finally:
        outage.end()
    assert end.state == "done"
    return outage, home.journal(run_id)


@pytest.fixture
def journal(outage_and_journal):
    return outage_and_journal[1]


def records(journal, kind):
    return [record.data for record in read_records(journal) if record.kind == kind]


def test_every_source_reaches_an_outcome(journal):
    ids = {record["source"]["id"] for record in records(journal, "source")}
    assert {record["source"] for record in records(journal, "source_done")} == ids


def test_endpoint_was_killed_and_came_back_in_the_middle(outage_and_journal):
    outage, journal = outage_and_journal
    kinds = [call["error"] and call["error"]["kind"] for call in records(journal, "call")]
    assert outage.thread is not None
    assert "connection" in kinds
    assert None in kinds[max(i for i, kind in enumerate(kinds) if kind == "connection") :]


def test_faults_really_happened_and_were_journaled(journal):
    kinds = {call["error"]["kind"] for call in records(journal, "call") if call["error"]}
    assert {"rate_limited", "server_error"} <= kinds


def test_no_infrastructure_failure_is_scored(journal):
    for rollout in records(journal, "rollout"):
        graded = rollout["status"] not in ("failed", "empty", "refused")
        # An empty answer counts against a solver only after its endpoint has been asked whether it is alive.
        assert (rollout["score"] is not None) == (graded or rollout["graded_by"] == "probe")
        assert rollout["status"] != "failed" or rollout["score"] is None


def test_every_score_rests_on_a_complete_set_of_verdicts(journal):
    rubrics = {task["task"]["id"]: {c["id"] for c in task["task"]["rubric"]} for task in records(journal, "task")}
    for rollout in records(journal, "rollout"):
        if rollout["score"]:
            assert rollout["verdicts"].keys() == rubrics[rollout["task_id"]]


def test_retries_point_at_the_try_before(journal):
    by_seq = {r.seq: r.data for r in read_records(journal) if r.kind == "call"}
    retried = [data for data in by_seq.values() if data["retry_of"]]
    assert retried
    assert all(by_seq[data["retry_of"]]["key"] == data["key"] for data in retried)


def test_chain_holds(journal):
    assert verify_journal(journal).ok
