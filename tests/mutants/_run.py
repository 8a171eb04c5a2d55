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
    # As with -m; this folder comes last, so that none of its files hides a module of the service.
    sys.path.append(sys.path[0])
    sys.path[0] = str(Path(__file__).parents[2])
    spec = importlib.util.spec_from_file_location(mutant, Path(__file__).with_name(f"{mutant}.py"))
    assert spec
    assert spec.loader
    defect = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(defect)
    # A defect of a server's configuration is put on elsewhere.
    getattr(defect, "patch", lambda: None)()
    del sys.argv[:2]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
