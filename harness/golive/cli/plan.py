"""`golive plan`."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from golive import gate
from golive.cli.console import say, say_json
from golive.cli.gating import (
    BreakOption,
    CatalogOption,
    JsonOption,
    OnlyOption,
    ProfileOption,
)
from golive.model.plan import Plan
from golive.model.profile import Profile
from golive.model.settings import Selection, Settings


def command(
    target: Annotated[Path, typer.Argument(metavar="[TARGET.toml]", help="Target file.")] = Path(
        "targets/reference.toml"
    ),
    profile: ProfileOption = Profile.QUICK,
    only: OnlyOption = "",
    may_break: BreakOption = "",
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what would run, what cannot and why. Touches nothing.

    Example: golive plan targets/staging.toml
    """
    selection = replace(Selection.of(profile, only), may_break=may_break)
    settings = Settings(target, selection, tuple(catalog or ()))
    plan = gate.resolve(settings).plan
    if as_json:
        say_json(asdict(plan))
    else:
        _show(plan)


def _show(plan: Plan) -> None:
    say(f"{plan.target} ({plan.environment}) at {plan.base_url}, profile {plan.profile}")
    say(f"capabilities: {', '.join(plan.capabilities)}")
    for part, reason in plan.left_out.items():
        say(f"left out: {part}: {reason}", style="yellow")
    for step in plan.steps:
        word, style = ("cannot run", "yellow") if step.blocked else ("will run", None)
        say(f"  {word:<11} {step.scenario:<24} {step.statement}", style=style)
        for reason in step.blocked:
            say(f"{'':14}because {reason}", style="yellow")
        for touched in step.radius:
            say(f"{'':14}breaks {touched}")
    for gap in plan.gaps:
        say(f"the run cannot be GO: {gap}", style="yellow")
