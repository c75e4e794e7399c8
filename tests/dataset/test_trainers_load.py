"""Every file of a version, opened by the libraries that trainers use, without a network. The checks of columns follow
what TRL documents for its trainers; where TRL is installed its own functions decide."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import duckdb
import pandas as pd
import pytest

from autodata.dataset.card_header import render_header
from autodata.dataset.formats import FORMATS, FormatOptions, open_writer
from autodata.dataset.formats.features import SCHEMAS
from autodata.dataset.versions import export_dataset
from autodata.index import open_index
from tests.support.export_entries import make_entry, write_format
from tests.support.exported_home import load_entries, make_exported_home


@pytest.fixture(scope="module", autouse=True)
def offline(tmp_path_factory):
    """No network, and no cache but our own."""
    patch = pytest.MonkeyPatch()
    patch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))
    patch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def version(tmp_path_factory) -> Path:
    """A version of a simulated run in every format."""
    home = make_exported_home(tmp_path_factory)
    with open_index(home) as index:
        return export_dataset(home, index, "trainers", formats=list(FORMATS)).path


@pytest.fixture(scope="module")
def split_folder(tmp_path_factory) -> Path:
    """The same tasks in three splits."""
    home, folder = make_exported_home(tmp_path_factory), tmp_path_factory.mktemp("splits")
    with open_index(home) as index:
        entries = load_entries(index, home)
        for name in FORMATS:
            writer = open_writer(name, folder, FormatOptions(shard_bytes=2**20), index)
            writer.write(entries)
            writer.close()
    return folder


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def load(version: Path, name: str) -> datasets.Dataset:
    return datasets.load_dataset(str(version / name), split="train")


def test_folder_opens_by_its_path(version):
    tasks = datasets.load_dataset(str(version))["train"]
    lines = read_lines(version / "tasks.jsonl")
    assert [row["id"] for row in tasks] == [line["id"] for line in lines]
    assert tasks[0]["rubric"] == lines[0]["rubric"]
    assert json.loads(tasks[0]["policy"]) == lines[0]["policy"]


def test_hugging_face_folder_opens_alone(version):
    tasks = datasets.load_dataset(str(version / "hf"))
    assert list(tasks) == ["train"]
    assert tasks["train"].features == datasets.Features.from_arrow_schema(SCHEMAS["hf"])
    assert tasks["train"].num_rows == len(read_lines(version / "tasks.jsonl"))


@pytest.mark.parametrize("name", ["sft", "grpo", "dpo"])
def test_every_folder_opens_with_its_types(version, name):
    found = load(version, name)
    assert found.features == datasets.Features.from_arrow_schema(SCHEMAS[name])
    assert found.to_list() == read_lines(version / name / "train.jsonl")


def test_raw_opens_with_its_types(version):
    features = datasets.Features.from_arrow_schema(SCHEMAS["raw"])
    found = datasets.load_dataset("json", data_files=str(version / "raw.jsonl"), features=features)["train"]
    assert found.to_list() == read_lines(version / "raw.jsonl")


@pytest.mark.parametrize("name", ["sft", "grpo", "dpo"])
def test_splits_open_as_splits(split_folder, name):
    files = {split: str(split_folder / name / f"{split}.jsonl") for split in ("train", "validation", "test")}
    found = datasets.load_dataset("json", data_files=files)
    assert {split: rows.num_rows for split, rows in found.items()} == {
        split: len(read_lines(Path(path))) for split, path in files.items()
    }


def test_hugging_face_splits_open_by_their_names(split_folder):
    found = datasets.load_dataset(str(split_folder / "hf"))
    assert list(found) == ["train", "validation", "test"]


def test_jsonl_and_parquet_and_csv_open_by_their_loaders(version):
    ids = [line["id"] for line in read_lines(version / "tasks.jsonl")]
    for loader, file in (("json", "tasks.jsonl"), ("parquet", "tasks.parquet"), ("csv", "tasks.csv")):
        found = datasets.load_dataset(loader, data_files=str(version / file))["train"]
        assert found["id"][:] == ids


@pytest.mark.parametrize("name", ["sft", "grpo", "dpo"])
def test_chat_files_open_in_pandas_and_duckdb(version, name):
    path = version / name / "train.jsonl"
    frame = pd.read_json(path, lines=True)
    with duckdb.connect() as connection:
        (count,) = connection.execute("SELECT count(*) FROM read_json(?)", [str(path)]).fetchone()
    assert len(frame) == count == len(read_lines(path))


def test_raw_opens_in_duckdb_down_to_single_verdicts(version):
    with duckdb.connect() as connection:
        rows = connection.execute(
            """SELECT id, r.solver, avg(v.met) FROM read_json(?), unnest(rollouts) AS a(r), unnest(r.verdicts) AS b(v)
            GROUP BY ALL ORDER BY ALL""",
            [str(version / "raw.jsonl")],
        ).fetchall()
    assert {solver for _, solver, _ in rows} == {"weak", "strong"}


def test_shards_are_counted_in_their_names(tmp_path):
    entries = [make_entry(task_id=f"t{number}", context="x" * 700_000) for number in range(5)]
    write_format("hf", tmp_path, [entries], FormatOptions(shard_bytes=2**20))
    names = sorted(path.name for path in (tmp_path / "hf" / "data").iterdir())
    assert names == [f"train-{number:05d}-of-00003.parquet" for number in range(3)]
    assert datasets.load_dataset(str(tmp_path / "hf"))["train"].num_rows == 5


def write_header(folder: Path, files_hash: str) -> None:
    manifest = {"name": "x", "version": "v1", "items": 2, "formats": {}, "simulated": True, "files_hash": files_hash}
    (folder / "grpo" / "README.md").write_text(render_header(manifest, {}, folder, "grpo"))


def test_other_version_in_a_folder_of_the_same_name_is_not_taken_for_this_one(tmp_path):
    for number in (1, 2):
        folder = tmp_path / str(number)
        write_format("grpo", folder, [[make_entry(task_id=f"t{number}")]])
        write_header(folder, str(number))
        assert load(folder, "grpo")["id"][:] == [f"t{number}"]


def test_types_hold_where_the_first_lines_would_mislead(tmp_path):
    """An empty rubric and absent scores first: a loader that guesses calls them null."""
    first = make_entry(task_id="a", rubric=(), weak=None, strong=None)
    write_format("grpo", tmp_path, [[first, make_entry(task_id="b")]])
    write_header(tmp_path, "types")
    found = load(tmp_path, "grpo")
    assert found[1]["rubric"][0]["weight"] == 5.0
    assert found[0]["rubric"] == []


def test_prompt_is_what_a_conversational_trainer_takes(version):
    """TRL: prompt-only rows have `prompt` as messages, preference rows also `chosen` and `rejected`, language modelling
    rows `messages` that end with the assistant."""
    grpo, dpo, sft = (load(version, name) for name in ("grpo", "dpo", "sft"))
    assert all(message.keys() == {"role", "content"} for message in grpo[0]["prompt"])
    assert [message["role"] for message in grpo[0]["prompt"]] == ["user"]
    assert [dpo[0][column][0]["role"] for column in ("prompt", "chosen", "rejected")] == ["user", *["assistant"] * 2]
    assert [message["role"] for message in sft[0]["messages"]] == ["user", "assistant"]


def test_no_column_has_a_name_that_a_trainer_fills_itself(version):
    """TRL hands `completions`, `completion_ids` and `trainer_state` to reward functions beside the columns."""
    grpo = load(version, "grpo")
    assert not {"completion", "completions", "completion_ids", "trainer_state"} & set(grpo.column_names)


def test_info_is_one_string_whatever_the_task(version):
    grpo = load(version, "grpo")
    for row in grpo:
        info = json.loads(row["info"])
        assert info["rubric"] == row["rubric"]
        assert (info["id"], info["answer"], info["judge"]) == (row["id"], row["answer"], row["judge"])


def test_trl_renders_the_rows_of_every_trainer(version):
    """Runs where TRL is installed (its trainers need torch, these functions do not); it raises for columns that make
    no row of any of its types."""
    data_utils, tokenizer = pytest.importorskip("trl.data_utils"), make_tokenizer()
    rendered = {}
    for name in ("sft", "grpo", "dpo"):
        row = load(version, name)[0]
        assert data_utils.is_conversational(row)
        rendered[name] = data_utils.apply_chat_template(row, tokenizer)
    prompt = load(version, "grpo")[0]["prompt"][0]["content"]
    assert rendered["grpo"]["prompt"] == f"<user>{prompt}\n<assistant>"
    assert rendered["sft"]["text"].startswith(f"<user>{prompt}\n<assistant>")
    assert rendered["dpo"]["prompt"] == rendered["grpo"]["prompt"]
    assert rendered["dpo"]["chosen"] != rendered["dpo"]["rejected"]


def make_tokenizer():
    """A tokenizer with a chat template, made here."""
    tokenizers, transformers = pytest.importorskip("tokenizers"), pytest.importorskip("transformers")
    model = tokenizers.Tokenizer(tokenizers.models.WordLevel({"?": 0}, unk_token="?"))
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=model)
    made.chat_template = (
        "{% for message in messages %}<{{ message.role }}>{{ message.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    return made
