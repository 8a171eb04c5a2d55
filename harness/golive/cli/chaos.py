"""`golive chaos`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.gating import (
    BreakOption,
    CatalogOption,
    JsonOption,
    OutOption,
    ProfileOption,
    SeedOption,
    TargetArgument,
    run_gate,
    settings_of,
)
from golive.model.profile import Profile
from golive.model.settings import Selection, words_of


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    target: TargetArgument = None,
    profile: ProfileOption = Profile.STANDARD,
    only: Annotated[
        str,
        typer.Option(
            help="Comma-separated words: drills that have one in their name or break one (redis).",
            show_default=False,
        ),
    ] = "",
    seed: SeedOption = "",
    may_break: BreakOption = "",
    game_day: Annotated[
        float,
        typer.Option(
            metavar="MINUTES", help="All drills shuffled, two at once, for so long.", min=0
        ),
    ] = 0.0,
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Break the target on purpose and prove that nothing is lost and nothing happens twice.

    Example: golive chaos targets/staging.toml --only redis --break tether-staging
    """
    selection = replace(
        Selection.of(profile, "chaos"),
        words=words_of(only),
        seed=seed,
        may_break=may_break,
        game_day_minutes=game_day,
    )
    run_gate(target, settings_of(selection, catalog, out), as_json=as_json)
