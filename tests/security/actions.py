"""Everything that can be done to a home, each with the lowest role that it takes and the function that does it.

A function gets the home, the name of the person and the page's workbench, and does it for nothing: its values are too
poor to succeed, so that whatever gets past the role ends in another error or in a record of the test's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodata.dataset.overrides import record_override, undo_override
from autodata.dataset.plan import ExportPlan
from autodata.dataset.sampling import draw_sample, record_verdict
from autodata.dataset.versions import export_dataset
from autodata.dataset.withdrawing import withdraw_version
from autodata.home import Home
from autodata.llm.seat import REQUIRED_ROLES, parse_seats, simulated_seats
from autodata.model import Criterion, Task
from autodata.optimize.promoting import promote_version
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.review.bulk import Chosen, decide_all, undo_all
from autodata.review.canaries import plant_canaries
from autodata.review.comments import add_comment, settle_thread
from autodata.review.criteria import record_criteria
from autodata.review.decisions import record_decision, undo_last
from autodata.review.edits import record_edit
from autodata.review.labels import record_label, undo_label
from autodata.review.team import Team, record_team
from autodata.settings import RunSettings
from autodata.sources import Loaded
from autodata.ui import seats as ui_seats
from autodata.ui.audit import process
from autodata.ui.dataset import gate
from autodata.ui.recipes import running
from autodata.ui.review import versions
from autodata.ui.runs import control, importing, start
from autodata.ui.runs.plan import RunPlan
from autodata.ui.settings import page as settings_page
from autodata.ui.settings import prices, servers
from autodata.ui.state import Workbench
from autodata.ui.tasks import views

TASK = Task(id="t1", source_id="s", round=1, question_type="x", context="c", question="q?", reference_answer="r",
            rubric=(Criterion("c1", "says r", 1),), tags=())  # fmt: skip
ABOUT: dict[str, Any] = {"task_id": "t1", "run_id": "r", "content_sha": "s"}
FORM = dict.fromkeys(("model", "port", "gpus", "data_parallel", "max_len", "served_as", "command", "extra"), "unset")
SEATS = parse_seats(
    {
        "endpoints": {"e": {"base_url": "http://127.0.0.1:1/v1", "api_key_env": "NO_SUCH_KEY_IS_SET"}},
        "seats": {role: {"endpoint": "e", "model": "m"} for role in REQUIRED_ROLES},
    },
    "the test",
)
SETTINGS = RunSettings(domain="cs", policy=make_policy("deployed"), seats=simulated_seats())
PLAN = RunPlan(SETTINGS, load_recipe("cs"), None, None, Loaded(()), None, (), ())

Act = Callable[[Home, str, Workbench], object]

BY_NAME: dict[str, tuple[str, Act]] = {
    "decide": ("reviewer", lambda h, n, b: record_decision(h, **ABOUT, verdict="approve", reviewer=n)),
    "undo a decision": ("reviewer", lambda h, n, b: undo_last(h, n)),
    "decide on many": ("reviewer", lambda h, n, b: decide_all(h, [Chosen("t1", "r", "s")], "approve", n)),
    "undo many": ("reviewer", lambda h, n, b: undo_all(h, "b1", n)),
    "judge criteria": (
        "reviewer",
        lambda h, n, b: record_criteria(
            h, task_id="t1", run_id="r", solver="weak", index=0, verdicts={"c1": (1, 0)}, reviewer=n
        ),
    ),
    "comment": ("reviewer", lambda h, n, b: add_comment(h, "t1", "r", "words", n)),
    "settle a comment": ("reviewer", lambda h, n, b: settle_thread(h, "c1", "t1", n)),
    "edit": ("reviewer", lambda h, n, b: record_edit(h, TASK, "r", {"question": "why?"}, n)),
    "label": ("reviewer", lambda h, n, b: record_label(h, **ABOUT, label="luck", reviewer=n)),
    "undo a label": ("reviewer", lambda h, n, b: undo_label(h, n)),
    "draw a sample": ("reviewer", lambda h, n, b: draw_sample(h, b.index, ["t1"], name="", version="", by=n)),
    "judge a sample": ("reviewer", lambda h, n, b: record_verdict(h, b.index, "s1", "t1", "clean", reviewer=n)),
    "settle a dispute": (
        "lead",
        lambda h, n, b: record_decision(h, **ABOUT, verdict="approve", reviewer=n, note="why", adjudicates=True),
    ),
    "override the gate": (
        "lead",
        lambda h, n, b: record_override(h, **ABOUT, code="contaminated", reason="why", reviewer=n),
    ),
    "undo an override": ("lead", lambda h, n, b: undo_override(h, "t1", "contaminated", n)),
    "export": ("lead", lambda h, n, b: export_dataset(h, b.index, "set", by=n)),
    "withdraw a version": ("lead", lambda h, n, b: withdraw_version(h, "set", "v001", reason="why", reviewer=n)),
    "plant canaries": ("lead", lambda h, n, b: plant_canaries(h, "none", 1, n)),
    "promote a recipe": ("lead", lambda h, n, b: promote_version(h, "abc", reviewer=n, reason="why")),
    "change the team": ("lead", lambda h, n, b: record_team(h, Team(), n)),
}
"""Acts that carry their person's name: refused wherever they are called from."""

BY_SESSION: dict[str, tuple[str, Act]] = {
    "save a view": ("reviewer", lambda h, n, b: views._change(lambda home: None)),
    "try an edited task": ("reviewer", lambda h, n, b: versions.try_edit(b, "e1")),
    "certify one task": ("reviewer", lambda h, n, b: process.certify(h, "none", ["t1"])),
    "pause an audit": ("reviewer", lambda h, n, b: process.request(h, "none", "pause")),
    "resume an audit": ("reviewer", lambda h, n, b: process.resume(h, "none")),
    "certify every task": ("lead", lambda h, n, b: process.certify(h, "none", [])),
    "audit with a plan": ("lead", lambda h, n, b: process.follow_plan(h, "none", "lean")),
    "raise an audit's budget": ("lead", lambda h, n, b: process.resume(h, "none", 9)),
    "resume a run": ("lead", lambda h, n, b: control.resume(h, "none")),
    "pause a run": ("lead", lambda h, n, b: control.pause(h, "none")),
    "stop a run": ("lead", lambda h, n, b: control.stop(h, "none")),
    "pause a search": ("lead", lambda h, n, b: running._ask(b, "none", "pause")),
    "resume a search": ("lead", lambda h, n, b: running._resume(b, "none")),
    "save seats": ("lead", lambda h, n, b: settings_page._save_seats(h)),
    "test seats": ("lead", lambda h, n, b: ui_seats._ask_seats(h, SEATS)),
    "save prices": ("lead", lambda h, n, b: prices._save(h)),
    "start a model server": ("lead", lambda h, n, b: servers._start(h, "weak", FORM)),
    "stop a model server": ("lead", lambda h, n, b: servers._stop(h, "weak")),
}
"""Acts of a page whose functions ask the session who it is, and leave what they have to say in it."""

DRAWN: dict[str, tuple[str, Act]] = {
    "start a run": ("lead", lambda h, n, b: start._start(h, PLAN, "runs")),
    "export from the page": ("lead", lambda h, n, b: gate._export(b, "set", ExportPlan())),
    "look into files to import": ("lead", lambda h, n, b: importing._choose_files(h)),
}
"""The same for acts that say it on the page at once."""
