"""raw.jsonl: everything that is known of a task, so that a dataset can be examined without the index it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from autodata.dataset.entry import Entry
from autodata.dataset.formats.schema import encode_policy
from autodata.dataset.formats.writer import CountingWriter, LineFile
from autodata.dataset.items import format_time
from autodata.index.database import Index
from autodata.index.queries.dataset_provenance import load_behind


class RawWriter(CountingWriter):
    """The item and what stands behind it: the source's text, every round, every rollout with its verdicts, the votes,
    the audit."""

    def __init__(self, folder: Path, index: Index) -> None:
        super().__init__()
        self._file = LineFile(folder / "raw.jsonl")
        self._index = index

    def write(self, entries: Sequence[Entry]) -> None:
        behind = load_behind(self._index, [(entry.row.run_id, entry.row.task_id) for entry in entries])
        for entry in entries:
            line = make_raw(entry, behind[entry.row.run_id, entry.row.task_id])
            self._file.write(orjson.dumps(line) + b"\n")
        self.written[""] += len(entries)

    def close(self) -> None:
        self._file.close()


def make_raw(entry: Entry, behind: dict[str, Any]) -> dict[str, Any]:
    """One raw line. Of votes only the one that let the task leave is named, as the item names it: who else voted, and
    under which name, is the team's own."""
    row = entry.row
    return {
        **entry.item,
        "policy": encode_policy(entry.item["policy"]),
        "split": entry.split,
        "band": row.band,
        "parity": row.parity,
        "policy_sha": row.policy_sha,
        "recipe": {"name": row.recipe_name, "sha": row.recipe_sha},
        "software": row.software,
        "source_text": behind["source"]["text"] if behind["source"] else None,
        "source_metadata": behind["source"]["metadata"] if behind["source"] else None,
        "clauses": behind["clauses"],
        "rounds": behind["rounds"],
        "rollouts": behind["rollouts"],
        "votes": [
            {
                "verdict": vote["verdict"],
                "reason": vote["reason"],
                "seconds_on_item": vote["seconds_on_item"],
                "time": format_time(vote["t"]),
                "second_opinion": vote["second_opinion"],
                "adjudicates": vote["adjudicates"],
            }
            for vote in behind["votes"]
        ],
        "findings": behind["findings"],
        "audit": behind["audit"],
    }
