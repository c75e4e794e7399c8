import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from autodata.journal import read_records
from tests.support.documents import write_documents


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run over three documents with the simulated models."""
    folder = tmp_path_factory.mktemp("cli")
    documents = write_documents(folder / "documents")
    result = invoke("run", documents, "--home", folder / "home", "--json", "--seed", 3)
    return folder / "home", result


def test_run_with_simulated_models_prints_accepted_tasks_and_figures(done):
    _, result = done
    figures = last_json(result)
    assert result.exit_code == 0
    assert (figures["sources"], figures["simulated"], figures["undecided"]) == (3, True, 0)
    assert figures["accepted"] + figures["exhausted"] == 3
    assert sum(figures["outcomes"].values()) == figures["rounds"]


def test_figures_have_every_promised_field(done):
    promised = (
        "run_id sources accepted skipped undecided rounds calls mean_rounds_to_accept measured_gap accepted_gap "
        "accepted_weak accepted_strong outcomes simulated"
    )
    assert set(promised.split()) <= last_json(done[1]).keys()


def test_status_tells_the_same_figures_as_the_run(done):
    home, result = done
    assert last_json(invoke("status", "cs-0001", "--home", home, "--json")) == last_json(result)


def test_status_without_a_run_lists_all(done):
    home, _ = done
    assert [run["run_id"] for run in last_json(invoke("status", "--home", home, "--json"))["runs"]] == ["cs-0001"]


def test_verify_says_the_chain_holds(done):
    home, _ = done
    result = invoke("verify", "--home", home, "--json")
    assert (result.exit_code, last_json(result)["ok"]) == (0, True)


def test_verify_finds_an_edited_record_and_exits_with_a_finding(done, tmp_path):
    home, _ = done
    edited = Home(tmp_path).journal("cs-0001")
    edited.parent.mkdir(parents=True)
    edited.write_bytes(
        Home(home).journal("cs-0001").read_bytes().replace(b'"outcome":"too_easy"', b'"outcome":"accepted"', 1)
    )
    result = invoke("verify", "--home", tmp_path, "--json")
    assert result.exit_code == 1
    assert "does not match its hash" in last_json(result)["problems"][0]


def test_baseline_measures_one_round_a_source_and_accepts_nothing(tmp_path):
    documents = write_documents(tmp_path / "documents", 2)
    figures = last_json(invoke("run", documents, "--home", tmp_path / "home", "--baseline", "--json"))
    assert (figures["rounds"], figures["accepted"]) == (2, 0)
    assert figures["measured_gap"] is not None


def test_same_seed_gives_the_same_tasks(tmp_path):
    documents = write_documents(tmp_path / "documents", 1)
    questions = []
    for name in ("one", "two"):
        invoke("run", documents, "--home", tmp_path / name, "--max-rounds", 2, "--seed", 5, "--json")
        records = read_records(Home(tmp_path / name).journal("cs-0001"))
        questions.append([record.data["task"]["question"] for record in records if record.kind == "task"])
    assert questions[0] == questions[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "no/such/folder"], "no/such/folder"),
        (["run", "{documents}", "--policy", "lenient"], "policy 'lenient' is unknown; choose one of prose"),
        (["run", "{documents}", "--domain", "poetry"], "domain 'poetry' is unknown"),
        (["run", "{documents}", "--models", "absent.toml"], "absent.toml does not exist"),
        (["resume", "cs-0042"], "'cs-0042' does not exist"),
        (["pause", "cs-0042"], "'cs-0042' does not exist"),
        (["resume", "../../etc"], "cannot be used"),
    ],
)
def test_bad_input_exits_with_two_and_says_what_to_change(tmp_path, arguments, message):
    documents = write_documents(tmp_path / "documents", 1)
    filled = [argument.format(documents=documents) for argument in arguments]
    result = invoke(*filled, "--home", tmp_path / "home")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_unreadable_file_is_named_and_the_rest_goes_on(tmp_path):
    documents = write_documents(tmp_path / "documents", 1)
    (documents / "broken.pdf").write_bytes(b"not a pdf at all")
    result = invoke("run", documents, "--home", tmp_path / "home", "--max-rounds", 1, "--json")
    assert last_json(result)["skipped"] == 1
    assert "broken.pdf" in result.stderr


def test_spent_budget_exits_with_three_and_resume_finishes(tmp_path):
    documents = write_documents(tmp_path / "documents", 2)
    paused = invoke("run", documents, "--home", tmp_path / "home", "--budget-calls", 5, "--max-rounds", 2, "--json")
    assert (paused.exit_code, last_json(paused)["state"]) == (3, "paused")
    resumed = invoke("resume", "cs-0001", "--budget-calls", 500, "--home", tmp_path / "home", "--json")
    assert (resumed.exit_code, last_json(resumed)["state"]) == (0, "done")


def test_pausing_a_run_that_does_not_run_is_refused(done):
    home, _ = done
    result = invoke("pause", "cs-0001", "--home", home)
    assert result.exit_code == 2
    assert "is not running" in result.stderr


@pytest.mark.parametrize(
    "command", ["run", "resume", "status", "simulate", "export", "rebuild", "verify", "decide", "check"]
)
def test_every_command_explains_itself(command):
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 8


def test_check_of_simulated_seats_says_ok_for_every_seat(tmp_path):
    result = invoke("check", "simulated", "--home", tmp_path, "--json")
    seats = last_json(result)["seats"]
    assert result.exit_code == 0
    assert all(seat["ok"] for seat in seats.values())


def test_error_is_also_the_last_line_of_json_output(tmp_path):
    result = invoke("run", tmp_path / "absent", "--home", tmp_path / "home", "--json")
    assert result.exit_code == 2
    assert "does not exist" in last_json(result)["error"]


def test_home_that_cannot_be_written_is_a_sentence(tmp_path):
    documents = write_documents(tmp_path / "documents", 1)
    (tmp_path / "file").write_text("in the way")
    result = invoke("run", documents, "--home", tmp_path / "file" / "home")
    assert result.exit_code == 2
    assert "cannot be used: Not a directory. Check the path" in result.stderr


def test_same_document_given_twice_is_one_source_and_said_to_be(tmp_path):
    documents = write_documents(tmp_path / "documents", 1)
    result = invoke("run", documents, documents, "--home", tmp_path / "home", "--max-rounds", 1, "--json")
    assert last_json(result)["sources"] == 1
    assert "it is one source" in result.stderr


def test_list_of_runs_says_stopped_of_a_run_whose_process_is_gone(done, tmp_path):
    home, _ = done
    killed = Home(tmp_path).journal("cs-0001")
    killed.parent.mkdir(parents=True)
    killed.write_bytes(b"".join(Home(home).journal("cs-0001").read_bytes().splitlines(keepends=True)[:20]))
    assert [run["state"] for run in last_json(invoke("status", "--home", tmp_path, "--json"))["runs"]] == ["stopped"]
