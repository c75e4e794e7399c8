"""Small simulated runs, one a domain, made once; and imports of one trajectory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autodata.audit.static.check import Check
from autodata.home import Home
from autodata.importing.store import import_path
from autodata.llm.seat import simulated_seats
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources.load import load_sources
from tests.audit.static.planting import QUESTION, Journal, check_journal
from tests.importing.builders import make_generic_round, make_line, make_rollout, write_lines
from tests.support.documents import write_documents

SAMPLES = Path(__file__).parents[3] / "samples"


def run_simulated(folder: Path, domain: str, documents: Path, **changes: Any) -> Path:
    """A finished run over the first document; returns its journal."""
    recipe, home = load_recipe(domain), Home(folder / "home")
    policy = make_policy(recipe.limits.flow.policy)
    settings = RunSettings(domain=domain, policy=policy, seats=simulated_seats(), **changes)
    run_id = create_run(home, settings, recipe, load_sources([documents], limit=1))
    execute_run(home, run_id)
    return home.journal(run_id)


@pytest.fixture(scope="session")
def cs_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two rounds: the first too easy, the second accepted."""
    folder = tmp_path_factory.mktemp("audit-cs")
    return run_simulated(folder, "cs", write_documents(folder / "documents", 1), seed=2)


@pytest.fixture(scope="session")
def legal_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_simulated(tmp_path_factory.mktemp("audit-legal"), "legal", SAMPLES / "legal", seed=2)


@pytest.fixture(scope="session")
def math_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with an accepted task and rejected ones."""
    return run_simulated(tmp_path_factory.mktemp("audit-math"), "math", SAMPLES / "math", seed=3)


@pytest.fixture
def journal(cs_journal: Path) -> Journal:
    """The computer science run, to be changed."""
    return Journal(cs_journal)


@pytest.fixture
def math(math_journal: Path) -> Journal:
    return Journal(math_journal)


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Check]:
    """One detector's word on an imported trajectory; `task` and `line` change it, `solver` changes each rollout."""

    def check(detector: str, task: dict[str, Any] | None = None, **changes: Any) -> Check:
        line = make_line(rounds=[make_trajectory_round(task or {}, changes.pop("rollout", None))], **changes)
        home = Home(tmp_path / "home")
        report = import_path(home, write_lines(tmp_path / "line.jsonl", line))
        return check_journal(home.journal(report.run_id), detector)

    return check


def make_trajectory_round(task: dict[str, Any], change: Callable[[dict[str, Any]], None] | None) -> dict[str, Any]:
    """The generic round with requests that hold the task, and answers of some length."""
    made = make_generic_round()
    made["task"] |= {"question": QUESTION, **task}
    prompt = f"{made['task'].get('context', '')}\n\n{made['task']['question']}"
    ids = [criterion["id"] for criterion in made["task"]["rubric"]]
    rollouts = []
    for solver in ("weak", "strong"):
        for index in range(3):
            met = {own: own.startswith("c") and (solver == "strong" or own == ids[0]) for own in ids}
            rollout = make_rollout(solver, index, met)
            rollout["answer"] = f"{solver} {index}: " + "the lease ends before the election does, so nobody reads. " * 3
            rollout["request"]["messages"] = [{"role": "user", "content": prompt}]
            rollout["judge_request"]["messages"] = [{"role": "user", "content": f"Grade this.\n{rollout['answer']}"}]
            if change:
                change(rollout)
            rollouts.append(rollout)
    return {**made, "rollouts": rollouts}
