"""Extraction: the source is read once, before any task is written; it may turn out unsuitable."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from autodata.agents import extractor
from autodata.agents.extractor import Extract
from autodata.asking import ask_until_read
from autodata.canon import derive_seed
from autodata.recorder import CallKey
from autodata.steps.work import SourceWork

_ROUND = 1
"""The round its calls are counted in: it is the first step of the first round (paper Fig 10)."""


async def extract_source(work: SourceWork) -> Extract:
    """What the extractor takes out of the source, after committing it; malformed replies are asked again.

    Raises MalformedReply when no reply could be read, and ProviderFailure.
    """
    context, source = work.context, work.source
    settings, nonce = context.settings, work.nonce(_ROUND, "extractor")

    def build(ask: int) -> dict[str, Any]:
        return extractor.build_extractor_body(
            settings.seats.seat("extractor"),
            context.recipe,
            source,
            seed=derive_seed(settings.seed, source.id, "extractor", ask),
            nonce=nonce,
        )

    key = CallKey(source.id, _ROUND, "extractor", purpose="extract")
    extract, _ = await ask_until_read(context, "extractor", key, build, extractor.parse_extract)
    context.recorder.commit("extract", (source.id,), {"source": source.id, "extract": asdict(extract)})
    return extract
