"""Settings: a name, seats and the index, each with its effect on the disk."""

from __future__ import annotations

import orjson
import pytest

from autodata.home import Home
from autodata.llm.seat import load_seats
from autodata.serving.register import check_seats_text
from autodata.ui.seats import describe_key
from autodata.ui.settings.panels import EXAMPLE, format_size
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver


def test_empty_home_says_that_nobody_is_named(home: Home) -> None:
    assert "No reviewer is named yet" in PageDriver(home, "settings").text("settings.matter.sentence")


def test_saved_name_is_remembered_by_the_home(home: Home) -> None:
    page = PageDriver(home, "settings").set("settings.name", "  Ada ")
    page.click("settings.savename")
    assert orjson.loads((home.root / "reviewer.json").read_bytes()) == {"name": "Ada"}
    assert "Decisions are recorded as Ada" in page.text("settings.said.name")


def test_empty_name_is_refused_with_a_sentence(home: Home) -> None:
    page = PageDriver(home, "settings").click("settings.savename")
    assert "needs the reviewer's name" in page.text("settings.said.name")
    assert not (home.root / "reviewer.json").exists()


def test_valid_seats_are_written_as_typed(home: Home) -> None:
    text = EXAMPLE.replace("NAME", "some-model")
    page = PageDriver(home, "settings").set("settings.seats", text).click("settings.saveseats")
    assert home.seats.read_text() == text
    assert load_seats(home.seats).seat("weak").model == "some-model"
    assert "Saved 5 seats" in page.text("settings.said.seats")


def test_unbalanced_toml_is_refused_and_nothing_is_written(home: Home) -> None:
    page = PageDriver(home, "settings").set("settings.seats", "[endpoints").click("settings.saveseats")
    assert "This is not TOML yet" in page.text("settings.said.seats")
    assert not home.seats.exists()


def test_a_pasted_key_is_refused_and_not_repeated(home: Home) -> None:
    text = EXAMPLE.replace('api_key_env = "EXAMPLE_API_KEY"', 'api_key = "sk-very-secret"')
    page = PageDriver(home, "settings").set("settings.seats", text).click("settings.saveseats")
    assert "api_key_env" in page.text("settings.said.seats")
    assert "sk-very-secret" not in page.text()


def test_asymmetric_seats_are_refused(home: Home) -> None:
    text = EXAMPLE.replace("max_tokens = 4096", "max_tokens = 64", 1)
    page = PageDriver(home, "settings").set("settings.seats", text)
    assert "weak and strong requests would differ" in page.text("settings.seatproblem")


def test_key_status_names_the_variable_and_never_its_value(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_API_KEY", "sk-very-secret")
    home.root.mkdir(parents=True)
    home.seats.write_text(EXAMPLE.replace("NAME", "m"))
    page = PageDriver(home, "settings")
    assert "EXAMPLE_API_KEY is set" in page.text("settings.seattable")
    assert "sk-very-secret" not in page.text()


def test_a_key_that_is_not_set_is_said() -> None:
    assert describe_key("MISSING_KEY", {}, simulated=False).word == "MISSING_KEY is not set"


def test_simulated_seats_answer_the_seat_test(home: Home) -> None:
    page = PageDriver(home, "settings").click("settings.seattest.button")
    assert "All 10 seats answered" in page.text("settings.seattest.ok")


def test_an_endpoint_that_is_down_is_said_by_its_seat(home: Home) -> None:
    text = EXAMPLE.replace("NAME", "m").replace("https://api.example.com/v1", "http://127.0.0.1:9/v1")
    text = text.replace('api_key_env = "EXAMPLE_API_KEY"\n', "").replace(
        "http://127.0.0.1:8000/v1", "http://127.0.0.1:9/v1"
    )
    page = PageDriver(home, "settings").set("settings.seats", text).click("settings.seattest.button")
    assert "127.0.0.1:9" in page.text("settings.seattest.failed")


def test_rebuild_reads_every_record_again(home: Home) -> None:
    write_run(home, "cs-0001", 2)
    records = len(home.journal("cs-0001").read_bytes().splitlines())
    page = PageDriver(home, "settings").click("settings.rebuild")
    assert f"Rebuilt from {records} records" in page.text("settings.said.index")
    assert home.database.exists()


def test_journals_are_listed_with_their_state(home: Home) -> None:
    write_run(home, "cs-0001", 1)
    text = PageDriver(home, "settings").text("settings.journals")
    assert "runs/cs-0001" in text
    assert "intact" in text


def test_the_example_is_a_valid_seats_file() -> None:
    assert set(check_seats_text(EXAMPLE).seats) == {"challenger", "verifier", "weak", "strong", "judge"}


@pytest.mark.parametrize(("count", "text"), [(0, "0.0 kB"), (99_000, "99.0 kB"), (1_500_000, "1.5 MB")])
def test_sizes_have_a_unit(count: int, text: str) -> None:
    assert format_size(count) == text
