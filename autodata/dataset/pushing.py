"""Sends a version's Hugging Face folder to a hub. Optional: it needs the package huggingface_hub and a token.

What is sent is the folder as it was sealed, the manifest, the reward function, and the card as it reads today, so that
an acceptance sample judged since the export is in it. A repository that this makes is private.
"""

from __future__ import annotations

from pathlib import Path

from autodata.dataset.card import gather_facts, render_card
from autodata.dataset.folder import read_manifest
from autodata.dataset.formats.hub import FOLDER
from autodata.dataset.reward.render import FILE as REWARD
from autodata.dataset.verifying import check_folder
from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.index.database import Index
from autodata.index.queries.dataset_versions import list_members, list_withdrawals


def push_version(home: Home, index: Index, name: str, version: str, repo: str, *, private: bool = True) -> str:
    """Send a version to dataset repository `repo` (owner/name) in one commit, and return the commit's address.

    The token is HF_TOKEN's, or the one that `hf auth login` stored; HF_ENDPOINT names another hub than the public one.

    Raises BadInput for a version that is unknown, withdrawn, not as it was exported or not written in format hf, for a
    repository name that cannot be and when huggingface_hub is not installed; AutodataError with the hub's words when it
    refuses.
    """
    manifest = read_manifest(home, name, version)
    folder = home.datasets / name / version
    withdrawn = list_withdrawals(index).get((name, version))
    if withdrawn:
        raise BadInput(f"{name}/{version} was withdrawn by {withdrawn.reviewer}: {withdrawn.reason}. It is not sent.")
    if problems := check_folder(home, name, version):
        raise BadInput(
            f"{name}/{version} is not sent: {problems[0]}. `autodata dataset verify` names all; export again"
        )
    if not (folder / FOLDER / "data").is_dir():
        raise BadInput(f"{name}/{version} has no Hugging Face folder; export it with --format hf")
    try:
        from httpx2 import HTTPError
        from huggingface_hub import CommitOperationAdd, HfApi
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError:
        raise BadInput(
            "pushing needs the package huggingface_hub; install it with pip install huggingface_hub"
        ) from None
    card = render_card(folder, manifest, gather_facts(index, list_members(index, name, version), manifest), FOLDER)
    additions = [CommitOperationAdd("README.md", card.encode())]
    additions += [CommitOperationAdd(place, str(path)) for place, path in _list_files(folder)]
    api = HfApi()
    try:
        api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        done = api.create_commit(repo, additions, repo_type="dataset", commit_message=f"{name} {version}")
    except HFValidationError as error:
        raise BadInput(f"{repo!r} is no repository: {error}") from error
    except HfHubHTTPError as error:
        words = " ".join(str(error).split())
        raise AutodataError(f"the hub refused {repo}: {words} Set HF_TOKEN to a token that may write there.") from error
    except (HTTPError, OSError) as error:
        raise AutodataError(f"the hub could not be reached: {error}") from error
    return str(done.commit_url)


def _list_files(folder: Path) -> list[tuple[str, Path]]:
    """(path in the repository, file) of everything but the card."""
    hub = folder / FOLDER
    inside = sorted(path for path in hub.rglob("*") if path.is_file() and path.name != "README.md")
    beside = [folder / name for name in ("manifest.json", REWARD) if (folder / name).is_file()]
    return [(path.relative_to(hub).as_posix(), path) for path in inside] + [(path.name, path) for path in beside]
