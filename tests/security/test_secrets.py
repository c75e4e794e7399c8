"""Keys stay in the environment, whatever an endpoint does: no byte of a home, a backup or a page holds one."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import read_records
from autodata.llm.completion import parse_completion, read_error
from autodata.llm.seat import REQUIRED_ROLES, parse_seats, simulated_seats
from autodata.llm.simulator import start_simulator
from autodata.serving.plan import make_plan
from tests.support.documents import write_documents
from tests.support.echoing_proxy import serve_echo
from tests.support.fake_endpoint import complete
from tests.support.page_driver import PageDriver, use_home

KEY = "sk-canary/7f3b+9d21=4c6e"
OTHERS = {
    "OPENAI_API_KEY": "sk-other-canary-a91c55d0",
    "HF_TOKEN": "hf_canary_5b1e88c27a",
    "AUTODATA_METRICS_TOKEN": "metrics-canary-30aa64",
}
CANARIES = tuple(text.encode() for text in (KEY, KEY.replace("/", "%2F").replace("+", "%2B").replace("=", "%3D"),
                                            KEY.replace("/", "\\/"), *OTHERS.values()))  # fmt: skip
PAGES = ("overview", "runs", "tasks", "review", "audit", "dataset", "recipes", "settings")


class Lived:
    """A home in which everything was done once against the hostile endpoint, and what the command line said."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.said: dict[str, str] = {}

    def call(self, *arguments: object, ok: tuple[int, ...] = (0,)) -> str:
        result = CliRunner().invoke(app, [*map(str, arguments), "--home", str(self.home.root)])
        assert result.exit_code in ok, (arguments, result.output)
        self.said[str(arguments[0])] = result.output
        return result.stdout


def write_seats(path: Path, base_url: str) -> Path:
    lines = ["[endpoints.e]", f'base_url = "{base_url}"', 'api_key_env = "CANARY_KEY"']
    for role, seat in simulated_seats().seats.items():
        lines += [f"[seats.{role}]", 'endpoint = "e"', f'model = "{seat.model}"', f"temperature = {seat.temperature}",
                  f"max_tokens = {seat.max_tokens}"]  # fmt: skip
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("secrets")
    with pytest.MonkeyPatch.context() as patch, use_home(folder / "home", patch) as home:
        for name, value in {"CANARY_KEY": KEY, **OTHERS}.items():
            patch.setenv(name, value)
        lived = Lived(home)
        server = start_simulator(folder / "simulator")
        try:
            with serve_echo(server.base_url) as address:
                home.root.mkdir()
                seats = write_seats(home.seats, address)
                documents = write_documents(folder / "documents")
                figures = json.loads(
                    lived.call("run", documents, "--models", seats, "--max-rounds", 2, "--seed", 3, "--json")
                    .splitlines()[-1]
                )  # fmt: skip
                lived.call("check", seats, ok=(0, 1))
                lived.call("audit", figures["run_id"], "--plan", "lean", "--json", ok=(0, 1, 2))
                lived.call("optimize", "--sources", documents, "--models", seats, "--budget", 12, "--quiet",
                           ok=(0, 1, 2, 3))  # fmt: skip
        finally:
            server.stop()
        done = [record.data for record in read_records(home.journal(figures["run_id"])) if record.kind == "source_done"]
        for task in filter(None, (data["task_id"] for data in done if data["outcome"] == "accepted")):
            lived.call("decide", task, "approve", "--reviewer", "Ada")
        lived.call("export", "set", "--format", "jsonl", "--format", "raw", "--format", "sft", ok=(0, 2))
        lived.call("doctor", "--json", ok=(0, 1))
        lived.call("backup", folder / "home.tar.gz")
        yield lived


def find_canaries(data: bytes) -> list[bytes]:
    return [canary for canary in CANARIES if canary in data]


def test_the_endpoint_did_get_the_key_and_gave_it_back(lived: Lived) -> None:
    calls = [record.data for record in read_records(lived.home.journal("cs-0001")) if record.kind == "call"]
    assert any(call["error"] and "[key]" in call["error"]["message"] for call in calls)
    assert any("Bearer [key]" in (call["reasoning"] or "") for call in calls)
    assert any("the key is [key]" in (call["response"] or "") for call in calls if call["role"] == "weak")
    assert all("stands here as [key]" in " ".join(call["warnings"]) for call in calls if not call["error"])


def test_no_byte_of_the_home_holds_a_key(lived: Lived) -> None:
    files = [path for path in lived.home.root.rglob("*") if path.is_file()]
    assert {"autodata.duckdb", "journal.jsonl", "reviews.jsonl", "manifest.json"} <= {path.name for path in files}
    assert [(path, found) for path in files if (found := find_canaries(path.read_bytes()))] == []


def test_no_byte_of_a_backup_holds_a_key(lived: Lived) -> None:
    packed = (lived.home.root.parent / "home.tar.gz").read_bytes()
    data = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else zlib.decompress(packed)
    assert b"cs-0001" in data
    assert find_canaries(data) == []


def test_the_command_line_says_no_key(lived: Lived) -> None:
    assert {"run", "check", "audit", "optimize", "decide", "export", "doctor", "backup"} <= lived.said.keys()
    assert {command: found for command, text in lived.said.items() if (found := find_canaries(text.encode()))} == {}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_a_key(lived: Lived, page: str) -> None:
    driver = PageDriver(lived.home, page)
    drawn = "".join(str(element.proto) for element in driver.at.main if hasattr(element, "proto")) + driver.text()
    assert drawn
    assert find_canaries(drawn.encode()) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        {"base_url": f"https://user:{KEY}@host/v1"},
        {"base_url": f"https://host/v1?api_key={KEY}"},
        {"base_url": f"https://host/v1#{KEY}"},
        {"base_url": "https://host/v1", "replicas": [f"https://{KEY}@other/v1"]},
        {"base_url": "https://host/v1", "api_key_env": KEY},
        {"base_url": "https://host/v1", "api_key": KEY},
    ],
)
def test_a_key_in_a_seats_file_is_refused_and_not_repeated(endpoint: dict[str, object]) -> None:
    seats = {role: {"endpoint": "e", "model": "m"} for role in REQUIRED_ROLES}
    with pytest.raises(BadInput) as caught:
        parse_seats({"endpoints": {"e": endpoint}, "seats": seats}, "seats.toml")
    assert KEY not in str(caught.value)
    assert "api_key_env" in str(caught.value) or "query" in str(caught.value)


@pytest.mark.parametrize("name", ["api_key", "Authorization", "access-token", "password", "token"])
def test_a_key_in_a_request_of_ones_own_is_refused_and_not_repeated(name: str) -> None:
    seats = {role: {"endpoint": "e", "model": "m", "extra_body": {"x": [{name: KEY}]}} for role in REQUIRED_ROLES}
    with pytest.raises(BadInput, match="api_key_env") as caught:
        parse_seats({"endpoints": {"e": {"base_url": "https://host/v1"}}, "seats": seats}, "seats.toml")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("name", ["max_tokens_per_call", "stop_token_ids", "chat_template_kwargs"])
def test_other_settings_of_a_request_may_be_given(name: str) -> None:
    seats = {role: {"endpoint": "e", "model": "m", "extra_body": {name: 1}} for role in REQUIRED_ROLES}
    assert parse_seats({"endpoints": {"e": {"base_url": "https://host/v1"}}, "seats": seats}, "seats.toml")


@pytest.mark.parametrize("words", [("--api-key", KEY), (f"--api-key={KEY}",), ("--hf-token", KEY)])
def test_a_key_among_a_servers_arguments_is_refused_and_not_repeated(words: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="VLLM_API_KEY") as caught:
        make_plan({"name": "weak", "model": "m", "extra": words})
    assert KEY not in str(caught.value)


def test_a_placeholder_of_a_server_without_keys_stays_a_word() -> None:
    reply = parse_completion(complete("The queue is EMPTY.").body, "The endpoint", "EMPTY")
    assert (reply.content, reply.warnings) == ("The queue is EMPTY.", ())


def test_an_error_is_cut_after_the_key_was_taken_out() -> None:
    content = json.dumps({"error": {"message": "x" * 295 + KEY}}).encode()
    assert KEY[:6] not in read_error(content, KEY).text
