"""The disk: writing a file whole or not at all, and telling a full disk from other trouble."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

_FULL = ("database or disk is full", "no space left", "disk quota exceeded", "file too large")
LEAST_FREE = 4 * 1024 * 1024  # bytes: with less left, a write that failed for no stated reason failed for want of space


def write_atomically(path: Path, data: bytes) -> None:
    """Write `path` so that it holds either what it held or all of `data`, even through a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def disk_full(error: BaseException, folder: Path) -> bool:
    """Whether an error, of whatever library, says that the disk of `folder` is full."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return True
    if any(words in str(error).lower() for words in _FULL):
        return True
    try:
        return shutil.disk_usage(folder).free < LEAST_FREE
    except OSError:
        return False
