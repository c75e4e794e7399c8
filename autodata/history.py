"""Call records and what a run's journal already holds of them: replies, commits, counts. Read once, at the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from autodata.canon import hash_value
from autodata.errors import ProviderFailure
from autodata.journal import Record, read_records
from autodata.llm.quirks import adapt_body
from autodata.llm.reply import Reply
from autodata.model import Role, Usage
from autodata.prices import Use

IDENTITY_FIELDS: dict[str, tuple[str, ...]] = {
    "extract": ("source",),
    "screen": ("source", "round"),
    "task": ("source", "round"),
    "quality": ("source", "round", "purpose"),
    "rollout": ("source", "round", "solver", "index"),
    "loop_verdict": ("source", "round"),
    "round": ("source", "round"),
    "source_done": ("source",),
    "fresh": ("source", "arm", "solver", "index"),
    "check": ("source", "detector"),
}
"""Which fields of a record say what it is about; of two records about the same thing the later one holds."""


_STEPS = ("challenger", "verifier", "weak", "judge weak", "strong", "judge strong")
"""A round's calls in the order in which they wait for each other."""


@dataclass(frozen=True, slots=True)
class CallKey:
    """What a call is for. `attempt` is the rollout's index, `ask` how often the agent was asked before."""

    source: str
    round: int
    role: Role
    attempt: int = 0
    purpose: str = "select"
    subject: str = ""
    """Judge calls: whose answer is judged, weak or strong. Never part of the request."""
    ask: int = 0

    @property
    def text(self) -> str:
        """`source/round/role/attempt/purpose/subject/ask`."""
        return f"{self.source}/{self.round}/{self.role}/{self.attempt}/{self.purpose}/{self.subject}/{self.ask}"

    @property
    def rank(self) -> int:
        """Who goes first where calls wait: the higher, the sooner.

        A run ends when its longest chain of calls does, and the chain that is furthest behind is the longest: later
        rounds first, and within a round the earlier step, which has more of the round before it.
        """
        step = f"{self.role} {self.subject}".strip()
        return self.round * len(_STEPS) - (_STEPS.index(step) if step in _STEPS else 0)


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call that succeeded: its reply, the hash of its request, its record's number."""

    request_sha: str
    reply: Reply
    response_sha: str
    seq: int


@dataclass(slots=True)
class SourceHistory:
    """What is recorded of one source that is not finished. Requests are not kept."""

    replies: dict[str, StoredCall] = field(default_factory=dict)
    last_failures: dict[str, int] = field(default_factory=dict)
    """Call key → number of its last failed try."""
    committed: dict[tuple[str, tuple[Any, ...]], tuple[str, int]] = field(default_factory=dict)
    """(kind, identity) → hash of the last payload and its record's number."""
    calls_by_round: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class History:
    """A journal's calls and commits. Counts are of every attempt; texts only of sources that are not finished."""

    sources: dict[str, SourceHistory] = field(default_factory=dict)
    calls: int = 0
    uses: dict[Role, Use] = field(default_factory=dict)
    """Calls and tokens by role."""
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def prompt_tokens(self) -> int:
        return sum(use.prompt_tokens for use in self.uses.values())

    @property
    def completion_tokens(self) -> int:
        return sum(use.completion_tokens for use in self.uses.values())

    def open_source(self, source: str) -> SourceHistory:
        """The source's entry, made when there is none."""
        entry = self.sources.get(source)
        if entry is None:
            entry = self.sources[source] = SourceHistory()
        return entry

    def count_call(self, data: dict[str, Any]) -> None:
        """Count one attempt by its `call` record."""
        self.calls += 1
        self.open_source(data["source"]).calls_by_round[data["round"]] += 1
        if data["error"]:
            self.errors[data["error"]["kind"]] += 1
        role: Role = data["role"]
        self.uses[role] = self.uses.get(role, Use()) + read_use(data)

    def close_source(self, source: str) -> None:
        """Forget a finished source: its calls will not be asked for again."""
        self.sources.pop(source, None)


def load_history(path: Path) -> History:
    """Read a run's journal once. An absent journal is an empty history; raises JournalDamaged at a broken line."""
    history = History()
    for record in read_records(path):
        add_record(history, record)
    return history


def add_record(history: History, record: Record) -> None:
    """Take in one record of a journal; kinds that are neither calls nor commits are passed over."""
    if record.kind == "call":
        _add_call(history, record)
    elif record.kind in IDENTITY_FIELDS:
        _add_commit(history, record)


def read_use(data: Mapping[str, Any]) -> Use:
    """One `call` record as a count of calls and tokens; what another system did not record counts as not reported."""
    answered, usage = not data.get("error"), data.get("usage") or {}
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Use(
        calls=1,
        answered=int(answered),
        silent=int(answered and (prompt is None or completion is None)),
        simulated=int(answered and bool(data.get("simulated"))),
        prompt_tokens=prompt or 0,
        completion_tokens=completion or 0,
        cached_tokens=min(usage.get("cached_tokens") or 0, prompt or 0),
    )


def is_final(kind: str, data: dict[str, Any]) -> bool:
    """Whether this record ends its source for good; an undecided source is worked on again."""
    return kind == "source_done" and data["outcome"] != "undecided"


def describe_request(
    key: CallKey, body: dict[str, Any], request_sha: str, template_sha: str, endpoint: str
) -> dict[str, Any]:
    """The part of a `call` record that is known before it is sent."""
    return {
        "key": key.text,
        "source": key.source,
        "round": key.round,
        "role": key.role,
        "attempt": key.attempt,
        "purpose": key.purpose,
        "subject": key.subject,
        "ask": key.ask,
        "endpoint": endpoint,
        "model_requested": body.get("model", ""),
        "request": body,
        "request_sha": request_sha,
        "template_sha": template_sha,
    }


def describe_sent(body: dict[str, Any], adapted: tuple[str, ...]) -> dict[str, Any]:
    """What replaces the request in a `call` record when a server's refusals changed it before it was sent.

    `request` and its hash are of what was sent, `asked_sha` is of the body as it was asked for.
    """
    if not adapted:
        return {}
    sent, _ = adapt_body(body, adapted)
    return {
        "request": sent,
        "request_sha": hash_value(sent),
        "asked_sha": hash_value(body),
        "adapted": list(adapted),
    }


def describe_reply(reply: Reply, response_sha: str) -> dict[str, Any]:
    """The part of a `call` record that says what came back."""
    return {
        "model_returned": reply.model,
        "fingerprint": reply.fingerprint,
        "response": reply.content,
        "reasoning": reply.reasoning or None,
        "response_sha": response_sha,
        "finish_reason": reply.finish_reason,
        "usage": asdict(reply.usage),
        "error": None,
        **({"refusal": reply.refusal} if reply.refusal else {}),
        **({"warnings": list(reply.warnings)} if reply.warnings else {}),
        **({"simulated": True} if reply.simulated else {}),
        **({"server": reply.server} if reply.server else {}),
    }


def describe_failure(failure: ProviderFailure) -> dict[str, Any]:
    """The same part for an attempt that failed."""
    return {
        "model_returned": None,
        "fingerprint": None,
        "response": None,
        "reasoning": None,
        "response_sha": None,
        "finish_reason": None,
        "usage": asdict(Usage()),
        "error": {"kind": failure.kind, "status": failure.status, "message": str(failure)},
        **({"server": failure.server} if failure.server else {}),
    }


def _add_call(history: History, record: Record) -> None:
    data = record.data
    usage, error = Usage(**data["usage"]), data["error"]
    history.count_call(data)
    entry = history.open_source(data["source"])
    if error:
        entry.last_failures[data["key"]] = record.seq
        return
    reply = Reply(
        content=data["response"],
        reasoning=data["reasoning"] or "",
        finish_reason=data["finish_reason"] or "",
        model=data["model_returned"] or "",
        fingerprint=data["fingerprint"],
        usage=usage,
        refusal=data.get("refusal", ""),
        adapted=tuple(data.get("adapted", ())),
        warnings=tuple(data.get("warnings", ())),
    )
    asked_sha = data.get("asked_sha") or data["request_sha"]
    entry.replies[data["key"]] = StoredCall(asked_sha, reply, data["response_sha"], record.seq)


def _add_commit(history: History, record: Record) -> None:
    data = record.data
    if is_final(record.kind, data):
        history.close_source(data["source"])
        return
    identity = tuple(data.get(name) for name in IDENTITY_FIELDS[record.kind])
    history.open_source(data["source"]).committed[record.kind, identity] = (hash_value(data), record.seq)
