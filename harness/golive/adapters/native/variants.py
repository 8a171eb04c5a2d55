"""Variants of the reference deployment: one seeded defect each, for the gate to catch.

A variant is a file of the checkout. It is read here and run only in the service's own processes.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from golive.errors import DeploymentError

FOLDER = Path("tests/mutants")
RUNNER = "_run.py"
# What is in the folder and no variant: helpers, tests and proofs.
OTHERS = ("_", "test_", "prove_", "conftest")

Replacements = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Variant:
    """One seeded defect. `configuration` says which words of which template are others."""

    id: str
    defect: str
    caught_by: str
    runner: Path
    configuration: Replacements = field(default_factory=dict)

    def arguments(self) -> tuple[str, ...]:
        """What Python is told to run a module of the service with the defect."""
        return str(self.runner), self.id

    def altered(self, template: str, text: str) -> str:
        """A server's configuration with the defect."""
        for right, wrong in self.configuration.get(template, {}).items():
            if right not in text:
                raise DeploymentError(f"variant {self.id}: {template} does not say {right!r}")
            text = text.replace(right, wrong)
        return text


def known(checkout: Path) -> tuple[str, ...]:
    """The ids of all variants of the checkout."""
    files = (checkout / FOLDER).glob("*.py")
    return tuple(sorted(one.stem for one in files if not one.stem.startswith(OTHERS)))


def file_of(checkout: Path, variant: str) -> Path:
    """The file of a variant."""
    return checkout / FOLDER / f"{variant}.py"


def find(checkout: Path, wanted: str) -> Variant | None:
    """The variant of that id; None where none is wanted."""
    if not wanted:
        return None
    ids = known(checkout)
    if wanted not in ids:
        raise DeploymentError(
            f"there is no variant {wanted!r}", remedy=f"Variants: {', '.join(ids) or 'none here'}"
        )
    file = file_of(checkout, wanted)
    constants = _constants(file)
    try:
        return Variant(
            id=wanted,
            defect=constants["DEFECT"],
            caught_by=constants["CAUGHT_BY"],
            runner=checkout / FOLDER / RUNNER,
            configuration=constants.get("CONFIGURATION", {}),
        )
    except KeyError as missing:
        raise DeploymentError(f"{file} does not set {missing.args[0]}") from None


def _constants(file: Path) -> dict[str, Any]:
    """The literals that the file names; running it would bring the service in here."""
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.isupper() and not name.startswith("_"):
                found[name] = ast.literal_eval(node.value)
    return found
