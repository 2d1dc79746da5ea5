"""Where files wait between their upload and the library, and how much may wait."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

TOTAL_MB = 256  # of one upload
WAITING_MB = 1024  # of all that wait
MB = 1024**2


@lru_cache(maxsize=1)
def waiting_folder() -> Path:
    """The folder of this process; gradio is told of it. It goes when the process does."""
    folder = Path(tempfile.mkdtemp(prefix="suroo-uploads-"))
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def refusal(length: int) -> str | None:
    """Why an upload of `length` bytes is refused, as a key of the page's words; None where it is not."""
    if length > TOTAL_MB * MB:
        return "upload.too_large"
    there = sum(path.stat().st_size for path in waiting_folder().rglob("*") if path.is_file())
    return "upload.no_room" if there + length > WAITING_MB * MB else None
