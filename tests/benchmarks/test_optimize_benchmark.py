"""The benchmark of the keep rule: a small share of it, its document and its figure."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autodata.errors import BadInput
from autodata.optimize.false_keeps import Kept, World
from benchmarks import optimize
from benchmarks.optimize import Cell, list_bars, measure_cells, write_docs


def make_cell(gain: float, share: float, naive: float, spread: str = "equal") -> Cell:
    world = World(0.62, gain, None if spread == "equal" else 2.0)
    return Cell(spread, world, Kept(1000, round(1000 * share), 70), Kept(1000, round(1000 * naive), 25))


def test_every_world_is_measured_and_the_report_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    optimize.main(["--json", "--share", "0.0005"])
    report = json.loads(capsys.readouterr().out)
    assert report["name"] == "optimize"
    assert len(report["rows"]) == 40
    assert len(report["bars"]) == 4


def test_bars_look_at_the_worst_world() -> None:
    cells = [make_cell(0, 0.05, 0.44), make_cell(0, 0.12, 0.44, "different"), make_cell(0.15, 0.9, 0.9)]
    bars = {bar.name: bar for bar in list_bars(cells)}
    assert not bars["kept without effect, worst world"].ok
    assert bars["kept with 15 points more, worst world"].ok


def test_document_and_figure_are_written_where_they_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, figure = tmp_path / "outer-loop.md", tmp_path / "images" / "figure.svg"
    document.write_text(f"before\n{optimize.BEGIN}\nSTALE\n{optimize.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(optimize, "DOCUMENT", document)
    monkeypatch.setattr(optimize, "FIGURE", figure)
    cells = measure_cells(0.0002, seed=1)
    write_docs(cells, list_bars(cells))
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "STALE" not in text
    assert text.count("\n| equal |") + text.count("\n| different |") == len(cells)
    ElementTree.parse(figure)


def test_document_without_a_place_for_the_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "outer-loop.md"
    document.write_text("nothing here", encoding="utf-8")
    monkeypatch.setattr(optimize, "DOCUMENT", document)
    with pytest.raises(BadInput, match="benchmark: begin"):
        write_docs([make_cell(0, 0.05, 0.44), make_cell(0.15, 0.9, 0.9)], [])
