import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from autodata import runs
from autodata.errors import BadInput, HeldElsewhere, JournalDamaged
from autodata.home import Home
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.llm.seat import parse_seats
from autodata.policy import make_policy
from autodata.prices import find_prices_file
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Budget
from autodata.settings import RunSettings
from autodata.sources import Loaded, Skipped
from autodata.stop_rule import StopRule
from benchmarks.engine import make_seats, make_sources
from benchmarks.fixed_endpoint import run_endpoint


@pytest.fixture(scope="module")
def fast():
    with run_endpoint(0.0) as address:
        yield address


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def make_settings(address, **changes):
    values = {
        "domain": "cs",
        "policy": make_policy("deployed"),
        "seats": make_seats(address),
        "slots": 4,
        "final_review": False,
    }
    return RunSettings(**(values | changes))


def create(home, address, sources=3, **changes):
    return runs.create_run(home, make_settings(address, **changes), load_recipe("cs"), Loaded(make_sources(sources)))


def wait_for(condition, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def kinds(home, run_id):
    return [record.kind for record in read_records(home.journal(run_id))]


def test_created_run_has_settings_recipe_and_sources_and_no_call(home, fast):
    run_id = create(home, fast)
    assert kinds(home, run_id) == ["run_started", "source", "source", "source"]
    stored = runs.load_run(home, run_id)
    assert stored.settings == make_settings(fast)
    assert stored.recipe.sha == load_recipe("cs").sha


def test_skipped_files_are_recorded_with_their_reason(home, fast):
    loaded = Loaded(make_sources(1), skipped=(Skipped("scan.pdf", "no text layer"),))
    run_id = runs.create_run(home, make_settings(fast), load_recipe("cs"), loaded)
    assert kinds(home, run_id)[-1] == "source_skipped"


def test_run_without_a_source_is_refused_with_the_reasons(home, fast):
    loaded = Loaded((), skipped=(Skipped("scan.pdf", "no text layer"),))
    with pytest.raises(BadInput, match=r"scan\.pdf: no text layer"):
        runs.create_run(home, make_settings(fast), load_recipe("cs"), loaded)


def test_run_ids_count_up(home, fast):
    assert [create(home, fast), create(home, fast)] == ["cs-0001", "cs-0002"]


def test_run_over_http_accepts_every_source(home, fast):
    run_id = create(home, fast)
    end = runs.execute_run(home, run_id)
    assert (end.state, end.totals["accepted"], end.totals["calls"]) == ("done", 3, 42)
    assert verify_journal(home.journal(run_id)).ok


def test_key_is_in_no_file_of_the_run(home, fast, monkeypatch):
    monkeypatch.setenv("SECRET_KEY_FOR_TEST", "sk-very-secret-value")
    values = make_seats(fast).model_dump()
    values["endpoints"]["fixed"]["api_key_env"] = "SECRET_KEY_FOR_TEST"
    settings = make_settings(fast, seats=parse_seats(values, "test"))
    run_id = runs.create_run(home, settings, load_recipe("cs"), Loaded(make_sources(1)))
    runs.execute_run(home, run_id)
    for path in home.root.rglob("*"):
        assert path.is_dir() or b"sk-very-secret-value" not in path.read_bytes()


def test_missing_key_is_named_before_anything_is_written(home, fast, monkeypatch):
    monkeypatch.delenv("ABSENT_KEY_FOR_TEST", raising=False)
    values = make_seats(fast).model_dump()
    values["endpoints"]["fixed"]["api_key_env"] = "ABSENT_KEY_FOR_TEST"
    with pytest.raises(BadInput, match="ABSENT_KEY_FOR_TEST is not set"):
        runs.create_run(
            home, make_settings(fast, seats=parse_seats(values, "test")), load_recipe("cs"), Loaded(make_sources(1))
        )
    assert runs.list_run_ids(home) == []


def test_endpoint_that_is_down_leaves_sources_undecided_and_resume_decides_them(home):
    with run_endpoint(0.0) as address:
        values = make_seats(address).model_dump()
    values["endpoints"]["fixed"]["max_tries"] = 1
    settings = make_settings(address, seats=parse_seats(values, "test"))
    run_id = runs.create_run(home, settings, load_recipe("cs"), Loaded(make_sources(2)))
    end = runs.execute_run(home, run_id)
    assert (end.state, end.totals["undecided"]) == ("done", 2)
    assert {r.data["outcome"] for r in read_records(home.journal(run_id)) if r.kind == "round"} == {"undecided"}


def test_second_process_on_the_same_run_is_refused(home, fast):
    run_id = create(home, fast)
    with JournalWriter(home.journal(run_id)):
        assert runs.is_alive(home, run_id)
        with pytest.raises(HeldElsewhere, match="is being written by another process"):
            runs.execute_run(home, run_id)
    assert not runs.is_alive(home, run_id)


def test_unknown_run_is_named_with_the_known_ones(home, fast):
    create(home, fast)
    with pytest.raises(BadInput, match=r"'cs-9999' does not exist .* known runs: cs-0001"):
        runs.load_run(home, "cs-9999")


def test_journal_edited_by_hand_is_not_resumed(home, fast):
    run_id = create(home, fast)
    path = home.journal(run_id)
    path.write_bytes(path.read_bytes().replace(b"Source 1", b"Source 9"))
    with pytest.raises(JournalDamaged, match="does not match its hash"):
        runs.execute_run(home, run_id)


def test_larger_budget_on_resume_is_journaled_and_used(home, fast):
    run_id = create(home, fast, budget_calls=5)
    assert runs.execute_run(home, run_id).state == "paused"
    end = runs.execute_run(home, run_id, budget=Budget(1000, None))
    assert (end.state, end.totals["calls"]) == ("done", 42)
    assert runs.load_run(home, run_id).terms.budget == Budget(1000, None)


def test_run_in_a_process_of_its_own_outlives_the_call_and_ends(home, fast):
    run_id = create(home, fast)
    runs.launch_run(home, run_id)
    assert wait_for(lambda: kinds(home, run_id)[-1] == "run_ended")


def test_stop_request_ends_a_running_process_and_it_can_be_resumed(home):
    with run_endpoint(0.05) as address:
        run_id = create(home, address, sources=30)
        runs.launch_run(home, run_id)
        assert wait_for(lambda: "call" in kinds(home, run_id))
        runs.request_run(home, run_id, "stop")
        assert wait_for(lambda: kinds(home, run_id)[-1] == "run_ended")
        assert runs.wait_until_ended(home, run_id, 30)
        end = runs.execute_run(home, run_id)
    assert (end.state, end.totals["calls"]) == ("done", 30 * 14)


def test_killed_run_resumes_without_repeating_more_than_its_slots(home):
    with run_endpoint(0.02) as address:
        run_id = create(home, address, sources=8)
        command = [sys.executable, "-m", "autodata.cli", "resume", run_id, "--home", str(home.root), "--quiet"]
        process = subprocess.Popen(command, start_new_session=True)
        while kinds(home, run_id).count("call") < 40:
            assert process.poll() is None, "the run ended before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        end = runs.execute_run(home, run_id)
    assert (end.state, end.totals["accepted"]) == ("done", 8)
    assert end.totals["calls"] == 8 * 14
    assert verify_journal(home.journal(run_id)).ok


def test_copied_folder_is_no_run_and_hides_no_other(home, fast):
    run_id = create(home, fast)
    shutil.copytree(home.run(run_id), home.runs / f"{run_id} (copy)")
    assert runs.list_run_ids(home) == [run_id]


def test_run_killed_while_its_sources_were_written_is_not_worked_on(home, fast):
    run_id = create(home, fast, sources=3)
    path = home.journal(run_id)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(BadInput, match="2 of 3 sources are recorded"):
        runs.execute_run(home, run_id)


PRICES = "".join(
    f'[models."fixed-{role}"]\ninput = 1000\noutput = 5000\n'
    for role in ("challenger", "verifier", "weak", "strong", "judge")
)
"""A call of the fixed endpoint has 400 tokens in and 90 out: 0.85 each, 11.90 a source."""


def write_prices(home, text=PRICES):
    home.root.mkdir(parents=True, exist_ok=True)
    find_prices_file(home).write_text(text)


def test_prices_of_the_runs_own_models_are_frozen_into_its_settings(home, fast):
    write_prices(home, PRICES + '[models."another"]\ninput = 1\noutput = 1\n')
    run_id = create(home, fast)
    find_prices_file(home).unlink()
    assert set(runs.load_run(home, run_id).settings.prices.models) == {
        f"fixed-{role}" for role in ("challenger", "verifier", "weak", "strong", "judge")
    }


def test_money_budget_pauses_a_run_over_http_and_a_larger_one_finishes_it(home, fast):
    write_prices(home)
    run_id = create(home, fast, budget_cost=10.0, slots=1)
    end = runs.execute_run(home, run_id)
    assert (end.state, end.totals["calls"]) == ("paused", 12)
    assert "the budget of 10.00 USD is spent" in end.reason
    end = runs.execute_run(home, run_id, budget=Budget(max_cost=100.0))
    assert (end.state, end.totals["calls"]) == ("done", 42)
    assert end.totals["cost"]["amount"] == pytest.approx(42 * 0.85)


def test_money_budget_with_an_unknown_price_is_refused_before_anything_is_written(home, fast):
    write_prices(home, PRICES.replace("fixed-judge", "other-judge"))
    with pytest.raises(BadInput, match=r"price of model 'fixed-judge' \(judge\) is not known.*prices\.toml"):
        create(home, fast, budget_cost=10.0)
    assert runs.list_run_ids(home) == []


def test_broken_price_table_is_named_before_anything_is_written(home, fast):
    write_prices(home, "[models.x]\ninput = -1\noutput = 1")
    with pytest.raises(BadInput, match=r"prices\.toml: .*\(got -1\)"):
        create(home, fast)
    assert runs.list_run_ids(home) == []


def test_money_budget_given_on_resume_takes_in_prices_that_were_missing_at_the_start(home, fast):
    run_id = create(home, fast, budget_calls=5)
    runs.execute_run(home, run_id)
    with pytest.raises(BadInput, match="is not known"):
        runs.execute_run(home, run_id, budget=Budget(max_cost=8.0))
    write_prices(home)
    end = runs.execute_run(home, run_id, budget=Budget(max_cost=8.0))
    assert "the budget of 8.00 USD is spent" in end.reason
    assert runs.load_run(home, run_id).terms.prices.models["fixed-weak"].input == 1000


def test_resumed_run_keeps_the_prices_it_started_with(home, fast):
    write_prices(home)
    run_id = create(home, fast, budget_cost=5.0)
    runs.execute_run(home, run_id)
    write_prices(home, PRICES.replace("1000", "9999"))
    runs.execute_run(home, run_id, budget=Budget(max_cost=6.0))
    assert runs.load_run(home, run_id).terms.prices.models["fixed-weak"].input == 1000


def test_finished_run_is_not_resumed_and_its_journal_stays_as_it_is(home, fast):
    run_id = create(home, fast)
    runs.execute_run(home, run_id)
    before = home.journal(run_id).read_bytes()
    with pytest.raises(BadInput, match=r"cs-0001 is done: all 3 sources have their outcome"):
        runs.execute_run(home, run_id)
    assert home.journal(run_id).read_bytes() == before


def test_done_run_with_an_undecided_source_is_tried_again(home, fast):
    with run_endpoint(0.0) as gone:
        pass
    values = make_seats(gone).model_dump()
    values["endpoints"]["fixed"]["max_tries"] = 1
    settings = make_settings(gone, seats=parse_seats(values, "test"), round_retries=0)
    run_id = runs.create_run(home, settings, load_recipe("cs"), Loaded(make_sources(1)))
    runs.execute_run(home, run_id)
    records = len(kinds(home, run_id))
    assert runs.execute_run(home, run_id).state == "done"
    assert len(kinds(home, run_id)) > records


def test_stop_rule_given_on_resume_is_journaled_and_holds(home, fast):
    run_id = create(home, fast, budget_calls=5, stop_acceptance_below=0.5)
    runs.execute_run(home, run_id)
    runs.execute_run(home, run_id, budget=Budget(), stop_rule=StopRule())
    assert runs.load_run(home, run_id).terms.stop_rule == StopRule()


def test_limits_given_anew_reach_the_process_of_their_own(home, fast):
    write_prices(home)
    run_id = create(home, fast, budget_cost=5.0, stop_acceptance_below=0.5)
    runs.execute_run(home, run_id)
    runs.launch_run(home, run_id, Budget(max_cost=50.0), StopRule(0.2, 7))
    assert wait_for(lambda: kinds(home, run_id).count("run_ended") == 2)
    terms = runs.load_run(home, run_id).terms
    assert (terms.budget, terms.stop_rule) == (Budget(max_cost=50.0), StopRule(0.2, 7))
