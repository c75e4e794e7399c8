"""Model servers on the Settings page: what each is to be, how it stands, its log, start and stop."""

from __future__ import annotations

import streamlit as st

from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.model import SOLVERS
from autodata.serving.control import ServerView, start_server, stop_server, watch_server
from autodata.serving.plan import DEFAULT_PORTS, VLLM, ServerPlan, make_plan
from autodata.serving.state import list_servers
from autodata.ui.marks import draw_severity, draw_solver
from autodata.ui.parts import build_pairs, build_sentences
from autodata.ui.piece import draw
from autodata.ui.problems import spell_problem
from autodata.ui.reviewer import require
from autodata.ui.shell import draw_section_head
from autodata.ui.text import format_duration
from autodata.ui.tree import Tree, node

NOTICE = "settings.servers.notice"
"""Sentence about the last act on a server, by its name."""

MOVING_S, QUIET_S = 1.5, 10.0
"""Seconds between two looks at a server that starts, and at one that stands as it is."""

_MARKS = {"ready": "clear", "starting": "unchecked", "silent": "flag", "died": "failed", "stopped": "unchecked"}
_WORDS = {"ready": "ready", "starting": "starting", "silent": "not answering", "died": "died", "stopped": "stopped"}


def watch_servers(home: Home) -> dict[str, ServerView | None]:
    """How the servers of weak and strong stand, then any others; None for one that was never started."""
    others = [name for name in list_servers(home) if name not in SOLVERS]
    return {name: _watch(home, name) for name in (*SOLVERS, *others)}


def draw_servers(home: Home, servers: dict[str, ServerView | None]) -> None:
    """The servers side by side, each with its state, log, form and buttons."""
    draw_section_head(
        "Model servers",
        "vLLM on this machine, or any OpenAI-compatible server; one that answers takes its seat in the file above",
        key="settings.servershead",
    )
    names = list(servers)
    for first in range(0, len(names), 2):
        columns = st.columns([1.15, 1], gap="medium")
        for column, name in zip(columns, names[first : first + 2], strict=False):
            with column.container(gap="small", key=f"settings.server.{name}"):
                _draw_server(home, name, servers[name])


def read_words(text: str) -> tuple[str, ...]:
    """One word a line, as typed: nothing is split, quoted or expanded."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def read_form(name: str, values: dict[str, str]) -> ServerPlan:
    """A plan from what is typed; raises BadInput naming the field."""
    return make_plan(
        {
            "name": name,
            "model": values["model"],
            "port": _read_number("port", values["port"]),
            "gpus": tuple(_read_number("GPUs", part) for part in values["gpus"].replace(",", " ").split()),
            "data_parallel": _read_number("copies", values["data_parallel"]) or 1,
            "max_len": _read_number("max length", values["max_len"]),
            "served_as": values["served_as"].strip(),
            "command": read_words(values["command"]) or VLLM,
            "extra": read_words(values["extra"]),
        }
    )


def build_server(name: str, view: ServerView | None) -> Tree:
    """How a server stands: its state in a word with a mark, what that means, and its particulars while it runs."""
    solver = draw_solver(name) if name in SOLVERS else None
    if view is None:
        return node("div", "row", solver, node("b", None, name), node("span", "muted", "never started"))
    alarming = view.phase in ("died", "silent")
    state = node(
        "span",
        {"class": "row", "style": f"color:var(--ad-{'alarm' if alarming else 'ink'})"},
        draw_severity(_MARKS[view.phase]),
        _WORDS[view.phase],
    )
    pairs: list[tuple[str, Tree]] = [
        ("Model", node("span", {"class": "mono", "dir": "auto"}, view.plan.model_name)),
        ("Address", node("span", "mono", view.plan.base_url)),
    ]
    if view.running:
        gpus = ", ".join(map(str, view.plan.gpus)) or "as the environment says"
        pairs.append(("GPUs", gpus))
        pairs.append(("Process", f"{view.pid}, for {format_duration(view.seconds or 0.0)}"))
    said = node("div", {"class": "alarm" if alarming else "muted", "dir": "auto"}, view.sentence)
    return node(
        "div", "col", node("div", "row", solver, node("b", None, name), state), said, build_pairs(pairs, width=64)
    )


def build_log(view: ServerView) -> Tree | None:
    """The end of a server's log as bytes are shown; None when it wrote nothing."""
    if not view.tail:
        return None
    # Reversed, so that it is scrolled to its end when it is drawn.
    style = "max-height:190px;overflow-y:auto;white-space:pre-wrap;display:flex;flex-direction:column-reverse"
    lines = node("div", {"class": "mono", "dir": "auto"}, "\n".join(view.tail))
    return node("div", {"class": "paper", "style": style, "tabindex": "0", "aria-label": "End of its log"}, lines)


def _draw_server(home: Home, name: str, view: ServerView | None) -> None:
    moving = view is not None and view.phase == "starting"
    st.fragment(_draw_state, run_every=MOVING_S if moving else QUIET_S)(home, name, view.phase if view else None)
    plan = view.plan if view else None
    running = view is not None and view.running
    with st.expander("Model, port and command", key=f"settings.server.{name}.form"):
        values = _draw_form(name, plan)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"settings.server.{name}.acts"):
        if running:
            st.button("Stop", key=f"settings.server.{name}.stop", on_click=_stop, args=(home, name))
        else:
            st.button("Start", key=f"settings.server.{name}.start", on_click=_start, args=(home, name, values))
    notice = st.session_state.get(NOTICE, {}).get(name)
    if notice:
        draw(build_sentences([notice], "flag"), key=f"settings.server.{name}.notice")


def _draw_state(home: Home, name: str, drawn: str | None) -> None:
    """State and log, looked at again and again; the whole page follows when the state becomes another."""
    view = _watch(home, name)
    if (view.phase if view else None) != drawn:
        st.rerun()
    draw(build_server(name, view), key=f"settings.server.{name}.state")
    log = build_log(view) if view else None
    if log is not None:
        draw(log, key=f"settings.server.{name}.log")


def _draw_form(name: str, plan: ServerPlan | None) -> dict[str, str]:
    """The fields, filled with what it was last; returns the keys of the session where they are."""

    def field(label: str, part: str, value: object, help: str = "", *, rows: int = 0) -> str:
        key = f"settings.server.{name}.{part}"
        st.session_state.setdefault(key, "" if value is None else str(value))
        if rows:
            st.text_area(label, key=key, help=help, height=36 + 24 * rows)
        else:
            st.text_input(label, key=key, help=help, max_chars=400)
        return key

    keys = {
        "model": field("Model", "model", plan.model if plan else "", "A name on its hub, or the folder it lies in.")
    }
    left, middle, right = st.columns(3, gap="small")
    with left:
        keys["port"] = field("Port", "port", plan.port if plan else DEFAULT_PORTS.get(name, 8000))
        keys["gpus"] = field("GPUs", "gpus", ", ".join(map(str, plan.gpus)) if plan else "", "By number, such as 0, 1.")
    with middle:
        copies = plan.data_parallel if plan else 1
        keys["data_parallel"] = field("Copies", "data_parallel", copies, "Data-parallel size.")
        keys["served_as"] = field("Name in requests", "served_as", plan.served_as if plan else "")
    with right:
        longest = plan.max_len if plan else None
        keys["max_len"] = field("Max length", "max_len", longest, "Prompt and answer, in tokens; empty: the model's.")
    extra = "\n".join(plan.extra) if plan else ""
    keys["extra"] = field("Extra arguments, one a line", "extra", extra, "Passed on as they are.", rows=2)
    command = "\n".join(plan.command if plan else VLLM)
    told = "The program, one word a line. With {port} in a word it is the whole command of any other server."
    keys["command"] = field("Command, one word a line", "command", command, told, rows=2)
    return keys


def _start(home: Home, name: str, keys: dict[str, str]) -> None:
    try:
        # The command is a program that this machine runs: it takes who may do everything else, too.
        require(home, "set_up")
        plan = read_form(name, {part: str(st.session_state.get(key) or "") for part, key in keys.items()})
        before = watch_server(home, name)
        # What only the command line sets stays as it was.
        if before is not None:
            plan = plan.model_copy(update={"host": before.plan.host, "seats": before.plan.seats})
        start_server(home, plan)
    except (AutodataError, OSError) as error:
        _note(name, f"Not started. {spell_problem(error)}")
    else:
        _note(name, "")


def _stop(home: Home, name: str) -> None:
    try:
        require(home, "set_up")
        stop_server(home, name)
    except (AutodataError, OSError) as error:
        _note(name, f"Not stopped. {error}")
    else:
        _note(name, "")


def _watch(home: Home, name: str) -> ServerView | None:
    try:
        return watch_server(home, name)
    except AutodataError as error:
        _note(name, str(error))
        return None


def _note(name: str, sentence: str) -> None:
    st.session_state.setdefault(NOTICE, {})[name] = sentence


def _read_number(field: str, text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return int(text.replace(",", "").replace(" ", ""))
    except ValueError:
        raise BadInput(f"{field} {text!r} is not a whole number") from None
