"""Journal records on their way to rows. A `Batch` is what one transaction writes; the `stage_` modules fill it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from autodata.canon import hash_text
from autodata.index.reader import Line

Row = tuple[Any, ...]

KEYS: dict[str, tuple[str, ...]] = {
    "sources": ("source_id",),
    "trials": ("source_id",),
    "extracts": ("source_id",),
    "results": ("source_id",),
    "tasks": ("task_id",),
    "qualities": ("source_id", "round"),
    "weighings": ("source_id", "round"),
    "rollouts": ("task_id", "solver", "idx", "purpose"),
    "rounds": ("source_id", "round"),
    "audit_sessions": ("audit_id",),
    "fresh": ("task_id", "arm", "solver", "idx"),
    "checks": ("task_id", "detector"),
    "optimizations": ("name",),
    "search_phases": ("seq",),
    "search_sources": ("source_id",),
    "search_iterations": ("iteration",),
    "search_analyses": ("iteration",),
    "search_edits": ("iteration",),
    "search_decisions": ("iteration",),
    "recipe_versions": ("version",),
    "recipe_evaluations": ("slot", "block"),
    "recipe_certified": ("label",),
    "recipe_samples": ("iteration", "side", "number"),
    "recipe_events": ("seq",),
}
"""Tables whose rows may come again after a resume (the last wins), and what makes a row the same one within a run."""

TEXT_COLUMN = {"sources": 8, "rollouts": 11, "fresh": 9}
"""Where a row holds a text: its hash while it is staged, its number in the index."""

AUDIT_TABLES = ("audit_sessions", "fresh", "checks")
"""Filled from the journals of audits, whatever becomes of the run's own."""


class Batch:
    """Rows of one journal, waiting to be written in one transaction.

    `keyed` has a dictionary by key for tables in KEYS, so that the last row wins. `texts` maps hash to text; `rounds`
    keeps the raw `round` records until their risk is known. `run` is the number of the run that the records are about.
    """

    def __init__(self, run: int, state: dict[str, Any], handlers: Mapping[str, Handler], name: str = "") -> None:
        self.run = run
        self.name = name
        """Of the search that the records are about; empty in other journals."""
        self.state = state
        """The row of `runs`, as column to value; empty before `run_started`, and in other journals."""
        self.session: dict[str, Any] = {}
        """The latest row of `audit_sessions`, in the journal of audits."""
        self.allowed = set(state.get("allowed", ()))
        self.keyed: dict[str, dict[Any, Row]] = {table: {} for table in KEYS}
        self.calls: list[Row] = []
        self.skipped: list[Row] = []
        self.decisions: list[Row] = []
        self.exports: list[Row] = []
        self.members: list[Row] = []
        self.withdrawals: list[Row] = []
        self.overrides: list[Row] = []
        self.labels: list[Row] = []
        self.teams: list[Row] = []
        self.canaries: list[Row] = []
        self.criterion_checks: list[Row] = []
        self.comments: list[Row] = []
        self.edits: list[Row] = []
        self.texts: dict[str, str] = {}
        self.rounds: dict[tuple[str, int], dict[str, Any]] = {}
        self._handlers = handlers

    def add(self, line: Line) -> None:
        """Take in one record. A kind this version does not know is passed over: newer programs may add some."""
        handler = self._handlers.get(line.data["kind"])
        if handler:
            handler(self, line)
        if self.state:
            self.state["last"] = line.data["t"]

    def keep_text(self, text: str, sha: str | None) -> str:
        """Remember a text under its hash ("" for the empty text, which needs no place)."""
        if not text:
            return ""
        sha = sha or hash_text(text)
        self.texts.setdefault(sha, text)
        return sha


Handler = Callable[[Batch, Line], None]


def dump(value: Any) -> str:
    """Compact JSON text of a value that came out of a journal."""
    return orjson.dumps(value).decode()


def task_key(task_id: str) -> int:
    """The number that stands for a task's id in joins and look-ups."""
    return int.from_bytes(hashlib.sha256(task_id.encode()).digest()[:8], "big")


def text_key(sha: str) -> int:
    """The first 64 bits of a hash given in hex."""
    return int(sha[:16], 16)
