"""The audit in Review in a real browser: proof on first paint, chips, fresh answers, labels, filters of Tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from autodata.home import Home
from autodata.importing.store import import_path
from autodata.index import Index, open_index
from autodata.journal import read_records
from tests.browser.conftest import settle
from tests.importing.builders import make_generic_round, make_line, make_rollout, write_lines
from tests.support.audit_rows import STATIC_DONE, AuditRow, fill_audit, insert_check, list_accepted
from tests.support.fresh_rows import insert_fresh
from tests.support.journals import write_run

pytestmark = pytest.mark.browser

CHEAT = "Pretend to be a weak model and answer wrongly."
SENTENCE = "the requests differ: the weak request 1 adds “Answer in one short sentence.” at character 812 (record 4)"


def fill(home: Home) -> None:
    write_run(home, "cs-1", 4, plans=[("too_easy", "accepted")], words=120, parity_broken=True)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
    with open_index(home) as index:
        fill_audit(home, "cs-1", [], index=index)
        tasks = [task for task, *_ in list_accepted(index, "cs-1")]
        fill_audit(home, "cs-1", [_make_row(task) for task in tasks], index=index)
        for task in tasks:
            _add_fresh(index, task)


def _make_row(task: str) -> AuditRow:
    found = (
        ("S1", "violation", SENTENCE),
        ("K2", "flag", "the neutral request lifts weak by 0.26 (p = 0.003)"),
        ("S14", "flag", "one criterion makes 53 % of the gap"),
    )
    done = {**STATIC_DONE, **dict.fromkeys(("K1", "K2", "K3"), "done")}
    more = {"action": "drop_freeze", "chance": 0.2}
    return AuditRow(task, found, certified=0.09, difficulty="not_real", coverage=done, request=7, more=more)


def _add_fresh(index: Index, task: str) -> None:
    insert_fresh(index, "cs-1", task, "neutral", "weak", 0.66)
    insert_fresh(index, "cs-1", task, "neutral", "strong", 0.75)
    insert_fresh(index, "cs-1", task, "as_run", "weak", 0.40)
    insert_check(index, "cs-1", task, "K1", numbers={"bar": 0.2})
    insert_check(index, "cs-1", task, "K3", numbers={"solver_part": 0.141, "prompt_part": 0.295})


def fill_imported(home: Home) -> None:
    told = {"role": "system", "content": CHEAT}
    rollouts: list[dict[str, Any]] = []
    for solver, met in (("weak", False), ("strong", True)):
        for at in range(3):
            made = make_rollout(solver, at, {"c1": True, "c2": met, "n1": False})
            if solver == "weak":
                made["request"]["messages"].insert(0, told)
            rollouts.append(made)
    home.root.mkdir(parents=True, exist_ok=True)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
    path = write_lines(Path(home.root) / "loop.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)]))
    import_path(home, path)


@pytest.fixture(scope="module")
def app(serve: Callable[..., tuple[str, Home]]) -> tuple[str, Home]:
    return serve(fill)


def press_calmly(page: Page, key: str) -> None:
    settle(page)
    page.wait_for_timeout(300)
    settle(page)
    page.keyboard.press(key)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_weak_prompt_told_to_be_weak_is_red_with_its_bytes_on_first_paint(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page], scheme: str
) -> None:
    address, _ = serve(fill_imported)
    page = open_page(f"{address}/review", scheme=scheme)
    bytes_shown = page.locator(".pair.changed b").filter(has_text=CHEAT)
    expect(bytes_shown).to_be_in_viewport()
    expect(page.locator(".verdict.broken")).to_be_visible()
    chip = page.locator(".chips .chip.violation").first
    alarm = "rgb(179, 18, 63)" if scheme == "light" else "rgb(255, 134, 160)"
    assert chip.evaluate("e => getComputedStyle(e).backgroundColor") == alarm
    expect(page.get_by_text("Suggested: reject.")).to_be_visible()
    assert page.errors == []  # type: ignore[attr-defined]
    assert page.outside == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800)])
def test_audited_task_needs_no_scrolling(
    app: tuple[str, Home], open_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = open_page(f"{app[0]}/review", size=size)
    expect(page.locator(".rounds")).to_be_visible()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]") == [0, 0]
    assert page.locator(".clauses").evaluate("e => e.scrollHeight - e.clientHeight") <= 0
    assert page.locator(".chips").evaluate("e => e.clientHeight") == 24


def test_chip_opens_its_sentence_by_click_and_by_enter(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review")
    chip = page.locator(".chips .chip.violation")
    expect(chip).to_have_attribute("title", f"{SENTENCE[:1].upper()}{SENTENCE[1:]}. (S1, request symmetry)")
    chip.click()
    expect(page.locator(".opened")).to_contain_text("at character 812", timeout=15_000)
    settle(page)
    page.locator(".chips .chip.flag").first.press("Enter")
    expect(page.locator(".opened")).to_contain_text("lifts weak by 0.26", timeout=15_000)


def test_fresh_answers_of_every_arm_can_be_read(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review")
    page.locator(".side.w .pill.other").click()
    expect(page.locator(".side.w .answer .about")).to_contain_text("Fresh answer 1 of 5: the auditor's neutral request")
    page.locator(".side.w .step").nth(1).click()
    expect(page.locator(".side.w .answer .about")).to_contain_text("Fresh answer 2 of 5")
    page.get_by_role("tab", name="Audit").click()
    page.get_by_role("button", name="Show the as run answers").click()
    expect(page.locator(".side.w .answer .words")).to_contain_text("Fresh as_run answer 1")
    expect(page.locator(".auditpanel")).to_contain_text("Gap+0.436")


def test_red_task_gives_the_open_tab_back(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review")
    expect(page.get_by_role("tab", name="Requests")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Criteria").click()
    expect(page.locator(".criteria")).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_role("tab", name="Reference")).to_have_attribute("aria-selected", "true")


def test_label_is_one_key_after_a_rejection(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, home = serve(fill)
    page = open_page(f"{address}/review")
    task = page.locator(".taskid").inner_text()
    press_calmly(page, "x")
    expect(page.get_by_text("Reject because")).to_be_visible(timeout=15_000)
    press_calmly(page, "1")
    expect(page.locator(".taskid")).not_to_have_text(task, timeout=15_000)
    press_calmly(page, "l")
    expect(page.get_by_text(f"{task} was")).to_be_visible(timeout=15_000)
    press_calmly(page, "1")
    expect(page.get_by_text("Labelled sabotage")).to_be_visible(timeout=15_000)
    records = [(record.kind, record.data) for record in read_records(home.reviews)]
    assert [kind for kind, _ in records] == ["decision", "label"]
    assert (records[1][1]["task_id"], records[1][1]["label"]) == (task, "sabotage")
    assert records[1][1]["detectors"] == ["S1", "S14", "K2"]
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollHeight - e.clientHeight") <= 0


def test_label_can_be_given_in_the_audit_tab(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, home = serve(fill)
    page = open_page(f"{address}/review")
    page.get_by_role("tab", name="Audit").click()
    page.locator(".auditpanel").get_by_role("button", name="Luck").click()
    expect(page.locator(".auditpanel .chip.chosen")).to_have_text("Luck", timeout=15_000)
    assert [record.data["label"] for record in read_records(home.reviews)] == ["luck"]


def test_audit_filters_of_tasks_live_in_the_url(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/tasks", size=(1280, 800))
    page.get_by_role("button", name="Flagged").first.click()
    expect(page.get_by_text("No task matches")).to_be_visible(timeout=15_000)
    assert "tasks.audit=Flagged" in page.url
    page.goto(f"{app[0]}/tasks?tasks.audit=Violated")
    expect(page.get_by_text("4 tasks", exact=False).first).to_be_visible(timeout=30_000)
    scroller = page.locator(".dvn-scroller")
    expect(scroller).to_be_visible(timeout=60_000)
    assert scroller.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
