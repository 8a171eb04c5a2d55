"""What belongs beside a finding, made from its evidence: pictures and tables."""

from collections.abc import Iterable, Iterator

from golive.model.evidence import Evidence, StepRecord
from golive.model.facts import revive
from golive.model.load.records import Loaded
from golive.model.slo import Slo
from golive.model.view import View
from golive.reporting.load_pictures import pictures_of
from golive.reporting.load_tables import tables_of


def views_of(steps: Iterable[StepRecord], slo: Slo) -> Iterator[View]:
    """A view for each load."""
    for step in steps:
        for evidence in step.evidence:
            if evidence.kind == Loaded.__name__:
                yield _view(step.scenario, evidence, slo)


def _view(finding: str, evidence: Evidence, slo: Slo) -> View:
    try:
        loaded = revive(Loaded, evidence.facts)
        notes = tuple(filter(None, (loaded.problem, loaded.stopped)))
        return View(finding, tuple(pictures_of(loaded, slo)), tuple(tables_of(loaded, slo)), notes)
    # Of somebody else's making, or an old one: a page without pictures is better than none.
    except Exception as error:  # noqa: BLE001
        return View(finding, (), (), (f"its evidence cannot be drawn: {type(error).__name__}",))
