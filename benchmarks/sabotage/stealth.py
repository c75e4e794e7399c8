"""Every family in an evasive variant, to be planned with `stealth=True`: the train families' are other mechanisms of
their own, the held-out ones change their ways when a case is evasive. Frozen like the held-out families.
"""

from __future__ import annotations

from benchmarks.sabotage import stealth_request, stealth_task
from benchmarks.sabotage.heldout import HELD_OUT

OF_TRAIN = (*stealth_request.FAMILIES, *stealth_task.FAMILIES)
STEALTH = (*OF_TRAIN, *HELD_OUT)
