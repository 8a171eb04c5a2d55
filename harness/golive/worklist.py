"""Checklists that are worked through: how one is opened, run, signed and judged.

Every run that it needs is a run of the gate (`gate.run`); what runs, commands and people say is
kept in a logbook, and `judge_list` says what that amounts to.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from golive import gate
from golive.adapters.command.keeping import CommandEnd, await_command, start_command
from golive.adapters.deploying.records import Records
from golive.adapters.git import commit_of
from golive.catalog.catalog import Catalog
from golive.config.secrets import read_secrets, redact
from golive.config.target_file import read_target, secret_names
from golive.config.waivers import add_waiver, read_waivers
from golive.errors import ChecklistError, ConfigurationError, HealError
from golive.judging.standing import judge_list
from golive.ledger.listing import find_run
from golive.ledger.logbook import LogbookFolder, whose
from golive.model.checklist import Item, Waiver, filled, placeholders
from golive.model.logbook import WEEK_SECONDS, Circumstances, Kind, Record
from golive.model.outcome import Outcome
from golive.model.settings import Selection, Settings
from golive.model.standing import ListStatus, Standing
from golive.planning.planner import REFUSED_IN_PRODUCTION
from golive.running.working import work_through

UNPROVEN = 2
"""The exit code of a golive that could not decide."""


@dataclass(frozen=True)
class Order:
    """What one session on a list was asked to do. `target_file` says on what.

    `rehearsed` names a run of another deployment; `time_scale`, how much faster than in life a
    rehearsal lets days go by.
    """

    list: str
    target_file: Path
    by: str = ""
    lists: Path = field(default_factory=lambda: Path("go-live"))
    max_age_seconds: float = WEEK_SECONDS
    selection: Selection = Selection()
    catalogs: tuple[Path, ...] = ()
    out: Path = field(default_factory=lambda: Path("runs"))
    version: str = ""
    rehearsed: str = ""
    time_scale: float = 1.0


class Attendant(gate.Narrator, Protocol):
    """Whoever sits at the desk: is told what happens, and may be asked."""

    def tell(self, text: str) -> None:
        """One line of progress."""

    def decide(self, standing: Standing) -> str | None:
        """The note of a signature, None where nobody signs."""


@dataclass(frozen=True)
class OpenList:
    """A list on one target, ready to be read, signed and run."""

    order: Order
    items: tuple[Item, ...]
    target: str
    environment: str
    book: LogbookFolder
    deploys: Records

    def status(self) -> ListStatus:
        """How it stands now."""
        waivers = read_waivers(self.order.target_file)
        book = self.book.read()
        now = self._circumstances()  # not before: a record of the future counts for nothing
        return judge_list(self.order.list, self.target, self.items, book, waivers, now)

    def standing(self, item: Item) -> Standing:
        """How one of its items stands. Raises ChecklistError where nothing can be trusted."""
        status = self.status()
        if status.damage:
            raise ChecklistError(f"the logbook cannot be trusted: {status.damage}")
        return next(one for one in status.standings if one.item.id == item.id)

    @property
    def version(self) -> str:
        """What goes live: as was said now, else as was said last."""
        return self.order.version or self.book.read().version

    def note(self, record: Record) -> None:
        """Add one record, as of now and by whoever sits here."""
        now = self._circumstances()
        made = replace(
            record,
            at=record.at or now.now.isoformat(timespec="microseconds"),
            by=self.order.by,
            commit=record.commit or now.commit,
            note=redact(record.note),
            version=self.version,
        )
        self.book.append(made)

    def sign(self, item: Item, note: str) -> None:
        """Sign for an item. Raises ChecklistError where that would say more than is known."""
        with suppress(ConfigurationError):  # those that are there must not end up in a note
            _register_secrets(self.order.target_file)
        standing = self.standing(item)
        if reason := _unsignable(standing):
            raise ChecklistError(f"{item.id} is not signed: {reason}", remedy=_remedy(standing))
        self.note(
            Record(
                kind=Kind.SIGNED,
                subject=item.id,
                at="",
                by="",
                commit="",
                note=note,
                role=item.signature,
                digest=item.digest,
                evidence=self._seen(item),
            )
        )

    def _seen(self, item: Item) -> tuple[str, ...]:
        """What was known when somebody signed: findings, and the runs that judged them."""
        runs = {one.subject: one.run for one in self.book.read().records if one.run}
        return tuple(f"{name} of run {runs[name]}" for name in item.findings if name in runs)

    def waive(self, waiver: Waiver) -> None:
        """Accept an item or a finding until a day; the waiver lies beside the target file."""
        add_waiver(self.order.target_file, waiver)
        words = f"{waiver.reason} (approved by {waiver.approver} until {waiver.expires})"
        self.note(Record(Kind.WAIVED, waiver.id, "", "", "", note=words))

    def again(self, item: Item) -> None:
        """Let a command be run once more. Raises ChecklistError where there is none."""
        if not item.command:
            raise ChecklistError(f"{item.id} has no command", remedy="Findings are judged anew.")
        self.note(Record(Kind.AGAIN, item.id, "", "", "", digest=item.digest))

    def _circumstances(self) -> Circumstances:
        commit = commit_of(Path.cwd(), self.order.lists)
        return Circumstances(
            datetime.now(UTC),
            commit,
            self.order.max_age_seconds,
            self.order.version,
            self.deploys.changed(),
        )


def open_list(order: Order) -> OpenList:
    """Find the items of a list, and its logbook for a target. Touches nothing."""
    items = items_of(order.list, Catalog.of(order.catalogs))
    target = read_target(order.target_file)
    about = target.target
    book = LogbookFolder.of(
        order.lists, order.list, about.name, whose(about.name, about.environment, about.base_url)
    )
    deploys = Records.of(target, redact)
    return OpenList(order, items, about.name, about.environment, book, deploys)


def items_of(name: str, catalog: Catalog) -> tuple[Item, ...]:
    """The items of a list. Raises ChecklistError where there is no such list."""
    found = tuple(item for item in catalog.items if item.list == name)
    if not found:
        known = ", ".join(dict.fromkeys(item.list for item in catalog.items))
        raise ChecklistError(f"there is no checklist {name!r}", remedy=f"There are {known}.")
    return found


def find_item(word: str, items: Sequence[Item]) -> Item:
    """The item that is meant: by its id, its name, or the end of it. Raises ChecklistError."""
    exact = [item for item in items if word in (item.id, item.name)]
    meant = exact or [item for item in items if item.id.endswith(word)]
    if len(meant) == 1:
        return meant[0]
    several = ", ".join(item.id for item in meant)
    raise ChecklistError(
        f"{word!r} is {f'more than one item: {several}' if meant else 'no item of this checklist'}",
        remedy="`golive checklist show LIST` shows them.",
    )


def run_list(opened: OpenList, attendant: Attendant) -> ListStatus:
    """Do everything on the list that can be done now. Only one at a time may."""
    _register_secrets(opened.order.target_file)
    with opened.book.running(opened.order.by):
        return work_through(_Desk(opened, attendant))


@dataclass(frozen=True)
class _Desk:
    """A list that is being run."""

    opened: OpenList
    attendant: Attendant

    def status(self) -> ListStatus:
        return self.opened.status()

    def gather(self, findings: tuple[str, ...]) -> None:
        """One run of the gate gives them; what production refuses, the rehearsal has shown."""
        order = self.opened.order
        refused = self.opened.environment == "production" and order.rehearsed
        elsewhere = [name for name in findings if refused and _suite(name) in REFUSED_IN_PRODUCTION]
        if elsewhere:
            folder = find_run(order.rehearsed, order.out)
            conclusion = gate.conclude(folder, Catalog.of(order.catalogs))
            self._keep(conclusion, elsewhere, rehearsed=True)
        here = tuple(name for name in findings if name not in elsewhere)
        if here:
            selection = replace(order.selection, scenarios=here)
            settings = Settings(
                order.target_file, selection, order.catalogs, order.out, order.lists
            )
            self._keep(gate.run(settings, self.attendant), here)

    def _keep(
        self, conclusion: gate.Conclusion, wanted: Sequence[str], *, rehearsed: bool = False
    ) -> None:
        plan = conclusion.report.plan
        where = f"on {plan.target} ({plan.environment}): " if rehearsed else ""
        for finding in conclusion.report.verdict.findings:
            if finding.id in wanted:
                record = Record(
                    kind=Kind.FINDING,
                    subject=finding.id,
                    at=plan.started if rehearsed else "",
                    by="",
                    commit=plan.commit,
                    outcome=finding.outcome,
                    note=f"{where}{finding.summary}",
                    run=plan.run,
                    evidence=finding.evidence,
                )
                self.opened.note(record)
        if conclusion.unhealed:
            raise HealError(conclusion.unhealed)
        if conclusion.interrupted:
            raise KeyboardInterrupt

    def run(self, item: Item) -> None:
        """Note that it begins, run it, note how it ended."""
        values = _values(replace(self.opened.order, version=self.opened.version))
        if lacking := sorted(placeholders(item.command) - values.keys()):
            options = " ".join(f"--{name}" for name in lacking)
            self.attendant.tell(f"{item.id}: its command is not run without {options}")
            return
        words = filled(item.command, values)
        folder = self._folder(item)
        self.attendant.tell(f"{item.id}: {' '.join(words)}")
        self._record(item, Kind.STARTED, Outcome.INCONCLUSIVE, " ".join(words), folder)
        with start_command(words, folder, item.timeout_seconds) as keeper:
            try:
                keeper.wait()
            except KeyboardInterrupt:
                keeper.terminate()
                self._ended(item, await_command(folder, redact), folder)
                raise
        self._ended(item, await_command(folder, redact), folder)

    def await_end(self, standing: Standing) -> None:
        """Wait for the command that an earlier session had started."""
        self.attendant.tell(f"{standing.item.id}: waiting for the command that was started before")
        folder = Path(standing.unended)
        self._ended(standing.item, await_command(folder, redact), folder)

    def ask(self, standing: Standing) -> None:
        """Nobody signs where nobody sits."""
        note = self.attendant.decide(standing)
        if note is not None:
            self.opened.sign(standing.item, note)

    def _ended(self, item: Item, end: CommandEnd | None, folder: Path) -> None:
        if end is None:
            self.attendant.tell(f"{item.id}: nobody knows how its command ended")
            return
        outcome = Outcome.FAIL if end.code else Outcome.PASS
        if end.code == UNPROVEN and item.command[0] == "golive":
            outcome = Outcome.INCONCLUSIVE
        tail = end.tail.splitlines()[-1:] if end.code else []
        note = ": ".join([end.words, *tail])
        self.attendant.tell(f"{item.id}: {note} ({folder / 'output.txt'})")
        self._record(item, Kind.ENDED, outcome, note, folder)

    def _record(self, item: Item, kind: Kind, outcome: Outcome, note: str, folder: Path) -> None:
        record = Record(
            kind,
            item.id,
            *("", "", ""),
            outcome,
            note,
            digest=item.digest,
            evidence=(str(folder),),
        )
        self.opened.note(record)

    def _folder(self, item: Item) -> Path:
        """A new folder for what the command says."""
        parent = self.opened.book.path / "commands"
        times = len(list(parent.glob(f"{item.name}-*")))
        return parent / f"{item.name}-{times + 1}"


def _register_secrets(target_file: Path) -> None:
    read_secrets(secret_names(read_target(target_file)), target_file)


def _suite(finding: str) -> str:
    return finding.partition(".")[0]


def _values(order: Order) -> Mapping[str, str]:
    given = {
        "target": str(order.target_file),
        "version": order.version,
        "time_scale": f"{order.time_scale:g}",
    }
    return {name: value for name, value in given.items() if value}


def _unsignable(standing: Standing) -> str:
    """Why nobody can sign for it now (empty = somebody can)."""
    if not standing.item.signature:
        return "findings and commands decide about it, not people"
    if standing.signed:
        return f"it is signed already, by {standing.signed[0]}"
    if standing.waits_for:
        return f"it waits for {', '.join(standing.waits_for)}"
    if not standing.to_sign:
        return f"what it rests on is not proven: {standing.lacks[0]}"
    return ""


def _remedy(standing: Standing) -> str:
    if standing.outcome is Outcome.FAIL:
        return "Mend what failed, or have it waived: `golive checklist waive`."
    return "`golive checklist run` proves what can be proven; `status` shows what is next."
