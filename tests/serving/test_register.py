"""The seats file after a server took its place in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.errors import BadInput
from autodata.home import Home
from autodata.llm.seat import check_roles, load_seats
from autodata.serving.register import leave_seats, register_server
from tests.serving.conftest import plan_simulator

OWN = """\
# My seats.
[endpoints.hosted]
base_url = "https://models.example.org/v1"   # ours
api_key_env = "HOSTED_KEY"

[seats]
challenger = { endpoint = "hosted", model = "big" }
verifier = { endpoint = "hosted", model = "big" }
judge = { endpoint = "hosted", model = "other" }

[seats.weak]      # the one we train
endpoint = "hosted"
model = "small"
temperature = 1.0
max_tokens = 900

[seats.strong]
endpoint = "hosted"
model = "big"
temperature = 1.0
max_tokens = 900
"""


@pytest.fixture
def place(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.seats.write_text(OWN)
    return home


def test_comments_and_settings_of_a_person_stay(place: Home):
    register_server(place, plan_simulator(port=9001), "org/small")
    text = place.seats.read_text()
    assert "# My seats." in text
    assert "# the one we train" in text
    assert "# ours" in text
    seat = load_seats(place.seats).seat("weak")
    assert (seat.endpoint, seat.model, seat.max_tokens) == ("weak-server", "org/small", 900)


def test_seat_in_one_line_is_changed_in_its_line(place: Home):
    register_server(place, plan_simulator("judge", port=9001), "org/judge")
    assert 'judge = { endpoint = "judge-server", model = "org/judge" }' in place.seats.read_text()


def test_registering_again_changes_only_the_address(place: Home):
    register_server(place, plan_simulator(port=9001), "org/small")
    once = place.seats.read_text()
    register_server(place, plan_simulator(port=9002), "org/small")
    assert place.seats.read_text() == once.replace("9001", "9002")


def test_one_server_may_play_several_seats(place: Home):
    said = register_server(place, plan_simulator("big", port=9001, seats=("strong", "challenger")), "org/big")
    book = load_seats(place.seats)
    assert book.seat("strong").endpoint == book.seat("challenger").endpoint == "big-server"
    assert said == "In seats.toml it plays strong, challenger, as model org/big."


def test_home_without_seats_gets_a_file_that_says_what_is_simulated(tmp_path: Path):
    home = Home(tmp_path / "new")
    register_server(home, plan_simulator(port=9001), "org/small")
    book = load_seats(home.seats)
    assert book.seat("weak").family == ""
    assert book.endpoint_of("judge").simulated
    assert any("simulated models play beside real ones" in warning for warning in check_roles(book))


@pytest.mark.parametrize("text", ["[endpoints", 'endpoints = "x"\n', "[seats]\nweak = 3\n"])
def test_seats_that_cannot_be_used_are_left_as_they_are(place: Home, text: str):
    place.seats.write_text(text)
    with pytest.raises(BadInput):
        register_server(place, plan_simulator(port=9001), "m")
    assert place.seats.read_text() == text


def test_seats_that_would_not_be_symmetric_are_not_written(place: Home):
    crooked = OWN.replace("max_tokens = 900", "max_tokens = 100", 1)
    place.seats.write_text(crooked)
    with pytest.raises(BadInput, match="would differ"):
        register_server(place, plan_simulator(port=9001), "m")
    assert place.seats.read_text() == crooked


def test_second_server_of_the_same_model_and_seat_becomes_a_replica(place: Home):
    register_server(place, plan_simulator(port=9001), "org/small")
    said = register_server(place, plan_simulator("weak-2", port=9002, seats=("weak",)), "org/small")
    endpoint = load_seats(place.seats).endpoint_of("weak")
    assert endpoint.base_urls == ("http://127.0.0.1:9001/v1", "http://127.0.0.1:9002/v1")
    assert said == "In seats.toml it plays weak with 2 servers in all, as model org/small."
    assert "weak-2-server" not in place.seats.read_text()


def test_server_of_another_model_takes_the_seat_over(place: Home):
    register_server(place, plan_simulator(port=9001), "org/small")
    register_server(place, plan_simulator("weak-2", port=9002, seats=("weak",)), "org/other")
    assert load_seats(place.seats).endpoint_of("weak").base_urls == ("http://127.0.0.1:9002/v1",)


def test_server_of_the_same_model_does_not_join_an_endpoint_that_a_person_wrote(place: Home):
    register_server(place, plan_simulator("weak-2", port=9002, seats=("weak",)), "small")
    assert load_seats(place.seats).endpoint_of("weak").base_urls == ("http://127.0.0.1:9002/v1",)


@pytest.mark.parametrize("port", [9001, 9002, 9003])
def test_stopped_server_leaves_the_others(place: Home, port: int):
    plans = [plan_simulator(f"weak-{n}", port=n, seats=("weak",)) for n in (9001, 9002, 9003)]
    for plan in plans:
        register_server(place, plan, "org/small")
    leave_seats(place, next(plan for plan in plans if plan.port == port))
    kept = tuple(f"http://127.0.0.1:{n}/v1" for n in (9001, 9002, 9003) if n != port)
    assert load_seats(place.seats).endpoint_of("weak").base_urls == kept


def test_last_server_of_an_endpoint_stays_in_the_seats(place: Home):
    plan = plan_simulator(port=9001)
    register_server(place, plan, "org/small")
    before = place.seats.read_text()
    leave_seats(place, plan)
    assert place.seats.read_text() == before
