"""`golive load`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from golive.cli.gating import (
    CatalogOption,
    JsonOption,
    OutOption,
    ProfileOption,
    SeedOption,
    TargetArgument,
    run_gate,
)
from golive.model.profile import Profile
from golive.model.settings import Selection, words_of

MOST_WORKERS = 64


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    target: TargetArgument = None,
    profile: ProfileOption = Profile.QUICK,
    only: Annotated[
        str,
        typer.Option(help="Comma-separated words: loads that have one in their name (spike)."),
    ] = "",
    workers: Annotated[
        int,
        typer.Option(help="Processes that make the load, each its share.", min=1, max=MOST_WORKERS),
    ] = 1,
    seed: SeedOption = "",
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Load the target and judge what its users would feel; production targets are refused.

    Example: golive load targets/staging.toml --profile standard --workers 2
    """
    selection = replace(
        Selection.of(profile, "load"), words=words_of(only), seed=seed, workers=workers
    )
    run_gate(target, selection, catalog, out, as_json=as_json)
