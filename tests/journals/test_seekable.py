"""Compressed files read like plain ones, from any place; what is not whole is found."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.journals import seekable
from autodata.journals.seekable import NotSeekable, measure_plain, open_frames, write_frames

PLAIN = b"".join(b"%d: a line of some length\n" % number for number in range(3000))


@pytest.fixture(autouse=True, scope="module")
def small_frames():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seekable, "FRAME", 5000)
        yield


@pytest.fixture(scope="module")
def packed(small_frames) -> bytes:
    target = io.BytesIO()
    write_frames(io.BytesIO(PLAIN), target, len(PLAIN))
    return target.getvalue()


def test_reads_back_what_was_written(packed):
    assert open_frames(io.BytesIO(packed)).read() == PLAIN


def test_lines_are_those_of_the_plain_file(packed):
    assert list(open_frames(io.BytesIO(packed))) == PLAIN.splitlines(keepends=True)


@given(st.integers(0, len(PLAIN) + 10), st.integers(0, 20_000))
@settings(deadline=None, max_examples=50)
def test_any_stretch_is_that_of_the_plain_file(packed, start, count):
    with open_frames(io.BytesIO(packed)) as file:
        file.seek(start)
        assert file.read(count) == PLAIN[start : start + count]


def test_knows_its_plain_size(packed):
    assert measure_plain(io.BytesIO(packed)) == len(PLAIN)


def test_an_empty_file_has_no_frames():
    target = io.BytesIO()
    write_frames(io.BytesIO(), target, 0)
    assert open_frames(io.BytesIO(target.getvalue())).read() == b""


@pytest.mark.skipif(shutil.which("zstd") is None, reason="zstd is not installed")
def test_the_usual_program_reads_it(packed, tmp_path: Path):
    file = tmp_path / "x.zst"
    file.write_bytes(packed)
    assert subprocess.run(["zstd", "-dc", file], capture_output=True, check=True).stdout == PLAIN


def test_a_source_that_ends_early_is_refused():
    with pytest.raises(EOFError, match="5 bytes of 10"):
        write_frames(io.BytesIO(b"12345"), io.BytesIO(), 10)


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_a_file_that_was_cut_off_is_found(packed, data):
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(NotSeekable):
        measure_plain(io.BytesIO(packed[:cut]))


def test_a_frame_that_is_damaged_reads_as_one_line_that_is_nothing(packed):
    changed = bytearray(packed)
    changed[4] ^= 0xFF  # the first frame's header
    lines = open_frames(io.BytesIO(bytes(changed))).read()
    assert lines[:5000] == bytes(4999) + b"\n"
    assert lines[5000:] == PLAIN[5000:]


def test_a_damaged_frame_is_refused_where_it_matters(packed):
    changed = bytearray(packed)
    changed[4] ^= 0xFF
    with pytest.raises(NotSeekable, match="frame 1 of"):
        open_frames(io.BytesIO(bytes(changed)), strict=True).read()
