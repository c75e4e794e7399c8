"""Answers, verdicts and the exact calls behind them. Calls are read back from the journal, where they were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from autodata.errors import BadInput
from autodata.index.database import Index
from autodata.journals.files import open_journal
from autodata.model import Score, Verdict


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One recorded model call, read back from its journal. `request` is the exact body sent, as JSON text; "" where
    none was recorded. `position` and `bytes` say where the record lies in the journal, `seq` which record it is."""

    seq: int
    role: str
    purpose: str
    subject: str
    endpoint: str
    model_requested: str
    model_returned: str
    request: str
    request_sha: str
    template_sha: str
    response: str
    reasoning: str
    response_sha: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    error: str
    seconds: float | None
    answer_sha_in: str
    rubric_sha: str
    position: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RolloutDetail:
    """One answer with what was asked, what came back and how it was judged. `call` and `judge` are None where the
    record has none, or where the journal's file no longer holds what was indexed."""

    solver: str
    index: int
    purpose: str
    status: str
    finish_reason: str
    answer: str
    answer_sha: str
    reasoning: str
    score: Score | None
    verdicts: tuple[Verdict, ...]
    note: str
    answer_call: int | None
    judge_call: int | None
    call: CallDetail | None
    judge: CallDetail | None


def load_rollouts(
    index: Index, run: int, run_id: str, task_id: str, since: int, also: int | None = None
) -> tuple[tuple[RolloutDetail, ...], str]:
    """Every rollout of a task, weak before strong, by purpose and index, and the text numbered `also`, fetched with
    theirs. `since`: number of the task's record, before which none of its rollouts can lie."""
    rows = index.query(
        """
        SELECT r.solver, r.idx, r.purpose, r.status, r.finish_reason, r.answer_sha, r.parts, r.verdicts, r.note,
            r.answer_call, r.judge_call, r.text_no
        FROM rollouts r WHERE r.run = ? AND r.seq >= ? AND r.task_id = ?
        """,
        [run, since, task_id],
    )
    rows.sort(key=lambda row: (row[0] == "strong", row[2] != "select", row[2], row[1]))
    texts = load_texts(index, [also, *(row[11] for row in rows)])
    calls = load_calls(index, run, run_id, [seq for row in rows for seq in row[9:11] if seq is not None])
    return tuple(_build_rollout(row, texts, calls) for row in rows), texts.get(also, "") if also is not None else ""


def load_texts(index: Index, numbers: list[int | None]) -> dict[int, str]:
    """Texts by number."""
    wanted = sorted({number for number in numbers if number is not None})
    if not wanted:
        return {}
    rows = index.query(
        "SELECT no, text FROM texts WHERE no BETWEEN ? AND ? AND list_contains(?, no)",
        [wanted[0], wanted[-1], wanted],
    )
    return dict(rows)


def load_calls(index: Index, run: int, run_id: str, seqs: list[int]) -> dict[int, CallDetail]:
    """Calls by record number, read back from the journal."""
    if not seqs:
        return {}
    wanted = set(seqs)
    places = index.query(
        "SELECT seq, position, bytes FROM calls WHERE run = ? AND seq BETWEEN ? AND ?", [run, min(seqs), max(seqs)]
    )
    found = {}
    try:
        with open_journal(index.home.journal(run_id)) as file:
            for seq, position, length in places:
                if seq not in wanted:
                    continue
                file.seek(position)
                call = _parse_call(file.read(length), seq, position)
                if call:
                    found[seq] = call
    except (OSError, BadInput):
        return found
    return found


def find_difference(rollouts: tuple[RolloutDetail, ...]) -> tuple[str, ...]:
    """Fields in which the selecting requests differ, model and seed left out; empty when they are the same."""
    requests = [orjson.loads(r.call.request) for r in rollouts if r.purpose == "select" and r.call and r.call.request]
    names = {name for request in requests for name in request} - {"model", "seed"}
    return tuple(sorted(name for name in names if len({orjson.dumps(r.get(name)) for r in requests}) > 1))


def _build_rollout(row: tuple[Any, ...], texts: dict[int, str], calls: dict[int, CallDetail]) -> RolloutDetail:
    parts, call = orjson.loads(row[6]), calls.get(row[9])
    return RolloutDetail(
        solver=row[0],
        index=row[1],
        purpose=row[2],
        status=row[3],
        finish_reason=row[4],
        answer=texts.get(row[11], ""),
        answer_sha=row[5],
        reasoning=call.reasoning if call else "",
        score=read_score(parts),
        verdicts=tuple(
            Verdict(cid, float(v["met"]), v.get("quote") or "") if isinstance(v, dict) else Verdict(cid, float(v))
            for cid, v in orjson.loads(row[7]).items()
        ),
        note=row[8],
        answer_call=row[9],
        judge_call=row[10],
        call=call,
        judge=calls.get(row[10]),
    )


def read_score(parts: dict[str, Any]) -> Score | None:
    """A score as recorded; an import may know its value only, which then stands for its parts."""
    if parts.get("value") is None:
        return None
    value = float(parts["value"])
    return Score(
        earned=float(parts.get("earned", value)),
        penalty=float(parts.get("penalty", 0.0)),
        attainable=float(parts.get("attainable", 1.0)),
        value=value,
    )


def _parse_call(line: bytes, seq: int, position: int) -> CallDetail | None:
    try:
        r = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(r, dict) or r.get("seq") != seq or r.get("kind") != "call":
        return None
    usage, error, request = r.get("usage") or {}, r.get("error") or {}, r.get("request")
    start, end = r.get("t_start"), r.get("t_end")
    return CallDetail(
        seq=seq,
        role=r["role"],
        purpose=r.get("purpose") or "",
        subject=r.get("subject") or "",
        endpoint=r.get("endpoint") or "",
        model_requested=r.get("model_requested") or "",
        model_returned=r.get("model_returned") or "",
        request=orjson.dumps(request).decode() if request else "",
        request_sha=r.get("request_sha") or "",
        template_sha=r.get("template_sha") or "",
        response=r.get("response") or "",
        reasoning=r.get("reasoning") or "",
        response_sha=r.get("response_sha") or "",
        finish_reason=r.get("finish_reason") or "",
        prompt_tokens=usage.get("prompt_tokens"),
        completion_tokens=usage.get("completion_tokens"),
        reasoning_tokens=usage.get("reasoning_tokens"),
        error=f"{error.get('kind')}: {error.get('message')}" if error else "",
        seconds=end - start if start is not None and end is not None else None,
        answer_sha_in=r.get("answer_sha_in") or "",
        rubric_sha=r.get("rubric_sha") or "",
        position=position,
        bytes=len(line),
    )
