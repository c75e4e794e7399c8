"""The decision bar at the bottom: decide, undo, move; or choose a reason; or say who you are."""

from __future__ import annotations

import streamlit as st

from autodata.review.entry import REASONS
from autodata.ui.piece import draw
from autodata.ui.review import actions, labelling
from autodata.ui.review.actions import Screen
from autodata.ui.review.replacing import draw_offer
from autodata.ui.tree import Tree, node


def draw_bar(
    screen: Screen, sentence: Tree, *, named: bool, quiet: bool, refusal: str = "", settles: bool = False
) -> None:
    """Draw the bar for one task. `named`: the reviewer is known. `quiet`: a dialog is open, keys belong to it.
    `refusal`: why this person may not decide. `settles`: what they decide settles a dispute."""
    verdict, about = actions.get_reasons(screen.task_id), labelling.get_labelling()
    with st.bottom:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="review.bar"):
            if not named:
                _draw_name(sentence)
            elif verdict:
                _draw_reasons(screen, verdict, quiet)
            elif about is not None:
                labelling.draw_labels(about, quiet=quiet, on_label=actions.label)
            else:
                _draw_decisions(screen, sentence, quiet, refusal, settles)


def draw_say(shortcut: str | None) -> None:
    """The way to the label bar, right after a task was rejected or flagged."""
    decided = labelling.get_decided()
    if decided is not None:
        st.button("Say what it was", key="review.say", type="tertiary", icon=":material/label:", shortcut=shortcut,
                  help=f"Label {decided.task_id}, which was just decided", on_click=actions.open_labels)  # fmt: skip


def _draw_decisions(screen: Screen, sentence: Tree, quiet: bool, refusal: str, settles: bool) -> None:
    task_id, off, why = screen.task_id, bool(refusal), refusal or None

    def key(letter: str) -> str | None:
        return None if quiet else letter

    if settles:
        draw(node("b", None, "Your last word"), key="review.settles", width="content")
    st.button("Approve", key=f"review.approve.{task_id}", icon=":material/check:", shortcut=key("a"),
              on_click=actions.decide, args=(screen, "approve"), disabled=off, help=why)  # fmt: skip
    st.button("Reject", key=f"review.reject.{task_id}", icon=":material/close:", shortcut=key("x"),
              on_click=actions.ask_reason, args=(task_id, "reject"), disabled=off, help=why)  # fmt: skip
    st.button("Flag", key=f"review.flag.{task_id}", icon=":material/flag:", shortcut=key("f"),
              on_click=actions.ask_reason, args=(task_id, "flag"), disabled=off, help=why)  # fmt: skip
    st.button("Fix", key=f"review.fix.{task_id}", icon=":material/edit:", shortcut=key("e"),
              on_click=actions.open_dialog, args=("fix",))  # fmt: skip
    st.button("Skip", key=f"review.skip.{task_id}", shortcut=key("s"), on_click=actions.decide,
              args=(screen, "skip"), disabled=off, help=why)  # fmt: skip
    st.button("Undo", key="review.undo", type="tertiary", icon=":material/undo:", shortcut=key("u"),
              on_click=actions.undo, args=(screen,), disabled=off)  # fmt: skip
    if off:
        draw(node("span", "muted", refusal), key="review.barred", width="content")
    draw(sentence, key="review.sentence")
    draw_say(key("l"))
    draw_offer(screen.bench)
    st.button("Decisions", key="review.decisions", type="tertiary", icon=":material/history:", shortcut=key("d"),
              on_click=actions.open_dialog, args=("decisions",))  # fmt: skip
    st.button("Keys", key="review.keys", type="tertiary", icon=":material/keyboard:", shortcut=key("h"),
              on_click=actions.open_dialog, args=("keys",))  # fmt: skip
    st.button("Previous", key=f"review.previous.{task_id}", type="tertiary", shortcut=key("Left"),
              on_click=actions.go_previous, args=(task_id,))  # fmt: skip
    st.button("Next", key=f"review.next.{task_id}", type="tertiary", shortcut=key("Right"),
              on_click=actions.go_next, args=(task_id,))  # fmt: skip


def _draw_reasons(screen: Screen, verdict: str, quiet: bool) -> None:
    task_id = screen.task_id
    word = "Reject" if verdict == "reject" else "Flag"
    draw(node("b", None, f"{word} because"), key="review.because", width="content")
    for number, reason in enumerate(REASONS, start=1):
        st.button(reason, key=f"review.reason.{number}.{task_id}", shortcut=None if quiet else str(number),
                  on_click=actions.decide, args=(screen, verdict, reason))  # fmt: skip
    if verdict == "reject":
        st.button("Reject", key=f"review.commit.{task_id}", type="tertiary", icon=":material/close:",
                  shortcut=None if quiet else "x", on_click=actions.decide, args=(screen, "reject"))  # fmt: skip
    st.button("Back", key=f"review.back.{task_id}", type="tertiary", shortcut=None if quiet else "Esc",
              on_click=actions.leave_reasons)  # fmt: skip


def _draw_name(sentence: Tree) -> None:
    draw(node("span", None, node("b", None, "Who is reviewing?"), "  Recorded with every decision."), key="review.who",
         width="content")  # fmt: skip
    st.text_input("Your name", key="review.name", label_visibility="collapsed", placeholder="Your name", width=220,
                  max_chars=80, on_change=actions.save_name)  # fmt: skip
    st.button("Start reviewing", key="review.start", on_click=actions.save_name)
    draw(sentence, key="review.sentence")
