"""An item: prompt, answer and rubric of one row, as a source that carries its own task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.items.columns import ColumnMap, read_path
from autodata.items.row import MAX_TEXT_CHARS, Row
from autodata.items.rubric import Rubric, read_rubric
from autodata.items.text import find_messages, is_missing, read_conversation, read_text
from autodata.model import Criterion, Source
from autodata.sources.document import Unreadable

Grading = Literal["rubric", "answer"]
"""What a run of items is graded by: a rubric, the item's own or one written for it, or the reference answer."""

RECIPES = {"write": "filter-rubric", "reference": "filter-answer"}
"""The recipe that does with items without a rubric what was asked for."""

SYSTEM_FLAG = "system text, put before the prompt"
TURNS_FLAG = "earlier turns of a conversation, put before the prompt"
ANSWER_FLAG = "answer that is not text, left out"
UNUSED_FLAG = "rubric that is not used, because the run grades against the reference"


@dataclass(frozen=True, slots=True)
class Item:
    """One task as somebody else wrote it. `context` is all that goes before the prompt; `flags` say what is odd."""

    prompt: str
    answer: str = ""
    context: str = ""
    rubric: tuple[Criterion, ...] = ()
    given_id: str = ""
    flags: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Hash of all that a solver or judge could see: the same item twice has the same one."""
        rubric = [[criterion.criterion, criterion.weight] for criterion in self.rubric]
        return hash_value([self.prompt, self.answer, self.context, rubric])[:16]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item was found. `columns` maps the parts of an item to the columns they were read from."""

    file: str
    file_sha256: str
    row: int
    split: str
    columns: dict[str, str]


def build_item(row: Row, columns: ColumnMap, grading: Grading) -> Item:
    """The item of a row. Raises Unreadable with the reason when it cannot be tried or graded."""
    values = row.values
    flags: list[str] = []
    context = read_text(_get(values, columns.context), "context")
    system = read_text(_get(values, columns.system), "system text")
    value, reply, earlier = _get(values, columns.prompt), "", ""
    if messages := find_messages(value):
        conversation = read_conversation(messages)
        prompt, reply, earlier = conversation.prompt, conversation.reply, conversation.earlier
        system = "\n\n".join(part for part in (system, conversation.system) if part)
    else:
        prompt = read_text(value, "prompt")
    if not prompt:
        raise Unreadable(f"it has no prompt in {columns.prompt!r}")
    answer = _read_answer(values, columns, grading, flags) or reply
    rubric = _read_rubric(values, columns, grading, flags)
    if grading == "answer" and not answer:
        raise Unreadable("it has no answer to compare with; give its column, or have it graded by rubric")
    if grading == "rubric" and not answer and not rubric.criteria:
        raise Unreadable("it has neither a rubric nor an answer from which to write one")
    flags += [SYSTEM_FLAG] if system else []
    flags += [TURNS_FLAG] if earlier else []
    before = "\n\n".join(part for part in (system, context, earlier) if part)
    if len(before) > MAX_TEXT_CHARS:
        raise Unreadable(f"what stands before its prompt has more than {MAX_TEXT_CHARS:,} characters")
    flags += [f"{kind} ({', '.join(ids)})" if ids else kind for kind, ids in rubric.flags.items()]
    given_id = _read_id(_get(values, columns.id))
    return Item(prompt, answer, before, rubric.criteria, given_id, tuple(flags))


def make_source(item: Item, origin: Origin) -> Source:
    """The item as a source: its text is the prompt, the rest and where it comes from are in its metadata."""
    rubric = [{"id": c.id, "criterion": c.criterion, "weight": c.weight} for c in item.rubric]
    return Source(
        id=item.id,
        title=item.given_id or f"row {origin.row}",
        text=item.prompt,
        document=origin.file,
        metadata={
            "item": {"answer": item.answer, "context": item.context, "rubric": rubric, "flags": list(item.flags)},
            "origin": {
                "id": item.given_id,
                "row": origin.row,
                "file": origin.file,
                "file_sha256": origin.file_sha256,
                "split": origin.split,
                "columns": origin.columns,
            },
        },
    )


def read_item(source: Source) -> Item:
    """The item that a source carries. Raises BadInput for a source that is a document."""
    values = source.metadata.get("item")
    if not isinstance(values, dict):
        raise BadInput(
            f"source {source.title!r} is a document and carries no task, but the recipe takes tasks as given: "
            "use `autodata filter` for data that has prompts, or another domain for documents"
        )
    rubric = tuple(Criterion(one["id"], one["criterion"], one["weight"]) for one in values["rubric"])
    origin = source.metadata.get("origin", {})
    return Item(source.text, values["answer"], values["context"], rubric, origin.get("id", ""), tuple(values["flags"]))


def name_kind(flag: str) -> str:
    """A flag without the criteria it names, for counting."""
    return flag.partition(" (c")[0]


def describe_columns(columns: ColumnMap, names: Sequence[str]) -> dict[str, str]:
    """The parts that were read, each with its column."""
    return {name: getattr(columns, name) for name in names if getattr(columns, name)}


def _get(values: dict[str, Any], path: str) -> Any:
    return read_path(values, path) if path else None


def _read_answer(values: dict[str, Any], columns: ColumnMap, grading: Grading, flags: list[str]) -> str:
    """Without an answer that can be read, an item can still be graded by its rubric."""
    try:
        return read_text(_get(values, columns.answer), "answer")
    except Unreadable:
        if grading == "answer" or is_missing(_get(values, columns.rubric)):
            raise
        flags.append(ANSWER_FLAG)
        return ""


def _read_rubric(values: dict[str, Any], columns: ColumnMap, grading: Grading, flags: list[str]) -> Rubric:
    value = _get(values, columns.rubric)
    if grading == "rubric":
        return read_rubric(value)
    if not is_missing(value):
        flags.append(UNUSED_FLAG)
    return Rubric()


def _read_id(value: Any) -> str:
    """The item's own id, shortened; one that is neither text nor a number names nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())[:200]
