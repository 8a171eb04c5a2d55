"""Drives a load: how it is done is the same for all of them. Nothing is judged here.

A server that does nothing is loaded first, then the target, while queue and memory are watched and
files are uploaded; the queue drains; the target is asked for the effect of everything it has
acknowledged; then the server that does nothing once more.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic, thread_time

from golive.api.asking import logged_effects, no_job_is_left, patiently
from golive.api.load_watching import LoadWatch
from golive.api.watching import FileSender
from golive.errors import UnobservableError
from golive.model.drill import Workload
from golive.model.facts import Row
from golive.model.finding import Ruling
from golive.model.history.anomalies import Anomaly, anomalies
from golive.model.history.records import Delivery, Effect, History, rows_of
from golive.model.load.hopeless import hopeless
from golive.model.load.records import ALL, Beat, Loaded, Measured, Result, Slow
from golive.model.load.ruling import felt_within_slo
from golive.model.load.shape import hold, largest_rate, ramp
from golive.model.load.traffic import NEW_ALONE, Kind, LoadPlan
from golive.model.operation import Phase
from golive.model.ports import Gate, GeneratingPort
from golive.model.profile import Profile
from golive.model.scenario import Scenario
from golive.model.slo import Slo
from golive.model.target import Capability

BARE_WARM_UP_SECONDS = 1.0
BARE_SECONDS = 4.0
SPIN_SECONDS = 0.5
START_SECONDS = 10.0
DRAIN_SECONDS = 60.0
SPARE_SECONDS = 60.0
COUNTED_SINGLY = 300
SHOWN = 100


def loads(
    plan: LoadPlan,
    *,
    statement: str,
    remediation: str,
    check: Callable[[Sequence[Loaded], Slo], Ruling] = felt_within_slo,
    profile: Profile = Profile.STANDARD,
) -> Scenario:
    """A scenario that drives a load."""

    def drive(gate: Gate) -> Iterator[Loaded]:
        yield _Loading(gate, plan).drive()

    return Scenario(
        statement=statement,
        needs=(Capability.WEBHOOK, Capability.SQL, Capability.REDIS),
        requires=("observe.sql.effect_log or observe.sql.effects",),
        evidence=Loaded,
        drive=drive,
        check=check,
        remediation=remediation,
        profile=profile,
        deadline_seconds=_deadline_seconds(plan),
        load=plan,
    )


def _deadline_seconds(plan: LoadPlan) -> float:
    """How long a load may take with all that belongs to it."""
    bare = 2 * (BARE_WARM_UP_SECONDS + BARE_SECONDS + START_SECONDS)
    return (
        bare
        + START_SECONDS
        + plan.seconds
        + plan.timeout_seconds
        + 2 * _drain_seconds(plan)
        + SPARE_SECONDS
    )


class _Loading:
    """One load."""

    def __init__(self, gate: Gate, plan: LoadPlan) -> None:
        self._gate = gate
        self._plan = plan
        self._beats: list[Beat] = []
        self._watch = LoadWatch(gate, plan.seconds)
        self._began = ""
        self._stopped = ""
        self._shares: list[float] = []
        files = self._planned_files = plan.files if gate.target.uploads else 0
        workload = Workload(
            notifications=round(plan.seconds), per_second=1.0, files=files, rows=plan.rows
        )
        self._files = FileSender(gate, workload, monotonic)

    def drive(self) -> Loaded:
        self._shares.append(self._processor_share())
        before = self._bare()
        self._files.prepare()
        try:
            with self._gate.load.begin(self._plan) as generating:
                self._files.begin()
                self._follow(generating)
                result = generating.result()
        finally:
            self._files.stop()
        drained = self._drain()
        self._files.ask_about(DRAIN_SECONDS)
        deliveries = self._asked_about(tuple(self._deliveries(result)))
        self._shares.append(self._processor_share())
        # What still waits in a queue is not lost: that it waits is said by the queue itself.
        wrong, applied = self._anomalies(deliveries, drained=drained >= 0)
        return self._evidence(result, deliveries, wrong, applied, drained, (before, self._bare()))

    def _processor_share(self) -> float:
        """How much of a processor a busy process gets here; 1 where the target is elsewhere."""
        if self._gate.target.target.environment != "local":
            return 1.0
        began, worked = monotonic(), thread_time()
        while monotonic() - began < SPIN_SECONDS:
            pass
        return round((thread_time() - worked) / (monotonic() - began), 2)

    def _bare(self) -> Measured | None:
        """What a server that does nothing makes of the highest rate."""
        rate = largest_rate(self._plan.stages)
        stages = (
            ramp(rate, rate, BARE_WARM_UP_SECONDS, may_be_slow=True),
            hold(rate, BARE_SECONDS),
        )
        plan = replace(self._plan, stages=stages, mix=NEW_ALONE, files=0)
        with self._gate.load.begin_bare(plan) as generating:
            for _beat in generating.beats():
                pass
            measured = generating.result().stages
        return next((one for one in measured if not one.may_be_slow and one.stage != ALL), None)

    def _follow(self, generating: GeneratingPort) -> None:
        """Watch what must be watched while the load lasts; stop it where it is hopeless."""
        for beat in generating.beats():
            began = datetime.now(UTC) - timedelta(seconds=beat.elapsed_seconds)
            self._began = self._began or began.isoformat(timespec="milliseconds")
            self._beats.append(beat)
            self._watch.look(beat.elapsed_seconds)
            if not self._stopped and (
                reason := hopeless(self._beats, self._plan, self._gate.target.slo)
            ):
                self._stopped = reason
                generating.stop()

    def _drain(self) -> float:
        """Seconds until no job was left, -1 where some were."""
        began = monotonic()
        patience = _drain_seconds(self._plan)
        ended = self._gate.until(
            patiently(lambda: no_job_is_left(self._gate)), bool, within_seconds=patience
        )
        return round(monotonic() - began, 3) if ended else -1.0

    def _deliveries(self, result: Result) -> Iterator[Delivery]:
        """What was sent, as deliveries of a drill: one attempt each."""
        acknowledged = set(result.acknowledged)
        for unique_id, arrival in self._gate.load.arrivals(self._plan):
            kind = "forged" if arrival.kind is Kind.FORGED else "sale"
            phase = Phase.OK if arrival.number in acknowledged else Phase.INFO
            at = arrival.due_seconds
            yield Delivery(unique_id, arrival.what, kind, 1, phase, "", at, at)

    def _asked_about(self, deliveries: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
        """All of them; where it takes a question for each payment, the first and the last ones."""
        payments = list(dict.fromkeys(one.unique_id for one in deliveries))
        if self._gate.target.has("observe.sql.effect_log") or len(payments) <= 2 * COUNTED_SINGLY:
            return deliveries
        asked = {*payments[:COUNTED_SINGLY], *payments[-COUNTED_SINGLY:]}
        return tuple(one for one in deliveries if one.unique_id in asked)

    def _anomalies(
        self, deliveries: tuple[Delivery, ...], *, drained: bool
    ) -> tuple[list[Anomaly], int]:
        """What is wrong with the effects of what was sent, and how many there are; asked again
        while something may still come.
        """
        wanted = list(dict.fromkeys(one.unique_id for one in deliveries))
        passing = () if drained else ("lost",)
        wrong: list[Anomaly] = []
        applied = -1

        def well() -> bool:
            nonlocal wrong, applied
            found = tuple(self._ask(wanted))
            wrong, applied = _wrong(deliveries, found, passing), len(found)
            return not wrong

        self._gate.until(patiently(well), bool, within_seconds=START_SECONDS)
        if applied < 0:
            raise UnobservableError("SQL", "the effects of what was sent could not be read")
        return wrong, applied

    def _ask(self, wanted: list[str]) -> Iterator[Effect]:
        gate = self._gate
        if gate.target.has("observe.sql.effect_log"):
            yield from logged_effects(gate, wanted, monotonic())
            return
        for unique_id in wanted:
            yield from [Effect(unique_id, 0.0, "")] * gate.sql.effects(unique_id)

    def _evidence(
        self,
        result: Result,
        deliveries: tuple[Delivery, ...],
        wrong: list[Anomaly],
        applied: int,
        drained_seconds: float,
        bare: tuple[Measured | None, ...],
    ) -> Loaded:
        return Loaded(
            seed=self._gate.seed,
            no_errors=self._plan.no_errors,
            planned=sum(1 for _ in self._gate.load.arrivals(self._plan)),
            stages=rows_of(result.stages),
            seconds=rows_of(result.seconds),
            histograms=result.histograms,
            answers=result.answers,
            bare=rows_of(one for one in bare if one is not None),
            queue=tuple(self._watch.queue),
            memory=tuple(self._watch.memory),
            files=rows_of(self._files.sent),
            wrong=rows_of(wrong[:SHOWN]),
            wrong_count=len(wrong),
            owed=sum(one.acknowledged for one in deliveries),
            planned_files=self._planned_files,
            payments=len({name for name, _ in self._gate.load.arrivals(self._plan)}),
            asked_payments=len({one.unique_id for one in deliveries}),
            applied=applied,
            drained_seconds=drained_seconds,
            workers=result.workers,
            cpu_percent=result.cpu_percent,
            processor_share=min(self._shares),
            stopped=self._stopped,
            problem=result.problem,
            began=self._began,
            slowest=self._named(result.slowest),
            queue_ages=tuple(self._watch.queue_ages),
            resources=tuple(self._watch.resources),
        )

    def _named(self, slowest: tuple[Slow, ...]) -> tuple[Row, ...]:
        """The slowest requests, with the ids of their payments."""
        numbers = {one.number for one in slowest}
        arrivals = self._gate.load.arrivals(self._plan)
        ids = {one.number: name for name, one in arrivals if one.number in numbers}
        return rows_of(replace(one, unique_id=ids.get(one.number, "")) for one in slowest)


def _drain_seconds(plan: LoadPlan) -> float:
    return max(DRAIN_SECONDS, plan.seconds / 4)


def _wrong(
    deliveries: tuple[Delivery, ...], effects: tuple[Effect, ...], passing: tuple[str, ...]
) -> list[Anomaly]:
    """Effects that are lost, doubled, or of what must be refused. A load delivers once: what was
    not acknowledged would come again, and is counted as a failed request.
    """
    found = anomalies(History(deliveries, effects, (), (), ()))
    return [anomaly for anomaly in found if anomaly.kind not in ("unacknowledged", *passing)]
