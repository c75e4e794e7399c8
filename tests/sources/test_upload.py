from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import BadInput
from autodata.home import Home
from autodata.sources import load_sources, save_upload
from autodata.sources.upload import _make_safe


def test_upload_is_saved_and_can_be_loaded(tmp_path: Path) -> None:
    path = save_upload(Home(tmp_path), "My notes.MD", b"# Leases\n\nBody.")
    assert path == tmp_path / "uploads" / "My_notes.md"
    assert load_sources([path]).sources[0].title == "Leases"


@pytest.mark.parametrize("name", ["../../etc/passwd.md", "..\\..\\x.md", "/abs/x.md", "...md", "a\0/../b.md", "..md"])
def test_upload_never_leaves_its_folder(tmp_path: Path, name: str) -> None:
    path = save_upload(Home(tmp_path), name, b"Text.")
    assert path.parent == tmp_path / "uploads"
    assert not path.name.startswith(".")


@given(name=st.text(max_size=300))
def test_safe_name_has_no_separator_and_fits_a_file_system(name: str) -> None:
    stem, _ = _make_safe(name)
    assert stem
    assert not set(stem) & set("/\\\0")
    assert not stem.startswith(".")
    assert len(stem.encode()) <= 120


def test_same_upload_twice_is_one_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert save_upload(home, "a.md", b"One.") == save_upload(home, "a.md", b"One.")
    assert len(list(home.uploads.iterdir())) == 1


def test_other_bytes_under_the_same_name_overwrite_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first, second = save_upload(home, "a.md", b"One."), save_upload(home, "a.md", b"Two.")
    assert (first.read_bytes(), second.read_bytes()) == (b"One.", b"Two.")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [("a.exe", b"x", "cannot be read"), ("md", b"x", "cannot be read"), ("a.md", b"", "is empty")],
)
def test_unusable_upload_is_bad_input(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        save_upload(Home(tmp_path), name, data)
    assert not (tmp_path / "uploads").exists()
