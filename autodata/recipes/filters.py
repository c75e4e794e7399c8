"""The code filters of a recipe: what no accepted question may hold, as data read from recipe.toml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FilterRules(BaseModel):
    """Limits on a question that overrule every judge. A recipe without them filters nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question_max: int | None = Field(None, ge=1)
    """Most characters a question may have."""
    phrases: tuple[str, ...] = ()
    """Words no question may hold, whatever their case; a blank at the end asks for something after them."""
    years: tuple[tuple[int, int], ...] = ()
    """Ranges of years, both ends included, that no question may name."""

    @model_validator(mode="after")
    def _check_values(self) -> FilterRules:
        if any(not phrase.strip() for phrase in self.phrases):
            raise ValueError("filters.phrases holds an empty phrase, which every question would match")
        backwards = [pair for pair in self.years if pair[0] > pair[1]]
        if backwards:
            raise ValueError(f"filters.years: {list(backwards[0])} ends before it begins")
        return self
