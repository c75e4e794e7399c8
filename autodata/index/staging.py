"""Journal records to rows: one method per kind of record, values only. A `Batch` is what one transaction writes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from autodata.canon import hash_text, to_canonical_json
from autodata.index.reader import Line

Row = tuple[Any, ...]

KEYS: dict[str, tuple[str, ...]] = {
    "sources": ("source_id",),
    "extracts": ("source_id",),
    "results": ("source_id",),
    "tasks": ("task_id",),
    "qualities": ("source_id", "round"),
    "weighings": ("source_id", "round"),
    "rollouts": ("task_id", "solver", "idx", "purpose"),
    "rounds": ("source_id", "round"),
}
"""Tables whose rows may come again after a resume (the last wins), and what makes a row the same one within a run."""


class Batch:
    """Rows of one journal, waiting to be written in one transaction.

    `rows` has a dictionary by key for tables in KEYS, so that the last row wins, and a list for the others. `texts`
    maps hash to text; `rounds` keeps the raw `round` records until their risk is known.
    """

    def __init__(self, run: int, state: dict[str, Any]) -> None:
        self.run = run
        self.state = state
        """The row of `runs`, as column to value; empty before `run_started`."""
        self.allowed = set(state.get("allowed", ()))
        self.keyed: dict[str, dict[Any, Row]] = {table: {} for table in KEYS}
        self.calls: list[Row] = []
        self.skipped: list[Row] = []
        self.decisions: list[Row] = []
        self.exports: list[Row] = []
        self.members: list[Row] = []
        self.texts: dict[str, str] = {}
        self.rounds: dict[tuple[str, int], dict[str, Any]] = {}

    def add(self, line: Line) -> None:
        """Take in one record. A kind this version does not know is passed over: newer programs may add some."""
        handler = _HANDLERS.get(line.data["kind"])
        if handler:
            handler(self, line)
        if self.state:
            self.state["last"] = line.data["t"]

    def add_run_started(self, line: Line) -> None:
        r = line.data
        settings, policy, recipe = r.get("settings") or {}, r.get("policy") or {}, r.get("recipe") or {}
        book = settings.get("seats") or {}
        models = {role: seat.get("model", "") for role, seat in (book.get("seats") or {}).items()}
        self.allowed = set((book.get("contract") or {}).get("allowed") or ())
        imported = r.get("imported")
        self.state.update(
            domain=str(settings.get("domain", "")),
            policy_name=str(policy.get("name") or ("not recorded" if imported else "")),
            policy=dump(policy),
            settings=dump(settings),
            recipe=dump(recipe),
            recipe_name=str(recipe.get("name", "")),
            recipe_sha=str(recipe.get("sha", "")),
            software=str(r.get("software", "")),
            warnings=dump(r.get("warnings") or []),
            models=dump(models or r.get("models") or {}),
            simulated=bool(r.get("simulated")),
            imported=dump(imported) if imported else "",
            baseline=bool(settings.get("baseline")),
            host=str(r.get("host", "")),
            pid=r.get("pid"),
            started=r["t"],
            session=r["t"],
            ended=None,
            active_s=0.0,
            last=r["t"],
            state="running",
            reason="",
        )

    def add_run_resumed(self, line: Line) -> None:
        r, state = line.data, self.state
        if state.get("ended") is None and state.get("last") is not None:
            state["active_s"] += state["last"] - state["session"]
        state.update(
            pid=r.get("pid"), host=str(r.get("host", "")), session=r["t"], ended=None, state="running", reason=""
        )
        if terms := _read_terms(r):
            state["settings"] = dump({**orjson.loads(state.get("settings") or "{}"), **terms})

    def add_run_ended(self, line: Line) -> None:
        r, state = line.data, self.state
        if state.get("ended") is None and state.get("session") is not None:
            state["active_s"] += r["t"] - state["session"]
        state.update(ended=r["t"], state=str(r.get("state", "done")), reason=str(r.get("reason") or ""))

    def add_source(self, line: Line) -> None:
        r, s = line.data, line.data["source"]
        sha = self.keep_text(s.get("text") or "", None)
        self.keyed["sources"][s["id"]] = (
            self.run,
            r["seq"],
            s["id"],
            s.get("title") or "",
            s.get("document") or "",
            s.get("passage") or 1,
            s.get("passages") or 1,
            dump(s.get("metadata") or {}),
            sha,
        )

    def add_source_skipped(self, line: Line) -> None:
        r = line.data
        self.skipped.append((self.run, r["seq"], str(r["name"]), str(r["reason"])))

    def add_call(self, line: Line) -> None:
        r = line.data
        role, request, response = r["role"], r.get("request"), r.get("response")
        if r.get("simulated"):  # also a simulated model behind a plain address, which the start could not know
            self.state["simulated"] = True
        core = bare = None
        if role in ("weak", "strong"):
            # An import that knows only a part of what was sent cannot say that two requests are the same.
            if request and r.get("request_complete") is not False:
                core, bare = self._hash_request(request)
            if response:
                self.keep_text(response, r.get("response_sha"))
        usage, error = r.get("usage") or {}, r.get("error") or {}
        self.state["calls"] += 1
        self.state["prompt_tokens"] += usage.get("prompt_tokens") or 0
        self.state["completion_tokens"] += usage.get("completion_tokens") or 0
        start, end = r.get("t_start"), r.get("t_end")
        self.calls.append(
            (
                self.run,
                r["seq"],
                r["t"],
                r.get("source"),
                r.get("round"),
                role,
                r.get("purpose"),
                r.get("subject"),
                r.get("model_returned") or r.get("model_requested"),
                r.get("finish_reason"),
                usage.get("prompt_tokens"),
                usage.get("completion_tokens"),
                usage.get("reasoning_tokens"),
                error.get("kind"),
                error.get("status"),
                error.get("message"),
                end - start if start is not None and end is not None else None,
                core,
                bare,
                line.start,
                line.length,
                r.get("ask"),
                usage.get("cached_tokens"),
                bool(r.get("simulated")),
            )
        )

    def add_task(self, line: Line) -> None:
        r, t = line.data, line.data["task"]
        self.keyed["tasks"][t["id"]] = (
            self.run,
            r["seq"],
            r["t"],
            t["id"],
            r["source"],
            r["round"],
            t.get("question_type") or "",
            t.get("context") or "",
            t["question"],
            t.get("reference_answer") or "",
            dump(t.get("rubric") or []),
            dump(t.get("tags") or []),
            r.get("content_sha") or "",
            task_key(t["id"]),
        )

    def add_quality(self, line: Line) -> None:
        r = line.data
        self.keyed["qualities"][r["source"], r["round"]] = (
            self.run,
            r["seq"],
            r["source"],
            r["round"],
            r.get("task_id"),
            r.get("passed"),
            dump(r.get("checks") or {}),
            r.get("feedback") or "",
            r.get("by") or "",
        )

    def add_extract(self, line: Line) -> None:
        r, e = line.data, line.data["extract"]
        self.keyed["extracts"][r["source"]] = (
            self.run,
            r["seq"],
            r["source"],
            bool(e.get("suitable", True)),
            e.get("note") or "",
            e.get("document_type") or "",
            dump(e.get("topic_keywords") or []),
            dump({name: e.get(name) for name in ("issues", "facts", "holdings")}),
        )

    def add_loop_verdict(self, line: Line) -> None:
        r, packet = line.data, line.data.get("packet") or {}
        word = r.get("verdict") or {}
        self.keyed["weighings"][r["source"], r["round"]] = (
            self.run,
            r["seq"],
            r["source"],
            r["round"],
            r.get("task_id"),
            r.get("outcome") or "",
            r.get("reason") or "",
            word.get("verdict"),
            word.get("grpo_suitability"),
            bool(r.get("post_filter_override")),
            packet.get("weak_spread"),
            dump(r.get("post_filter_flags") or []),
            dump(word),
            dump(packet),
            task_key(r.get("task_id") or ""),
        )

    def add_rollout(self, line: Line) -> None:
        r = line.data
        sha, score = r.get("answer_sha"), r.get("score") or {}
        if r.get("answer"):
            sha = self.keep_text(r["answer"], sha)
        self.keyed["rollouts"][r["task_id"], r["solver"], r["index"], r["purpose"]] = (
            self.run,
            r["seq"],
            r["source"],
            r["round"],
            r["task_id"],
            r["solver"],
            r["index"],
            r["purpose"],
            r.get("status") or "ok",
            r.get("finish_reason") or "",
            sha or "",
            sha or "",
            r.get("answer_call"),
            r.get("judge_call"),
            score.get("value"),
            dump(score),
            dump(r.get("verdicts") or {}),
            r.get("note") or "",
        )

    def add_round(self, line: Line) -> None:
        self.rounds[line.data["source"], line.data["round"]] = line.data

    def add_source_done(self, line: Line) -> None:
        r = line.data
        self.keyed["results"][r["source"]] = (
            self.run,
            r["seq"],
            r["t"],
            r["source"],
            r["outcome"],
            r.get("accepted_round"),
            r.get("task_id"),
            r.get("rounds") or 0,
            r.get("reason") or "",
        )

    def add_decision(self, line: Line) -> None:
        r = line.data
        self.decisions.append(
            (
                r["seq"],
                r["t"],
                r["decision_id"],
                r["task_id"],
                r.get("run_id") or "",
                r["verdict"],
                r.get("reason") or "",
                r.get("note") or "",
                r.get("reviewer") or "",
                r.get("seconds_on_item"),
                r.get("content_sha") or "",
                dump(r.get("seen") or {}),
                r.get("undoes"),
                bool(r.get("second_opinion")),
            )
        )

    def add_export(self, line: Line) -> None:
        r = line.data
        formats = r.get("format") or []
        self.exports.append(
            (
                r["seq"],
                r["t"],
                r["name"],
                str(r["version"]),
                r.get("path") or "",
                r.get("hash") or "",
                r.get("items") or 0,
                dump(r.get("excluded") or {}),
                dump([formats] if isinstance(formats, str) else formats),
            )
        )
        self.members += [
            (task_id, r["name"], str(r["version"]), task_key(task_id)) for task_id in r.get("task_ids") or ()
        ]

    def keep_text(self, text: str, sha: str | None) -> str:
        """Remember a text under its hash ("" for the empty text, which needs no place)."""
        if not text:
            return ""
        sha = sha or hash_text(text)
        self.texts.setdefault(sha, text)
        return sha

    def _hash_request(self, request: dict[str, Any]) -> tuple[int, int]:
        rest = {key: value for key, value in request.items() if key not in ("model", "seed")}
        core = _hash64(rest)
        if not self.allowed:
            return core, core
        return core, _hash64({key: value for key, value in rest.items() if key not in self.allowed})


def _read_terms(r: dict[str, Any]) -> dict[str, Any]:
    """What a run was given anew when it was resumed, by the names it has in the settings."""
    terms: dict[str, Any] = {}
    if budget := r.get("budget"):
        terms |= {
            "budget_calls": budget.get("max_calls"),
            "budget_tokens": budget.get("max_tokens"),
            "budget_cost": budget.get("max_cost"),
        }
    if rule := r.get("stop_rule"):
        terms |= {"stop_acceptance_below": rule.get("below"), "stop_after_sources": rule.get("after")}
    if prices := r.get("prices"):
        terms["prices"] = prices
    return terms


def dump(value: Any) -> str:
    """Compact JSON text of a value that came out of a journal."""
    return orjson.dumps(value).decode()


def task_key(task_id: str) -> int:
    """The number that stands for a task's id in joins and look-ups."""
    return int.from_bytes(hashlib.sha256(task_id.encode()).digest()[:8], "big")


def text_key(sha: str) -> int:
    """The first 64 bits of a hash given in hex."""
    return int(sha[:16], 16)


def _hash64(value: Any) -> int:
    return int.from_bytes(hashlib.sha256(to_canonical_json(value)).digest()[:8], "big")


_HANDLERS: dict[str, Callable[[Batch, Line], None]] = {
    name.removeprefix("add_"): method
    for name, method in vars(Batch).items()
    if name.startswith("add_") and callable(method)
}
