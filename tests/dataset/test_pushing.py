"""Sending a version to a hub, up to what goes over the wire: a stand-in hub takes it."""

from __future__ import annotations

import json

import pytest

from autodata.dataset.pushing import push_version
from autodata.dataset.versions import export_dataset
from autodata.dataset.withdrawing import withdraw_version
from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.review.decisions import record_decision
from tests.support.fake_hub import serve_hub
from tests.support.journals import write_run

constants = pytest.importorskip("huggingface_hub.constants")
hf_api = pytest.importorskip("huggingface_hub.hf_api")


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "data")
    run = write_run(home, "cs-1", 2, plans=[("accepted",)])
    for task in run.accepted:
        record_decision(
            home, task_id=task, run_id="cs-1", content_sha=run.content[task], verdict="approve", reviewer="Ada"
        )
    return home


@pytest.fixture
def index(home):
    with open_index(home) as opened:
        export_dataset(home, opened, "lease", formats=("jsonl", "hf", "grpo"))
        ingest_home(opened, home)
        yield opened


@pytest.fixture
def hub(monkeypatch):
    with serve_hub() as running:
        point_at(monkeypatch, running)
        yield running


def point_at(monkeypatch, hub) -> None:
    """What HF_ENDPOINT and HF_TOKEN do when they are set before the library is read in."""
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")


def is_private(asked: dict) -> bool:
    """Older clients say `private`, newer ones `visibility`."""
    return asked.get("visibility") == "private" or asked.get("private") is True


def test_version_is_sent_in_one_commit(home, index, hub):
    url = push_version(home, index, "lease", "v001", "ada/lease")
    folder = home.datasets / "lease" / "v001"
    assert url.endswith("0" * 40)
    assert hub.summary == "lease v001"
    assert (hub.created[0]["organization"], hub.created[0]["name"]) == ("ada", "lease")
    assert is_private(hub.created[0])
    assert set(hub.files) >= {"README.md", "data/train-00000-of-00001.parquet", "manifest.json", "reward.py"}
    assert hub.files["manifest.json"] == (folder / "manifest.json").read_bytes()
    assert hub.files["data/train-00000-of-00001.parquet"] == next((folder / "hf" / "data").iterdir()).read_bytes()
    assert b"SIMULATED" in hub.files["README.md"]


def test_token_of_the_environment_is_used(home, index, hub):
    push_version(home, index, "lease", "v001", "ada/lease", private=False)
    assert hub.tokens == {"Bearer hf_test"}
    assert not is_private(hub.created[0])


def test_what_the_hub_refuses_is_said(home, index, monkeypatch):
    with serve_hub(refuse=403) as hub:
        point_at(monkeypatch, hub)
        with pytest.raises(AutodataError, match=r"the hub refused ada/lease: .*Set HF_TOKEN"):
            push_version(home, index, "lease", "v001", "ada/lease")


def test_hub_that_is_not_there_is_said(home, index, monkeypatch):
    with serve_hub() as gone:
        point_at(monkeypatch, gone)
    with pytest.raises(AutodataError, match="hub"):
        push_version(home, index, "lease", "v001", "ada/lease")


def test_withdrawn_version_is_not_sent(home, index, hub):
    withdraw_version(home, "lease", "v001", reason="leaks", reviewer="Ada")
    ingest_home(index, home)
    with pytest.raises(BadInput, match="withdrawn by Ada: leaks"):
        push_version(home, index, "lease", "v001", "ada/lease")
    assert not hub.created


@pytest.mark.parametrize("place", ["hf/data/train-00001-of-00002.parquet", "reward.py"])
def test_version_with_a_foreign_or_changed_file_is_not_sent(home, index, hub, place):
    path = home.datasets / "lease" / "v001" / place
    path.unlink(missing_ok=True)
    path.write_bytes(b"nobody decided on this")
    with pytest.raises(BadInput, match=f"lease/v001 is not sent: .*{path.name} (was not|is not what was) exported"):
        push_version(home, index, "lease", "v001", "ada/lease")
    assert not hub.created


def test_version_without_the_folder_says_how_to_get_it(home, index, hub):
    export_dataset(home, index, "lines", formats=("jsonl",))
    with pytest.raises(BadInput, match="export it with --format hf"):
        push_version(home, index, "lines", "v001", "ada/lease")


@pytest.mark.parametrize("repo", ["a/b/c", "../x", "ada/le ase"])
def test_name_that_is_no_repository_is_refused(home, index, hub, repo):
    with pytest.raises(BadInput, match="is no repository"):
        push_version(home, index, "lease", "v001", repo)
    assert not hub.created


def test_unknown_version_is_refused(home, index):
    with pytest.raises(BadInput, match="has no version v009"):
        push_version(home, index, "lease", "v009", "ada/lease")


def test_manifest_that_is_sent_names_no_path_of_this_machine(home, index, hub):
    push_version(home, index, "lease", "v001", "ada/lease")
    assert str(home.root) not in json.dumps(json.loads(hub.files["manifest.json"]))
