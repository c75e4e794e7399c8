"""A home in Prometheus' text format. Labels are words of this program or of a seats file, never a model's."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

import autodata
from autodata.home import Home
from autodata.index.database import Index
from autodata.index.known import find_journals
from autodata.index.queries.metrics import Counts, load_metric_counts
from autodata.journals.files import inspect_journal
from autodata.runs import is_alive

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def render_metrics(home: Home, index: Index, last_pass: float | None = None, failing: bool = False) -> bytes:
    """The metrics, as Prometheus reads them. `last_pass`: when the index was last brought up to date, in epoch seconds;
    None where nobody keeps it up to date. `failing`: the latest attempt failed."""
    return generate_latest(_Snapshot(tuple(_list_metrics(home, load_metric_counts(index), last_pass, failing))))


class _Snapshot(Collector):
    """Metrics that were made already, in the form that the library writes out."""

    def __init__(self, metrics: tuple[Metric, ...]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


def _list_metrics(home: Home, counts: Counts, last_pass: float | None, failing: bool) -> Iterator[Metric]:
    yield _count(GaugeMetricFamily, "autodata_info", "Version of the program.", "version", {autodata.__version__: 1})
    yield _count(
        GaugeMetricFamily,
        "autodata_runs",
        "Runs by state; interrupted: no process works on it.",
        "state",
        _tell(home, counts),
    )
    yield from _list_calls(counts)
    yield _count(CounterMetricFamily, "autodata_rounds", "Finished rounds by outcome.", "outcome", counts.rounds)
    yield _count(
        GaugeMetricFamily, "autodata_tasks", "Accepted tasks by the state of their decision.", "decision", counts.tasks
    )
    yield GaugeMetricFamily("autodata_tasks_undecided", "Accepted tasks that wait for a vote.", counts.open)
    yield _count(
        CounterMetricFamily,
        "autodata_decisions",
        "Recorded decisions by verdict, undone ones included.",
        "verdict",
        counts.decisions,
    )
    yield from _list_journals(home, counts)
    if last_pass is not None:
        age = max(0.0, time.time() - last_pass)
        yield GaugeMetricFamily("autodata_index_age_seconds", "Since the index was last brought up to date.", age)
    yield GaugeMetricFamily("autodata_ingest_failing", "1 when the latest pass over the journals failed.", int(failing))


def _list_calls(counts: Counts) -> Iterator[Metric]:
    labels = ("role", "simulated")
    calls = CounterMetricFamily("autodata_calls", "Attempts at an endpoint.", labels=labels)
    failed = CounterMetricFamily("autodata_calls_failed", "Attempts that failed, by role.", labels=labels)
    tokens = CounterMetricFamily("autodata_tokens", "Tokens as servers counted them.", labels=(*labels, "kind"))
    for role in counts.roles:
        own = (role.role, str(role.simulated).lower())
        calls.add_metric(own, role.calls)
        failed.add_metric(own, role.errors)
        tokens.add_metric((*own, "prompt"), role.prompt_tokens)
        tokens.add_metric((*own, "completion"), role.completion_tokens)
    failures = CounterMetricFamily(
        "autodata_failures", "Failed attempts by kind and endpoint.", labels=("kind", "endpoint")
    )
    for key, count in counts.failures.items():
        failures.add_metric(key, count)
    yield from (calls, failed, tokens, failures)


def _list_journals(home: Home, counts: Counts) -> Iterator[Metric]:
    size = stored = unread = 0
    for name, path in find_journals(home):
        try:
            state = inspect_journal(path)
        except OSError:
            continue  # deleted meanwhile
        size, stored = size + state.size, stored + state.stored
        unread += max(0, state.size - counts.read.get(name, 0))
    yield GaugeMetricFamily("autodata_journal_bytes", "Plain bytes of all journals.", size)
    yield GaugeMetricFamily("autodata_journal_stored_bytes", "Bytes of all journals on the disk.", stored)
    yield GaugeMetricFamily("autodata_ingest_lag_bytes", "Bytes of journals that the index has not read.", unread)
    yield GaugeMetricFamily("autodata_journals_damaged", "Journals whose chain is broken.", counts.damaged)


def _tell(home: Home, counts: Counts) -> dict[str, int]:
    """Runs by state, those apart whose process is gone."""
    gone = sum(1 for run_id in counts.running if not is_alive(home, run_id))
    states = dict(counts.runs)
    if gone:
        states["running"] -= gone
        states["interrupted"] = gone
    return states


def _count(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    words: str,
    label: str,
    values: Mapping[str, int],
) -> Metric:
    metric = family(name, words, labels=(label,))
    for value, count in values.items():
        metric.add_metric((value,), count)
    return metric
