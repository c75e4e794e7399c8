"""Model servers on the Settings page, with real processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.llm.seat import load_seats
from autodata.serving.control import ServerView, start_server, stop_server, wait_for_server
from autodata.serving.plan import make_plan
from autodata.serving.state import list_servers, load_state
from autodata.ui.settings.servers import build_log, build_server, read_form, read_words
from autodata.ui.tree import collect_text
from tests.serving.conftest import SIMULATOR, find_port
from tests.support.page_driver import PageDriver

FORM = {"model": "m", "port": "8001", "gpus": "", "data_parallel": "1", "max_len": "", "served_as": ""} | {
    "extra": "",
    "command": "",
}


@pytest.fixture(autouse=True)
def stopped(home: Home) -> Iterator[None]:
    yield
    for name in list_servers(home):
        stop_server(home, name, 2.0)


def fill(page: PageDriver, **values: str) -> PageDriver:
    for part, value in values.items():
        page.set(f"settings.server.weak.{part}", value)
    return page


def test_page_starts_a_server_and_its_seat_is_written(home: Home) -> None:
    page = PageDriver(home, "settings")
    fill(page, model="sim-weak", port=str(find_port()), command="\n".join(SIMULATOR))
    page.click("settings.server.weak.start")
    page.wait(lambda: "ready" in page.text("settings.server.weak.state"))
    assert load_seats(home.seats).seat("weak").endpoint == "weak-server"
    assert "weak-server" in page.at.get_by_key("settings.seats").value


def test_page_stops_a_server(home: Home) -> None:
    start_server(home, make_plan({"name": "weak", "model": "m", "port": find_port(), "command": SIMULATOR}))
    wait_for_server(home, "weak", 60)
    page = PageDriver(home, "settings").click("settings.server.weak.stop")
    assert "stopped" in page.text("settings.server.weak.state")
    assert page.has("settings.server.weak.start")


def test_server_that_died_shows_why_and_its_log(home: Home) -> None:
    command = (sys.executable, "-c", "raise SystemExit('OSError: gone')  # {port}")
    start_server(home, make_plan({"name": "weak", "model": "m", "port": find_port(), "command": command}))
    wait_for_server(home, "weak", 60)
    page = PageDriver(home, "settings")
    assert "its log says: OSError: gone" in page.text("settings.server.weak.state")
    assert "OSError: gone" in page.text("settings.server.weak.log")


def test_field_that_cannot_be_read_is_named_and_nothing_starts(home: Home) -> None:
    page = fill(PageDriver(home, "settings"), model="m", max_len="long").click("settings.server.weak.start")
    assert "max length 'long' is not a whole number" in page.text("settings.server.weak.notice")
    assert load_state(home, "weak") is None


def test_seats_that_are_being_typed_are_not_replaced_by_a_server(home: Home) -> None:
    page = PageDriver(home, "settings").set("settings.seats", "[endpoints")
    home.root.mkdir(parents=True, exist_ok=True)
    home.seats.write_text("# from elsewhere\n")
    page.run()
    assert page.at.get_by_key("settings.seats").value == "[endpoints"
    assert "The file was changed meanwhile" in page.text("settings.seatsbehind")


def test_server_under_another_name_has_its_place_too(home: Home) -> None:
    start_server(home, make_plan({"name": "shared", "model": "m", "port": find_port(), "command": SIMULATOR}))
    assert "shared" in PageDriver(home, "settings").text("settings.server.shared.state")


def test_words_are_lines_as_they_stand() -> None:
    assert read_words(" --a b\n\n$(x)  \n") == ("--a b", "$(x)")


def test_empty_form_is_vllm_as_it_comes() -> None:
    plan = read_form("weak", FORM)
    assert (plan.command, plan.max_len, plan.gpus, plan.seats) == (("vllm", "serve"), None, (), ("weak",))


def test_form_without_a_model_is_refused() -> None:
    with pytest.raises(BadInput, match="give a model"):
        read_form("weak", FORM | {"model": ""})


def test_text_of_a_log_stays_text() -> None:
    plan = make_plan({"name": "weak", "model": "<b>m</b>", "port": 1})
    view = ServerView(plan, "died", "It died: <script>.", tail=("<img src=x>",))
    assert "<b>m</b>" in collect_text(build_server("weak", view))
    assert collect_text(build_log(view) or "") == "<img src=x>"
