"""The file of a translation table, written: see `table.py` for its form. The same links give the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import Stemmer
from numpy.typing import NDArray

WEIGHT_STEPS = 31  # weights are kept in steps of 1/31: finer ones change no ranking and double the file

Links = dict[tuple[int, int], float]  # (stem, stem) → weight


class Vocabulary(Protocol):
    """Stems by id, in how many training texts each stands, and how many pairs each source gave."""

    stems: list[str]
    counts: Counter[int]
    sources: Counter[str]


def pack(
    vocabulary: Vocabulary,
    translations: Sequence[tuple[Links, int]],
    related: tuple[Links, int],
    texts: dict[str, int],
    settings: dict[str, Any],
) -> bytes:
    """The table's file: stems sorted, with the best so many of each kind of link that a stem has.

    `translations` are kinds of links with how many of each are kept, the heaviest; `related` is one such kind. `texts`
    is the number of training texts by language.
    """
    kept = _best(translations, vocabulary.stems)
    kept_related = _best([related], vocabulary.stems)
    used = set(kept) | {b for found in kept.values() for b in found}
    used |= set(kept_related) | {b for found in kept_related.values() for b in found}
    used |= {i for i, n in vocabulary.counts.items() if n >= 5}
    order = sorted(used, key=lambda i: vocabulary.stems[i])
    counts = [min(255, round(8 * np.log2(1 + vocabulary.counts[i]))) for i in order]
    arrays = {
        "stems": np.frombuffer("\n".join(vocabulary.stems[i] for i in order).encode(), dtype=np.uint8),
        "counts": np.array(counts, dtype=np.uint8),
        **_rows("", kept, order),
        **_rows("related_", kept_related, order),
    }
    manifest = {
        "pairs": dict(sorted(vocabulary.sources.items())),
        "texts": texts,
        "stems": len(order),
        "links": len(arrays["weights"]),
        "related": len(arrays["related_weights"]),
        "settings": settings,
        "stemmer": f"PyStemmer {Stemmer.version()}",
        "checksum": hashlib.sha256(b"".join(a.tobytes() for a in arrays.values())).hexdigest(),
    }
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()
    file = io.BytesIO()
    arrays["manifest"] = np.frombuffer(text, dtype=np.uint8)
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # numpy's stubs take the names for flags
    return file.getvalue()


def _best(kinds: Sequence[tuple[Links, int]], stems: Sequence[str]) -> dict[int, dict[int, float]]:
    """Stem → the best so many stems of each kind of link, with their weights; the first kind that has a stem wins."""
    kept: dict[int, dict[int, float]] = {}
    for kind, most in kinds:
        grouped: dict[int, list[tuple[float, int]]] = {}
        for (a, b), weight in kind.items():
            grouped.setdefault(a, []).append((weight, b))
        for a, found in grouped.items():
            found.sort(key=lambda x: (-x[0], stems[x[1]]))
            for weight, b in found[:most]:
                kept.setdefault(a, {}).setdefault(b, weight)
    return kept


def _rows(name: str, kept: dict[int, dict[int, float]], order: list[int]) -> dict[str, NDArray[np.uint8]]:
    """Links as the arrays of the table's file, whose names begin with `name`."""
    new_id = {old: new for new, old in enumerate(order)}
    degrees, targets, weights = [], [], []
    for old in order:
        best = sorted(((-weight, new_id[b]) for b, weight in kept.get(old, {}).items()))
        degrees.append(len(best))
        targets += [b for _, b in best]
        weights += [max(1, round(-weight * WEIGHT_STEPS)) for weight, _ in best]
    return {
        f"{name}degrees": np.array(degrees, dtype=np.uint8),
        f"{name}targets": np.array(targets, dtype="<u4").view(np.uint8).reshape(-1, 4).T[:3].copy(),
        f"{name}weights": np.array(weights, dtype=np.uint8),
    }
