"""What is read from outside is bounded: refused with its name and a remedy, and never waited for."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from autodata.agents.judge import parse_verdicts
from autodata.bounded import SETTINGS_MAX
from autodata.dataset.policies import FOLDER, list_policies
from autodata.errors import AutodataError, BadInput, MalformedReply, ProviderFailure
from autodata.home import Home
from autodata.importing.store import import_path
from autodata.llm import client
from autodata.llm.client import OpenAITransport
from autodata.llm.seat import load_seats
from autodata.model import Criterion
from autodata.operations.restore import restore_backup
from autodata.prices import find_prices_file, load_prices
from autodata.recipes.recipe import load_recipe
from autodata.sources import load_sources
from tests.security.corpus import HUGE
from tests.support.fake_endpoint import Scripted, complete, make_body, make_book, serve_fake

TASK = {"format": "autodata-trajectory/1", "rounds": [{"round": 1, "task": {"question": "Which one is it?"}}]}


def read_as_seats(path: Path) -> object:
    return load_seats(path)


def read_as_policy(path: Path) -> object:
    home = Home(path.parent / "home")
    (home.root / FOLDER).mkdir(parents=True)
    (home.root / FOLDER / "given.toml").symlink_to(path)
    return list_policies(home)


def read_as_prices(path: Path) -> object:
    home = Home(path.parent / "home")
    home.root.mkdir()
    find_prices_file(home).symlink_to(path)
    return load_prices(home)


def read_as_recipe(path: Path) -> object:
    folder = path.parent / "recipe"
    folder.mkdir()
    (folder / "recipe.toml").write_text("")
    (folder / "challenger.md").symlink_to(path)
    return load_recipe(str(folder))


def read_as_import(path: Path) -> object:
    return import_path(Home(path.parent / "home"), path, dry_run=True)


READERS: list[Callable[[Path], object]] = [
    read_as_seats, read_as_policy, read_as_prices, read_as_recipe, read_as_import,
]  # fmt: skip


def make_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def make_endless(path: Path) -> Path:
    path.symlink_to("/dev/zero")
    return path


def make_large(path: Path) -> Path:
    path.write_bytes(b"# " + b"x" * SETTINGS_MAX)
    return path


@pytest.mark.parametrize("make", [make_pipe, make_endless])
@pytest.mark.parametrize("read", READERS)
def test_a_pipe_or_device_is_refused_at_once(
    read: Callable[[Path], object], make: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="pipe"):
        read(make(tmp_path / "given.toml"))


@pytest.mark.parametrize("read", READERS[:4])
def test_a_file_that_is_too_large_is_refused_by_name(read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"(given|recipe|challenger|prices).* has more than .*split it"):
        read(make_large(tmp_path / "given.toml"))


@pytest.mark.parametrize("make", [make_pipe, make_endless])
def test_a_pipe_among_documents_is_skipped_by_name(make: Callable[[Path], Path], tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# Leases\n\nA lease ends when its clock says so. " * 20)
    make(tmp_path / "bad.md")
    loaded = load_sources([tmp_path])
    assert [(skip.name, "not a regular file" in skip.reason) for skip in loaded.skipped] == [("bad.md", True)]
    assert loaded.sources


def read_line(tmp_path: Path, line: bytes) -> list[str]:
    """Reasons why something of a line was not used, beside a good line that keeps the file importable."""
    (tmp_path / "lines.jsonl").write_bytes(orjson.dumps(TASK) + b"\n" + line + b"\n")
    return [unused.reason for unused in import_path(Home(tmp_path / "home"), tmp_path / "lines.jsonl").unused]


def put(value: bytes) -> bytes:
    """A trajectory in which `value` is the score of an answer."""
    return (
        b'{"format":"autodata-trajectory/1","rounds":[{"round":1,"task":{"question":"Which?"},"rollouts":'
        b'[{"solver":"weak","answer":"A","score":' + value + b"}]}]}"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (put(b"NaN"), "is not JSON"),
        (put(b"Infinity"), "is not JSON"),
        (put(b"-Infinity"), "is not JSON"),
        (put(b"1e999"), "is not JSON|not a finite number|outside"),
        (put(b"9" * 400), "is not JSON|not a finite number|outside"),
        (put(b"0.5" + b',"score":0.9'), "'score' stands twice"),
        (b'{"format":"autodata-trajectory/1","format":"autodata-trajectory/1","rounds":[]}', "'format' stands twice"),
        (put(b"[" * 900 + b"]" * 900), "nested|not a"),
        (put(b"[" * 200_000 + b"]" * 200_000), "is not JSON"),
        (put(b'"\xff\xfe"'), "is not JSON"),
        (put(b'"\\ud800"'), "is not JSON|not a finite"),
        (b'"' + b"x" * 10_000_000 + b'"', "not an object"),
        (b"\0" * 1000, "is not JSON"),
        (b"[1, 2", "is not JSON"),
    ],
)
def test_a_line_that_cannot_be_trusted_is_left_out_with_its_reason(line: bytes, said: str, tmp_path: Path) -> None:
    reasons = read_line(tmp_path, line)
    assert reasons
    assert any(word in reason for reason in reasons for word in said.split("|")), [reason[:200] for reason in reasons]


def test_a_line_end_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    line = put(b"0.5").replace(b"Which?", "Which\u2028one\u0085?".encode())
    assert read_line(tmp_path, line) == []


async def ask(scripted: Scripted) -> None:
    async with serve_fake(scripted) as fake:
        book, transport = make_book(fake.base_url), OpenAITransport()
        try:
            await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body(), role="weak")
        finally:
            await transport.close()


@pytest.mark.parametrize("packed", [False, True])
async def test_an_endless_reply_is_cut_off(packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "REPLY_BYTES_MAX", 2**20)
    body = complete("word " * 300_000).body
    scripted = Scripted(body=body)
    if packed:
        filler = os.urandom(40_000).hex().encode()
        scripted = Scripted(body=gzip.compress(body + filler), headers={"Content-Encoding": "gzip"})
    with pytest.raises(ProviderFailure, match="reply has more than") as caught:
        await ask(scripted)
    assert caught.value.kind == "connection"


async def test_a_deeply_nested_reply_is_no_completion() -> None:
    with pytest.raises(ProviderFailure) as caught:
        await ask(Scripted(body=b'{"choices":' + b"[" * 100_000))
    assert caught.value.kind == "bad_body"


def write_archive(path: Path, *members: tarfile.TarInfo) -> Path:
    with gzip.open(path, "wb") as file:
        for member in members:
            file.write(member.tobuf())
    return path


def name_member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, "/etc/passwd" if kind != tarfile.REGTYPE else ""
    return member


@pytest.mark.parametrize(
    "member",
    [
        name_member("../outside.txt"), name_member("/etc/cron.d/x"), name_member("runs/../../x"),
        name_member("runs/x\\y"), name_member("runs//x"), name_member("a", kind=tarfile.SYMTYPE),
        name_member("a", kind=tarfile.LNKTYPE), name_member("a", kind=tarfile.FIFOTYPE),
        name_member("a", kind=tarfile.CHRTYPE), name_member("a", kind=tarfile.BLKTYPE), name_member("a", 10**15),
    ],
    ids=lambda member: f"{member.name}-{member.type!r}-{member.size}",
)  # fmt: skip
def test_a_hostile_archive_leaves_nothing_behind(member: tarfile.TarInfo, tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "backup.tar.gz", member)
    with pytest.raises(BadInput, match=r"holds|not a whole archive"):
        restore_backup(archive, Home(tmp_path / "home"))
    assert [path.name for path in tmp_path.iterdir()] == ["backup.tar.gz"]


def test_an_archive_inside_an_archive_is_a_file(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w") as tar:
        tar.addfile(name_member("../../x"))
    archive = tmp_path / "backup.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = name_member("uploads/inner.tar", len(inner.getvalue()))
        tar.addfile(member, io.BytesIO(inner.getvalue()))
    with pytest.raises(AutodataError, match="cut off"):
        restore_backup(archive, Home(tmp_path / "home"))
    assert [path.name for path in tmp_path.iterdir()] == ["backup.tar.gz"]


def test_ten_megabytes_are_a_document_or_a_reason(tmp_path: Path) -> None:
    (tmp_path / "huge.md").write_text(HUGE)
    (tmp_path / "good.md").write_text("# Leases\n\nA lease ends when its clock says so. " * 20)
    loaded = load_sources([tmp_path], limit=5)
    assert all(len(source.text) < 20_000 for source in loaded.sources)
    assert all(skip.name == "huge.md" and skip.reason for skip in loaded.skipped)


@pytest.mark.parametrize("around", ["", '{"verdicts": ['])
def test_ten_megabytes_are_no_verdict(around: str) -> None:
    with pytest.raises(MalformedReply) as caught:
        parse_verdicts(around + HUGE, (Criterion("c1", "says so", 1),))
    assert len(str(caught.value)) < 1_000
