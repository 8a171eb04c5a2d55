"""`golive judge`."""

from pathlib import Path
from typing import Annotated

import typer

from golive import gate
from golive.catalog.catalog import Catalog
from golive.cli.gating import CatalogOption, JsonOption, OutOption, leave
from golive.cli.narration import Narration, tell_conclusion
from golive.ledger.listing import find_run

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run folder, a run's id, or `latest`.")
]


def command(
    run: RunArgument,
    catalog: CatalogOption = None,
    out: OutOption = Path("runs"),
    as_json: JsonOption = False,
) -> None:
    """Judge a finished run again from its folder, without touching the target.

    Example: golive judge latest
    """
    conclusion = gate.conclude(find_run(run, out), Catalog.of(tuple(catalog or ())))
    narration = Narration()
    for finding in conclusion.report.verdict.findings:
        narration.found(finding)
    tell_conclusion(conclusion)
    leave(conclusion, as_json=as_json)
