"""The child process that parses files: `python -m rag.documents.worker MEMORY`. See sandbox.py."""

from __future__ import annotations

import os
import resource
import sys

from rag.documents.content import Content
from rag.documents.readers import read
from rag.documents.sandbox import serve


def parse(format: str, data: bytes) -> Content:
    try:
        return read(format, data)
    except MemoryError:
        return Content("", problem="too_hungry")


def main() -> None:
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a library that prints must not garble an answer
    serve(sys.stdin.buffer, answers, parse)


if __name__ == "__main__":
    main()
