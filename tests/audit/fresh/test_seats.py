"""Who plays in an audit: the run's own solvers, an auditor that should be nobody's kin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodata.audit.fresh.seats import choose_seats, load_auditor_seats
from autodata.audit.reading import read_run
from autodata.errors import BadInput
from autodata.llm.seat import Endpoint, Seat, SeatBook, simulated_seats


def make_file(**seats):
    endpoint = Endpoint(base_url="http://127.0.0.1:9/v1")
    return SeatBook(endpoints={"lab": endpoint}, seats={role: Seat(**values) for role, values in seats.items()})


@pytest.fixture
def facts(journal):
    return read_run(journal).facts


@pytest.fixture
def imported(cheated):
    return read_run(cheated).facts


def test_solvers_are_those_of_the_run_whatever_the_file_says(facts):
    given = make_file(weak={"endpoint": "lab", "model": "another"}, auditor_judge={"endpoint": "lab", "model": "j"})
    chosen = choose_seats(facts, given, None)
    assert chosen.book.seats["weak"] == facts.seats.seats["weak"]
    assert chosen.book.seats["auditor_judge"].model == "j"
    assert any("weak are the run's own" in warning for warning in chosen.warnings)


def test_the_file_comes_before_the_home_and_this_before_the_run(facts):
    given = make_file(auditor_judge={"endpoint": "lab", "model": "given"})
    home = make_file(
        auditor_judge={"endpoint": "lab", "model": "home"}, auditor_writer={"endpoint": "lab", "model": "home"}
    )
    book = choose_seats(facts, given, home).book
    models = [book.seats[role].model for role in ("auditor_judge", "auditor_writer", "peer")]
    assert models == ["given", "home", "sim-peer"]


def test_endpoints_of_one_name_and_two_addresses_stay_apart(facts):
    other = Endpoint(base_url="http://127.0.0.1:9/v1")
    given = SeatBook(endpoints={"simulated": other}, seats={"auditor_judge": Seat(endpoint="simulated", model="j")})
    book = choose_seats(facts, given, None).book
    assert book.endpoint_of("auditor_judge") == other
    assert book.endpoint_of("weak") == facts.seats.endpoints["simulated"]


def test_an_older_simulated_run_gets_the_built_in_auditors(facts):
    own = {role: seat for role, seat in facts.seats.seats.items() if role not in ("auditor_judge", "peer")}
    older = replace(facts, seats=facts.seats.model_copy(update={"seats": own}))
    assert choose_seats(older, None, None).book.seats["auditor_judge"].model == "sim-judge-b"


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        ({"model": "sim-judge"}, "same model as the run's judge"),
        ({"model": "other", "family": "simulated"}, "shares the family 'simulated' with the run's weak"),
        ({"model": "sim-challenger"}, "same model as the run's challenger"),
    ],
)
def test_an_auditor_judge_of_the_runs_own_kin_is_warned_of(facts, judge, words):
    chosen = choose_seats(facts, make_file(auditor_judge={"endpoint": "lab", **judge}), None)
    assert any(words in warning for warning in chosen.warnings)


def test_independent_auditors_are_no_warning(facts):
    assert choose_seats(facts, None, None).warnings == ()


def test_an_import_needs_to_be_told_where_its_solvers_are(imported):
    with pytest.raises(BadInput, match=r"was imported.*\[seats.weak\].*'sim-weak'"):
        choose_seats(imported, None, None)


def test_an_import_under_other_models_is_warned_of(imported):
    given = make_file(
        weak={"endpoint": "lab", "model": "small"},
        strong={"endpoint": "lab", "model": "sim-strong"},
        auditor_judge={"endpoint": "lab", "model": "j"},
    )
    chosen = choose_seats(imported, given, None)
    assert any("weak model was 'sim-weak'; the audit asks 'small'" in warning for warning in chosen.warnings)
    assert any("no seat is named for a peer" in warning for warning in chosen.warnings)


def test_an_import_without_any_judge_is_refused(imported):
    given = make_file(weak={"endpoint": "lab", "model": "a"}, strong={"endpoint": "lab", "model": "b"})
    with pytest.raises(BadInput, match="nobody can judge"):
        choose_seats(imported, given, None)


def test_solvers_that_differ_in_a_setting_are_refused_unless_signed(imported):
    given = make_file(
        weak={"endpoint": "lab", "model": "a", "max_tokens": 100},
        strong={"endpoint": "lab", "model": "b"},
        judge={"endpoint": "lab", "model": "j"},
    )
    with pytest.raises(BadInput, match="max_tokens"):
        choose_seats(imported, given, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "does not exist"),
        ("[seats.peer", "cannot be read"),
        ('[endpoints.a]\nbase_url = "ftp://x"\n[seats]', "base_url"),
        ('[endpoints]\n[seats.peer]\nendpoint = "b"\nmodel = "m"', "names endpoint 'b'"),
    ],
)
def test_a_seats_file_that_cannot_be_used_is_named(tmp_path, text, words):
    path = tmp_path / "seats.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadInput, match=words):
        load_auditor_seats(path)


def test_a_seats_file_may_name_an_auditor_alone(tmp_path):
    path = tmp_path / "seats.toml"
    path.write_text('[endpoints.a]\nbase_url = "http://h/v1"\n[seats.auditor_judge]\nendpoint = "a"\nmodel = "m"\n')
    assert load_auditor_seats(path).seats["auditor_judge"].model == "m"
    assert load_auditor_seats("simulated") == simulated_seats()
