"""Is the gap real? The statistics of the audit and the verdict: pure functions, no I/O, no model call.

Scores are shares of the attainable points, 0 to 1; gaps and drops are differences of two such scores. A number that
cannot be computed is None with a note that says why, never 0.
"""
