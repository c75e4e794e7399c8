"""Chat request bodies, and the marked sections that carry untrusted text inside them."""

from __future__ import annotations

from typing import Any

from autodata.canon import hash_text
from autodata.llm.seat import Seat, request_settings
from autodata.model import Role


def build_body(
    seat: Seat, messages: list[dict[str, str]], seed: int, schema: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The body asked for by a seat. Settings the seat leaves open are absent, not defaulted.

    `schema` is the reply's form, for a seat that is bound to one; without it such a seat is asked for a JSON object.
    """
    settings = request_settings(seat)
    settings.pop("json_mode", None)
    settings.pop("structured", None)
    if seat.structure == "schema" and schema is not None:
        form = {"name": "reply", "strict": True, "schema": schema}
        settings["response_format"] = {"type": "json_schema", "json_schema": form}
    elif seat.structure != "off":
        settings["response_format"] = {"type": "json_object"}
    return {"model": seat.model, "messages": messages, "seed": seed, **settings}


def render_section(name: str, text: str, nonce: str) -> str:
    """`text` between marks that carry `nonce`; whoever wrote the text cannot know it, so cannot close the section."""
    return f"[[{name} {nonce}]]\n{text}\n[[/{name} {nonce}]]"


def make_nonce(run_id: str, seed: int, source_id: str, round_number: int, reader: Role) -> str:
    """24 hex digits, the same in every request to `reader` in one round, so that judge requests differ in the answer
    alone; another for every reader, or the challenger would know the marks its text is put between.

    Nobody can find a text that holds its own mark: its source id, a hash of it, goes into the mark.
    """
    return hash_text(f"{run_id}\x1f{seed}\x1f{source_id}\x1f{round_number}\x1f{reader}\x1fnonce")[:24]
