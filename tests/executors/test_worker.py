import pytest

from autodata.executors.fleet import add_loads
from autodata.executors.messages import Setup
from autodata.executors.worker import share_servers
from autodata.llm.replicas import ServerLoad
from autodata.llm.seat import Endpoint, SeatBook
from autodata.recipes.recipe import load_recipe
from benchmarks.engine import make_settings


def make_seats(concurrency):
    several = Endpoint(base_url="http://a:1/v1", replicas=("http://b:1/v1",), concurrency=concurrency)
    single = Endpoint(base_url="http://c:1/v1", concurrency=concurrency)
    return SeatBook(endpoints={"several": several, "single": single}, seats={})


@pytest.mark.parametrize(("concurrency", "workers", "part"), [(12, 2, 6), (32, 3, 10), (2, 5, 1), (8, 1, 8)])
def test_workers_share_what_each_of_several_servers_may_hold(concurrency, workers, part):
    shared = share_servers(make_seats(concurrency), workers)
    assert shared.endpoints["several"].concurrency == part
    assert shared.endpoints["single"].concurrency == concurrency


def test_load_of_a_server_is_that_of_all_workers():
    seen = [ServerLoad("e", "a:1", 4, 1, 6, 6, "open", 0.0), ServerLoad("e", "a:1", 2, 0, 3, 6, "open", 0.0)]
    assert add_loads(seen) == ServerLoad("e", "a:1", 6, 1, 9, 12, "open", 0.0)


def test_server_that_as_many_workers_pass_over_as_use_counts_as_passed_over():
    seen = [ServerLoad("e", "a:1", 4, 0, 6, 6, "open", 0.0), ServerLoad("e", "a:1", 0, 0, 1, 6, "passed_over", 9.0)]
    assert (add_loads(seen).health, add_loads(seen).back_in_s) == ("passed_over", 9.0)


def test_keys_are_not_shown_with_the_rest_of_what_a_worker_is_told():
    settings = make_settings("http://127.0.0.1:1", 4)
    setup = Setup("cs-0001", settings, load_recipe("cs"), {}, {}, 2, {"SOME_KEY": "sk-secret"})
    assert "sk-secret" not in repr(setup)
