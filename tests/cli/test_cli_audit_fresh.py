"""`autodata audit --plan`, `certify` and `anchors`: cost first, then the merged audit and its exit codes."""

from __future__ import annotations

import json
import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home
from tests.support.audited_home import RUN, make_audited_home


@pytest.fixture
def home(tmp_path, tmp_path_factory):
    """A copy of the audited home."""
    shutil.copytree(make_audited_home(tmp_path_factory), tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def invoke(home):
    def run(*arguments, **options):
        return CliRunner().invoke(app, [*(str(a) for a in arguments), "--home", str(home.root)], **options)

    return run


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_the_cost_is_shown_and_asked_before_anything_is_called(invoke, home):
    result = invoke("audit", RUN, "--plan", "default", input="n\n")
    assert result.exit_code == 0
    assert "about" in result.stderr
    assert "calls" in result.stderr
    assert "0 USD, simulated" in result.stderr
    assert "Nothing was asked." in result.stderr
    assert not home.audit_journal(RUN).exists()


def test_nobody_there_to_answer_is_bad_input(invoke, home):
    result = invoke("audit", RUN, "--plan", "lean", input="")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert not home.audit_journal(RUN).exists()


def test_json_holds_the_merged_audit_with_certified_gaps(invoke):
    result = invoke("audit", RUN, "--plan", "medium", "--json")
    figures = last_json(result)
    promised = {"task_id", "question", "integrity", "difficulty", "validity", "suspicion", "findings"}
    assert all(promised <= task.keys() for task in figures["tasks"])
    assert figures["calls"] > 0
    assert (figures["state"], figures["plan"], figures["certified"]) == ("done", "medium", True)
    measured = [task["certified"] for task in figures["tasks"] if task["certified"]]
    assert measured
    assert all(gap["low"] <= gap["gap"] <= gap["high"] for gap in measured)
    found = any(f["severity"] != "note" for task in figures["tasks"] for f in task["findings"])
    assert result.exit_code == int(found)


def test_certify_measures_one_task_and_the_static_audit_shows_it_later(invoke):
    task_id = last_json(invoke("audit", RUN, "--json"))["tasks"][0]["task_id"]
    result = invoke("certify", RUN, task_id, "--rollouts", 3, "--json")
    figures = {task["task_id"]: task for task in last_json(result)["tasks"]}
    assert (figures[task_id]["certified"]["weak"], last_json(result)["calls"]) == (3, 12)
    later = last_json(invoke("audit", RUN, "--json"))
    assert later["calls"] == 0
    assert {t["task_id"] for t in later["tasks"] if t["certified"]} == {task_id}


def test_a_spent_budget_exits_as_resumable_and_resume_goes_on(invoke):
    result = invoke("audit", RUN, "--plan", "lean", "--budget-calls", 7, "--json")
    assert (result.exit_code, last_json(result)["state"], last_json(result)["calls"]) == (3, "paused", 7)
    result = invoke("audit", RUN, "--resume", "--budget-calls", 0, "--json")
    assert last_json(result)["state"] == "done"
    assert result.exit_code in (0, 1)


def test_a_task_without_findings_exits_with_0(invoke):
    figures = last_json(invoke("audit", RUN, "--plan", "lean", "--json"))
    found = any(f["severity"] != "note" for task in figures["tasks"] for f in task["findings"])
    assert invoke("audit", RUN).exit_code == int(found)


def test_a_key_that_the_endpoint_refuses_ends_it_with_a_sentence(invoke, tmp_path, home, refusing_server):
    seats = tmp_path / "seats.toml"
    seats.write_text(
        f'[endpoints.lab]\nbase_url = "{refusing_server}"\n[seats.auditor_judge]\nendpoint = "lab"\nmodel = "m"\n'
    )
    result = invoke("certify", RUN, "--models", seats, "--json")
    assert (result.exit_code, last_json(result)["state"]) == (2, "failed")
    assert "key" in last_json(result)["reason"].casefold()
    assert all(task["difficulty"] == "unchecked" for task in last_json(result)["tasks"])


@pytest.fixture
def refusing_server():
    """A server that knows no key."""

    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b'{"error": {"message": "invalid api key"}}'
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_an_edited_result_is_told_by_its_record_and_left_out(invoke, home):
    task_id = last_json(invoke("audit", RUN, "--json"))["tasks"][0]["task_id"]
    invoke("certify", RUN, task_id, "--rollouts", 3, "--json")
    path = home.audit_journal(RUN)
    lines = path.read_bytes().splitlines(keepends=True)
    number = max(n for n, line in enumerate(lines) if b'"kind":"check"' in line)
    lines[number] = lines[number].replace(b'"verdict":"', b'"verdict":"x')
    path.write_bytes(b"".join(lines))
    result = invoke("audit", RUN, "--json")
    figures = last_json(result)
    assert result.exit_code == 1
    assert f"Record {number + 1:,} of" in figures["audit_journal"]["problem"]
    assert figures["tasks"][0]["certified"] is None


def test_verify_reads_the_journals_of_audits_too(invoke, home):
    invoke("audit", RUN, "--plan", "lean", "--budget-calls", 3, "--json")
    path = home.audit_journal(RUN)
    path.write_bytes(path.read_bytes().replace(b'"plan":"lean"', b'"plan":"mean"', 1))
    result = invoke("verify", RUN, "--json")
    assert (result.exit_code, last_json(result)["ok"]) == (1, False)


def test_a_broken_line_is_told_by_its_record_when_an_audit_is_to_go_on(invoke, home):
    invoke("audit", RUN, "--plan", "lean", "--budget-calls", 3, "--json")
    path = home.audit_journal(RUN)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = b"{" + lines[1]
    path.write_bytes(b"".join(lines))
    result = invoke("audit", RUN, "--resume")
    assert (result.exit_code, "Record 2 of" in result.stderr) == (1, True)


def test_resume_takes_no_other_plan_or_tasks(invoke):
    result = invoke("audit", RUN, "--resume", "--plan", "lean")
    assert (result.exit_code, "leave out" in result.stderr) == (2, True)


def test_a_named_task_is_the_only_one_that_is_shown(invoke):
    task_id = last_json(invoke("audit", RUN, "--json"))["tasks"][1]["task_id"]
    shown = last_json(invoke("audit", RUN, "--task", task_id, "--json"))["tasks"]
    assert [task["task_id"] for task in shown] == [task_id]


def test_a_task_that_does_not_exist_is_named(invoke):
    result = invoke("audit", RUN, "--task", "t0")
    assert (result.exit_code, "'t0'" in result.stderr) == (2, True)


def test_checks_that_failed_are_never_taken_for_nothing_found(invoke, tmp_path):
    task_id = last_json(invoke("audit", RUN, "--json"))["tasks"][0]["task_id"]
    without = invoke("audit", RUN).exit_code
    seats = tmp_path / "seats.toml"
    seats.write_text(
        '[endpoints.lab]\nbase_url = "http://127.0.0.1:9/v1"\nmax_tries = 1\ntimeout_s = 5\n'
        '[seats.auditor_judge]\nendpoint = "lab"\nmodel = "lab-judge"\n'
    )
    order = ("--check", "K8", "--task", task_id, "--models", seats, "--yes")
    result = invoke("audit", RUN, *order)
    assert result.exit_code == (without or 3)
    assert f"failed, so nothing is known there: K8 of {task_id}" in " ".join(result.stderr.split())


def test_resume_without_an_audit_says_how_to_start_one(invoke):
    result = invoke("audit", RUN, "--resume", "--json")
    assert result.exit_code == 2
    assert "has no audit with model calls" in last_json(result)["error"]


def test_anchors_are_made_and_listed(invoke):
    made = last_json(invoke("anchors", "make", RUN, "--count", 1, "--json"))
    listed = last_json(invoke("anchors", "list", "--json"))["anchors"]
    assert [a["task_id"] for a in listed] == [a["task_id"] for a in made["added"]]
    assert 0.4 <= listed[0]["baseline"] <= 0.8
    assert made["calls"] >= 40


def test_without_anchors_the_list_says_how_to_make_some(invoke):
    result = invoke("anchors", "list")
    assert "autodata anchors make" in result.stderr
