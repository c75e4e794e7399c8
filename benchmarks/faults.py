"""The fault matrix: what happens when something is killed, damaged, full, forbidden or gone, each in a real process.

For every case: what was acknowledged before is still there, nothing is counted twice, a run comes to the result that
it has without the fault, the index equals one made anew, and a person is told what happened and what to do.

    python -m benchmarks.faults                  every case, few points for each kill
    python -m benchmarks.faults --full           20 points for each kill
    python -m benchmarks.faults --only journal   cases whose group begins so
    python -m benchmarks.faults --write          write the table to docs/reliability.md

Some cases need a file system of their own, which only root may mount; where that is refused they are left out, and the
table says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.faulting.matrix import GROUPS, run_matrix
from benchmarks.faulting.table import write_table
from benchmarks.report import Bar, print_report

QUICK, FULL = 3, 20
"""Points of each kill."""


def main() -> int:
    """Print the table; exit code 0 only when every expectation held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help=f"{FULL} points for each kill instead of {QUICK}")
    parser.add_argument("--only", metavar="GROUP", default="", help=f"one of {', '.join(GROUPS)}")
    parser.add_argument("--write", action="store_true", help="write the table to docs/reliability.md")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autodata-faults-") as folder:
        outcomes = run_matrix(Path(folder), FULL if options.full else QUICK, options.only)
    if options.write:
        arguments = [
            flag for flag, given in (("--full", options.full), (f"--only {options.only}", options.only)) if given
        ]
        write_table(outcomes, " ".join(["python -m benchmarks.faults", *arguments]))
    rows = [
        [o.case, o.points, o.lost, o.twice, o.again, "skipped" if o.skipped else "ok" if o.ok else "FAILS"]
        for o in outcomes
    ]
    tried = [one for one in outcomes if not one.skipped]
    bars = [
        Bar("records lost", sum(one.lost for one in tried), "<=", 0),
        Bar("records counted twice", sum(one.twice for one in tried), "<=", 0),
        Bar("calls repeated beyond the slots", sum(max(0, one.again - one.may_repeat) for one in tried), "<=", 0),
        Bar("expectations that did not hold", sum(len(one.problems) for one in tried), "<=", 0),
        Bar("cases tried", len(tried), ">=", 1),
    ]
    headings = ["case", "points", "lost", "twice", "repeated", ""]
    return print_report("faults", f"{len(tried)} faults", headings, rows, bars, json=options.json)


if __name__ == "__main__":
    sys.exit(main())
