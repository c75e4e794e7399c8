"""What can be done on the Audit page: certify, follow a spending plan, each with its cost first; and a running audit's
progress with pause, stop and resume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from autodata.audit.fresh.seats import AuditSeats
from autodata.errors import BadInput
from autodata.index.queries.audit import Standing, list_uncertified, load_standing
from autodata.index.queries.audit_filter import AuditFilter
from autodata.index.queries.audit_runs import AuditSession, list_sessions
from autodata.index.queries.cards import RunCard
from autodata.prices import NO_PRICES, PriceTable, load_prices
from autodata.ui.audit import process
from autodata.ui.audit.cost import Offer, find_seats, offer_certification, offer_plan
from autodata.ui.audit.models import draw_models, read_models
from autodata.ui.audit.state import NO_AUDIT, PROCESS_ENDED, AuditState, measure_progress, write_progress
from autodata.ui.links import open_page
from autodata.ui.marks import draw_bar, draw_severity
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node

SESSIONS = 5
"""Audits that are looked at for one that works."""
TRIED = 5
"""Runs that are looked at for something to certify, those with the most left first."""
AT_ONCE = 40
"""Tasks that one press of the button certifies."""
PLANS = {
    "lean": "Lean: judge and rubric checked on every task",
    "medium": "Medium: lean, and the gap of flagged and of 30 % random tasks",
    "default": "Default: the gap of every task, and why where it is not real",
}
LOOK_S, QUIET_S = 1.0, 5.0
"""Seconds between two looks at an audit that moves, and at one that does not."""
REDRAW = 4
"""Looks after which the page as a whole is drawn again while results come in."""


@dataclass(frozen=True, slots=True)
class Target:
    """The run that the buttons act on, and the tasks that Certify would take."""

    run_id: str
    tasks: tuple[str, ...]
    standing: Standing


def draw_actions(bench: Workbench, cards: Sequence[RunCard], view: AuditFilter, standing: Standing) -> None:
    """Certify more and the plans, with what they cost before they are pressed. Nothing while an audit works."""
    target = _find_target(bench, cards, view)
    if target is None or not standing.audited:
        return
    run_id = target.run_id
    session = next(iter(list_sessions(bench.index, run_id, 1)), None)
    audit = process.judge_session(bench.home, run_id, session)
    if audit.moving:
        return
    models, seats = _find_seats(bench, run_id)
    if isinstance(seats, str):
        words = build_sentences([seats], "unchecked")
        draw(node("div", {"class": "small", "style": "max-width:420px"}, words), key="audit.noseats", width="content")
        draw_models()
        return
    prices = _read_prices(bench)
    if target.tasks:
        offer = offer_certification(seats, prices, len(target.tasks))
        more = f"of {run_id}" if not view.run_id else "more" if target.standing.certified else ""
        label = " ".join(part for part in (f"Certify {len(target.tasks):,}", more) if part)
        kind = "secondary" if audit.can_resume else "primary"
        # Tasks that nobody picked may speak of the whole run, so they are not named where they are all there is.
        everything = not _is_narrow(view) and len(target.tasks) == target.standing.audited
        named = () if everything else target.tasks
        st.button(
            label, key="audit.certify", type=kind, on_click=process.certify,  # type: ignore[arg-type]
            args=(bench.home, run_id, named, models), help=_explain(view, len(target.tasks)),
        )  # fmt: skip
        draw(_build_cost(offer), key="audit.cost", width="content")
    elif not audit.can_resume and standing.violated + standing.flagged:
        _offer_review(view.run_id)
    _draw_plans(bench, target, seats, prices, models)
    draw_models()


def _find_seats(bench: Workbench, run_id: str) -> tuple[str | None, AuditSeats | str]:
    """The auditors that were chosen, and the seats that an audit of the run would then use, or why it has none."""
    try:
        models = read_models()
    except BadInput as error:
        return None, str(error)
    return models, find_seats(bench.home, run_id, models)


def draw_strip(bench: Workbench, run_id: str, standing: Standing) -> None:
    """The audit that works, or the latest that ended early, with its buttons; and how far the record was read."""
    _, _, audit = _find_session(bench, run_id)
    moving = audit.moving or standing.working
    st.fragment(_draw_live, run_every=LOOK_S if moving else QUIET_S)(run_id, (audit.word, standing))


def _draw_live(run_id: str, drawn: tuple[str, Standing]) -> None:
    bench = get_workbench()
    about, session, audit = _find_session(bench, run_id)
    standing = load_standing(bench.index, run_id)
    if notice := st.session_state.get(process.NOTICE):
        draw(build_sentences([str(notice)], "flag"), key="audit.notice")
    if standing.working:
        draw(_build_reading(standing), key="audit.reading")
    if audit.word not in ("", "done"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit.strip"):
            draw(_build_strip(about, session, audit), key="audit.progress")
            if audit.can_pause:
                for word, icon in (("pause", ":material/pause:"), ("stop", ":material/stop:")):
                    st.button(
                        word.capitalize(), key=f"audit.{word}", icon=icon, on_click=process.request,
                        args=(bench.home, about, word), help="Finishes the calls in flight. Resume goes on.",
                    )  # fmt: skip
            if audit.can_resume:
                limit = _ask_limit(session) if "budget" in audit.reason else None
                st.button(
                    "Resume", key="audit.resume", type="primary", icon=":material/play_arrow:",
                    on_click=process.resume, args=(bench.home, about, limit),
                )  # fmt: skip
        log = process.read_log(bench.home, about)
        if log and (audit.alarm or audit.reason == PROCESS_ENDED):
            with st.expander("What its process printed", key="audit.log"):
                st.code(log, language=None, wrap_lines=True)
    looks = st.session_state.get("audit.looks", 0) + 1
    st.session_state["audit.looks"] = looks
    quiet = not audit.moving and not standing.working
    if audit.word != drawn[0] or (standing != drawn[1] and (quiet or looks % REDRAW == 0)):
        st.rerun(scope="app")


def _ask_limit(session: AuditSession | None) -> int:
    """A new limit of calls for an audit that has spent its old one."""
    spent = session.calls if session else 0
    rest = max(session.planned or 0.0 if session else 0.0, 2.0 * spent, 100.0)
    asked = st.number_input("Calls at most", spent + 1, None, round(rest), 100, key="audit.limit", width=150)
    return int(asked)


def _find_session(bench: Workbench, run_id: str) -> tuple[str, AuditSession | None, AuditState]:
    """The run's latest audit; of all runs ("") the one that works, else the latest. The run's id, "" for no audit."""
    latest: dict[str, AuditSession] = {}
    for session in list_sessions(bench.index, run_id, SESSIONS):
        latest.setdefault(session.run_id, session)
    launched = [name for name in st.session_state.get(process.LAUNCHED, {}) if run_id in ("", name)]
    names = dict.fromkeys([*latest, *launched, *([run_id] if run_id else [])])
    found = [(name, latest.get(name), process.judge_session(bench.home, name, latest.get(name))) for name in names]
    moving = next((one for one in found if one[2].moving), None)
    return moving or (found[0] if found else ("", None, NO_AUDIT))


def _find_target(bench: Workbench, cards: Sequence[RunCard], view: AuditFilter) -> Target | None:
    """The run of the view, or of all runs the one with the most left to certify."""
    standings = {card.run_id: load_standing(bench.index, card.run_id) for card in cards}
    left = sorted(standings, key=lambda name: -standings[name].uncertified)
    for name in [view.run_id] if view.run_id in standings else left[:TRIED]:
        tasks = list_uncertified(bench.index, replace(view, run_id=name), AT_ONCE)
        if tasks or name == view.run_id or not standings[name].uncertified:
            return Target(name, tuple(tasks), standings[name])
    return None


def _draw_plans(bench: Workbench, target: Target, seats: AuditSeats, prices: PriceTable, models: str | None) -> None:
    run_id, tasks = target.run_id, target.standing.audited
    with st.popover("Plans", key="audit.plans", help=f"Spending plans for all accepted tasks of {run_id}"):
        offers = {name: offer_plan(name, seats, prices, target.standing) for name in PLANS}
        note = node("span", "note", f"all {count_of(tasks, 'accepted task')}")
        draw(node("div", "head", f"Audit {run_id} with a plan", note), key="audit.planhead")
        plan = st.radio(
            "Plan", list(PLANS), format_func=PLANS.__getitem__, index=1, key="audit.plan",
            captions=[f"{offer.words}, {offer.money}" for offer in offers.values()], label_visibility="collapsed",
        )  # fmt: skip
        if seats.warnings:
            draw(build_sentences([f"{words[:1].upper()}{words[1:]}." for words in seats.warnings], "unchecked"),
                 key="audit.seatwarnings")  # fmt: skip
        st.button(
            f"Start the {plan or 'medium'} plan", key="audit.follow", on_click=process.follow_plan,
            args=(bench.home, run_id, plan or "medium", models),
        )  # fmt: skip


def _offer_review(run_id: str) -> None:
    """Where every gap was measured, the next step is a person's."""
    if st.button("Review the riskiest first", key="audit.riskiest", type="primary", icon=":material/arrow_forward:"):
        open_page("review", run=run_id)


def _build_cost(offer: Offer) -> Tree:
    style = {"class": "small muted", "style": "white-space:nowrap"}
    return node("div", style, node("div", None, offer.words), node("div", None, offer.money))


def _build_strip(run_id: str, session: AuditSession | None, audit: AuditState) -> Tree:
    words = write_progress(run_id, session, audit)
    tone = "alarm" if audit.alarm else None
    mark = draw_severity("failed" if audit.alarm else "undecided" if audit.can_resume else "unchecked", 13)
    return node(
        "div",
        {"class": "col", "role": "alert" if audit.alarm else "status", "style": "gap:5px"},
        node("div", "row", node("span", tone or "muted", mark), node("b", {"class": tone or ""}, words)),
        node("span", {"class": "small muted", "style": "overflow-wrap:anywhere"}, audit.reason)
        if audit.reason
        else None,
        draw_bar(measure_progress(session), thin=True) if session and session.planned else None,
    )


def _build_reading(standing: Standing) -> Tree:
    words = f"The record is being audited: {standing.audited:,} of {count_of(standing.tasks, 'accepted task')} read"
    return node(
        "div",
        {"class": "col", "role": "status", "style": "gap:5px"},
        node("div", "row", node("span", "muted", draw_severity("unchecked", 13)), words),
        draw_bar(standing.audited / max(1, standing.tasks), thin=True),
    )


def _explain(view: AuditFilter, tasks: int) -> str:
    which = "the most suspicious of this view" if _is_narrow(view) else "drawn as by lot among those not certified"
    return f"Fresh answers of weak and strong for {count_of(tasks, 'task')}, {which}, graded by a blind judge."


def _is_narrow(view: AuditFilter) -> bool:
    return bool(view.detector or view.verdict or view.group)


def _read_prices(bench: Workbench) -> PriceTable:
    """The home's prices; none where the table cannot be read, so that every price is unknown and never 0."""
    try:
        return load_prices(bench.home)
    except BadInput:
        return NO_PRICES
