"""Runs a module of the reference service with a defect: `_run.py MUTANT MODULE [ARGUMENT ...]`.

The service knows nothing of it. What it forks has the defect too.
"""

import importlib.util
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Put the defect on, then be the module."""
    mutant, module = sys.argv[1:3]
    del sys.argv[:2]
    # As with -m; this folder comes last, so that none of its files hides a module of the service.
    sys.path.append(sys.path[0])
    sys.path[0] = str(Path(__file__).parents[2])
    put_on(mutant)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def put_on(mutant: str) -> None:
    """Give this process the defect; one of a server's configuration is put on elsewhere."""
    spec = importlib.util.spec_from_file_location(mutant, Path(__file__).with_name(f"{mutant}.py"))
    assert spec
    assert spec.loader
    defect = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(defect)
    getattr(defect, "patch", lambda: None)()


if __name__ == "__main__":
    main()
