"""Judges a checklist by its logbook: what is proven, what is stale, what is next. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from golive.model.checklist import Item, Waiver, in_order, required_before
from golive.model.logbook import Circumstances, Kind, Logbook, Record, last_version
from golive.model.outcome import Decision, Outcome, worst
from golive.model.standing import ListStatus, Standing
from golive.model.wording import WORDS, when

BEFORE_EVERYTHING = datetime.min.replace(tzinfo=UTC)
DECISIONS = {
    Outcome.PASS: Decision.GO,
    Outcome.FAIL: Decision.NO_GO,
    Outcome.INCONCLUSIVE: Decision.UNPROVEN,
}


def judge_list(
    name: str,
    target: str,
    items: Sequence[Item],
    book: Logbook,
    waivers: Sequence[Waiver],
    now: Circumstances,
) -> ListStatus:
    """The verdict of a list: an altered logbook is NO_GO, and no item at all is UNPROVEN."""
    found = standings(items, book.records, waivers, now)
    required = [one for one in found if one.item.level == "must"]
    weights = [Outcome.PASS if one.accepted else one.outcome for one in required]
    if book.damage:
        weights.append(Outcome.FAIL)
    lacking = [one for one in required if not one.settled]
    reasons = [f"{one.item.id}: {lack}" for one in lacking for lack in one.lacks]
    return ListStatus(
        list=name,
        target=target,
        decision=DECISIONS[worst(weights)],
        standings=found,
        reasons=(*filter(None, [book.damage]), *reasons),
        damage=book.damage,
        head=book.head,
    )


def standings(
    items: Sequence[Item],
    records: Sequence[Record],
    waivers: Sequence[Waiver],
    now: Circumstances,
) -> tuple[Standing, ...]:
    """How each item stands, in the order in which they are worked through."""
    version = now.version or last_version(records)
    records = [one for one in records if not _is_of_another(version, one)]
    found: dict[str, Standing] = {}
    changed: dict[str, datetime] = {}
    deployed: dict[str, datetime] = {}
    for item in in_order(items):
        before = required_before(item, items)
        since = _last(changed, before)
        lasting = [one for one in records if one.moment >= _last(deployed, before)]
        valid = _Valid(tuple(_valid(records, now, since)), now, tuple(lasting))
        waits = tuple(name for name in before if not found[name].settled)
        found[item.id] = _standing(item, valid, waivers, waits)
        changed[item.id] = max(since, valid.acted(item))
        own = valid.acted(item) if item.deploys else BEFORE_EVERYTHING
        deployed[item.id] = max(_last(deployed, before), own)
    return tuple(found.values())


def _last(moments: Mapping[str, datetime], names: Iterable[str]) -> datetime:
    return max((moments[one] for one in names), default=BEFORE_EVERYTHING)


def _is_of_another(version: str, record: Record) -> bool:
    """Whether it is about another version than the one that goes live now."""
    return bool(version and record.version) and version != record.version


def _valid(records: Iterable[Record], now: Circumstances, since: datetime) -> Iterator[Record]:
    """Records that still count. What commands changed has to be looked at afterwards."""
    oldest = max(now.now - timedelta(seconds=now.max_age_seconds), since)
    for record in records:
        if record.commit == now.commit and oldest <= record.moment <= now.now:
            yield record


@dataclass(frozen=True)
class _Valid:
    """The records that count for one item; `lasting` for what is done once."""

    records: tuple[Record, ...]
    now: Circumstances
    lasting: tuple[Record, ...]

    def last(self, subject: str, *kinds: Kind, digest: str = "") -> Record | None:
        return next(
            (
                record
                for record in reversed(self.records)
                if record.subject == subject
                and record.kind in kinds
                and (not digest or record.digest == digest)
            ),
            None,
        )

    def command(self, item: Item) -> Record | None:
        """The last that was heard of its command; a wish to run it again is no news of it.

        What is done once has been done, however long ago: a deploy does not wear off. Where nobody
        said of which version it was, it was of that commit. What came before a deploy that it
        depends on was of another one.
        """
        kinds = (Kind.STARTED, Kind.ENDED, Kind.AGAIN)
        known = replace(self, records=self.lasting) if item.once else self
        last = known.last(item.id, *kinds, digest=item.digest)
        if last is None or last.kind is Kind.AGAIN:
            return None
        return last if last.version or last.commit == self.now.commit else None

    def redeployed(self, ended: Record) -> str:
        """When another deploy, or a roll-back, came after one that had ended; empty = none did."""
        at = self.now.deployed
        return at if at and datetime.fromisoformat(at) > ended.moment else ""

    def acted(self, item: Item) -> datetime:
        """When its command last did something to the target."""
        last = self.command(item) if item.command else None
        return last.moment if last else BEFORE_EVERYTHING


@dataclass(frozen=True)
class _Part:
    """One thing an item rests on; `name` is that of a finding, empty for a command or signature."""

    outcome: Outcome
    lack: str = ""
    name: str = ""


def _standing(
    item: Item, valid: _Valid, waivers: Sequence[Waiver], waits: tuple[str, ...]
) -> Standing:
    today = valid.now.now.date()
    automatic = [*_findings(item, valid), *_command(item, valid)]
    open_parts = [one for one in automatic if not _covered(one.name, waivers, today)]
    signed = valid.last(item.id, Kind.SIGNED, digest=item.digest) if item.signature else None
    parts = [*open_parts, *_signature(item, signed), *_nothing(item)]
    outcome = worst([Outcome.PASS, *(part.outcome for part in parts)])
    covered = outcome is not Outcome.PASS and _covered(item.id, waivers, today)
    last = valid.command(item)
    judged = Standing(
        item=item,
        outcome=outcome,
        accepted=covered or (outcome is Outcome.PASS and len(open_parts) < len(automatic)),
        lacks=tuple(part.lack for part in parts if part.lack),
        waits_for=waits,
        to_gather=tuple(
            one.name for one in open_parts if one.name and one.outcome is not Outcome.PASS
        ),
        to_run=bool(item.command) and last is None,
        to_sign=bool(item.signature)
        and signed is None
        and all(one.outcome is Outcome.PASS for one in open_parts),
        unended=last.evidence[0] if last and last.kind is Kind.STARTED else "",
        signed=_who(signed),
    )
    return judged if judged.settled else _without_void(judged, waivers, today)


def _findings(item: Item, valid: _Valid) -> Iterator[_Part]:
    for name in item.findings:
        record = valid.last(name, Kind.FINDING)
        if record is None:
            yield _Part(Outcome.INCONCLUSIVE, f"{name} was not judged, or is stale", name)
        elif record.outcome is Outcome.PASS:
            yield _Part(Outcome.PASS, name=name)
        else:
            word = WORDS[record.outcome]
            yield _Part(record.outcome, f"{name} {word}: {record.note}", name)


def _command(item: Item, valid: _Valid) -> Iterator[_Part]:
    if not item.command:
        return
    last = valid.command(item)
    words = " ".join(item.command)
    if last is None:
        yield _Part(Outcome.INCONCLUSIVE, f"its command was not run: {words}")
    elif last.kind is Kind.STARTED:
        since = f"{last.by} started it at {when(last.at)}, and nobody knows how it ended"
        yield _Part(Outcome.INCONCLUSIVE, f"{since}: {words}")
    elif last.outcome is not Outcome.PASS:
        yield _Part(last.outcome, f"its command {last.note}; mend it, then: {_again(item)}")
    elif item.deploys and (at := valid.redeployed(last)):
        # Whoever rolled back had a reason: it is not deployed again by itself.
        since = f"another deploy or a roll-back has come after it, at {when(at)}"
        yield _Part(Outcome.INCONCLUSIVE, f"{since}; to deploy again: {_again(item)}")
    else:
        yield _Part(Outcome.PASS)


def _again(item: Item) -> str:
    return f"golive checklist run --again {item.id}"


def _signature(item: Item, signed: Record | None) -> Iterator[_Part]:
    if item.signature and signed is None:
        yield _Part(Outcome.INCONCLUSIVE, f"{item.signature} has not signed")


def _nothing(item: Item) -> Iterator[_Part]:
    if not (item.findings or item.command or item.signature):
        yield _Part(Outcome.INCONCLUSIVE, "it rests on nothing")


def _covered(name: str, waivers: Iterable[Waiver], today: date) -> bool:
    return any(waiver.covers(name, today) for waiver in waivers)


def _without_void(standing: Standing, waivers: Sequence[Waiver], today: date) -> Standing:
    """An item that rests on a waiver which has expired is refuted, not merely open."""
    names = {standing.item.id, *standing.to_gather}
    void = tuple(
        f"the waiver of {waiver.id} expired on {waiver.expires.isoformat()} and is void"
        for waiver in waivers
        if waiver.id in names and waiver.expires < today
    )
    if not void:
        return standing
    return replace(standing, outcome=Outcome.FAIL, lacks=(*void, *standing.lacks))


def _who(signed: Record | None) -> tuple[str, ...]:
    if signed is None:
        return ()
    note = f": {signed.note}" if signed.note else ""
    return (f"{signed.by} ({signed.role}), {when(signed.at)}{note}",)
