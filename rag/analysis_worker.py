"""The child process of `analysis_process.py`: `python -m rag.analysis_worker`. It ends when its input does."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import IO

from rag.analysis import analyse
from rag.bilingual.table import shipped
from rag.embedding import TableEmbedding
from rag.types import Document


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more; what they look like, `analysis_process.py` says."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def receive() -> None:
        """By a thread of its own: who asks must not wait until what they asked before is done."""
        while line := requests.readline():
            waiting.put(line)
        waiting.put(b"")

    threading.Thread(target=receive, daemon=True).start()
    embedding = TableEmbedding(shipped())
    while line := waiting.get():
        name, documents = json.loads(line)
        found = analyse([Document(**fields) for fields in documents], embedding if embedding.name == name else None)
        segment = found.segment.to_bytes() if found.passages else b""
        vectors = found.vectors.tobytes() if found.vectors is not None else b""
        answers.write(json.dumps([len(segment), len(vectors)]).encode() + b"\n" + segment + vectors)
        answers.flush()


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a library that prints must not garble an answer
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
