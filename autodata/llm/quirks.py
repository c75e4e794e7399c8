"""What servers refuse, and the request they take instead: found from their words, remembered per endpoint and model.

A server may know no `seed` or no JSON mode, a reasoning model may refuse `temperature` or want the token limit under
another name. Each such refusal is one adaptation by name. `adapt_body` is pure, so the body that was really sent
follows from the one asked for and the names beside it. No call asks for several answers (`n`), so none is refused so.

Weak and strong must be sent the same bytes: what one of the two refuses is left out for both, unless the signed
contract allows that field to differ. The seed may always differ.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from autodata.home import Home
from autodata.llm.completion import ServerError
from autodata.llm.seat import Endpoint, SeatBook
from autodata.model import SOLVERS

Body = dict[str, Any]

_REFUSAL_STATUSES = frozenset({400, 422, 500, 501})
"""With these a server says that it does not take a request; some answer 500 to a field they do not know."""

_REFUSES = re.compile(
    r"unsupported|not supported|n.t support|unknown|unrecogni[sz]ed|unexpected|not permitted|forbidden|not allowed"
    r"|may only|only the default|cannot find|unavailable|not available|not implemented|instead|deprecated",
    re.I,
)
_OUT_OF_RANGE = re.compile(
    r"greater than|less than|too (large|long|high|low)|maximum context|out of range|exceed", re.I
)
"""A value that is wrong is the person's to mend; leaving it out would hide it."""

_FORMAT = re.compile(r"response_format|json_schema|json_object|json mode|structured|guided|grammar|schema", re.I)


def _drop(field: str) -> Callable[[Body], None]:
    def drop(body: Body) -> None:
        body.pop(field, None)

    return drop


def _rename(old: str, new: str) -> Callable[[Body], None]:
    def rename(body: Body) -> None:
        if old in body:
            limit = body.pop(old)
            body.setdefault(new, limit)

    return rename


def _use_json_object(body: Body) -> None:
    if body.get("response_format", {}).get("type") == "json_schema":
        body["response_format"] = {"type": "json_object"}


_CHANGES: dict[str, tuple[Callable[[Body], None], frozenset[str], str]] = {
    "no_temperature": (_drop("temperature"), frozenset({"temperature"}), "without temperature"),
    "no_top_p": (_drop("top_p"), frozenset({"top_p"}), "without top_p"),
    "no_seed": (_drop("seed"), frozenset({"seed"}), "without seed"),
    "max_completion_tokens": (
        _rename("max_tokens", "max_completion_tokens"),
        frozenset({"max_tokens", "max_completion_tokens"}),
        "with max_tokens as max_completion_tokens",
    ),
    "max_tokens": (
        _rename("max_completion_tokens", "max_tokens"),
        frozenset({"max_tokens", "max_completion_tokens"}),
        "with max_completion_tokens as max_tokens",
    ),
    "json_object": (_use_json_object, frozenset({"response_format"}), "with JSON mode instead of a JSON schema"),
    "no_response_format": (_drop("response_format"), frozenset({"response_format"}), "without JSON mode"),
}
"""Name → change, fields it touches, words. In the order in which they are applied."""

_OPPOSITES = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_PLAIN_FIELDS = {
    "temperature": "no_temperature",
    "top_p": "no_top_p",
    "seed": "no_seed",
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}


def adapt_body(body: Body, names: Iterable[str]) -> tuple[Body, tuple[str, ...]]:
    """The body to send and the adaptations that changed something in it; the given body is left as it is."""
    wanted, sent = set(names), body
    applied: list[str] = []
    for name, (change, _, _) in _CHANGES.items():
        if name in wanted:
            changed = dict(sent)
            change(changed)
            if changed != sent:
                sent = changed
                applied.append(name)
    return sent, tuple(applied)


def describe_adaptations(names: Iterable[str]) -> str:
    """`without temperature, with max_tokens as max_completion_tokens`; "" for none."""
    wanted = set(names)
    return ", ".join(words for name, (_, _, words) in _CHANGES.items() if name in wanted)


def read_refusal(status: int, error: ServerError, sent: Body) -> str | None:
    """The adaptation that answers a server's refusal of `sent`; None when it refuses something else.

    Only a field that was sent can be refused, so each adaptation is found at most once for a request.
    """
    if status not in _REFUSAL_STATUSES:
        return None
    named = _find_refused_field(error, sent)
    if named and _REFUSES.search(error.words) and not _OUT_OF_RANGE.search(error.words):
        return _PLAIN_FIELDS[named]
    wanted = sent.get("response_format")
    if wanted and (error.param.startswith("response_format") or _FORMAT.search(error.words)):
        return "json_object" if wanted.get("type") == "json_schema" else "no_response_format"
    return None


def _find_refused_field(error: ServerError, sent: Body) -> str | None:
    """The plain field an error is about: the one it names as its parameter, else the first its words name."""
    present = [field for field in _PLAIN_FIELDS if field in sent]
    if error.param in present:
        return error.param
    places = {field: re.search(rf"(?<![A-Za-z0-9_]){field}(?![A-Za-z0-9_])", error.words) for field in present}
    found = {field: place.start() for field, place in places.items() if place}
    return min(found, key=found.__getitem__) if found else None


def open_quirks(home: Home, seats: SeatBook) -> QuirkMemory:
    """What is known in this home about the servers of these seats."""
    return QuirkMemory(seats, home.root / "quirks.json")


class QuirkMemory:
    """What each model at each endpoint refuses, for solvers and agents apart.

    Apart, because a judge's refused temperature of 0 says nothing about a solver's of 1, and must not change what the
    solvers are sent in the middle of a run. With `path` it is kept in a file, so that a run knows what its seat test
    found; a file that cannot be read or written is passed over, for all of it can be learned again. `known` is what
    another memory knows.
    """

    def __init__(
        self,
        seats: SeatBook | None = None,
        path: Path | None = None,
        known: Mapping[str, list[str]] | None = None,
    ) -> None:
        self._seats, self._path = seats, path
        self._known: dict[str, list[str]] = {name: list(names) for name, names in (known or _read_known(path)).items()}

    @property
    def known(self) -> Mapping[str, list[str]]:
        """All that is known, for another memory."""
        return self._known

    def find(self, endpoint: Endpoint, model: str, role: str = "") -> tuple[str, ...]:
        """The adaptations for a request of `role`: the model's own and, for a solver, those of the other one."""
        own = self._known.get(_name_entry(endpoint, model, _is_solver(role)), [])
        return tuple(dict.fromkeys([*own, *self._find_shared(role)]))

    def learn(self, endpoint: Endpoint, model: str, role: str, name: str) -> bool:
        """Remember one; False when it contradicts what the other solver needs, so that no request suits both."""
        if _OPPOSITES.get(name) in self.find(endpoint, model, role):
            return False
        known = self._known.setdefault(_name_entry(endpoint, model, _is_solver(role)), [])
        if name not in known:
            known.append(name)
            self._save()
        return True

    def forget(self, endpoint: Endpoint, model: str) -> None:
        """Forget a model, to find out anew what its server takes today."""
        for solver in (True, False):
            self._known[_name_entry(endpoint, model, solver)] = []
        self._save()

    def _find_shared(self, role: str) -> list[str]:
        """What the other solver needs and the contract does not allow to differ."""
        if self._seats is None or role not in SOLVERS:
            return []
        other = "strong" if role == "weak" else "weak"
        if other not in self._seats.seats:
            return []
        contract = self._seats.contract
        allowed = frozenset(contract.allowed if contract.signed_by.strip() else ()) | {"seed"}
        entry = _name_entry(self._seats.endpoint_of(other), self._seats.seat(other).model, True)
        return [name for name in self._known.get(entry, []) if name in _CHANGES and not _CHANGES[name][1] <= allowed]

    def _save(self) -> None:
        """Write what is known, together with what other processes wrote meanwhile about other models."""
        if self._path is None:
            return
        kept = {entry: names for entry, names in (_read_known(self._path) | self._known).items() if names}
        draft = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2))
            draft.replace(self._path)
        except OSError:
            self._path = None


def explain_conflict(name: str) -> str:
    """What to do when weak and strong need opposite forms of one field."""
    fields = sorted(_CHANGES[name][1])
    return (
        f"Weak and strong need different forms of it: set it the same way for both in the seats, or sign the "
        f'difference: [contract] allowed = {fields!r}, signed_by = "NAME", reason = "…"'
    )


def _is_solver(role: str) -> bool:
    """Whether a call is a solver's; "solver" stands for both of them."""
    return role == "solver" or role in SOLVERS


def _name_entry(endpoint: Endpoint, model: str, solver: bool) -> str:
    return f"{'solver' if solver else 'agent'} {endpoint.base_url} {model}"


def _read_known(path: Path | None) -> dict[str, list[str]]:
    try:
        values = orjson.loads(path.read_bytes()) if path else {}
    except (OSError, ValueError):
        return {}
    if not isinstance(values, dict):
        return {}
    return {
        str(entry): [name for name in names if isinstance(name, str) and name in _CHANGES]
        for entry, names in values.items()
        if isinstance(names, list)
    }
