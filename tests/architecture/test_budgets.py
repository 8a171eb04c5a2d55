"""The size and shape that keep this code readable, held by numbers."""

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("harness/golive", "infra", "reference_app", "scenarios", "chaos", "reports")
LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 50
P90_FUNCTION_LINES = 25
PURE = ("model", "planning", "judging", "reporting")
LOOSE_TYPES_ALLOWED = ("config", "adapters", "cli")

Function = ast.FunctionDef | ast.AsyncFunctionDef

SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def functions(path: Path) -> list[Function]:
    """All functions and methods of a file."""
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, Function)]


def lines(function: Function) -> int:
    """Length of a function's code: its docstring is not held against it."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    """No file over 400 lines, no function over 50."""
    assert len(path.read_text().splitlines()) <= LONGEST_FILE_LINES
    for function in functions(path):
        assert lines(function) <= LONGEST_FUNCTION_LINES, f"{function.name} is too long"


@pytest.mark.parametrize("folder", FOLDERS)
def test_nine_of_ten_functions_are_small(folder: str) -> None:
    """The 90th percentile of function lengths is at most 25 lines."""
    lengths = [
        lines(function)
        for path in SOURCES
        if path.is_relative_to(ROOT / folder)
        for function in functions(path)
    ]
    if len(lengths) < 2:
        pytest.skip(f"{folder} holds {len(lengths)} functions")

    assert statistics.quantiles(lengths, n=10)[-1] <= P90_FUNCTION_LINES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_everything_public_is_documented(path: Path) -> None:
    """Modules, public classes, functions and methods have a docstring."""
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not tree.body, "the module has no docstring"
    for node in _public(tree):
        assert ast.get_docstring(node), f"{node.name} (line {node.lineno}) has no docstring"


def _public(tree: ast.Module) -> list[Function | ast.ClassDef]:
    found: list[Function | ast.ClassDef] = []
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            if isinstance(node, ast.ClassDef):
                methods = [one for one in node.body if isinstance(one, Function)]
                found += [one for one in methods if not one.name.startswith("_")]
    return found


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_says_what_must_hold(path: Path) -> None:
    """A test's docstring is the sentence that it proves."""
    for function in functions(path):
        if function.name.startswith("test_"):
            assert ast.get_docstring(function), f"{function.name} does not say what must hold"


# Decodes the histograms that a load leaves in its evidence, and does nothing else.
PURE_LIBRARIES = ("hdrh",)


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_use_the_standard_library_only(package: str) -> None:
    """Judging an old run needs nothing but the run: no third-party package, no open file."""
    import sys

    for path in (ROOT / "harness/golive" / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = _imported(node)
            for name in names:
                top = name.partition(".")[0]
                known = top in {"golive", *PURE_LIBRARIES} or top in sys.stdlib_module_names
                assert known, f"{path}: {name}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "open", f"{path} opens a file"


@pytest.mark.parametrize("folder", ["scenarios", "chaos", "reports"])
def test_catalog_files_import_the_api_only(folder: str) -> None:
    """What golive's own entries may use is what a user's entries may use."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            for name in _imported(node):
                top = name.partition(".")[0]
                assert top != "reference_app", f"{path} imports {name}"
                assert top != "golive" or name == "golive.api", f"{path} imports {name}"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_packages_do_not_exchange_loose_dictionaries() -> None:
    """`dict[str, Any]` stays where JSON and TOML come in."""
    for path in (ROOT / "harness/golive").rglob("*.py"):
        inside = path.relative_to(ROOT / "harness/golive").parts[0]
        if inside not in LOOSE_TYPES_ALLOWED:
            assert "dict[str, Any]" not in path.read_text(), path


def test_no_registry_is_named() -> None:
    """The locks name packages and hashes, never where they were downloaded from."""
    for path in [*ROOT.glob("*.lock"), *ROOT.glob("infra/**/*.lock")]:
        text = path.read_text()
        assert "://" not in text, path
