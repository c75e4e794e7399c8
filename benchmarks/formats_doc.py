"""docs/formats.md: the columns of every format, and one row of each out of a simulated run.

    python -m benchmarks.formats_doc    runs the demo with simulated models, exports it, and writes the page again

The page's words and tables come from here and from autodata/dataset/formats; only the rows come from the run. In them,
texts are cut to 100 characters and lists to two entries.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodata.dataset.formats import CSV_COLUMNS, FORMATS, PARQUET_SCHEMA
from autodata.dataset.formats.chat import SKIP_REASONS
from autodata.dataset.formats.features import SCHEMAS, name_type
from autodata.dataset.formats.meanings import explain_column
from autodata.dataset.versions import export_dataset
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset import stream_export_rows
from autodata.llm.seat import simulated_seats
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.review.decisions import record_decision
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources.load import load_sources
from benchmarks.report import say

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "formats.md"
TEXT_MAX, LIST_MAX = 100, 2
SOURCES = 8

_ROW = re.compile(r"<!-- row: (\w+) -->\n```json\n(.*?)\n```", re.S)


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory(prefix="autodata-formats-") as folder:
        rows = make_rows(Home(Path(folder) / "home"))
    PAGE.write_text(render_page(rows), encoding="utf-8")
    say(f"{PAGE.relative_to(ROOT)} is written")
    return 0


def make_rows(home: Home) -> dict[str, Any]:
    """The first row of every format of a small simulated run, shortened for the page."""
    settings = RunSettings(domain="cs", policy=make_policy("deployed"), seats=simulated_seats(), seed=5)
    say("running the demo with simulated models …")
    run_id = create_run(home, settings, load_recipe("cs"), load_sources([ROOT / "samples" / "cs"], limit=SOURCES))
    execute_run(home, run_id)
    with open_index(home) as index:
        ingest_home(index, home)
        for batch in stream_export_rows(index):
            for row in batch:
                record_decision(
                    home,
                    task_id=row.task_id,
                    run_id=run_id,
                    content_sha=row.content_sha,
                    verdict="approve",
                    reviewer="Ada",
                )
        folder = export_dataset(home, index, "demo", formats=list(FORMATS)).path
    rows = {name: _read_first(folder, name) for name in FORMATS if name not in ("hf", "parquet")}
    rows["parquet"] = {**rows["jsonl"], "policy": json.dumps(rows["jsonl"]["policy"])}
    return {name: shorten(rows[name]) for name in FORMATS if name in rows}


def read_rows(page: str) -> dict[str, Any]:
    """The rows that a page shows, by format."""
    return {name: json.loads(text) for name, text in _ROW.findall(page)}


def render_page(rows: Mapping[str, Any]) -> str:
    """The whole page with these rows."""
    sections = [_render_format(name, rows) for name in FORMATS]
    reasons = "\n".join(f"- `{code}`: {words}" for code, words in SKIP_REASONS.items())
    return _PAGE.replace("{formats}", "\n".join(sections)).replace("{reasons}", reasons)


def shorten(value: Any) -> Any:
    """A value with its texts and lists cut, so that a row fits on a page."""
    if isinstance(value, str):
        return value if len(value) <= TEXT_MAX else value[: TEXT_MAX - 1] + "…"
    if isinstance(value, list):
        return [shorten(one) for one in value[:LIST_MAX]]
    if isinstance(value, dict):
        return {name: shorten(one) for name, one in value.items()}
    return value


def list_columns(name: str) -> list[tuple[str, str]]:
    """(column, type) of a format; CSV has no types, and tasks.jsonl holds the policy as an object."""
    if name == "csv":
        return [(column, "text") for column in CSV_COLUMNS]
    schema = SCHEMAS.get(name, PARQUET_SCHEMA)
    types = {field.name: name_type(field.type) for field in schema}
    return [(column, "object" if (name, column) == ("jsonl", "policy") else kind) for column, kind in types.items()]


def _render_format(name: str, rows: Mapping[str, Any]) -> str:
    one = FORMATS[name]
    lines = [f"### {one.title} (`{name}`)", "", f"`{one.files}`: {one.use}. {_NOTES[name]}", ""]
    if name != "hf":
        lines += ["| column | type | what it holds |", "| --- | --- | --- |"]
        lines += [f"| `{column}` | {kind} | {explain_column(name, column)} |" for column, kind in list_columns(name)]
        lines += ["", "One row, simulated, shortened:", "", f"<!-- row: {name} -->", "```json"]
        lines += [json.dumps(rows[name], indent=1, ensure_ascii=False), "```", ""]
    return "\n".join(lines)


def _read_first(folder: Path, name: str) -> dict[str, Any]:
    if name == "csv":
        with (folder / "tasks.csv").open(encoding="utf-8-sig", newline="") as file:
            return dict(next(csv.DictReader(file)))
    path = {"jsonl": "tasks.jsonl", "raw": "raw.jsonl"}.get(name, f"{name}/train.jsonl")
    with (folder / path).open("rb") as file:
        row: dict[str, Any] = json.loads(next(file))
    return row


_NOTES = {
    "jsonl": "The bytes that the version's hash is made of, in the order of runs and rounds.",
    "parquet": "The same columns, typed; zstd. Row groups hold at most 4,096 tasks or 24 MB of text.",
    "csv": "Cells that a spreadsheet could read as a formula begin with an apostrophe; longer than 32,000 characters "
    "they are cut and say so. Every cell is quoted; UTF-8 with a byte-order mark.",
    "sft": "Only whole, graded answers: never one that is empty, refused, cut off or without a score.",
    "grpo": "With reward.py beside it, see below.",
    "dpo": "Only where weak and strong are shown to have had the same request, and the strong answer scored higher.",
    "hf": "The columns of Parquet, in `data/<split>-00000-of-0000N.parquet` with a card of its own, to be opened with "
    "`datasets.load_dataset` or sent to a hub.",
    "raw": "To examine a dataset without the home it came from: everything but the exact requests, which stay in the "
    "journals that manifest.json names.",
}

_PAGE = """# Dataset files

Written by `python -m benchmarks.formats_doc`; the rows are of a run with **simulated** models.

A version is a folder, `data/datasets/<name>/v001/`. It is written whole or not at all and never changed.

    autodata export proofs --format grpo --format sft --format hf --test 0.1
    autodata dataset stats proofs/v001

| file | what it is |
| --- | --- |
| `README.md`, `figures/` | the card: how it was made, what was checked, what is not known |
| `manifest.json` | hashes of all files, journal heads, policy, seats, recipes, gate, reviewers |
| `contents.jsonl` | one short line a task, for comparing versions |
| `reward.py` | with GRPO: the reward function |
| the formats below | as many as were asked for |

## Opening it

    from datasets import load_dataset
    load_dataset("v001")            # the tasks
    load_dataset("v001/grpo")       # also v001/sft, v001/dpo, v001/hf: with their splits and types
    load_dataset("json", data_files="v001/raw.jsonl")

    pandas.read_parquet("v001/tasks.parquet")
    duckdb.sql("SELECT id, scores.gap FROM 'v001/tasks.parquet'")

None of it needs a network. A split without tasks has no file. `datasets` keeps what it read under a folder's name, so
the cards carry the version's hash: without it, `v002/grpo` would open as `v001/grpo` did.

Sources are never divided between splits. Without `--validation` and `--test` everything is in train.

## Training with it

**TRL.** The columns are those that TRL documents: `messages` for `SFTTrainer`, `prompt`, `chosen`, `rejected` for
`DPOTrainer`, `prompt` for `GRPOTrainer`, which hands all other columns to the reward function. The tests load every
file with `datasets`, pandas, DuckDB and pyarrow and check these columns; where TRL is installed (1.16 was tried), its
own functions render the rows. No trainer was run: that takes torch.

    export JUDGE_BASE_URL=http://localhost:8000/v1 JUDGE_MODEL=my-judge
    from reward import reward
    GRPOTrainer(model, reward_funcs=reward, train_dataset=load_dataset("v001/grpo", split="train"))

**verifiers.** Rows have `prompt`, `answer` and `info`; `reward.verifiers_reward` needs the completion and `info` only.

**reward.py** stands alone: Python and the `openai` client. It asks an OpenAI-compatible judge with the very prompts
that scored the dataset, one answer at a time between marks that the answer cannot know, reads one verdict per criterion
and does the arithmetic itself: `clip((earned - penalty) / attainable, 0, 1)`. Tasks without a rubric are compared with
their reference answer by the judge; the letter-by-letter and algebraic comparison that runs do first is not in it.

- What could not be judged has no reward: `None`, never 0. A reply that cannot be read is asked again, three times.
- TRL 1.16 leaves a completion whose only reward is `None` out of its group; older versions count it as 0, with a
  warning. `Scorer(unscored="mean")` gives it the mean of its group instead, which teaches nothing in either.
- Text before `</think>` is not judged. A completion without an answer has no reward either; `Scorer(empty=0.0)` makes
  it cost something.
- A wrong key, model or address (401, 403, 404) stops the training instead of going on without rewards.
- `python reward.py grpo/train.jsonl --limit 3` tries the endpoint on the reference answers.

Why a task is in no line of a chat or GRPO file; the card and the manifest count them:

{reasons}

## Formats

{formats}
## What to expect of it

`autodata dataset stats NAME/vN` (or `--approved`) says how many tasks would teach GRPO nothing: those whose weak
rollouts all scored 0, all 1, or all the same, and the share of groups of 4, 8 and 16 that are expected without any
spread. For that, the chance of a score of 0 (or 1) is given a uniform prior and averaged out over what the few weak
rollouts leave open; with a rubric, scores between the extremes are taken to differ. Tokens are what the models' servers
reported, thinking included; where they reported none, four bytes of UTF-8 are taken for one token.

## A blind sample of it

    autodata dataset sample proofs/v001 --next --reviewer Ada
    autodata dataset sample proofs/v001 --verdict TASK clean --reviewer Ada

draws 59 tasks by a seed that nobody chose (a hash of what is drawn from; `--seed` and `--size` choose otherwise), shows
them without decisions and alarms, and records every verdict in `data/reviews.jsonl`. When all are judged, the share of
defective tasks is bounded exactly (Clopper and Pearson): 59 clean of 59 leave less than 5 % at 95 % confidence, 299 of
299 less than 1 %. One `defect` makes a task defective, whatever others say. `autodata dataset card NAME/vN` prints the
card with every sample drawn of the version, also those after the export.

## Sending it to a hub

    HF_TOKEN=… autodata dataset push proofs/v001 OWNER/NAME

sends the `hf` folder, manifest.json, reward.py and the card as it reads today in one commit, to a private repository
unless `--public` is given; `autodata export … --push OWNER/NAME` does so at once. It needs
`pip install huggingface_hub`; `HF_ENDPOINT` names another hub. Nothing else in this program talks to a hub.
"""

if __name__ == "__main__":
    sys.exit(main())
