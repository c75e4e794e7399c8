import socket

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.errors import BadInput
from autodata.executors.choice import (
    LOCAL,
    ExecutorChoice,
    describe_choice,
    make_choice,
    reach_executor,
    read_choice,
    render_choice,
    require_executor,
)

CLUSTER = ExecutorChoice("ray", "10.0.0.5:6379", 4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("slurm",), "executor 'slurm' is unknown; local or ray"),
        (("local", "10.0.0.5:6379"), "add --executor ray"),
        (("local", "", 3), "3 workers can only be used on a cluster"),
        (("ray", "", 0), "0 workers"),
        (("ray", "ray://10.0.0.5:10001"), "is not HOST:PORT"),
    ],
)
def test_choice_that_does_not_fit_is_refused_with_the_remedy(given, said):
    with pytest.raises(BadInput, match=said):
        make_choice(*given)


def test_without_ray_the_option_explains_itself_in_one_sentence(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"Ray is not installed here.*pip install -r requirements-ray\.txt"):
        require_executor(CLUSTER)


def test_without_ray_one_process_works_as_ever(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    require_executor(LOCAL)


def test_cluster_that_does_not_answer_is_named_before_a_run_exists(tmp_path, monkeypatch):
    monkeypatch.setattr("autodata.executors.choice.require_executor", lambda choice: None)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        options = ["--executor", "ray", "--address", address, "--home", str(tmp_path / "home")]
        result = CliRunner().invoke(app, ["run", str(tmp_path), *options])
    assert result.exit_code == 2
    assert f"no Ray cluster answers at {address}" in result.stderr
    assert not (tmp_path / "home").exists()


def test_address_without_a_port_is_refused(monkeypatch):
    monkeypatch.setattr("autodata.executors.choice.require_executor", lambda choice: None)
    with pytest.raises(BadInput, match="'head' is not HOST:PORT"):
        reach_executor(ExecutorChoice("ray", "head"))


@pytest.mark.parametrize(("before", "after"), [(LOCAL, CLUSTER), (CLUSTER, LOCAL), (CLUSTER, CLUSTER), (LOCAL, LOCAL)])
def test_record_says_where_a_run_is_worked_on_from_there_on(before, after):
    assert read_choice(before, describe_choice(after, before)) == after


def test_one_process_from_the_start_leaves_no_word_in_the_record():
    assert describe_choice(LOCAL) == {}


@pytest.mark.parametrize("choice", [LOCAL, CLUSTER, ExecutorChoice("ray")])
def test_choice_as_options_is_the_same_choice(choice):
    options = render_choice(choice)
    given = dict(zip(options[::2], options[1::2], strict=True))
    workers = int(given["--workers"]) if "--workers" in given else None
    assert make_choice(given["--executor"], given.get("--address", ""), workers) == choice
