"""Opens a vector store in a process of its own, since a broken one can take its process down.

`python -m rag.store_probe FOLDER COLLECTION` exits 0 where every vector can be read and finds itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from rag.chroma import connect

BATCH = 500


def main() -> int:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    collection = connect(folder).get_collection(name, embedding_function=None)
    count = collection.count()
    seen = 0
    for at in range(0, count, BATCH):
        found = collection.get(limit=BATCH, offset=at, include=["embeddings"])
        vectors = np.asarray(found["embeddings"], dtype=np.float32)
        if len(vectors) != len(found["ids"]) or not np.isfinite(vectors).all():
            return 1
        nearest = collection.query(query_embeddings=list(vectors), n_results=1, include=["distances"])
        if any(not distances or distances[0] > 1e-3 for distances in nearest["distances"]):
            return 1
        seen += len(found["ids"])
    return 0 if seen == count else 1


if __name__ == "__main__":
    sys.exit(main())
