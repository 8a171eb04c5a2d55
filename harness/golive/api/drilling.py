"""Makes a scenario of a drill: how it is driven is the same for all of them.

Steady state before; the workload, and the faults in their windows; everything heals; drain; steady
state after; then the target is asked what it has. Nothing is judged here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from random import Random
from time import monotonic

from golive.api.asking import logged_effects, no_job_is_left, patiently
from golive.api.planning import once_more, planned_deliveries, steady_deliveries
from golive.api.striking import Striker
from golive.api.watching import FileSender, Prober
from golive.errors import NotRecoveredError
from golive.model.drill import Drill, Planned, Workload
from golive.model.fault import Fault, Injection, windows
from golive.model.history.records import Delivery, Drilled, Effect, rows_of
from golive.model.history.ruling import nothing_lost
from golive.model.ports import Gate
from golive.model.scenario import Scenario
from golive.model.target import Capability

STEADY = Workload(notifications=20, per_second=40.0, repeated=0.0)
STEADY_SECONDS = 15.0
AGAIN_SECONDS = 20.0
SPARE_SECONDS = 40.0
UNKNOWN_TIME_SECONDS = -1.0


def scenario_of(drill: Drill, identifier: str, faults: Mapping[str, Fault]) -> Scenario:
    """The scenario that drives a drill. Raises LookupError where a fault is not in the catalog."""
    injections = _injections(drill)
    for injection in injections:
        if injection.fault not in faults:
            raise LookupError(f"there is no fault {injection.fault!r}")

    def drive(gate: Gate) -> Iterator[Drilled]:
        yield from _Drilling(drill, identifier, faults, gate).drive()

    return Scenario(
        statement=drill.statement,
        needs=_needs(drill),
        requires=(
            *dict.fromkeys(injection.key for injection in injections),
            "observe.sql.effect_log or observe.sql.effects",
        ),
        evidence=Drilled,
        drive=drive,
        check=nothing_lost,
        remediation=drill.remediation,
        profile=drill.profile,
        deadline_seconds=_longest_seconds(drill),
        radius=tuple(dict.fromkeys(f"{one.on}: {faults[one.fault].summary}" for one in injections)),
    )


def _injections(drill: Drill) -> tuple[Injection, ...]:
    return (*drill.faults, *drill.afterwards)


def _needs(drill: Drill) -> tuple[Capability, ...]:
    needs = [Capability.WEBHOOK, Capability.SQL, Capability.REDIS]
    injections = _injections(drill)
    needs += [Capability.TOXICS] if any(one.before for one in injections) else []
    needs += [Capability.PROCESSES] if any(one.role for one in injections) else []
    needs += [Capability.UPLOADS] if drill.workload.files else []
    return tuple(needs)


def _longest_seconds(drill: Drill) -> float:
    struck = max((_longest_strike(one) for one in drill.faults), default=0.0)
    after = sum(_longest_strike(one) + AGAIN_SECONDS for one in drill.afterwards)
    recover = drill.demands.recover_within_seconds
    work = max(drill.workload.seconds, struck)
    return 2 * STEADY_SECONDS + work + after + 3 * recover + SPARE_SECONDS


def _longest_strike(injection: Injection) -> float:
    return injection.times * (injection.lasting_seconds[1] + injection.apart_seconds[1])


@dataclass(frozen=True)
class _Recovery:
    """When everything was done, after the last heal; never = -1."""

    seconds: float
    failed_jobs: int


class _Drilling:
    """One drill under way."""

    def __init__(
        self, drill: Drill, identifier: str, faults: Mapping[str, Fault], gate: Gate
    ) -> None:
        self._drill = drill
        self._gate = gate
        self._faults = faults
        self._seed = f"{gate.seed}/{identifier}"
        self._began = monotonic()
        self._deliveries: list[Delivery] = []
        self._striker = Striker(gate.faults, self._clock)
        self._files = FileSender(gate, drill.workload, self._clock)
        self._prober = Prober(gate, self._clock)
        self._planned: list[Planned] = []
        self._failed_before = 0
        self._lag_seconds = 0.0

    def _clock(self) -> float:
        return monotonic() - self._began

    def drive(self) -> Iterator[Drilled]:
        """Yields one piece of evidence. Raises NotRecoveredError after it where the target has not
        come back, HealError where it is left broken.
        """
        self._failed_before = self._failed_jobs()
        before = self._steady()
        recovery, after = _Recovery(-1.0, 0), ""
        if not before:
            self._work()
            recovery = self._recover()
            self._afterwards()
            after = self._steady()
        yield self._evidence(before, after, recovery)
        self._striker.raise_what_stayed_broken()
        if before or after or recovery.seconds < 0:
            raise NotRecoveredError(before or after or "jobs or notifications are still waiting")

    def _steady(self) -> str:
        """Why a few notifications without any fault do not go through (empty = they do)."""
        planned = steady_deliveries(self._gate, STEADY)
        campaign = self._gate.provider.begin(planned, STEADY, self._clock)
        found = campaign.finish(STEADY_SECONDS)
        self._deliveries += found
        echoed = {one.unique_id for one in found if one.acknowledged}
        if len(echoed) < len(planned):
            return f"{len(planned) - len(echoed)} of {len(planned)} notifications had no echo"
        applied = self._gate.until(
            lambda: {one.unique_id for one in self._effects_of(echoed)},
            lambda applied: applied == echoed,
            within_seconds=STEADY_SECONDS,
        )
        missing = len(echoed) - len(applied)
        return f"{missing} of {len(echoed)} notifications had no effect" if missing else ""

    def _work(self) -> None:
        """The workload and the faults, side by side; returns when all has healed."""
        drill, gate = self._drill, self._gate
        chance = Random(self._seed)  # noqa: S311 - a schedule, no secret
        schedules = [(one, windows(one, chance.uniform)) for one in drill.faults]
        self._planned = planned_deliveries(gate, drill.workload, chance)
        self._files.prepare()
        start = self._clock()
        campaign = gate.provider.begin(self._planned, drill.workload, self._clock)
        try:
            self._files.begin()
            if drill.demands.other_routes_within_seconds:
                self._prober.begin()
            for injection, when in schedules:
                self._striker.begin(injection, self._faults[injection.fault], when, start)
            self._striker.wait()
            self._prober.stop()
            rest = start + drill.workload.seconds - self._clock()
            patience = drill.demands.recover_within_seconds
            self._deliveries += campaign.finish(max(0.0, rest) + patience)
            self._lag_seconds = campaign.lag_seconds
            self._files.wait()
        finally:
            self._striker.stop()
            self._prober.stop()
            self._files.stop()
            campaign.stop()

    def _recover(self) -> _Recovery:
        """Wait until everything acknowledged has its effect and no job is left."""
        ended = self._gate.until(
            patiently(self._nothing_is_left),
            bool,
            within_seconds=self._drill.demands.recover_within_seconds,
        )
        healed = self._striker.last_heal_seconds()
        seconds = max(0.0, self._clock() - healed) if ended else -1.0
        self._files.ask_about(self._drill.demands.recover_within_seconds)
        return _Recovery(seconds, self._failed_jobs() - self._failed_before)

    def _afterwards(self) -> None:
        """Strikes that follow, then every notification once more."""
        for injection in self._drill.afterwards:
            chance = Random(f"{self._seed}/{injection.fault}")  # noqa: S311 - likewise
            self._striker.begin(
                injection,
                self._faults[injection.fault],
                windows(injection, chance.uniform),
                self._clock(),
            )
            self._striker.wait()
        if self._drill.afterwards:
            workload = self._drill.workload
            campaign = self._gate.provider.begin(once_more(self._planned), workload, self._clock)
            self._deliveries += campaign.finish(workload.seconds + AGAIN_SECONDS)
            self._gate.until(
                patiently(lambda: no_job_is_left(self._gate)), bool, within_seconds=AGAIN_SECONDS
            )

    def _nothing_is_left(self) -> bool:
        return no_job_is_left(self._gate) and self._owed() <= self._applied()

    def _owed(self) -> set[str]:
        return {one.unique_id for one in self._deliveries if one.owed}

    def _applied(self) -> set[str]:
        return {one.unique_id for one in self._effects_of(self._owed())}

    def _failed_jobs(self) -> int:
        return sum(one.failed or 0 for one in self._gate.queue.depths())

    def _effects_of(self, unique_ids: set[str]) -> list[Effect]:
        gate, wanted = self._gate, sorted(unique_ids)
        if gate.target.has("observe.sql.effect_log"):
            return logged_effects(gate, wanted, self._clock())
        return [
            Effect(unique_id, UNKNOWN_TIME_SECONDS, self._state(unique_id))
            for unique_id in wanted
            for _ in range(gate.sql.effects(unique_id))
        ]

    def _state(self, unique_id: str) -> str:
        if not self._gate.target.has("observe.sql.state"):
            return ""
        return self._gate.sql.state(unique_id) or ""

    def _evidence(self, before: str, after: str, recovery: _Recovery) -> Drilled:
        about = {one.unique_id for one in self._deliveries}
        effects: list[Effect] = []

        def asked() -> bool:
            effects[:] = self._effects_of(about)
            return True

        self._gate.until(patiently(asked), bool, within_seconds=STEADY_SECONDS)
        return Drilled(
            seed=self._gate.seed,
            deliveries=rows_of(self._deliveries),
            effects=rows_of(effects),
            strikes=rows_of(self._striker.strikes),
            files=rows_of(self._files.sent),
            probes=rows_of(self._prober.probes),
            demands=astuple(self._drill.demands),
            before=before,
            after=after,
            recovered_seconds=round(recovery.seconds, 3),
            failed_jobs=recovery.failed_jobs,
            lag_seconds=round(self._lag_seconds, 3),
            planned_strikes=0 if before else sum(one.times for one in _injections(self._drill)),
        )
