"""The population of recipe versions, folded from a search's journal: who descends from whom, what each one reached.

Records are applied one by one, on resume and live alike, so what a search knows is what its journal says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from autodata.optimize.keep import Pair
from autodata.optimize.versions import (
    Certified,
    Counts,
    Evaluation,
    Iteration,
    Purpose,
    Version,
    count_outcomes,
    describe_version,
    is_success,
)
from autodata.recipes.recipe import make_recipe

__all__ = [
    "Certified",
    "Counts",
    "Evaluation",
    "Iteration",
    "Population",
    "Purpose",
    "Version",
    "count_ends",
    "count_outcomes",
    "describe_version",
    "find_winner",
    "is_success",
]


class Population:
    """Versions in the order in which they were written, iterations by number."""

    def __init__(self) -> None:
        self.versions: dict[str, Version] = {}
        self.iterations: dict[int, Iteration] = {}
        self.ended: list[int] = []
        """Iterations that are through, in the order in which they ended."""
        self.evaluations: dict[tuple[str, int], Evaluation] = {}
        """By slot and block."""
        self.certified: dict[str, Certified] = {}
        """By label."""
        self.alarms: list[Mapping[str, Any]] = []
        self.confirmation: Mapping[str, Any] | None = None
        self.sampled: set[int] = set()
        """Iterations whose sample tasks of both sides are written down."""
        self._handlers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "version": self._add_version,
            "iteration_started": self._start_iteration,
            "analysis": self._add_analysis,
            "edit": self._add_edit,
            "evaluation": self._add_evaluation,
            "decision": self._add_decision,
            "certified": self._add_certified,
            "samples": self._add_samples,
            "alarm": self._add_alarm,
            "confirmation": self._add_confirmation,
            "promoted": self._add_promotion,
        }

    @property
    def baseline(self) -> Version:
        """What the search began with."""
        return next(iter(self.versions.values()))

    @property
    def parents(self) -> list[Version]:
        """Versions that an iteration may start from."""
        return [v for v in self.versions.values() if v.state in ("baseline", "candidate", "promoted")]

    def find_score(self, version: Version) -> float:
        """Its accepted share over all evaluations; of one that has none yet that of its nearest ancestor, else 0."""
        own: Version | None = version
        while own is not None:
            share = own.count().share
            if share is not None:
                return share
            own = self.versions.get(own.parent or "")
        return 0.0

    def pair_up(self, first: str, second: str) -> list[Pair]:
        """Outcomes of two slots over the same blocks, in order, as far as both have them."""
        pairs: list[Pair] = []
        block = 0
        while (first, block) in self.evaluations and (second, block) in self.evaluations:
            one, other = self.evaluations[first, block], self.evaluations[second, block]
            pairs += [
                Pair(source, is_success(outcome), is_success(other.outcomes[source]))
                for source, outcome in one.outcomes.items()
                if source in other.outcomes
            ]
            block += 1
        return pairs

    def apply(self, kind: str, data: Mapping[str, Any]) -> None:
        """Take in one record; kinds that say nothing about the population are passed over."""
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(data)

    def _add_version(self, data: Mapping[str, Any]) -> None:
        recipe = make_recipe(dict(data["files"]))
        parent, iteration = data["parent"], data["iteration"]
        self.versions[data["version"]] = Version(
            data["version"], recipe, parent, iteration, data["by"], data["note"], data["state"]
        )

    def _start_iteration(self, data: Mapping[str, Any]) -> None:
        number = int(data["iteration"])
        self.iterations[number] = Iteration(number, data["parent"], tuple(data["minibatch"]), tuple(data["shown"]))

    def _add_analysis(self, data: Mapping[str, Any]) -> None:
        self.iterations[data["iteration"]].analysis = data

    def _add_edit(self, data: Mapping[str, Any]) -> None:
        self.iterations[data["iteration"]].edit = data

    def _add_evaluation(self, data: Mapping[str, Any]) -> None:
        evaluation = Evaluation(
            slot=data["slot"],
            run_id=data["run_id"],
            version=data["version"],
            iteration=data["iteration"],
            purpose=data["purpose"],
            block=data["block"],
            outcomes=data["outcomes"],
            calls=data["calls"],
        )
        if (evaluation.slot, evaluation.block) not in self.evaluations:
            self.evaluations[evaluation.slot, evaluation.block] = evaluation
            self.versions[evaluation.version].evaluations.append(evaluation)

    def _add_decision(self, data: Mapping[str, Any]) -> None:
        self.iterations[data["iteration"]].decision = data
        self.ended.append(data["iteration"])
        child = self.versions.get(data["child"] or "")
        if child is not None and child.iteration == data["iteration"]:
            child.state = "candidate" if data["state"] == "kept" else "discarded"

    def _add_certified(self, data: Mapping[str, Any]) -> None:
        own = Certified(**{**data, "tasks": tuple(data["tasks"])})
        self.certified[own.label] = own
        self.versions[own.version].certified.append(own)

    def _add_samples(self, data: Mapping[str, Any]) -> None:
        if data["side"] == "child":  # written last
            self.sampled.add(data["iteration"])

    def _add_alarm(self, data: Mapping[str, Any]) -> None:
        self.alarms.append(data)
        self.versions[data["version"]].state = "alarmed"

    def _add_confirmation(self, data: Mapping[str, Any]) -> None:
        self.confirmation = data

    def _add_promotion(self, data: Mapping[str, Any]) -> None:
        self.versions[data["version"]].state = "promoted"


def find_winner(population: Population) -> Version | None:
    """The kept version whose share is surely highest: by the lower end of its interval, the later of equals.

    The highest share itself would go to whoever was measured least: few sources make the luckiest shares.
    """
    kept = [version for version in population.versions.values() if version.state in ("candidate", "promoted")]
    return max(reversed(kept), key=lambda version: version.count().bounds[0], default=None)


def count_ends(population: Population) -> Counter[str]:
    """Iterations by how they ended."""
    return Counter(str(own.decision["state"]) for own in population.iterations.values() if own.decision)
