"""The faults of one step: each break and each heal is an operation of the ledger."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from golive.adapters.faults.commands import (
    STATUS_SECONDS,
    STRUCK,
    Command,
    CommandCure,
    ProcessCure,
    Started,
)
from golive.adapters.faults.journal import Cure
from golive.adapters.faults.toxiproxy import Proxy, ProxyCure, ToxicCure, Toxiproxy, answers
from golive.adapters.faults.ward import Injury, Ward
from golive.errors import HealError, NotSupervisedError, UnobservableError, UnreachableError
from golive.model.facts import Fact
from golive.model.fault import Blow, Stream
from golive.model.ports import Recorder
from golive.model.target import Faults, FaultsToxiproxy, ProcessControl


@dataclass(frozen=True)
class _Fault:
    """What is broken, in the ledger's words; how, and what heals it. `require` raises where it is
    broken already, so that there is nothing for us to heal; `returns` says that it must come back
    by itself.
    """

    name: str
    injury: Injury
    cure: Cure
    strike: Callable[[Started], None]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    require: Callable[[], None] = lambda: None
    returns: bool = False


class FaultsAdapter:
    """Breaks and heals for one step."""

    def __init__(self, section: Faults, ward: Ward, recorder: Recorder) -> None:
        self._section = section
        self._ward = ward
        self._recorder = recorder

    @contextlib.contextmanager
    def toxic(
        self,
        service: str,
        kind: str,
        *,
        stream: Stream = "downstream",
        toxicity: float = 1.0,
        attributes: Mapping[str, int],
    ) -> Iterator[None]:
        """A toxic on the proxy before a service; `toxicity` is the share of connections."""
        api, proxy = self._toxiproxy().api, self._proxy(service)
        injury = self._ward.injury()
        wanted = {"type": kind, "stream": stream, "toxicity": toxicity}

        def strike(_started: Started) -> None:
            with answers(api):
                proxy.add_toxic(name=injury.name, **wanted, attributes=dict(attributes))

        name = f"toxic {service} {kind}"
        cure = ToxicCure(api, proxy.name, injury.name, name)
        facts = {"stream": stream, "toxicity": toxicity, **attributes}
        with self._broken(_Fault(name, injury, cure, strike, facts)):
            yield

    @contextlib.contextmanager
    def cut(self, service: str) -> Iterator[None]:
        """The proxy before a service refuses connections and drops those it has."""
        api = self._toxiproxy().api
        proxy = self._proxy(service).name
        name = f"cut {service}"

        def require() -> None:
            if not Toxiproxy(api).proxy(proxy).enabled:
                raise UnobservableError(proxy, "the proxy is disabled already, and not by us")

        def strike(_started: Started) -> None:
            with answers(api):
                Toxiproxy(api).proxy(proxy).disable()

        injury, cure = self._ward.injury(name), ProxyCure(api, proxy, name)
        with self._broken(_Fault(name, injury, cure, strike, require=require)):
            yield

    @contextlib.contextmanager
    def process(self, role: str, blow: Blow) -> Iterator[None]:
        """`pause` and `stop` last as long as the context; after the others the role comes back by
        itself, or leaving starts it and raises NotSupervisedError.
        """
        control = self._control(role)
        command = Command.of(f"faults.processes.{role}.{blow}", getattr(control, blow))
        cure = ProcessCure.of(role, blow, control)
        lasts = blow in STRUCK

        def strike(started: Started) -> None:
            command.must(started)
            if lasts:
                cure.require(STRUCK[blow])

        name = f"process {role} {blow}"
        injury = self._ward.injury(name if lasts else "")
        with self._broken(_Fault(name, injury, cure, strike, returns=not lasts)):
            yield

    @contextlib.contextmanager
    def command(self, name: str) -> Iterator[None]:
        """A pair of commands of the target file: one that breaks, one that mends."""
        key = f"faults.commands.{name}"
        given = (self._section.commands or {}).get(name)
        if given is None:
            raise UnobservableError(key, "the target file does not have it")
        begin, end = Command.of(f"{key}.begin", given.begin), Command.of(f"{key}.end", given.end)
        fault = _Fault(
            f"command {name}",
            self._ward.injury(key),
            CommandCure(end, f"command {name}"),
            begin.must,
            {"touches": given.touches},
        )
        with self._broken(fault):
            yield

    def ping(self) -> None:
        """Ask whether Toxiproxy answers and has every proxy that the target file names."""
        for service in self._toxiproxy().proxies:
            self._proxy(service)

    def ask_status(self) -> None:
        """Run the status command of a role, for every program that such commands run: one that is
        asked of twenty roles would take longer than all other questions together.
        """
        programs: dict[str, tuple[str, Command]] = {}
        for role, control in (self._section.processes or {}).items():
            command = Command.of(f"faults.processes.{role}.status", control.status)
            programs.setdefault(command.words[0], (role, command))
        for role, command in programs.values():
            with self._recorder.operation(f"STATUS {role}") as operation:
                ran = command.run(STATUS_SECONDS)
                if ran.problem:
                    operation.fail(error=ran.problem)
                    raise UnobservableError(command.key, ran.problem)
                operation.ok(status=ran.said.strip())

    def _toxiproxy(self) -> FaultsToxiproxy:
        if self._section.toxiproxy is None:
            raise UnobservableError("faults.toxiproxy", "the target file does not have it")
        return self._section.toxiproxy

    def _proxy(self, service: str) -> Proxy:
        section = self._toxiproxy()
        name = section.proxies.get(service)
        if name is None:
            key = f"faults.toxiproxy.proxies.{service}"
            raise UnobservableError(key, "the target file does not have it")
        with self._recorder.operation(f"TOXIPROXY {name}") as operation:
            try:
                proxy = Toxiproxy(section.api).proxy(name)
            except (UnreachableError, UnobservableError) as error:
                operation.fail(error=str(error))
                raise
            operation.ok(enabled=proxy.enabled, listen=proxy.listen)
        return proxy

    def _control(self, role: str) -> ProcessControl:
        control = (self._section.processes or {}).get(role)
        if control is None:
            raise UnobservableError(f"faults.processes.{role}", "the target file does not have it")
        return control

    @contextlib.contextmanager
    def _broken(self, fault: _Fault) -> Iterator[None]:
        self._break(fault)
        try:
            yield
        except Exception:
            self._heal(fault)
            raise
        except BaseException:
            # What interrupts us must not be swallowed; what stays broken is in the journal.
            with contextlib.suppress(HealError, NotSupervisedError):
                self._heal(fault)
            raise
        self._heal(fault)

    def _break(self, fault: _Fault) -> None:
        injury = fault.injury
        with injury.lock:
            with self._recorder.operation(f"FAULT {fault.name}", **fault.facts) as operation:
                if injury.holders == 0:
                    fault.require()
                    self._strike(fault)
                operation.ok(shared=injury.holders > 0)
            injury.holders += 1

    def _strike(self, fault: _Fault) -> None:
        name = fault.injury.name
        self._ward.note(fault.injury, fault.cure)
        try:
            fault.strike(lambda pid: self._ward.journal.note_blow(name, pid))
        except BaseException:
            # It may have been broken all the same.
            self._surely_heal(fault)
            raise

    def _heal(self, fault: _Fault) -> None:
        injury = fault.injury
        with injury.lock:
            injury.holders -= 1
            with self._recorder.operation(f"HEAL {fault.name}") as operation:
                if injury.holders > 0:
                    operation.ok(shared=True)
                    return
                try:
                    mended = self._surely_heal(fault)
                except HealError as error:
                    operation.fail(error=str(error))
                    raise
                operation.ok(mended=mended)
        if mended and fault.returns:
            raise NotSupervisedError(
                f"{fault.name}: it did not come back by itself, and golive had to start it",
                remedy="Have it restarted by a supervisor, however it ended.",
            )

    def _surely_heal(self, fault: _Fault) -> bool:
        """Heal and strike it from the journal, even when a deadline or Ctrl-C interrupts us: the
        target comes first, then they do.
        """
        try:
            mended = fault.cure.heal()
        except Exception:
            raise
        except BaseException:
            fault.cure.heal()
            self._ward.journal.strike(fault.injury.name)
            raise
        self._ward.journal.strike(fault.injury.name)
        return mended
