"""Loads one catalog file by path and gives back the entries it defines."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from golive.errors import CatalogError

T = TypeVar("T")


def load_entry(path: Path, identifier: str, kind: type[T]) -> T:
    """The one entry of a kind that a file defines.

    Raises CatalogError where the file cannot be executed or does not define exactly one.
    """
    module = _execute(path, identifier)
    entries = [value for value in vars(module).values() if isinstance(value, kind)]
    if len(entries) != 1:
        raise CatalogError(
            f"{path} defines {len(entries)} entries of the kind {kind.__name__}, not one",
            remedy="One file is one entry: see CONTRIBUTING.md, 'I want to add a …'.",
        )
    return entries[0]


def _execute(path: Path, identifier: str) -> ModuleType:
    name = f"golive_catalog.{identifier}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CatalogError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name while the file is being executed.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    # Whatever a file does while it is loaded, even `sys.exit(0)`, is told.
    except BaseException as error:
        raise CatalogError(
            f"{path} cannot be loaded: {type(error).__name__}: {error}",
            remedy="Mend the file, or leave its folder out of --catalog.",
        ) from error
    return module
