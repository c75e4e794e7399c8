"""A small OpenID Connect provider for tests: whoever comes is let in, as the person it was told to be."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson

CLIENT, SECRET = "autodata-test", "not-a-secret"


class Provider:
    """`claims` are what it says of whoever logs in; they may be changed between logins."""

    def __init__(self, address: str, claims: Mapping[str, Any]) -> None:
        from joserfc.jwk import RSAKey

        self.address = address
        self.claims = dict(claims)
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.nonces: dict[str, str] = {}

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def sign(self, code: str) -> str:
        from joserfc import jwt

        now = int(time.time())
        words = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": self.nonces[code]}
        return jwt.encode({"alg": "RS256", "kid": "k1"}, {**words, **self.claims}, self.key)


@contextmanager
def serve_provider(claims: Mapping[str, Any]) -> Iterator[Provider]:
    """Run a provider on a free port."""
    provider: Provider | None = None

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert provider is not None
            url = urlsplit(self.path)
            if url.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                code = f"c{len(provider.nonces)}"
                provider.nonces[code] = asked.get("nonce", "")
                answer = urlencode({"code": code, "state": asked["state"]})
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri']}?{answer}")
                self.end_headers()
                return
            known = {"/.well-known/openid-configuration": provider.describe()}
            known["/keys"] = {"keys": [provider.key.as_dict(private=False)]}
            known["/userinfo"] = dict(provider.claims)
            self._answer(known.get(url.path, {}))

        def do_POST(self) -> None:
            assert provider is not None
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            token = {"access_token": "a", "token_type": "Bearer", "expires_in": 600}
            self._answer({**token, "id_token": provider.sign(body["code"][0])})

        def _answer(self, value: Mapping[str, Any]) -> None:
            body = orjson.dumps(value)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}", claims)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
