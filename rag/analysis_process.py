"""`analyse` in a process of its own, so that many documents are added with two cores.

Chroma holds Python's lock for as long as it takes vectors, and text work in the same process stands still meanwhile.

A request is a line of JSON: the name of the embedding and the documents. An answer is a line of JSON, the sizes of what
follows: the segment as it is saved, and the vectors, none where the embedding is not the bundled table. A process that
dies, or takes too long, is missed by nobody: the caller does the work itself.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from rag.analysis import Analysis
from rag.segments import LANGUAGES, Segment
from rag.types import Document, Passage

NICE = 10  # questions, and Chroma, come first where there are not cores enough
LONGEST_S = 300.0  # for one request, of at most 4 million characters: some 15 s of work


class AnalysisProcess:
    """A child that analyses. Send it documents, go on with something else, and receive in the same order."""

    def __init__(self, embedding: str) -> None:
        """`embedding` is the name of the one that the vectors are for."""
        self._embedding = embedding
        own = str(Path(__file__).resolve().parents[1])
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "SUROO_"))}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [own, environment.get("PYTHONPATH")]))
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.analysis_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._child.pid, NICE)

    def send(self, documents: Sequence[Document]) -> None:
        assert self._child.stdin is not None
        fields = [asdict(document) for document in documents]
        with self._deadline(), contextlib.suppress(OSError):  # it is dead, and `receive` will find that out
            self._child.stdin.write(json.dumps([self._embedding, fields]).encode() + b"\n")
            self._child.stdin.flush()

    def receive(self, documents: Sequence[Document]) -> Analysis | None:
        """What was made of `documents`, the first that were sent and not received; None where the child has died."""
        assert self._child.stdout is not None
        try:
            with self._deadline():
                sizes = json.loads(self._child.stdout.readline())
                segment, vectors = (self._child.stdout.read(size) for size in sizes)
            return _analysis(documents, segment, vectors)
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            self._child.kill()
            return None

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[None]:
        """Ends the child where what is done with it takes too long."""
        timer = threading.Timer(LONGEST_S, self._child.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _analysis(documents: Sequence[Document], made: bytes, vectors: bytes) -> Analysis:
    if not made:
        return Analysis([], Segment.build([], []), None)
    segment = Segment.from_file(io.BytesIO(made))
    texts = {document.id: document.text for document in documents}
    passages = [
        Passage(id, document, start, end, texts[document][start:end], LANGUAGES[language])
        for (id, document, start, end), language in zip(segment.passages, segment.languages, strict=True)
    ]
    rows = np.frombuffer(vectors, dtype=np.float32).reshape(len(passages), -1) if vectors else None
    return Analysis(passages, segment, rows)
