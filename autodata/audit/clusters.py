"""Z9, clusters: tasks whose texts are near copies of one another are audited as one unit.

MinHash with locality-sensitive hashing finds candidates (Broder 1997, doi:10.1109/SEQUEN.1997.666900); the exact
Jaccard index of word 5-grams decides. The permutations are seeded, so the same texts give the same clusters
everywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import eq
from typing import TYPE_CHECKING, Any
from zlib import crc32

from autodata.audit.checking import check_probability

if TYPE_CHECKING:
    from datasketch import MinHash

NGRAM = 5
SIMILAR_FROM = 0.8
"""Jaccard index from which two texts count as near copies; a repeated question of one task is judged at 0.9."""

FEWEST_MEMBERS = 5
PERMUTATIONS = 128
SEED = 1
BAND = 4
"""Numbers of a sketch that two near copies must share somewhere in a row: missed by 1 pair in ten million at 0.8."""
LONGEST = 50_000
"""Characters of a text that are looked at; what follows does not change a cluster."""

_WORD = re.compile(r"\w+")


def find_clusters(
    texts: Mapping[str, str], similar_from: float = SIMILAR_FROM, fewest: int = FEWEST_MEMBERS
) -> tuple[tuple[str, ...], ...]:
    """Groups of at least `fewest` ids whose texts are linked by near copies, the largest first, ids in order.

    A text without words is in no group. About 3 ms per text of 300 words. Raises BadInput unless `similar_from` lies
    strictly between 0 and 1.
    """
    check_probability("similar_from", similar_from)
    shingles = {key: found for key, text in sorted(texts.items()) if (found := cut_shingles(text))}
    roots = {key: key for key in shingles}
    for first, second in sorted(_propose_pairs(shingles, similar_from)):
        one, other = _find_root(roots, first), _find_root(roots, second)
        if one != other and measure_similarity(shingles[first], shingles[second]) >= similar_from:
            roots[max(one, other)] = min(one, other)
    return _collect(roots, fewest)


def cut_shingles(text: str, length: int = NGRAM) -> frozenset[str]:
    """The text's runs of `length` words, without case and punctuation; a shorter text is one run."""
    words = _WORD.findall(text[:LONGEST].casefold())
    if not words:
        return frozenset()
    return frozenset(" ".join(words[at : at + length]) for at in range(max(1, len(words) - length + 1)))


def sketch_text(text: str) -> tuple[int, ...]:
    """The text's MinHash: 128 numbers of 32 bits, of which two texts share about as many as their Jaccard index says
    (standard error 0.035 at 0.8). Empty for a text without words. About 0.4 ms for 300 words.
    """
    found = cut_shingles(text)
    return tuple(_sketch(found).hashvalues.tolist()) if found else ()


def link_sketches(
    sketches: Mapping[str, Sequence[int]], similar_from: float = SIMILAR_FROM, fewest: int = FEWEST_MEMBERS
) -> tuple[tuple[str, ...], ...]:
    """`find_clusters` on sketches instead of texts, for thousands of tasks: the share of equal numbers decides.

    Each text is compared with one member of every group found so far that shares a band of its numbers, so that a
    thousand copies of one text cost a thousand comparisons. Raises BadInput as `find_clusters` does.
    """
    check_probability("similar_from", similar_from)
    roots = {key: key for key, sketch in sorted(sketches.items()) if sketch}
    seen: dict[tuple[int, tuple[int, ...]], dict[str, str]] = defaultdict(dict)
    for key in roots:
        sketch = tuple(sketches[key])
        for at in range(0, len(sketch), BAND):
            bucket = seen[at, sketch[at : at + BAND]]
            for root, other in list(bucket.items()):
                one, kept = _find_root(roots, key), _find_root(roots, root)
                if one != kept and _measure_share(sketch, sketches[other]) >= similar_from:
                    roots[max(one, kept)] = min(one, kept)
            bucket.setdefault(_find_root(roots, key), key)
    return _collect(roots, fewest)


def measure_similarity(first: frozenset[Any], second: frozenset[Any]) -> float:
    """Jaccard index |A ∩ B| / |A ∪ B| in [0, 1]; 0 when both are empty."""
    both = len(first & second)
    union = len(first) + len(second) - both
    return both / union if union else 0.0


def _collect(roots: dict[str, str], fewest: int) -> tuple[tuple[str, ...], ...]:
    groups = defaultdict(list)
    for key in roots:
        groups[_find_root(roots, key)].append(key)
    large = (tuple(sorted(group)) for group in groups.values() if len(group) >= fewest)
    return tuple(sorted(large, key=lambda group: (-len(group), group)))


def _measure_share(first: Sequence[int], second: Sequence[int]) -> float:
    return sum(map(eq, first, second)) / len(first)


def _sketch(shingles: frozenset[str]) -> MinHash:
    from datasketch import MinHash  # with scipy.integrate behind it, 0.4 s: only where it is used

    sketch = MinHash(
        num_perm=PERMUTATIONS, seed=SEED, hashfunc=crc32, scheme="affine32", permutations=_draw_permutations()
    )
    sketch.update_batch([shingle.encode() for shingle in shingles])
    return sketch


@lru_cache(maxsize=1)
def _draw_permutations() -> Any:
    """Those of the seed: drawing them takes longer than sketching a short text."""
    from datasketch import MinHash

    return MinHash(num_perm=PERMUTATIONS, seed=SEED, hashfunc=crc32, scheme="affine32").permutations


def _propose_pairs(shingles: Mapping[str, frozenset[str]], similar_from: float) -> set[tuple[str, str]]:
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=similar_from, num_perm=PERMUTATIONS)
    pairs: set[tuple[str, str]] = set()
    for key, found in shingles.items():
        sketch = _sketch(found)
        pairs.update((min(key, other), max(key, other)) for other in index.query(sketch))
        index.insert(key, sketch)
    return pairs


def _find_root(roots: dict[str, str], key: str) -> str:
    while roots[key] != key:
        roots[key] = roots[roots[key]]
        key = roots[key]
    return key
