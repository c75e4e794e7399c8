"""Records of people to rows: decisions, labels, exported and withdrawn versions, overrides, the team, canaries, checks
of the judge, comments, edits."""

from __future__ import annotations

from autodata.index.reader import Line
from autodata.index.staging import Batch, Handler, dump, task_key


def add_decision(batch: Batch, line: Line) -> None:
    r = line.data
    batch.decisions.append(
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
            int(r.get("quorum") or 1),
            r.get("blind") is not False,
            bool(r.get("adjudicates")),
            r.get("bulk_id") or "",
            task_key(r["task_id"]),
        )
    )


def add_export(batch: Batch, line: Line) -> None:
    r = line.data
    formats = r.get("format") or []
    batch.exports.append(
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
    batch.members += [(task_id, r["name"], str(r["version"]), task_key(task_id)) for task_id in r.get("task_ids") or ()]


def add_withdrawal(batch: Batch, line: Line) -> None:
    r = line.data
    batch.withdrawals.append((r["seq"], r["t"], r["name"], str(r["version"]), r["reason"], r["reviewer"]))


def add_override(batch: Batch, line: Line) -> None:
    r = line.data
    about = (r["override_id"], r["task_id"], task_key(r["task_id"]), r["content_sha"], r["code"])
    batch.overrides.append((r["seq"], r["t"], *about, r["reason"], r["reviewer"], r.get("undoes")))


def add_label(batch: Batch, line: Line) -> None:
    r = line.data
    batch.labels.append(
        (
            r["seq"],
            r["t"],
            r["label_id"],
            r["task_id"],
            r.get("run_id") or "",
            task_key(r["task_id"]),
            r["label"],
            r.get("note") or "",
            r.get("reviewer") or "",
            bool(r.get("blind")),
            r.get("inclusion"),
            dump(r.get("detectors") or []),
            r.get("undoes"),
        )
    )


def add_team(batch: Batch, line: Line) -> None:
    r = line.data
    rules = {name: r[name] for name in ("quorum", "blind", "lease_minutes", "others", "roles") if name in r}
    batch.teams.append((r["seq"], r["t"], dump(rules), r.get("by") or ""))


def add_canaries(batch: Batch, line: Line) -> None:
    r = line.data
    copied_from = r.get("copied_from") or ""
    batch.canaries += [(task, task_key(task), r["run_id"], fault, copied_from) for task, fault in r["tasks"].items()]


def add_criterion_checks(batch: Batch, line: Line) -> None:
    r = line.data
    about = (r["seq"], r["t"], r["task_id"], task_key(r["task_id"]), r.get("run_id") or "", r["solver"], r["index"])
    batch.criterion_checks += [
        (*about, name, float(said["judged"]), float(said["met"]), r["reviewer"]) for name, said in r["verdicts"].items()
    ]


def add_comment(batch: Batch, line: Line) -> None:
    r = line.data
    fields = ("comment_id", "task_id", "text", "author", "answers", "by")
    data = {name: r[name] for name in fields if name in r}
    batch.comments.append((r["seq"], r["t"], r["kind"], r["task_id"], task_key(r["task_id"]), dump(data)))


def add_edit(batch: Batch, line: Line) -> None:
    r = line.data
    about = (r["task_id"], task_key(r["task_id"]), r["run_id"], r["content_sha"], r["reviewer"], r.get("note") or "")
    batch.edits.append((r["seq"], r["t"], r["edit_id"], *about, dump(r["changed"]), dump(r["task"])))


HANDLERS: dict[str, Handler] = {
    "decision": add_decision,
    "export": add_export,
    "export_withdrawn": add_withdrawal,
    "override": add_override,
    "label": add_label,
    "team": add_team,
    "canaries": add_canaries,
    "criterion_checks": add_criterion_checks,
    "comment": add_comment,
    "comment_settled": add_comment,
    "edit": add_edit,
}
