"""`golive monitor`."""

from pathlib import Path
from typing import Annotated

import typer

from golive.cli.gating import CatalogOption, JsonOption, OutOption, ended_by_sigterm, leave
from golive.cli.mending import mend_abandoned
from golive.cli.narration import tell_conclusion
from golive.cli.watch_narration import WatchNarration
from golive.model.monitoring.wanted import WatchWanted
from golive.model.profile import Profile
from golive.model.settings import Selection, Settings
from golive.watch import watch


def command(  # noqa: PLR0913, PLR0917 - Typer reads options in this order
    target: Annotated[Path, typer.Argument(metavar="TARGET.toml", help="Target file.")],
    schedule: Annotated[
        str, typer.Option(help="A file of scenarios/monitor/schedules/.")
    ] = "first-24h",
    time_scale: Annotated[
        float,
        typer.Option(
            help="Rehearse: so many times faster than real time (720: 24 hours in 2 minutes).",
            min=1,
        ),
    ] = 1.0,
    maintenance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FROM/TO",
            help="An announced time that counts against nothing: ISO 8601, or +120/+180 (minutes).",
        ),
    ] = None,
    resume: Annotated[
        str, typer.Option(metavar="RUN", help="Go on with this watch.", show_default=False)
    ] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew even where a watch was not finished.")
    ] = False,
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Watch a target for its first hours: checks by schedule, incidents, escalation, a report.

    It only looks, so that production may be watched. Ended and started again, it goes on where
    it was; checks that were due meanwhile are shown as missed.

    Example: golive monitor targets/production.toml --schedule first-24h
    """
    mend_abandoned()
    selection = Selection.of(Profile.FULL, "monitor")
    settings = Settings(target, selection, tuple(catalog or ()), out)
    wanted = WatchWanted(schedule, time_scale, tuple(maintenance or ()), resume, fresh)
    with ended_by_sigterm():
        conclusion = watch(settings, wanted, WatchNarration())
        tell_conclusion(conclusion)
    leave(conclusion, as_json=as_json)
