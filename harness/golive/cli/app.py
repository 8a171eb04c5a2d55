"""Finds the commands beside this file and runs the one that was named.

A command is a module of this package with a function `command`; its name is the module's
(`_` becomes `-`), its help is the function's docstring. Adding one is adding one file. A package
of this package is a command that has commands: its modules.
"""

import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType

import typer

import golive.cli
from golive import __version__
from golive.cli.console import err, explain
from golive.config.secrets import printable
from golive.errors import GoliveError

INTERRUPTED = 130
USAGE = 3
CRASHED = 2

# Typer carries its own copy of click or uses the installed one, depending on its version; the base
# class of a public name of Typer's is right with both.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"golive {__version__}")
        raise typer.Exit


def build(named: str = "") -> typer.Typer:
    """The application with the command that was named, or with all of them (for `--help`).

    Importing one command takes a fifth of the time of importing all.
    """
    app = typer.Typer(
        name="golive",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        help="Prove that a deployment is ready to go live, or show exactly why it is not.",
        epilog="First: [bold]golive run[/] starts the reference deployment, gates it, stops it.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root(
        version: bool = typer.Option(
            False, "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ) -> None:
        del version

    modules = [module.name for module in pkgutil.iter_modules(golive.cli.__path__)]
    wanted = named.replace("-", "_")
    _add(app, golive.cli, [wanted] if wanted in modules else modules)
    return app


def _add(app: typer.Typer, package: ModuleType, names: Sequence[str]) -> None:
    """Add the commands of these modules; a package becomes a command with commands of its own."""
    for name in names:
        module = importlib.import_module(f"{package.__name__}.{name}")
        if hasattr(module, "__path__"):
            group = typer.Typer(no_args_is_help=True, help=module.__doc__, rich_markup_mode="rich")
            _add(group, module, [one.name for one in pkgutil.iter_modules(module.__path__)])
            app.add_typer(group, name=name.replace("_", "-"))
        elif command := getattr(module, "command", None):
            app.command(name.rstrip("_").replace("_", "-"))(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors become a sentence on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = build(words[0] if words else "")(args=words, standalone_mode=False)
    except typer.Exit as left:
        return left.exit_code
    except _UsageError as problem:
        problem.show()  # type: ignore[attr-defined]
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        explain("interrupted")
        return INTERRUPTED
    except GoliveError as problem:
        explain(str(problem))
        return problem.exit_code
    except (BrokenPipeError, SystemExit):
        return _deserted()
    # A crash of golive must not look like a verdict on the target.
    except BaseException:  # noqa: BLE001
        err.print(printable(traceback.format_exc()), markup=False)
        explain("this is a defect of golive itself, so nothing is proven; please report it")
        return CRASHED
    return code if isinstance(code, int) else 0


def _deserted() -> int:
    """Whoever read our output has gone, so nobody was told the verdict (Rich then exits with 1)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return CRASHED


def main() -> None:
    """Entry point of the `golive` command."""
    sys.exit(run())
