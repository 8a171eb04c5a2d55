"""Working through a list, at a desk whose target is a few lines of memory."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from golive.judging.standing import judge_list
from golive.model.checklist import Item
from golive.model.logbook import Circumstances, Kind, Logbook, Record
from golive.model.outcome import Decision, Outcome
from golive.model.standing import ListStatus, Standing
from golive.running.working import work_through

BEGIN = datetime(2026, 1, 5, 12, tzinfo=UTC)

LOOK = Item("s", "w", ("smoke.a",), id="l.look", section="pre_deployment")
AGREE = Item("s", "w", id="l.agree", signature="QA", section="pre_deployment")
DEPLOY = Item("s", "w", id="l.deploy", command=("x",), section="deployment")
DEPLOY = replace(DEPLOY, depends_on=("pre_deployment",))
AFTER = Item("s", "w", ("smoke.a", "smoke.b"), id="l.after", section="smoke")
AFTER = replace(AFTER, depends_on=("deployment",))
ALL = (LOOK, AGREE, DEPLOY, AFTER)


@dataclass
class Desk:
    """Keeps what was done, in order, and lets each thing take a second."""

    signs: bool = True
    fails: frozenset[str] = frozenset()
    items: tuple[Item, ...] = ALL
    done: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """Later with every record."""
        return BEGIN + timedelta(seconds=len(self.records))

    def note(self, kind: Kind, subject: str, digest: str = "") -> None:
        """One more record."""
        outcome = Outcome.FAIL if subject in self.fails else Outcome.PASS
        at = (self.now + timedelta(seconds=1)).isoformat()
        self.records.append(Record(kind, subject, at, "A", "c", outcome, digest=digest))

    def status(self) -> ListStatus:
        """By the same judge as everywhere."""
        book = Logbook(tuple(self.records))
        return judge_list("l", "t", self.items, book, [], Circumstances(self.now, "c", 3600.0))

    def await_end(self, standing: Standing) -> None:
        """Nothing is left over here."""
        raise AssertionError(standing)

    def gather(self, findings: tuple[str, ...]) -> None:
        """One run of the gate."""
        self.done.append(f"look at {' '.join(findings)}")
        for name in findings:
            self.note(Kind.FINDING, name)

    def run(self, item: Item) -> None:
        """One command."""
        self.done.append(f"run {item.name}")
        self.note(Kind.ENDED, item.id, item.digest)

    def ask(self, standing: Standing) -> None:
        """One question."""
        self.done.append(f"ask {standing.item.name}")
        if self.signs:
            self.note(Kind.SIGNED, standing.item.id, standing.item.digest)


def test_a_list_is_worked_through_in_the_order_of_what_depends_on_what() -> None:
    """What was seen before a command is looked at again after it, in one run with the rest."""
    desk = Desk()

    assert work_through(desk).decision is Decision.GO
    assert desk.done == ["look at smoke.a", "ask agree", "run deploy", "look at smoke.a smoke.b"]


def test_what_could_not_be_judged_is_looked_at_once_a_session() -> None:
    """A command that has nothing to do with it is no reason to look again."""
    desk = Desk(fails=frozenset({"smoke.a"}), items=(LOOK, replace(DEPLOY, depends_on=())))
    work_through(desk)

    assert desk.done == ["look at smoke.a", "run deploy"]


def test_what_takes_long_is_looked_at_item_by_item_and_last() -> None:
    """Quick findings share one run; a drill or a load has one for its item, seen once for all."""
    drills = Item(
        "s", "w", ("chaos.a", "smoke.a", "chaos.b"), id="l.drills", section="pre_deployment"
    )
    load = Item("s", "w", ("load.a",), id="l.load", section="pre_deployment")
    again = Item("s", "w", ("chaos.b", "smoke.b"), id="l.again", section="pre_deployment")
    desk = Desk(items=(drills, load, again))

    assert work_through(desk).decision is Decision.GO
    assert desk.done == ["look at smoke.a smoke.b", "look at chaos.a chaos.b", "look at load.a"]


def test_nothing_is_done_behind_what_is_missing() -> None:
    """Whoever does not sign is asked once, and nothing that depends on it is begun."""
    desk = Desk(signs=False)

    assert work_through(desk).decision is Decision.UNPROVEN
    assert desk.done == ["look at smoke.a", "ask agree"]


def test_what_failed_is_not_tried_over_and_over() -> None:
    """A refuted finding ends the work on what depends on it; the next session looks once more."""
    desk = Desk(fails=frozenset({"smoke.b"}))

    assert work_through(desk).decision is Decision.NO_GO
    assert desk.done[-1] == "look at smoke.a smoke.b"
    before = len(desk.done)
    work_through(desk)
    assert desk.done[before:] == ["look at smoke.b"]


def test_a_failed_command_stops_what_follows() -> None:
    """It is run once, also by the next session, and what depends on it is not begun."""
    desk = Desk(fails=frozenset({"l.deploy"}))
    work_through(desk)
    work_through(desk)

    assert desk.done == ["look at smoke.a", "ask agree", "run deploy"]
