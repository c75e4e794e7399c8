"""Every format is read from a real file; every way a file can be bad gives a reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from autodata.model import Source
from autodata.sources import MAX_FILE_BYTES, load_sources
from autodata.sources import word as word_module
from tests.support.source_files import make_docx, make_pdf

GOOD = "A good document that is always read."


def load_one(tmp_path: Path, name: str, data: bytes) -> Source:
    path = tmp_path / name
    path.write_bytes(data)
    (source,) = load_sources([path]).sources
    return source


def reason_for(tmp_path: Path, name: str, data: bytes) -> str:
    """Why `name` was skipped, from a folder in which a good document was read all the same."""
    (tmp_path / name).write_bytes(data)
    (tmp_path / "zz-good.txt").write_text(GOOD)
    loaded = load_sources([tmp_path])
    assert [source.text for source in loaded.sources] == [GOOD]
    (skipped,) = loaded.skipped
    assert skipped.name == name
    return skipped.reason


# Markdown and text


def test_markdown_front_matter_gives_the_title_and_is_left_out(tmp_path: Path) -> None:
    data = b'---\ntitle: "Lease reads"\nlicence: CC0-1.0\n---\n\n# Other heading\n\nBody.\n'
    source = load_one(tmp_path, "a.md", data)
    assert source.title == "Lease reads"
    assert source.text == "# Other heading\n\nBody."


def test_markdown_title_is_the_first_heading_outside_code(tmp_path: Path) -> None:
    source = load_one(tmp_path, "a.markdown", b"```sh\n# a comment\n```\n\nIntro\n\n## The *real* title ##\n\nBody.")
    assert source.title == "The real title"


def test_markdown_underlined_heading_is_a_title(tmp_path: Path) -> None:
    assert load_one(tmp_path, "a.md", b"Heading text\n============\n\nBody.").title == "Heading text"


def test_rule_at_the_start_of_a_document_is_no_front_matter(tmp_path: Path) -> None:
    source = load_one(tmp_path, "a.md", b"---\nA sentence between rules, not a field.\n\n---\n\nBody.")
    assert "A sentence between rules" in source.text


def test_leading_comment_is_left_out(tmp_path: Path) -> None:
    assert load_one(tmp_path, "a.md", b"<!-- licence: CC0 -->\n\n# Title\n\nBody.").text == "# Title\n\nBody."


def test_text_file_takes_its_title_from_a_first_line_that_stands_alone(tmp_path: Path) -> None:
    assert load_one(tmp_path, "a.txt", b"Opinion on tolling\n\nThe plaintiff filed.").title == "Opinion on tolling"


def test_text_file_without_title_is_named_after_its_file(tmp_path: Path) -> None:
    assert load_one(tmp_path, "lease_reads-2.txt", b"The plaintiff filed.\n\nLate.").title == "lease reads 2"


def test_line_ends_nuls_and_empty_lines_are_normalised(tmp_path: Path) -> None:
    assert load_one(tmp_path, "a.txt", b"One\0 two.  \r\n\r\n\r\n\r\nThree.\r").text == "One two.\n\nThree."


def test_windows_encoding_is_read_with_a_note(tmp_path: Path) -> None:
    source = load_one(tmp_path, "a.txt", "Caf\u00e9 \u2013 the case".encode("cp1252"))
    assert source.text == "Café – the case"
    assert "Windows-1252" in source.metadata["note"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_is_understood_and_left_out(tmp_path: Path, encoding: str) -> None:
    assert load_one(tmp_path, "a.txt", "Größe zählt.".encode(encoding)).text == "Größe zählt."


def test_binary_file_with_a_text_name_is_skipped(tmp_path: Path) -> None:
    assert "not text" in reason_for(tmp_path, "photo.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))


# HTML


def test_html_keeps_the_article_and_drops_navigation(tmp_path: Path) -> None:
    body = "<p>Leases trade a read round trip for a bound on clock drift.</p>" * 3
    page = (
        f"<html><head><title>Site</title></head><body><nav><a href='/'>Home page</a></nav><article><h1>Leases</h1>"
        f"{body}<h2>Cost</h2><p>A lease of 9 s<sup>2</sup> delays failover.</p></article></body></html>"
    )
    source = load_one(tmp_path, "a.html", page.encode())
    assert source.title == "Leases"
    assert "## Cost" in source.text
    assert "9 s^2 delays" in source.text
    assert "Home page" not in source.text


def test_html_too_short_for_extraction_still_gives_its_text(tmp_path: Path) -> None:
    source = load_one(tmp_path, "a.htm", b"<title>Tiny</title><div>Two words</div><script>alert(1)</script>")
    assert source.text == "Two words"
    assert source.title == "Tiny"


def test_html_declared_encoding_is_used(tmp_path: Path) -> None:
    page = '<meta charset="iso-8859-2"><p>Łódź is a city with many words in this paragraph.</p>'
    assert "Łódź" in load_one(tmp_path, "a.html", page.encode("iso-8859-2")).text


def test_html_without_text_is_skipped(tmp_path: Path) -> None:
    assert "no text" in reason_for(tmp_path, "a.html", b"<html><body><img src='x.png'></body></html>")


# PDF


def test_pdf_lines_become_paragraphs(tmp_path: Path) -> None:
    lines = [
        "A write-ahead log makes a change durable before the page that holds it is",
        "written back, so a crash loses nothing.",
        "A torn page needs a full image in the log, because half a page can be new and",
        "half of it old.",
    ]
    source = load_one(tmp_path, "a.pdf", make_pdf([lines], title="Torn pages"))
    assert source.title == "Torn pages"
    assert source.metadata["pages"] == 1
    assert source.text.split("\n\n") == [" ".join(lines[:2]), " ".join(lines[2:])]


def test_pdf_sentence_crosses_a_page_and_running_lines_go(tmp_path: Path) -> None:
    pages = [["Journal of Logs", f"the story of part {'abcd'[n]} goes on and on and", str(n + 1)] for n in range(4)]
    text = load_one(tmp_path, "a.pdf", make_pdf(pages)).text
    assert "Journal of Logs" not in text
    assert "on and on and the story of part b" in text


def test_encrypted_pdf_is_skipped(tmp_path: Path) -> None:
    assert "encrypted" in reason_for(tmp_path, "locked.pdf", make_pdf([["Secret words here."]], encrypted=True))


def test_scanned_pdf_is_skipped(tmp_path: Path) -> None:
    reason = reason_for(tmp_path, "scan.pdf", make_pdf([[], []]))
    assert "no text layer" in reason
    assert "text recognition" in reason


def test_damaged_pdf_is_skipped(tmp_path: Path) -> None:
    assert "not a readable PDF" in reason_for(tmp_path, "half.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type")


# DOCX


def test_docx_keeps_headings_lists_and_tables(tmp_path: Path) -> None:
    blocks = [("Heading 1", "Terms"), ("Normal", "The parties agree."), ("List Bullet", "One"), ("List Bullet", "Two")]
    data = make_docx([*blocks, ("Normal", "End.")], title="Supply contract", table=[["Item", "Price"], ["Bolt", "3"]])
    source = load_one(tmp_path, "a.docx", data)
    assert source.title == "Supply contract"
    assert source.text == "# Terms\n\nThe parties agree.\n\n- One\n- Two\n\nEnd.\n\n| Item | Price |\n| Bolt | 3 |"


def test_docx_without_text_is_skipped(tmp_path: Path) -> None:
    assert "no text" in reason_for(tmp_path, "a.docx", make_docx([]))


def test_docx_with_password_is_skipped(tmp_path: Path) -> None:
    assert "password" in reason_for(tmp_path, "a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_docx_that_is_no_archive_is_skipped(tmp_path: Path) -> None:
    assert "damaged" in reason_for(tmp_path, "a.docx", b"just text")


def test_docx_that_is_another_archive_is_skipped(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "damaged or not what its name says" in reason_for(tmp_path, "a.docx", buffer.getvalue())


def test_docx_that_unpacks_to_too_much_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_module, "_MAX_XML", 100_000)
    buffer = io.BytesIO(make_docx([("Normal", "Small.")]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/bomb.xml", "a" * 200_000)
    assert "unpacks to far more" in reason_for(tmp_path, "a.docx", buffer.getvalue())


# JSONL


def test_jsonl_line_keeps_its_id_title_and_metadata(tmp_path: Path) -> None:
    data = (
        b'{"text": "Body one.", "id": 7, "title": "First", "metadata": {"court": "trial"}}\n\n{"text": "Body two."}\n'
    )
    (tmp_path / "a.jsonl").write_bytes(data)
    first, second = load_sources([tmp_path / "a.jsonl"]).sources
    assert (first.title, first.document) == ("First", "a.jsonl:1")
    assert first.metadata["record_id"] == "7"
    assert first.metadata["record"] == {"court": "trial"}
    assert second.metadata["line"] == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "not valid JSON"),
        (b'["text"]', "is a list, not an object"),
        (b'{"body": "x"}', "`text` is missing"),
        (b'{"text": 5}', "`text` is not a string"),
        (b'{"text": "  "}', "`text` is empty"),
        (b'{"text": "x", "title": 5}', "`title` is a int"),
        (b'{"text": "x", "id": [1]}', "`id` is a list"),
        (b'{"text": "x", "metadata": "m"}', "`metadata` is a str"),
        (b'{"text": "x", "metadata": {"a": ' + b"[" * 400 + b"]" * 400 + b"}}", "nested too deeply"),
        (b'{"text": "lone \\ud800 surrogate"}', "not valid JSON"),
    ],
)
def test_jsonl_bad_line_is_named_by_file_and_line(tmp_path: Path, line: bytes, reason: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "Good."}\n' + line + b'\n{"text": "Also good."}\n')
    loaded = load_sources([tmp_path / "a.jsonl"])
    assert [source.text for source in loaded.sources] == ["Good.", "Also good."]
    (skipped,) = loaded.skipped
    assert skipped.name == "a.jsonl:2"
    assert reason in skipped.reason


# Every format


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html", "a.pdf", "a.docx", "a.jsonl"])
def test_empty_file_is_skipped(tmp_path: Path, name: str) -> None:
    assert "it is empty" in reason_for(tmp_path, name, b"")


def test_blank_file_is_skipped(tmp_path: Path) -> None:
    assert "no text" in reason_for(tmp_path, "a.md", b" \n\n\t\n")


def test_too_large_file_is_skipped_without_reading_it(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    (tmp_path / "zz-good.txt").write_text(GOOD)
    (skipped,) = load_sources([tmp_path]).skipped
    assert "more than 50 MB" in skipped.reason


def test_document_with_too_much_text_is_skipped(tmp_path: Path) -> None:
    assert "characters of text" in reason_for(tmp_path, "a.txt", b"word " * 1_000_001)


@pytest.mark.parametrize("name", ["deck.pptx", "Makefile"])
def test_unsupported_file_is_skipped_with_what_is_supported(tmp_path: Path, name: str) -> None:
    assert ".docx, .jsonl" in reason_for(tmp_path, name, b"x")
