"""The same run on a real Ray cluster of several nodes on this machine. One cluster for all tests: it starts slowly."""

import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autodata import runs
from autodata.cli import app
from autodata.errors import BadInput
from autodata.executors.choice import make_choice
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.seat import SeatBook
from autodata.recipes.recipe import load_recipe
from autodata.runs_live import read_live
from autodata.sources import Loaded
from benchmarks.engine import CALLS_PER_SOURCE, make_settings, make_sources
from benchmarks.fixed_endpoint import run_endpoint

ray = pytest.importorskip("ray", reason="Ray is not installed; `pip install -r requirements-ray.txt` and run again")

KEY = "sk-test-9f8e7d6c5b4a3f2e1d0c"


@pytest.fixture(scope="module")
def cluster():
    """A head that takes no workers, and two nodes with room for one each."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        for _ in range(2):
            cluster.add_node(num_cpus=1)
        yield cluster
        cluster.shutdown()


@pytest.fixture(scope="module")
def address():
    with run_endpoint(0.02) as address:
        yield address


def create(folder, address, sources=8, slots=8):
    """A run whose endpoint wants a key."""
    settings = make_settings(address, slots)
    endpoint = settings.seats.endpoints["fixed"].model_copy(update={"api_key_env": "AUTODATA_RAY_TEST_KEY"})
    seats = SeatBook(endpoints={"fixed": endpoint}, seats=settings.seats.seats)
    home = Home(folder)
    loaded = Loaded(make_sources(sources))
    return home, runs.create_run(home, settings.model_copy(update={"seats": seats}), load_recipe("cs"), loaded)


def list_outcomes(home, run_id):
    """What must not depend on where a run was worked on."""
    kept = {"task", "quality", "rollout", "round", "source_done"}
    unlike = ("answer_call", "judge_call")
    return Counter(
        str([r.kind, sorted((k, v) for k, v in r.data.items() if k not in unlike)])
        for r in read_records(home.journal(run_id))
        if r.kind in kept
    )


def list_answered(home, run_id):
    calls = (record.data for record in read_records(home.journal(run_id)) if record.kind == "call")
    return Counter(call["key"] for call in calls if not call["error"])


def test_node_killed_in_mid_run_loses_nothing_and_doubles_nothing(tmp_path, cluster, address, monkeypatch):
    # Set after the nodes were started: their environment does not hold it.
    monkeypatch.setenv("AUTODATA_RAY_TEST_KEY", KEY)
    home, run_id = create(tmp_path / "ray", address)
    seen = []

    def kill_one():
        while home.journal(run_id).read_bytes().count(b'"kind":"call"') < 40:
            time.sleep(0.02)
        seen.append(read_live(home, run_id))
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    end = runs.execute_run(home, run_id, executor=make_choice("ray", cluster.address, 2))
    killer.join()
    assert len(seen[0].workers) == 2
    assert (end.state, end.totals["accepted"]) == ("done", 8)
    assert verify_journal(home.journal(run_id)).ok
    answered = list_answered(home, run_id)
    assert (len(answered), set(answered.values())) == (8 * CALLS_PER_SOURCE, {1})
    alone, alone_id = create(tmp_path / "alone", address)
    runs.execute_run(alone, alone_id)
    assert list_outcomes(home, run_id) == list_outcomes(alone, alone_id)
    _assert_key_is_nowhere(tmp_path, cluster)


def _assert_key_is_nowhere(tmp_path, cluster):
    places = [tmp_path, Path(cluster.head_node.get_session_dir_path())]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_run_paused_here_goes_on_there_and_the_record_says_where(tmp_path, cluster, address, monkeypatch):
    monkeypatch.setenv("AUTODATA_RAY_TEST_KEY", KEY)
    home, run_id = create(tmp_path, address, sources=3)
    runs.request_run(home, run_id, "pause")
    end = runs.execute_run(home, run_id, lambda *_: runs.request_run(home, run_id, "pause"))
    assert end.state == "paused"
    arguments = ["resume", run_id, "--executor", "ray", "--address", cluster.address, "--workers", "1"]
    result = CliRunner().invoke(app, [*arguments, "--home", str(tmp_path), "--quiet"])
    assert result.exit_code == 0, result.stderr
    answered = list_answered(home, run_id)
    assert (len(answered), set(answered.values())) == (3 * CALLS_PER_SOURCE, {1})
    resumed = [record.data for record in read_records(home.journal(run_id)) if record.kind == "run_resumed"]
    assert resumed[-1]["executor"] == {"kind": "ray", "address": cluster.address, "workers": 1}
    assert runs.load_run(home, run_id).executor.workers == 1


def test_cluster_without_room_says_so(tmp_path, cluster, address, monkeypatch):
    monkeypatch.setenv("AUTODATA_RAY_TEST_KEY", KEY)
    monkeypatch.setattr("autodata.executors.ray_cluster.START_S", 1.0)
    home, run_id = create(tmp_path, address, sources=1)
    for node in list(cluster.worker_nodes):
        cluster.remove_node(node)
    with pytest.raises(BadInput, match="no worker could be started"):
        runs.execute_run(home, run_id, executor=make_choice("ray", cluster.address, 1))
