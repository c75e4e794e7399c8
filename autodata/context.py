"""What every source of a run shares while the loop works on it."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.recipes.recipe import Recipe
from autodata.recorder import Recorder
from autodata.settings import RunSettings


@dataclass(frozen=True, slots=True)
class LoopContext:
    """A run's identity, frozen settings and recipe, and the recorder all its calls go through."""

    run_id: str
    settings: RunSettings
    recipe: Recipe
    recorder: Recorder
