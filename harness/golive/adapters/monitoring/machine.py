"""The machine that golive runs on, by psutil."""

from collections.abc import Sequence
from pathlib import Path

import psutil

from golive.model.monitoring.ports import Machine


def machine_of(files: Sequence[str]) -> Machine:
    """Its memory, and the disks that hold the root and these files."""
    disks: dict[int, tuple[str, float]] = {}
    for folder in (Path("/"), *(Path(file).parent for file in files)):
        if folder.is_dir():
            usage = psutil.disk_usage(str(folder))
            disks.setdefault(folder.stat().st_dev, (str(folder), usage.free / usage.total))
    memory = psutil.virtual_memory()
    return Machine(round(memory.available / memory.total, 4), tuple(disks.values()))
