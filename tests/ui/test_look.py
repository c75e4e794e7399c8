"""Tokens, theme and chart colours say the same thing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from streamlit.elements.lib import streamlit_plotly_theme as slots

from autodata.policy import PRESETS
from autodata.ui import charts

ROOT = Path(charts.__file__).parents[2]
TOKEN = re.compile(r"--ad-([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)")
CONFIG_NAMES = {
    "bg": "backgroundColor",
    "panel": "secondaryBackgroundColor",
    "line": "borderColor",
    "ink": "textColor",
    "accent": "primaryColor",
    "weak": "orangeColor",
    "weak-bg": "orangeBackgroundColor",
    "strong": "blueColor",
    "strong-bg": "blueBackgroundColor",
    "alarm": "redColor",
    "alarm-bg": "redBackgroundColor",
    "accent-bg": "greenBackgroundColor",
    "mark": "yellowBackgroundColor",
}
CHART_ORDER = ("accent", "weak", "strong", "alarm", "easy", "hard", "muted", "line", "ink", "accent-bg")


def read_tokens() -> dict[str, tuple[str, str]]:
    found = TOKEN.findall((ROOT / "autodata" / "ui" / "look.css").read_text())
    return {name: (light, dark) for name, light, dark in found}


def read_theme() -> dict[str, dict[str, object]]:
    with open(ROOT / ".streamlit" / "config.toml", "rb") as file:
        theme: dict[str, dict[str, object]] = tomllib.load(file)["theme"]
    return theme


def test_tokens_equal_the_theme() -> None:
    tokens, theme = read_tokens(), read_theme()
    for name, option in CONFIG_NAMES.items():
        assert tokens[name] == (theme["light"][option], theme["dark"][option]), name


def test_chart_palette_is_the_tokens_in_order() -> None:
    tokens, theme = read_tokens(), read_theme()
    for at, mode in enumerate(("light", "dark")):
        assert theme[mode]["chartCategoricalColors"] == [tokens[name][at] for name in CHART_ORDER]


def test_chart_colours_are_streamlits_palette_slots() -> None:
    named = (charts.ACC, charts.WEAK, charts.STRONG, charts.ALARM, charts.EASY)
    named += (charts.HARD, charts.MUTED, charts.LINE, charts.INK, charts.WASH)
    assert named == tuple(getattr(slots, f"CATEGORY_{at}") for at in range(10))
    assert tuple(getattr(slots, f"SEQUENTIAL_{at}") for at in range(10)) == charts.SEQUENTIAL
    assert tuple(getattr(slots, f"DIVERGING_{at}") for at in range(10)) == charts.DIVERGING
    assert charts.PAGE == slots.BG_COLOR


def test_slots_never_stand_inside_rgba() -> None:
    assert "rgba" not in re.sub(r'""".*?"""', "", Path(charts.__file__).read_text(), flags=re.S)


def test_region_of_a_policy_is_cut_by_its_gap() -> None:
    corners = charts.trace_region(PRESETS["deployed"])
    rounded = {(round(x, 9), round(y, 9)) for x, y in corners}
    assert rounded == {(0.0, 0.6), (0.0, 0.95), (0.65, 0.95), (0.65, 0.85), (0.4, 0.6)}


def test_every_corner_of_a_region_satisfies_the_policy() -> None:
    for policy in PRESETS.values():
        for weak, strong in charts.trace_region(policy):
            assert strong - weak >= policy.gap_min - 1e-9
            assert 0 <= weak <= policy.weak_mean_max + 1e-9
