"""`golive load`."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from golive.adapters.load.gathering import BIND, JOIN_SECONDS, gathered, meeting_at
from golive.cli.gating import (
    CatalogOption,
    JsonOption,
    OutOption,
    ProfileOption,
    SeedOption,
    TargetArgument,
    run_gate,
    settings_of,
)
from golive.config.worker_secret import read_worker_secret
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
    expect_workers: Annotated[
        int,
        typer.Option(
            "--expect-workers",
            help="Wait for so many workers on other machines instead (golive worker).",
            min=0,
            max=MOST_WORKERS,
        ),
    ] = 0,
    bind: Annotated[
        str, typer.Option(metavar="ADDRESS[:PORT]", help="Where they are waited for.")
    ] = BIND,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long they are waited for.", min=1)
    ] = JOIN_SECONDS,
    seed: SeedOption = "",
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Load the target and judge what its users would feel; production targets are refused.

    Workers elsewhere need GOLIVE_WORKER_SECRET, the same as here, in their environment.

    Example: golive load targets/staging.toml --profile standard --workers 2

    Example: golive load targets/staging.toml --expect-workers 8 --bind 10.0.0.5
    """
    gathering = None
    if expect_workers:
        gathering = partial(gathered, meeting_at(bind, read_worker_secret(), wait), expect_workers)
    selection = replace(
        Selection.of(profile, "load"),
        words=words_of(only),
        seed=seed,
        workers=expect_workers or workers,
    )
    wanted = settings_of(selection, catalog, out)
    run_gate(target, wanted, as_json=as_json, gathering=gathering)
