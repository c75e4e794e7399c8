"""The child that does algebra: one question a line in, one answer a line out, little memory and little time for each.

A question that needs more is ended by the system, the child with it; the parent starts another (answers.comparing).
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys

CPU_S = 3.0
"""Processor seconds a question may take: not seconds on the wall, so that a busy machine decides the same."""

MEMORY_BYTES = 1536 * 2**20


def main() -> None:
    """Answer questions until the input ends."""
    from autodata.answers.symbolic import decide_equal

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    output = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not answer in our place
    output.write("ready\n")
    output.flush()
    for line in sys.stdin:
        reference, candidate = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, CPU_S)
        verdict: bool | None = None
        with contextlib.suppress(MemoryError, RecursionError, ArithmeticError, ValueError, TypeError, AttributeError):
            verdict = decide_equal(reference, candidate)
        signal.setitimer(signal.ITIMER_PROF, 0)
        output.write(json.dumps(verdict) + "\n")
        output.flush()


if __name__ == "__main__":
    main()
