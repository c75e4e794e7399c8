"""Extraction: the source is read once, before any task is written; it may turn out unsuitable."""

from __future__ import annotations

from dataclasses import asdict

from autodata.agents import extractor
from autodata.agents.extractor import Extract
from autodata.canon import derive_seed
from autodata.errors import MalformedReply
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
    reason, ask, fresh = "", 0, 0
    while fresh < settings.judge_asks:
        body = extractor.build_extractor_body(
            settings.seats.seat("extractor"),
            context.recipe,
            source,
            seed=derive_seed(settings.seed, source.id, "extractor", ask),
            nonce=nonce,
        )
        call = await context.recorder.call(
            CallKey(source.id, _ROUND, "extractor", purpose="extract", ask=ask),
            body,
            template_sha=context.recipe.template_sha(*extractor.TEMPLATE_FILES),
        )
        try:
            extract = extractor.parse_extract(call.reply.content)
        except MalformedReply as error:
            reason = str(error)
            ask, fresh = ask + 1, fresh + (not call.replayed)
            continue
        context.recorder.commit("extract", (source.id,), {"source": source.id, "extract": asdict(extract)})
        return extract
    raise MalformedReply(f"the extractor gave no readable reply in {settings.judge_asks} asks: {reason}")
