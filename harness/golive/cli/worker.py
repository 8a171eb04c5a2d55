"""`golive worker`."""

from dataclasses import replace
from typing import Annotated

import typer

from golive.adapters.load.gathering import JOIN_SECONDS, join, meeting_at
from golive.cli.narration import Narration
from golive.config.worker_secret import read_worker_secret


def command(
    master: Annotated[
        str, typer.Argument(metavar="ADDRESS[:PORT]", help="Where golive load waits for workers.")
    ],
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long it is looked for.", min=1, max=290)
    ] = JOIN_SECONDS,
) -> None:
    """Make load for `golive load --expect-workers` on another machine, until its run is over.

    GOLIVE_WORKER_SECRET must be the same on both; all that they tell each other is encrypted.

    Example: golive worker 10.0.0.5:5557
    """
    join(replace(meeting_at(master, read_worker_secret(), wait), role="worker"), Narration().line)
