"""Requests and responses of an autosynth run as calls of ours: exact prompts, replies, tokens and stated cost."""

from __future__ import annotations

from collections import defaultdict

from autodata.importing.autosynth_rows import Row, RunRows, load_blob
from autodata.importing.fields import is_number, read_time
from autodata.importing.values import ForeignCall

ROLES = {
    "challenger": ("challenger", "write", "challenger"),
    "quality": ("verifier", "review", "judge"),
    "weak": ("weak", "select", "weak_solver"),
    "strong": ("strong", "select", "strong_solver"),
    "judge": ("judge", "select", "judge"),
    "reflector": ("analyst", "diagnose", "orchestrator"),
    "loop_judge": ("loop_judge", "select", "judge"),
    "audit": ("verifier", "final", "auditor"),
}
"""Their role → our role, its purpose, and the settings block its model comes from."""

_MODELS = {
    "challenger": "challenger",
    "verifier": "judge",
    "weak": "weak_solver",
    "strong": "strong_solver",
    "judge": "judge",
    "analyst": "orchestrator",
}


class CallBook:
    """The calls of a run by id, and by what they were for."""

    def __init__(self, rows: RunRows) -> None:
        self._rows = rows
        self._by_id: dict[str, ForeignCall] = {}
        self._by_use: dict[tuple[str, int, str], list[ForeignCall]] = defaultdict(list)
        self._roles = {r["request_id"]: str(r["role"]) for requests in rows.requests.values() for r in requests}
        for (item_id, number), requests in rows.requests.items():
            for request in requests:
                call = self._read(request)
                self._by_id[request["request_id"]] = call
                self._by_use[item_id, number, call.role].append(call)

    @property
    def models(self) -> dict[str, str]:
        """Our seats to the models they were given."""
        roles = self._rows.roles
        return {seat: roles[block].model for seat, block in _MODELS.items() if block in roles and roles[block].model}

    @property
    def simulated(self) -> bool:
        """Whether any call that decides a score went to the tool's own scripted models."""
        return any(
            call.model.startswith("mock/") for call in self._by_id.values() if call.role in ("weak", "strong", "judge")
        )

    def by_id(self, own: object) -> ForeignCall | None:
        """A call by the id of its request, which is that of its response too."""
        return self._by_id.get(own) if isinstance(own, str) else None

    def find(self, item_id: str, number: int, role: str) -> list[ForeignCall]:
        """The calls of one of our roles in a round."""
        return self._by_use.get((item_id, number, role), [])

    def find_others(self, item_id: str, number: int) -> tuple[ForeignCall, ...]:
        """The calls of a round that belong to no rollout."""
        return tuple(
            call
            for role in ("challenger", "verifier", "loop_judge", "analyst")
            for call in self.find(item_id, number, role)
        )

    def _read(self, request: Row) -> ForeignCall:
        # A judge's request names the response it grades, not the solver: whose answer it was, its parent says.
        role, purpose, block = ROLES.get(request["role"], (str(request["role"]), "select", ""))
        settings = self._rows.roles.get(block) or self._rows.roles.get("judge")
        messages = load_blob(request.get("messages_blob"))
        response = self._rows.responses.get(request["request_id"], {})
        body: Row = {
            "model": request.get("model_key"),
            **(settings.sampling if settings else {}),
            "messages": messages,
        }
        for name in ("temperature", "max_tokens"):
            if request.get(name) is not None:
                body[name] = request[name]
        if request.get("json_mode"):
            body["json_mode"] = True
        text, seconds, cost = response.get("text"), response.get("duration_ms"), response.get("cost_usd")
        failed = request.get("status") == "failed" or (not response and request.get("last_error"))
        return ForeignCall(
            role=role,
            purpose=purpose,
            subject=self._roles.get(str(request.get("parent_response_id")), ""),
            attempt=int(request.get("attempt") or 0),
            model=str(response.get("model") or request.get("model_key") or ""),
            request=body if isinstance(messages, list) else None,
            complete=settings is None or settings.complete,
            response=text if isinstance(text, str) else None,
            prompt_tokens=_count(response.get("prompt_tokens")),
            completion_tokens=_count(response.get("completion_tokens")),
            seconds=seconds / 1000 if is_number(seconds) else None,
            ended=read_time(response.get("received_at") or request.get("completed_at")),
            cost=float(cost) if is_number(cost) else None,
            error=(str(request.get("last_error") or "no reply") if failed else ""),
        )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None
