"""What the pages ask: filters, paging, decisions, the queue, the evidence of a task, the export gate."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autodata.canon import hash_value
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries import dataset, dataset_gate, dataset_versions, overview, review, runs, tasks
from autodata.index.queries.filters import ORDERS, Box, TaskFilter
from autodata.index.queries.task import load_task
from autodata.index.queries.tasks import count_tasks, list_tasks
from autodata.journal import JournalWriter
from tests.support.journals import RunAuthor, write_decision, write_run

SCOPES = ("accepted", "last", "all")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A home with three runs and some decisions, ingested."""
    home = Home(tmp_path_factory.mktemp("filled") / "data")
    first = write_run(
        home, "cs-1", 9, skipped=2, plans=[("too_easy", "narrow_gap", "accepted"), ("accepted",), ("undecided",)]
    )
    write_run(home, "cs-2", 8, seed=3)
    spoiled = write_run(
        home,
        "cs-3",
        3,
        plans=[("accepted",)],
        parity_broken=True,
        statuses=("truncated",),
        end="paused",
        reason="budget of 90 calls spent",
    )
    write_decision(home, first.accepted[0], "approve", content_sha=first.content[first.accepted[0]])
    write_decision(home, first.accepted[1], "reject", reason="leak")
    write_decision(home, first.accepted[2], "skip")
    write_decision(home, first.accepted[3], "flag", content_sha="other")
    write_decision(home, first.accepted[0], "reject", reviewer="bob", second_opinion=True)
    with open_index(home) as index:
        ingest_home(index, home)
        yield index, first, spoiled


filters = st.builds(
    TaskFilter,
    scope=st.sampled_from(SCOPES),
    bands=st.lists(st.sampled_from(["right", "easy", "hard", "inverted", "none"]), max_size=3).map(tuple),
    outcomes=st.lists(st.sampled_from(["accepted", "too_easy", "failed_quality"]), max_size=2).map(tuple),
    decision=st.sampled_from(["all", "open", "approved", "rejected", "flagged", "skipped"]),
    run_id=st.sampled_from([None, "cs-1", "cs-2", "nope"]),
    search=st.sampled_from(["", "lease", "LEMMA", "100%", "round 2"]),
    box=st.sampled_from([None, Box(0.3, 0.5, 0.6, 0.9)]),
    order=st.sampled_from(sorted(ORDERS)),
    descending=st.booleans(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(task_filter=filters)
def test_pages_hold_every_task_exactly_once(filled, task_filter):
    index, *_ = filled
    total = count_tasks(index, task_filter)
    pages = [list_tasks(index, task_filter, 7, offset)["task_id"].tolist() for offset in range(0, total + 7, 7)]
    ids = [task_id for page in pages for task_id in page]
    assert len(ids) == len(set(ids)) == total


@pytest.mark.parametrize("text", ["%", "_", "'; DROP TABLE tasks; --", "100%", "!", "\\", "zzz"])
def test_search_takes_its_text_literally(filled, text):
    index, *_ = filled
    assert count_tasks(index, TaskFilter(search=text, scope="all")) == 0
    assert count_tasks(index, TaskFilter(scope="all")) > 0


def test_search_ignores_case_and_finds_ids(filled):
    index, first, _ = filled
    assert count_tasks(index, TaskFilter(search="LEASES and clock")) > 0
    assert list_tasks(index, TaskFilter(search=first.accepted[0]))["task_id"].tolist() == [first.accepted[0]]


def test_search_finds_a_literal_percent_sign(tmp_path):
    home = Home(tmp_path / "data")
    with RunAuthor(home, "r1") as author:
        author.start(1)
        author.write_trajectory(0, ["accepted"])
        task = {"id": "tx", "question": "Why is 100% of it lost?", "rubric": []}
        source = author.written.sources[0]
        author.journal.append("task", {"source": source, "round": 9, "content_sha": "", "task": task})
        author.journal.append("round", {"source": source, "round": 9, "task_id": "tx", "outcome": "too_easy"})
    with open_index(home) as index:
        ingest_home(index, home)
        assert list_tasks(index, TaskFilter(search="100%", scope="all"))["task_id"].tolist() == ["tx"]
        assert count_tasks(index, TaskFilter(search="1%0", scope="all")) == 0


def test_brush_keeps_what_lies_in_the_box(filled):
    index, *_ = filled
    box = Box(0.3, 0.38, 0.7, 0.85)
    frame = list_tasks(index, TaskFilter(scope="all", box=box), limit=1000)
    assert len(frame)
    assert frame["weak"].between(0.3, 0.38).all()
    assert frame["strong"].between(0.7, 0.85).all()
    everything = tasks.load_map(index, TaskFilter(scope="all", box=box))
    assert everything.total > len(frame)


def test_map_becomes_a_density_above_the_cap(filled):
    index, *_ = filled
    exact = tasks.load_map(index, TaskFilter(scope="all"))
    coarse = tasks.load_map(index, TaskFilter(scope="all"), cap=3)
    assert exact.points is not None
    assert coarse.density is not None
    assert coarse.points is None
    assert len(exact.points) == exact.total == coarse.density["n"].sum()


@pytest.mark.parametrize("group", ["run", "round", "source"])
def test_bands_by_group_add_up(filled, group):
    index, *_ = filled
    frame = tasks.count_bands_by(index, TaskFilter(scope="all"), group, limit=100)
    assert frame["n"].sum() == count_tasks(index, TaskFilter(scope="all"))


def test_decisions_second_opinions_and_undo(tmp_path):
    home = Home(tmp_path / "data")
    written = write_run(home, "r1", 1, plans=[("accepted",)])
    task_id = written.accepted[0]

    def state() -> str:
        with open_index(home) as index:
            ingest_home(index, home)
            detail = load_task(index, task_id)
            assert detail is not None
            assert detail.decision == list_tasks(index, TaskFilter())["decision"][0]
            return detail.decision

    assert state() == "open"
    first = write_decision(home, task_id, "approve")
    assert state() == "approved"
    write_decision(home, task_id, "reject", reviewer="bob", second_opinion=True)
    assert state() == "approved"
    second = write_decision(home, task_id, "reject")
    assert state() == "rejected"
    write_decision(home, task_id, "undo", undoes=second)
    assert state() == "approved"
    write_decision(home, task_id, "undo", undoes=first)
    assert state() == "open"
    write_decision(home, task_id, "skip")
    assert state() == "skipped"


def test_totals_and_funnel_agree(filled):
    index, first, _ = filled
    totals = overview.load_totals(index, reviewer="ann")
    stages = {stage.stage: stage for stage in overview.load_funnel(index)}
    assert totals.accepted == stages["accepted"].count == count_tasks(index, TaskFilter(scope="accepted"))
    assert (totals.approved, totals.rejected, totals.flagged, totals.skipped) == (1, 1, 1, 1)
    assert totals.open == totals.accepted - 3
    assert totals.decided_today_by_me == 3
    assert stages["sources"].count == totals.sources == 20
    assert stages["quality"].count + dict(stages["quality"].losses).get("failed_quality", 0) == totals.rounds
    assert totals.claimed_gap == pytest.approx(list_tasks(index, TaskFilter(scope="accepted"), 99)["gap"].mean())
    one = overview.load_totals(index, run_id="cs-1")
    assert one.accepted == len(first.accepted)


def test_empty_index_has_no_numbers_to_show(tmp_path):
    with open_index(Home(tmp_path / "data")) as index:
        totals = overview.load_totals(index)
        assert totals.claimed_gap is None
        assert totals.calls_per_accepted is None
        assert not totals.all_simulated
        assert overview.load_landing(index).measured == 0
        assert list_tasks(index, TaskFilter()).empty
        assert review.find_next(index, review.Queue()) is None
        assert runs.load_run(index, "nope") is None
        assert load_task(index, "nope") is None
        assert dataset_gate.count_gate(index) == []
        assert overview.list_needs(index) == []
        assert overview.load_sparklines(index).accepted == ()


def test_landing_counts_every_judged_round(filled):
    index, *_ = filled
    landing = overview.load_landing(index, bins=16)
    assert landing.measured == overview.load_totals(index).judged
    assert landing.density["strong"].max() <= 1 - 1 / 16


def test_shares_by_round_add_up_to_one(filled):
    index, *_ = filled
    for frame in (overview.load_outcomes_by_round(index), overview.load_bands_by_round(index)):
        assert frame.groupby("round")["share"].sum().tolist() == pytest.approx([1.0] * frame["round"].nunique())


def test_run_detail_tells_what_happened(filled):
    index, first, _ = filled
    run = runs.load_run(index, "cs-1")
    assert run is not None
    assert run.card.accepted == len(first.accepted)
    assert (run.card.sources_done, run.card.undecided, run.skipped_sources) == (9, 3, 2)
    assert dict(run.errors) == {"server_error": 9}
    assert run.undecided[0].reason == "3 of 3 weak answers failed"
    assert sum(role.calls for role in run.roles) == run.card.calls
    assert sum(role.prompt_tokens for role in run.roles) == run.prompt_tokens
    progress = runs.load_progress(index, "cs-1", 20)
    assert progress["calls"].iloc[-1] == run.card.calls
    assert progress["sources_done"].iloc[-1] == 9
    assert progress["accepted"].is_monotonic_increasing


def test_running_run_estimates_what_is_left(tmp_path):
    home = Home(tmp_path / "data")
    with RunAuthor(home, "r1") as author:
        author.start(4)
        author.write_trajectory(0, ["accepted"])
    with open_index(home) as index:
        ingest_home(index, home)
        run = runs.load_run(index, "r1")
        assert run is not None
        assert run.card.state == "running"
        assert run.seconds_left == pytest.approx(run.seconds_running * 3)


def test_run_cards_agree_with_the_totals(filled):
    index, *_ = filled
    cards = overview.list_run_cards(index)
    totals = overview.load_totals(index)
    assert [card.run_id for card in cards] == runs.list_runs(index)
    assert sum(card.accepted for card in cards) == totals.accepted
    assert sum(card.calls for card in cards) == totals.calls
    assert sum(card.sources for card in cards) == totals.sources
    assert cards[-1] == runs.find_run_card(index, "cs-1")
    assert cards[-1].gap_by_round[0] is not None
    assert overview.list_run_cards(index, 1) == cards[:1]


def test_needs_name_the_run_and_the_reason(filled):
    index, *_ = filled
    sentences = [need.sentence for need in overview.list_needs(index)]
    assert "cs-3 paused: budget of 90 calls spent" in sentences
    assert "cs-1: 3 sources undecided" in sentences
    assert "cs-1: 2 inputs could not be used" in sentences


def test_task_detail_holds_the_exact_request(filled):
    index, first, _ = filled
    task = load_task(index, first.accepted[0])
    assert task is not None
    assert [r.round for r in task.rounds] == [1, 2, 3]
    assert task.this.round == 3
    assert len(task.rollouts_of("weak")) == len(task.rollouts_of("strong")) == 3
    for rollout in task.rollouts:
        assert rollout.call is not None
        assert rollout.judge is not None
        body = orjson.loads(rollout.call.request)
        assert hash_value(body) == rollout.call.request_sha
        assert rollout.call.request.encode() in index.home.journal("cs-1").read_bytes()
        assert body["messages"][0]["content"] == f"{task.task.context}\n\n{task.task.question}"
        assert rollout.answer == rollout.call.response
    assert task.parity == "same"
    assert task.difference == ()
    assert sum(task.rubric_shares.values()) == pytest.approx(task.this.gap, abs=1e-9)
    assert task.source.text.startswith("Passage 0 of cs-1")
    assert task.models["weak"] == "sim-weak"
    assert task.decision == "approved"
    assert [d.second_opinion for d in task.decisions] == [False, True]


def test_changed_weak_request_leads_the_queue(filled):
    index, _, spoiled = filled
    item = review.find_next(index, review.Queue())
    assert item is not None
    assert item.task_id in spoiled.accepted
    assert item.reason == "weak and strong requests differ"
    task = load_task(index, item.task_id)
    assert task is not None
    assert task.parity == "differs"
    assert task.difference == ("messages",)
    kinds = {reason.kind for reason in task.reasons}
    assert {"request_differs", "weak_truncated"} <= kinds
    assert task.risk == pytest.approx(sum(reason.points for reason in task.reasons))


@pytest.mark.parametrize("order", ["risk", "gap", "newest", "random"])
def test_queue_visits_every_waiting_task_once(filled, order):
    index, *_ = filled
    queue = review.Queue(order=order, seed=4)
    expected = [item.task_id for item in review.load_queue(index, queue)]
    seen, positions, item = [], [], review.find_next(index, queue)
    while item is not None:
        seen.append(item.task_id)
        positions.append(item.position)
        item = review.find_next(index, queue, item.task_id)
    assert seen == expected
    assert positions == sorted(set(positions))
    progress = review.load_progress(index, queue)
    assert len(seen) == progress.total - progress.decided - progress.skipped


def test_queue_goes_back_over_decided_tasks(filled):
    index, first, _ = filled
    queue = review.Queue(order="newest")
    item = review.find_item(index, queue, first.accepted[0])
    assert item is not None
    assert item.decision == "approved"
    back = review.find_previous(index, queue, first.accepted[0])
    assert back is None or back.position == item.position - 1
    following = review.find_next(index, queue, first.accepted[0])
    assert following is None or following.position > item.position


def test_skipped_tasks_come_when_asked_for(filled):
    index, first, _ = filled
    plain = {item.task_id for item in review.load_queue(index, review.Queue())}
    more = {item.task_id for item in review.load_queue(index, review.Queue(with_skipped=True))}
    assert more - plain == {first.accepted[2]}


def test_last_decisions_are_newest_first(filled):
    index, *_ = filled
    last = review.list_last_decisions(index)
    assert [d.verdict for d in last] == ["reject", "flag", "skip", "reject", "approve"]
    assert [d.verdict for d in review.list_last_decisions(index, "bob")] == ["reject"]
    assert last[-1].current


def test_export_rows_carry_what_the_gate_needs(filled):
    index, first, _ = filled
    batches = list(dataset.stream_export_rows(index, batch=4))
    rows = {row.task_id: row for batch in batches for row in batch}
    assert max(len(batch) for batch in batches) == 4
    assert (
        len(rows)
        == sum(gate.n for gate in dataset_gate.count_gate(index))
        == count_tasks(index, TaskFilter(scope="accepted"))
    )
    approved = rows[first.accepted[0]]
    assert approved.decided_content_sha == approved.content_sha
    assert approved.second_opinions == (("bob", "reject"),)
    assert [a.solver for a in approved.answers] == ["weak"] * 3 + ["strong"] * 3
    assert all(a.answer for a in approved.answers)
    assert approved.policy["gap_min"] == 0.2
    changed = [gate for gate in dataset_gate.count_gate(index) if gate.content_changed]
    assert [(gate.decision, gate.n) for gate in changed] == [("flagged", 1)]
    (only,) = dataset.stream_export_rows(index, run_ids=("cs-1",), decisions=("approved",))
    assert [row.task_id for row in only] == [first.accepted[0]]


def test_export_record_makes_membership(tmp_path):
    home = Home(tmp_path / "data")
    written = write_run(home, "r1", 2, plans=[("accepted",)])
    write_decision(home, written.accepted[0])
    record = {
        "name": "cs",
        "version": "v0001",
        "path": "datasets/cs/v0001",
        "hash": "ab",
        "items": 1,
        "excluded": {"open": 1},
    }
    with JournalWriter(home.reviews) as journal:
        journal.append("export", {**record, "format": ["jsonl"], "task_ids": [written.accepted[0]]})
    with open_index(home) as index:
        ingest_home(index, home)
        task = load_task(index, written.accepted[0])
        assert task is not None
        assert task.datasets == (("cs", "v0001"),)
        assert dataset_versions.list_exports(index)[0].excluded == {"open": 1}
        assert overview.load_totals(index).exported == 1


def test_landing_refuses_a_grid_that_does_not_fit(filled):
    index, *_ = filled
    with pytest.raises(ValueError, match="do not divide"):
        overview.load_landing(index, bins=30)


def test_coarser_landing_counts_the_same_rounds(filled):
    index, *_ = filled
    fine, coarse = overview.load_landing(index), overview.load_landing(index, bins=8)
    assert (fine.measured, fine.weak_only_n) == (coarse.measured, coarse.weak_only_n)


def test_gate_counts_torn_and_changed_tasks_apart(tmp_path):
    home = Home(tmp_path / "data")
    written = write_run(home, "r1", 3, plans=[("accepted",)])
    path = home.journal("r1")
    lines = path.read_bytes().splitlines(keepends=True)
    last_done = max(i for i, line in enumerate(lines) if b'"kind":"source_done"' in line)
    lines[last_done] = lines[last_done].replace(b'"rounds":', b'"rounds": ')
    path.write_bytes(b"".join(lines))
    write_decision(home, written.accepted[0], content_sha="other")
    with open_index(home) as index:
        ingest_home(index, home)
        gates = {(gate.damaged, gate.content_changed, gate.decision): gate.n for gate in dataset_gate.count_gate(index)}
    assert gates == {(False, False, "open"): 1, (False, True, "approved"): 1, (True, False, "open"): 1}


def test_decisions_that_were_taken_back_do_not_count_today(tmp_path):
    home = Home(tmp_path)
    first, second = write_run(home, "cs-1", 2, plans=[("accepted",)]).accepted
    taken_back = write_decision(home, first)
    write_decision(home, first, "undo", undoes=taken_back)
    write_decision(home, second, "reject", reviewer="bo")
    with open_index(home) as index:
        ingest_home(index, home)
        totals = overview.load_totals(index, reviewer="ann")
    assert (totals.decided_today, totals.decided_today_by_me) == (1, 0)
