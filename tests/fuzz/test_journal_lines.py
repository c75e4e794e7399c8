"""Whatever bytes a journal holds, reading it says what is intact, or JournalDamaged; an index never stops at it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.errors import JournalDamaged
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.journals import list_journals
from autodata.journal import read_records, verify_journal
from tests.security.corpus import TEXTS
from tests.support.journals import write_run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    home = Home(tmp_path_factory.mktemp("home"))
    write_run(home, "cs-1", 1)
    return home.journal("cs-1").read_bytes()


Damage = Callable[[bytes], bytes]
LINES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(TEXTS).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([b"{}", b"[]", b"null", b"0", b'{"seq":1}', b'{"seq":-1,"kind":"call"}', b"[" * 100_000,
                     b'{"seq":1e999}', b'{"seq":99999999999999999999999}', b'{"sha":"x","prev":"x"}']),
)  # fmt: skip


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    kind = draw(st.sampled_from(["insert", "cut", "flip", "swap", "double", "drop"]))
    place, line, bit = draw(st.floats(0, 1)), draw(LINES), draw(st.integers(0, 7))

    def damage(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        at = int(place * (len(lines) - 1))
        if kind == "insert":
            lines.insert(at, line.replace(b"\n", b" ") + b"\n")
        elif kind == "cut":
            return data[: int(place * len(data))]
        elif kind == "flip":
            byte = int(place * (len(data) - 1))
            return data[:byte] + bytes([data[byte] ^ (1 << bit)]) + data[byte + 1 :]
        elif kind == "swap" and at:
            lines[at], lines[at - 1] = lines[at - 1], lines[at]
        elif kind == "double":
            lines.insert(at, lines[at])
        else:
            del lines[at]
        return b"".join(lines)

    return damage


@given(damage=damages())
@settings(max_examples=120, deadline=None)
def test_a_damaged_journal_is_read_as_far_as_it_holds(whole: bytes, damage: Damage) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        path.write_bytes(damage(whole))
        with suppress(JournalDamaged):
            assert all(isinstance(record.kind, str) for record in read_records(path))
        report = verify_journal(path)
        same = path.read_bytes().splitlines()[: report.records]
        assert same == whole.splitlines()[: report.records]
        assert report.ok == (same == path.read_bytes()[: -report.torn_bytes or None].splitlines())


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b"{}", b"\xff\xfe", b'{"seq":1,"kind":"source","source":7}', b"\0" * 10]
)
def test_an_index_takes_in_what_is_intact_and_names_the_rest(whole: bytes, line: bytes, tmp_path: Path) -> None:
    home = Home(tmp_path)
    lines = whole.splitlines(keepends=True)
    home.run("cs-1").mkdir(parents=True)
    home.journal("cs-1").write_bytes(b"".join(lines[:5]) + line + b"\n" + b"".join(lines[5:]))
    with open_index(home) as index:
        ingest_home(index, home)
        journal = list_journals(index)[0]
    assert (journal.records, bool(journal.damage)) == (5, True)
