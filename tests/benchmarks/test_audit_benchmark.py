"""The whole benchmark in its smoke version: plant, journal, read, audit with fresh answers, rank, measure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autodata.errors import BadInput
from benchmarks.audit import main
from benchmarks.sabotage.judged import LAYERS, take_layer
from benchmarks.sabotage.kept import keep_cell, load_cells
from benchmarks.sabotage.metrics import Results
from benchmarks.sabotage.suite import SMOKE, Collected, list_cells


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], list[Collected]]:
    """The report's JSON object and the audited rows of one smoke run."""
    rows = tmp_path_factory.mktemp("smoke") / "rows.jsonl"
    printed: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda *words, **_: printed.append(" ".join(map(str, words))))
        assert main(["--smoke", "--json", "--processes", "1", "--rows", str(rows)]) == 0
    return json.loads(printed[-1]), load_cells(rows, list_cells(SMOKE))


def test_every_cell_has_its_rows(smoke):
    assert all(len(one.rows) == one.cell.wanted for one in smoke[1])


def test_fresh_answers_were_asked_for(smoke):
    rows = [row for one in smoke[1] for row in one.rows if one.cell.spending != "static"]
    assert all(row.calls > 0 for row in rows)
    # Where a reasoning model leaves fresh answers empty, too, a gap may stay uncertified.
    assert all("K1" in row.full for row in rows if row.truth.family != "empties")


def test_no_check_failed_to_run(smoke):
    # A paraphrase may be refused by its own entailment check; everything else must run against simulated models.
    rows = [row for one in smoke[1] for row in one.rows if row.truth.family != "empties"]
    assert {name for row in rows for name in row.failed} <= {"K7"}


def test_what_bytes_prove_is_caught(smoke):
    found = {(f["split"], f["family"]): f["recall"] for f in smoke[0]["families"]}
    assert found["train", "A1"] == 1.0
    assert found["deterministic", "B7"] == 1.0


def test_the_default_plan_asks_less(smoke):
    cost = smoke[0]["cost"]
    everything = [row.calls for one in smoke[1] if one.cell.group == "clean" for row in one.rows]
    assert 0 < cost["honest"] < sum(everything) / len(everything)


def test_a_told_weak_model_has_no_real_gap(smoke):
    rows = [row for one in smoke[1] for row in one.rows if row.truth.family == "A1" and not row.truth.stealth]
    assert "real" not in {row.difficulty for row in rows}


def test_the_ablation_uses_only_its_own_checks(smoke):
    row = next(row for one in smoke[1] for row in one.rows if "K2.weak" in row.full)
    static = take_layer(row, LAYERS[0][1])
    assert static
    assert not [name for name in static if name.startswith("K")]


def test_kept_rows_give_the_same_numbers(smoke):
    results = Results(smoke[1])
    assert json.loads(json.dumps(results.measure_layers())) == smoke[0]["ablation"]


def test_the_report_says_that_it_is_simulated(smoke):
    assert smoke[0]["simulated"] is True


def test_rows_of_another_benchmark_are_refused(smoke, tmp_path: Path):
    other = replace(smoke[1][0], cell=replace(smoke[1][0].cell, wanted=1234))
    keep_cell(tmp_path / "rows.jsonl", other)
    with pytest.raises(BadInput):
        load_cells(tmp_path / "rows.jsonl", list_cells(SMOKE))


def test_a_line_left_half_by_a_killed_process_is_done_again(smoke, tmp_path: Path):
    path, cells = tmp_path / "rows.jsonl", list_cells(SMOKE)
    for one in smoke[1][:2]:
        keep_cell(path, one)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert [one.cell for one in load_cells(path, cells)] == [smoke[1][0].cell]
    keep_cell(path, smoke[1][1])
    assert path.read_bytes() == whole
