"""Parses files in a child process under limits on memory and time, so that a hostile one takes only the child down.

The child is `rag/documents/worker.py`. One is kept for many files; after a death, a time-out or `FILES_A_WORKER` files
the next file gets a new one. A request is a line of JSON and the bytes of the file, the answer a line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO

from rag.documents.content import Content

TIME_S = 20.0  # for one file, the start of a child included
MEMORY = 2 * 1024**3  # address space of the child, in bytes
FILES_A_WORKER = 1000
MOST_ANSWER = 256 * 1024**2  # bytes


class Sandbox:
    """A child that parses. Calls are served one at a time; `close` when done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._files = 0

    def read(self, format: str, data: bytes) -> Content:
        """The content of a file of the format ".pdf", ".docx" …; its `problem` says where a limit was met."""
        with self._lock:
            if self._child is None or self._child.poll() is not None or self._files >= FILES_A_WORKER:
                self._stop()
                self._start()
            self._files += 1
            return self._ask(format, data)

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _ask(self, format: str, data: bytes) -> Content:
        assert self._child is not None
        deadline = time.monotonic() + TIME_S
        request = json.dumps({"format": format, "size": len(data)}).encode() + b"\n" + data
        answer = _exchange(self._child, request, deadline)
        if answer is None:
            self._stop()
            return Content("", problem="too_slow" if time.monotonic() >= deadline else "too_hungry")
        fields = json.loads(answer)
        fields["notes"] = tuple((code, value) for code, value in fields["notes"])
        return Content(**fields)

    def _start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "SUROO_"))}
        own = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [own, environment.get("PYTHONPATH")]))
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.documents.worker", str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._files = 0

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
            self._child = None


def _exchange(child: subprocess.Popen[bytes], request: bytes, deadline: float) -> bytes | None:
    """Send `request` and give the line that comes back; None where the child died, or not by `deadline`."""
    assert child.stdin is not None
    assert child.stdout is not None
    os.set_blocking(child.stdin.fileno(), False)
    os.set_blocking(child.stdout.fileno(), False)
    answer = bytearray()
    sent = 0
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdin, selectors.EVENT_WRITE)
        selector.register(child.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                if key.fileobj is child.stdin:
                    try:
                        sent += os.write(child.stdin.fileno(), memoryview(request)[sent : sent + 65536])
                    except BrokenPipeError:
                        return None
                    if sent == len(request):
                        selector.unregister(child.stdin)
                else:
                    part = os.read(child.stdout.fileno(), 1 << 20)
                    answer += part
                    if not part or len(answer) > MOST_ANSWER:
                        return None
                    if answer.endswith(b"\n"):
                        return bytes(answer)
    return None


def serve(requests: IO[bytes], answers: IO[bytes], parse: Callable[[str, bytes], Content]) -> None:
    """The child's side: answer requests until there are no more. `parse(format, data)` gives a Content."""
    while line := requests.readline():
        request = json.loads(line)
        content = parse(request["format"], requests.read(request["size"]))
        answers.write(json.dumps(asdict(content)).encode() + b"\n")
        answers.flush()
