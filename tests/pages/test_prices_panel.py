"""The price table on the Settings page, drawn by itself."""

from __future__ import annotations

import orjson
from streamlit.testing.v1 import AppTest

from autodata.home import Home
from autodata.prices import find_prices_file, load_prices, parse_prices
from autodata.ui.settings.prices import EXAMPLE
from autodata.ui.tree import collect_text

GOOD = '[models."big"]\ninput = 3\noutput = 15.5\ncached_input = 0.3\n'


def draw_panel() -> None:
    from autodata.home import open_home
    from autodata.ui.settings.prices import draw_prices

    draw_prices(open_home())


def open_panel() -> AppTest:
    return AppTest.from_function(draw_panel, default_timeout=60).run()


def save(at: AppTest, text: str) -> AppTest:
    at.text_area(key="settings.prices").set_value(text).run()
    return at.button(key="settings.saveprices").click().run()


def read(at: AppTest, key: str) -> str:
    assert not at.exception
    for element in at.get("bidi_component"):
        if element.proto.id.endswith(f"-{key}"):
            return collect_text(orjson.loads(element.proto.json)["tree"])
    return ""


def test_example_is_a_table_without_a_price() -> None:
    assert parse_prices(EXAMPLE).models == {}


def test_example_without_its_marks_is_a_valid_table() -> None:
    lines = [line.removeprefix("# ") if "[models" in line or "=" in line else line for line in EXAMPLE.splitlines()]
    assert set(parse_prices("\n".join(lines)).models) == {"NAME", "MY-OWN-MODEL"}


def test_home_without_a_table_starts_from_the_example(home: Home) -> None:
    at = open_panel()
    assert at.text_area(key="settings.prices").value == EXAMPLE
    assert "No price yet" in read(at, "settings.pricetable")


def test_saved_table_is_written_as_typed_and_read_by_new_runs(home: Home) -> None:
    at = save(open_panel(), GOOD)
    assert find_prices_file(home).read_text() == GOOD
    assert load_prices(home).models["big"].output == 15.5
    assert "Saved 1 price." in read(at, "settings.said.prices")
    assert "15.5" in read(at, "settings.pricetable")


def test_table_that_is_wrong_is_refused_by_value_and_not_written(home: Home) -> None:
    at = save(open_panel(), GOOD.replace("3", "-3", 1))
    assert 'Not saved. models."big".input: give 0 or more' in read(at, "settings.said.prices")
    assert not find_prices_file(home).exists()


def test_models_of_the_saved_seats_without_a_price_are_named(home: Home) -> None:
    roles = ("challenger", "verifier", "weak", "strong", "judge")
    seats = "".join(f'[seats.{role}]\nendpoint = "e"\nmodel = "m-{role}"\n' for role in roles)
    home.root.mkdir(parents=True)
    home.seats.write_text(f'[endpoints.e]\nbase_url = "http://127.0.0.1:9/v1"\n{seats}')
    at = save(open_panel(), GOOD.replace("big", "m-judge"))
    said = read(at, "settings.unpriced")
    assert "m-weak" in said
    assert "m-judge" not in said
