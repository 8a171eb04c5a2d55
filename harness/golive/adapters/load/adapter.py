"""Load of one step: the same processes load the target, and a server that does nothing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from random import Random

from golive.adapters.entrance import Entrance
from golive.adapters.load.children import bare_server
from golive.adapters.load.crew import Crew, Generating, crew_here
from golive.adapters.load.order import Order
from golive.adapters.step import StepIdentity
from golive.model.load.traffic import Arrival, LoadPlan, Signing, arrivals, unique_id_of
from golive.model.ports import Recorder
from golive.model.target import ExpectedAnswer


@dataclass(frozen=True)
class Drawn:
    """What a load is drawn from: `seed` is the same when a run is repeated, ids never are. It is
    made by `workers` processes here, or by a crew that has gathered for the run.
    """

    seed: str
    step: StepIdentity
    workers: int = 1
    crew: Crew | None = None


class LoadAdapter:
    """Loads of one step."""

    def __init__(self, entrance: Entrance, drawn: Drawn, recorder: Recorder) -> None:
        self._entrance = entrance
        self._recorder = recorder
        self._seed = f"{drawn.seed}/{drawn.step.scenario}"
        self._drawn = drawn
        self._signing = Signing(
            seed=f"{drawn.step.run}/{drawn.step.scenario}",
            marker=drawn.step.marker,
            password=entrance.password,
            algorithm=entrance.section.signature,
        )

    @contextmanager
    def begin(self, plan: LoadPlan) -> Iterator[Generating]:
        """Load the target while the block lasts."""
        section = self._entrance.section
        order = self._order(plan, self._entrance.url, section.new, section.duplicate)
        with self._recorder.operation("LOAD", url=order.url, seconds=plan.seconds) as operation:
            with self._crew() as crew, crew.begin(order) as generating:
                yield generating
                told = generating.result().stages
            operation.ok(sent=told[-1].sent if told else 0, failed=told[-1].failed if told else 0)

    @contextmanager
    def begin_bare(self, plan: LoadPlan) -> Iterator[Generating]:
        """Load a server that does nothing, the same way."""
        # Workers elsewhere have one each: it is their machines that it tells something about.
        here = bare_server() if self._drawn.crew is None else nullcontext("")
        with here as url:
            order = self._order(plan, url, ExpectedAnswer(), ExpectedAnswer())
            with self._crew() as crew, crew.begin(order) as generating:
                yield generating

    def _crew(self) -> AbstractContextManager[Crew]:
        if self._drawn.crew is not None:
            return nullcontext(self._drawn.crew)
        return crew_here(self._drawn.workers)

    def arrivals(self, plan: LoadPlan) -> Iterator[tuple[str, Arrival]]:
        """Everything that a load sends to the target, by the id of its payment."""
        chance = Random(self._seed)  # noqa: S311 - a schedule, no secret
        for arrival in arrivals(plan, chance):
            yield unique_id_of(self._signing.seed, arrival.about), arrival

    def _order(
        self, plan: LoadPlan, url: str, new: ExpectedAnswer, duplicate: ExpectedAnswer
    ) -> Order:
        return Order(
            plan=plan,
            seed=self._seed,
            url=url,
            signing=self._signing,
            new=new,
            duplicate=duplicate,
            ca_file=self._entrance.ca_file,
        )
