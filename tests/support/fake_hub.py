"""A stand-in for a dataset hub: takes repositories and commits over HTTP, as the public one's clients send them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class FakeHub:
    """What was asked of it. `refuse` answers everything with that status."""

    url: str = ""
    created: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    summary: str = ""
    refuse: int = 0


@contextmanager
def serve_hub(refuse: int = 0) -> Iterator[FakeHub]:
    """A running hub on a loopback port."""
    hub = FakeHub(refuse=refuse)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.tokens.add(self.headers.get("Authorization", ""))
        if self.hub.refuse:
            self._answer(self.hub.refuse, {"error": "not with this token"})
        elif self.path == "/api/repos/create":
            self.hub.created.append(json.loads(body))
            self._answer(200, {"url": f"{self.hub.url}/datasets/ada/lease"})
        elif self.path == "/api/validate-yaml":
            self._answer(200, {"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            asked = json.loads(body)["files"]
            modes = [
                {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False, "oid": None} for one in asked
            ]
            self._answer(200, {"files": modes})
        elif "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "header":
                    self.hub.summary = line["value"]["summary"]
                elif line["key"] == "file":
                    self.hub.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            url = f"{self.hub.url}/datasets/ada/lease/commit/{'0' * 40}"
            self._answer(200, {"commitUrl": url, "commitOid": "0" * 40, "success": True})
        else:
            self._answer(404, {"error": self.path})

    def do_GET(self) -> None:
        self._answer(self.hub.refuse or 404, {"error": self.path})

    def do_HEAD(self) -> None:
        self._answer(404, {})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Tests print nothing."""
