"""Whether a share rose from one group of tasks to the next: Fisher's exact test, one-sided.

Fisher, R. A. (1922), doi:10.2307/2340521. With both margins fixed the count follows the hypergeometric distribution;
p is the chance of at least as many when nothing rose. Computed from logarithms of factorials, so that a page needs no
statistics library for it.
"""

from __future__ import annotations

from math import exp, lgamma

from autodata.audit.checking import check_counts


def measure_rise(hits: int, trials: int, hits_before: int, trials_before: int) -> float:
    """The one-sided p that `hits` of `trials` is no more than chance after `hits_before` of `trials_before`; 1 where
    a group is empty. Raises BadInput for counts that make no share.
    """
    check_counts("hits", hits, trials)
    check_counts("hits_before", hits_before, trials_before)
    total, whole = hits + hits_before, trials + trials_before
    if not trials or not trials_before:
        return 1.0
    scale = _log_choose(whole, total)
    terms = (
        exp(_log_choose(trials, k) + _log_choose(trials_before, total - k) - scale)
        for k in range(hits, min(trials, total) + 1)
    )
    return min(1.0, sum(terms))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
