"""Does a server answer, and which models does it offer?"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

import orjson

TIMEOUT_S = 3.0
_MAX_BYTES = 1_000_000

# A proxy from the environment is for other machines than this one.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask_models(base_url: str, timeout_s: float = TIMEOUT_S) -> list[str] | None:
    """The models offered at `base_url`; [] when it answers but does not list them, None when it does not answer.

    This is the sign that a server is ready: it answers under /v1 only once its model is loaded.
    """
    try:
        with _OPENER.open(f"{base_url}/models", timeout=timeout_s) as response:
            values = orjson.loads(response.read(_MAX_BYTES))
    except urllib.error.HTTPError as error:
        # One that wants a key is there; one that says 5xx is still loading.
        return [] if error.code < 500 else None
    except (OSError, http.client.HTTPException):
        return None
    except ValueError:
        return []
    data = values.get("data") if isinstance(values, dict) else None
    return (
        [str(model["id"])[:200] for model in data if isinstance(model, dict) and "id" in model]
        if isinstance(data, list)
        else []
    )
