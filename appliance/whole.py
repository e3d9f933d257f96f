"""Small files that are there whole or not at all."""

import os
from pathlib import Path


def write(path: Path, content: bytes, mode: int) -> None:
    """*path* is *content*, whole or not at all, also after a power cut."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        os.fchmod(out.fileno(), mode)  # whatever the umask
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
