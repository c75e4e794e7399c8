"""What a person may choose about the files of a version."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class FormatOptions(BaseModel):
    """Choices that change what is written; they belong in the manifest, because other choices give other bytes.

    `sft_answer`: imitate the best strong rollout, or the reference answer. `sft_score_min`: leave out strong rollouts
    below this score. `shard_bytes`: about how many bytes of text a file of the Hugging Face folder holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sft_answer: Literal["strong", "reference"] = "strong"
    sft_score_min: float | None = Field(None, ge=0, le=1)
    shard_bytes: int = Field(512 * 2**20, ge=2**20)
