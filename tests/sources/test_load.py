from __future__ import annotations

import os
from pathlib import Path

import pytest

from autodata.canon import hash_text
from autodata.errors import BadInput
from autodata.sources import Duplicate, LoadCap, count_words, load_sources
from tests.support.source_files import make_pdf

SAMPLES = Path(__file__).parents[2] / "samples"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_folder_is_read_in_name_order_with_its_subfolders(tmp_path: Path) -> None:
    for name in ["b.md", "a/z.txt", "a/c.md", "c.txt"]:
        write(tmp_path, name, f"Text of {name}.")
    assert [s.document for s in load_sources([tmp_path]).sources] == ["a/c.md", "a/z.txt", "b.md", "c.txt"]


def test_source_id_is_the_hash_of_its_text(tmp_path: Path) -> None:
    (source,) = load_sources([write(tmp_path, "a.md", "Some text.\n")]).sources
    assert source.id == hash_text("Some text.")[:16]
    assert (source.passage, source.passages) == (1, 1)
    assert source.metadata["format"] == "md"
    assert len(source.metadata["sha256"]) == 64


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in [".hidden.md", ".git/notes.md", "seen.md"]:
        write(tmp_path, name, f"Text of {name}.")
    loaded = load_sources([tmp_path])
    assert [s.document for s in loaded.sources] == ["seen.md"]
    assert loaded.skipped == ()


def test_link_loop_is_walked_once(tmp_path: Path) -> None:
    write(tmp_path, "docs/a.md", "Text.")
    (tmp_path / "docs" / "again").symlink_to(tmp_path, target_is_directory=True)
    loaded = load_sources([tmp_path])
    assert [s.document for s in loaded.sources] == ["docs/a.md"]


def test_broken_link_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "Text.")
    (tmp_path / "a.md").symlink_to(tmp_path / "nowhere.md")
    loaded = load_sources([tmp_path])
    assert [s.document for s in loaded.sources] == ["b.md"]
    assert "broken link" in loaded.skipped[0].reason


def test_link_to_itself_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "Text.")
    (tmp_path / "a.md").symlink_to(tmp_path / "a.md")
    loaded = load_sources([tmp_path])
    assert [s.document for s in loaded.sources] == ["b.md"]
    assert [s.name for s in loaded.skipped] == ["a.md"]


def test_pipe_is_reported_and_never_opened(tmp_path: Path) -> None:
    write(tmp_path, "b.md", "Text.")
    os.mkfifo(tmp_path / "a.txt")
    assert "not a regular file" in load_sources([tmp_path]).skipped[0].reason


def test_name_that_is_not_utf8_can_be_stored(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("Text.")
    (source,) = load_sources([tmp_path]).sources
    assert source.document == "caf\ufffd.md"


def test_long_document_becomes_numbered_passages(tmp_path: Path) -> None:
    text = "\n\n".join(f"Paragraph {n} " + "word " * 48 for n in range(20))
    sources = load_sources([write(tmp_path, "a.md", text)], passage_words=300).sources
    assert [s.passage for s in sources] == [1, 2, 3, 4]
    assert {s.passages for s in sources} == {4}
    assert all(count_words(s.text) <= 300 for s in sources)


def test_same_text_twice_is_one_source_and_reported(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "The same text.\n")
    write(tmp_path, "b.txt", "\r\nThe same text.")
    loaded = load_sources([tmp_path])
    assert [s.document for s in loaded.sources] == ["a.md"]
    assert loaded.duplicates == (Duplicate("b.txt", "a.md"),)


def test_passage_that_repeats_within_a_document_is_one_source(tmp_path: Path) -> None:
    paragraph = "word " * 50
    loaded = load_sources([write(tmp_path, "a.md", f"{paragraph}\n\n{paragraph}")], passage_words=50)
    assert len(loaded.sources) == 1
    assert loaded.duplicates == (Duplicate("a.md (passage 2 of 2)", "a.md (passage 1 of 2)"),)


def test_file_given_twice_is_one_source(tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", "Text.")
    assert len(load_sources([tmp_path, path]).sources) == 1


def test_limit_stops_the_reading(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, f"{number}.md", f"Text {number}.")
    assert [s.document for s in load_sources([tmp_path], limit=2).sources] == ["0.md", "1.md"]


def test_missing_path_is_bad_input_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere does not exist"):
        load_sources([tmp_path / "nowhere"])


def test_folder_with_nothing_readable_is_bad_input_that_lists_why(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(make_pdf([[]]))
    write(tmp_path, "empty.md", "")
    with pytest.raises(BadInput) as caught:
        load_sources([tmp_path])
    assert "scan.pdf: it has no text layer" in str(caught.value)
    assert "empty.md: it is empty" in str(caught.value)


def test_empty_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no file"):
        load_sources([tmp_path])


def test_empty_folder_beside_a_good_one_is_reported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path, "good/a.md", "Text.")
    loaded = load_sources([tmp_path / "empty", tmp_path / "good"])
    assert len(loaded.sources) == 1
    assert "holds no file" in loaded.skipped[0].reason


@pytest.mark.parametrize(("words", "limit"), [(0, None), (700, 0)])
def test_numbers_without_sense_are_bad_input(tmp_path: Path, words: int, limit: int | None) -> None:
    with pytest.raises(BadInput, match="too small"):
        load_sources([write(tmp_path, "a.md", "Text.")], passage_words=words, limit=limit)


def test_no_input_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no sources given"):
        load_sources([])


def test_samples_are_all_read_and_long_enough() -> None:
    loaded = load_sources([SAMPLES], passage_words=2000)
    assert loaded.skipped == ()
    assert len(loaded.sources) >= 12
    assert {s.document.split("/")[0] for s in loaded.sources} == {"cs", "legal", "math"}
    assert all(300 <= count_words(s.text) <= 1500 for s in loaded.sources)
    assert not any("CC0" in s.text for s in loaded.sources if s.metadata["format"] != "txt")


SMALL = LoadCap(files=20, bytes=2**20)


def test_folder_with_too_many_files_is_refused_with_the_remedy(tmp_path: Path) -> None:
    for number in range(21):
        write(tmp_path, f"note-{number}.bin", "x")
    with pytest.raises(BadInput, match=r"holds more than 20 files and folders.*folder with the documents alone"):
        load_sources([tmp_path], cap=SMALL)


def test_files_below_subfolders_count_too(tmp_path: Path) -> None:
    for number in range(11):
        write(tmp_path, f"folder-{number}/note.md", "x")
    with pytest.raises(BadInput, match="more than 20 files"):
        load_sources([tmp_path], cap=SMALL)


def test_hidden_files_count_because_they_are_looked_at(tmp_path: Path) -> None:
    write(tmp_path, "note.md", "A text of its own.")
    for number in range(20):
        write(tmp_path, f".note-{number}", "x")
    with pytest.raises(BadInput, match="more than 20 files"):
        load_sources([tmp_path], cap=SMALL)


def test_too_many_bytes_of_documents_are_refused(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, f"note-{number}.md", f"{number} " + "word " * 100_000)
    with pytest.raises(BadInput, match="more than 1 MB of documents"):
        load_sources([tmp_path], cap=SMALL)


def test_bytes_of_files_that_are_not_read_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, "film.mp4", "x" * 3 * 2**20)
    write(tmp_path, "note.md", "A text of its own.")
    assert len(load_sources([tmp_path], cap=SMALL).sources) == 1


def test_load_within_the_cap_is_the_same_as_without(tmp_path: Path) -> None:
    for number in range(19):
        write(tmp_path, f"note-{number}.md", f"A text of its own, number {number}.")
    assert load_sources([tmp_path], cap=SMALL) == load_sources([tmp_path])


def test_limit_that_is_reached_first_is_no_reason_to_give_up(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, f"note-{number}.md", f"{number} " + "word " * 100_000)
    assert len(load_sources([tmp_path], cap=SMALL, limit=1).sources) == 1
