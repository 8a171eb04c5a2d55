"""`golive doctor`: what is missing on this machine, and the command that mends it."""

import signal

import typer

from golive.adapters.native.machine import MachineFact, machine_facts
from golive.adapters.native.places import find_checkout
from golive.adapters.native.servers.origin import origin
from golive.adapters.native.servers.provision import provision, survey
from golive.adapters.native.servers.wanted import Found, Missing
from golive.cli.console import say, say_json

MISSING_EXIT_CODE = 3


def command(
    fix: bool = typer.Option(False, "--fix", help="Install what is missing."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON document."),
) -> int:
    """Say which servers are there, which are missing, and the command that mends it.

    Exit code 0 if everything required is there.

    Example: [bold]golive doctor --fix[/]
    """
    # Whatever is being installed is interrupted and tidied up as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    servers = provision(find_checkout(), _quiet if as_json else say) if fix else survey()
    facts = machine_facts()
    if as_json:
        say_json(_document(servers, facts))
    else:
        _print(servers, facts)
    lacking = [one for one in servers if isinstance(one, Missing) and one.required]
    return MISSING_EXIT_CODE if lacking else 0


def _quiet(line: str) -> None:
    """A program reads the document, not the progress."""


def _print(servers: tuple[Found | Missing, ...], facts: tuple[MachineFact, ...]) -> None:
    for one in servers:
        if isinstance(one, Found):
            caution = f" ({one.caution})" if one.caution else ""
            say(f"ok       {one.name:<11}{one.version!s:<11}{origin(one)}, {one.path}{caution}")
        else:
            word = "MISSING" if one.required else "left out"
            say(f"{word:<9}{one.name:<11}{one.reason}", style="bold" if one.required else None)
            say(f"{'':<9}{'':<11}{one.remedy}")
    for fact in facts:
        word = "look" if fact.trouble else "ok"
        trouble = f" - {fact.trouble}" if fact.trouble else ""
        say(f"{word:<9}{fact.name:<11}{fact.value}{trouble}")


def _document(
    servers: tuple[Found | Missing, ...], facts: tuple[MachineFact, ...]
) -> dict[str, object]:
    return {
        "servers": [_server(one) for one in servers],
        "machine": [
            {"name": fact.name, "value": fact.value, "trouble": fact.trouble} for fact in facts
        ],
    }


def _server(one: Found | Missing) -> dict[str, object]:
    if isinstance(one, Missing):
        return {
            "name": one.name,
            "found": False,
            "required": one.required,
            "reason": one.reason,
            "remedy": one.remedy,
        }
    return {
        "name": one.name,
        "found": True,
        "version": str(one.version),
        "path": str(one.path),
        "source": origin(one),
        "caution": one.caution,
    }
