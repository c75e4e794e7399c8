import time

from autodata.executors.fleet import WorkerView
from autodata.index.queries.servers import ServerUse
from autodata.llm.replicas import ServerLoad
from autodata.runs_live import LiveRun
from autodata.ui.runs.servers import build_servers, build_workers, list_server_rows
from autodata.ui.tree import collect_text

SETTINGS = {
    "seats": {
        "endpoints": {
            "single": {"base_url": "http://one:1/v1", "replicas": []},
            "gpus": {"base_url": "http://gpu1:8000/v1", "replicas": ["http://gpu2:8000/v1"]},
            "idle": {"base_url": "http://a:1/v1", "replicas": ["http://b:1/v1"]},
        },
        "seats": {"weak": {"endpoint": "gpus"}, "judge": {"endpoint": "single"}},
    }
}


def make_load(server, health="open", limit=8, in_flight=3, back_in_s=0.0, waiting=0):
    return ServerLoad("gpus", server, in_flight, waiting, limit, 8, health, back_in_s)


def draw(live=None, uses=()):
    tree = build_servers(list_server_rows(SETTINGS, uses, live))
    return collect_text(tree) if tree else None


def test_only_endpoints_in_use_that_have_several_servers_are_listed():
    rows = list_server_rows(SETTINGS, (), None)
    assert [(row.endpoint, row.server) for row in rows] == [("gpus", "gpu1:8000"), ("gpus", "gpu2:8000")]


def test_without_replicas_there_is_no_panel():
    assert build_servers(list_server_rows({"seats": {}}, (), None)) is None


def test_server_that_is_passed_over_is_said_in_words_and_until_when():
    live = LiveRun(time.time(), (make_load("gpu1:8000"), make_load("gpu2:8000", "passed_over", 1, 0, 40.0)))
    text = draw(live)
    assert "passed over, 40 s left" in text
    assert "gpu2:8000 did not answer or asked to be left alone; it gets calls again in 40 s" in text
    assert "takes calls" in text


def test_server_that_is_tried_again_and_one_that_is_slowed_have_their_words():
    text = draw(LiveRun(time.time(), (make_load("gpu1:8000", limit=5), make_load("gpu2:8000", "probing", 1, 1))))
    assert "slowed to 5 of 8" in text
    assert "tried again with one call" in text


def test_waiting_calls_count_once_per_endpoint():
    loads = tuple(make_load(server, waiting=7) for server in ("gpu1:8000", "gpu2:8000"))
    assert "7 calls waiting for a place" in draw(LiveRun(time.time(), loads))


def test_finished_run_shows_what_its_record_says_of_each_server():
    text = draw(uses=(ServerUse("gpu1:8000", 200, 20, 50, 5, 0.61),))
    assert "10%" in text.replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    assert "0.6 s" in text
    assert "not used yet" in text


def test_workers_are_listed_with_their_machine_and_the_lost_are_counted():
    now = time.time()
    text = collect_text(build_workers(LiveRun(now, (), (WorkerView("node-a", 71, now - 65, 4, 9),), lost=1)))
    assert "node-a" in text
    assert "1 worker was lost; others took over its sources" in text


def test_run_in_one_process_has_no_workers():
    assert build_workers(LiveRun(time.time())) is None
