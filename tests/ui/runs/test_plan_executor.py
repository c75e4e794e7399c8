import pytest

from autodata.executors.choice import LOCAL, ExecutorChoice
from autodata.home import Home
from autodata.sources import load_sources
from autodata.ui.runs.plan import RunForm, plan_run
from tests.support.documents import write_documents


@pytest.fixture
def plan(tmp_path):
    documents = write_documents(tmp_path / "documents", 1)

    def make(**fields):
        form = RunForm(inputs=(str(documents),), **fields)
        return plan_run(form, Home(tmp_path / "home"), lambda paths: load_sources([documents]))

    return make


def test_run_works_on_this_machine_unless_told_otherwise(plan):
    assert plan().executor == LOCAL


def test_cluster_is_part_of_the_plan(plan, monkeypatch):
    monkeypatch.setattr("autodata.ui.runs.plan.require_executor", lambda choice: None)
    made = plan(executor="ray", address="10.0.0.5:6379", workers=4)
    assert (made.ready, made.executor) == (True, ExecutorChoice("ray", "10.0.0.5:6379", 4))


def test_address_of_another_kind_is_a_problem(plan):
    made = plan(executor="ray", address="ray://10.0.0.5:10001")
    assert not made.ready
    assert "is not HOST:PORT" in made.problems[0]


def test_missing_ray_is_a_problem_with_its_remedy(plan, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    made = plan(executor="ray")
    assert not made.ready
    assert "pip install -r requirements-ray.txt" in made.problems[0]
