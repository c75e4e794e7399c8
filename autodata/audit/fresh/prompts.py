"""Requests to the auditor's own models: templates in Markdown beside this file, untrusted text in marked sections.

The run's recipe has no say here: nobody who wrote a task can have written what is asked about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from autodata.agents.request import build_body, make_nonce, render_section
from autodata.asking import ask_until_read
from autodata.audit.fresh.context import AuditContext
from autodata.canon import derive_seed, hash_text, hash_value
from autodata.errors import MalformedReply, ProviderFailure
from autodata.llm.seat import Seat
from autodata.model import Role
from autodata.recipes.placeholders import PLACEHOLDER
from autodata.recipes.recipe import name_templates
from autodata.recorder import CallKey

PASSAGE_MAX = 60_000
"""Characters of a passage that a writer is shown; the rest is cut, as in a run."""

_FOLDER = Path(__file__).parent / "templates"

T = TypeVar("T")


@lru_cache(maxsize=64)
def load_template(name: str) -> str:
    """The text of a template that ships with the audit."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def fill_template(name: str, values: Mapping[str, str]) -> str:
    """The template with its `{{placeholders}}` filled in one pass: text that holds a placeholder pulls nothing in."""
    return PLACEHOLDER.sub(lambda match: values[match.group(1)], load_template(name)).strip()


def hash_templates(agent: str) -> str:
    """Hash of an agent's two templates, recorded with every call rendered from them."""
    return hash_value([load_template(name) for name in name_templates(agent)])


def build_request(
    seat: Seat,
    agent: str,
    sections: Mapping[str, str],
    *,
    seed: int,
    nonce: str,
    schema: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The request of an agent; every text in `sections` stands between marks, an empty one is left out."""
    shown = {name: render_section(name, text, nonce) if text else "" for name, text in sections.items()}
    instructions, request = name_templates(agent)
    messages = [
        {"role": "system", "content": fill_template(instructions, {})},
        {"role": "user", "content": fill_template(request, shown)},
    ]
    return build_body(seat, messages, seed, schema)


async def ask_agent(
    context: AuditContext,
    agent: str,
    role: Role,
    sections: Mapping[str, str],
    parse: Callable[[str], T],
    *,
    task_id: str,
    attempt: int = 0,
    subject: str = "",
    schema: dict[str, Any] | None = None,
) -> tuple[T, int]:
    """What `parse` makes of the agent's reply, and the call's number; a malformed reply is asked for again.

    `attempt` and `subject` tell calls of one agent about one task apart. Raises MalformedReply and ProviderFailure.
    """
    settings = context.loop.settings
    nonce = make_nonce(context.loop.run_id, settings.seed, task_id, 0, role)

    def build(ask: int) -> dict[str, Any]:
        seed = derive_seed(settings.seed, task_id, agent, role, attempt, subject, ask)
        return build_request(settings.seats.seat(role), agent, sections, seed=seed, nonce=nonce, schema=schema)

    key = CallKey(task_id, 0, role, attempt, purpose=agent, subject=subject)
    extra = {"sections_sha": hash_text("\x1f".join(f"{name}\x1f{text}" for name, text in sections.items()))}
    return await ask_until_read(context.loop, agent, key, build, parse, extra, hash_templates(agent))


def explain_failure(failure: ProviderFailure | MalformedReply) -> str:
    """Why a check could not be made, in a sentence short enough for a page."""
    kind = f"{failure.kind}: " if isinstance(failure, ProviderFailure) else ""
    return f"{kind}{failure}"[:400]
