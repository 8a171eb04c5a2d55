"""What audits have in common: a rule about one setting, and the check that holds it to each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from ipaddress import ip_address

from golive.model.audit import SECRET
from golive.model.finding import Ruling, failed, inconclusive, passed
from golive.model.ports import Gate
from golive.model.setting import Setting
from golive.model.slo import Slo

Rule = Callable[[Setting], str]
"""Says what is wrong with a setting (empty = nothing)."""

MOST_TOLD = 4
LOGGED_SECONDS = 5.0
ABSENT = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
REFUSALS = frozenset({"NOPERM", "NOAUTH", "UNKNOWN", "AccessDenied", "AllAccessDisabled"})


def every(rule: Rule) -> Callable[[Sequence[Setting], Slo], Ruling]:
    """A check that holds the rule to every setting that was seen.

    One that is wrong decides, then one that is unknown.
    """

    def check(seen: Sequence[Setting], _slo: Slo) -> Ruling:
        looked_at = [one for one in seen if not one.left_out]
        known = [one for one in looked_at if not one.unknown]
        wrong = [f"{one}: {problem}" for one in known if (problem := rule(one))]
        if wrong:
            return failed(_told(wrong), settings=len(seen), wrong=len(wrong))
        unknown = [f"{one.place}: {one.unknown}" for one in looked_at if one.unknown]
        if unknown:
            return inconclusive(_told(unknown), settings=len(seen), unknown=len(unknown))
        if not looked_at:
            return passed(_told([f"{one.place} is left out: {one.left_out}" for one in seen]))
        return passed(_told([str(one) for one in known]), settings=len(seen))

    return check


def _told(sentences: Sequence[str]) -> str:
    more = len(sentences) - MOST_TOLD
    told = "; ".join(dict.fromkeys(sentences[:MOST_TOLD]))
    return f"{told}; and {more} more" if more > 0 else told


def one_of(*allowed: str) -> Rule:
    """The value must be one of these words, in whatever case."""
    words = {word.lower() for word in allowed}

    def rule(setting: Setting) -> str:
        said = "" if setting.value is None else str(setting.value).lower()
        return "" if said in words else f"must be {' or '.join(allowed)}"

    return rule


def between(least: float, most: float = float("inf")) -> Rule:
    """The value must be a number, within the limits."""

    def rule(setting: Setting) -> str:
        try:
            number = float(str(setting.value))
        except ValueError:
            return "must be a number"
        if number < least:
            return f"must be at least {least:g}"
        return f"must be at most {most:g}" if number > most else ""

    return rule


def refused(setting: Setting) -> str:
    """Whoever asked must be denied it."""
    return "" if setting.value in REFUSALS else "must be refused"


def hidden(setting: Setting) -> str:
    """Nothing must be there: a refusal would say that there is something."""
    return "" if setting.value in ABSENT else "must be 404"


def limited(setting: Setting) -> str:
    """There must be a limit; zero stands for none."""
    return "must be limited" if str(setting.value or "0") == "0" else ""


def private(setting: Setting) -> str:
    """Every address must be loopback or of a private network; nothing must answer from outside."""
    if isinstance(setting.value, bool):
        return "must not answer" if setting.value else ""
    for address in str(setting.value or "*").replace(",", " ").split():
        if not _is_private(address.removeprefix("-")):
            return "must be a loopback or private address"
    return ""


def _is_private(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        known = ip_address(address)
    except ValueError:
        return False
    # 0.0.0.0 counts as private there, and means: every address.
    return known.is_private and not known.is_unspecified


def secrets_of(gate: Gate, least_characters: int = 0) -> Mapping[str, str]:
    """The secrets of the service's environment, for the drive alone: evidence never holds one."""
    return {
        name: value
        for name, value in gate.audit.files.environment().items()
        if SECRET.search(name) and len(value) >= least_characters
    }


def traces(gate: Gate, seen: str, canary: str) -> Iterator[Setting]:
    """How often a request, told by a word of its own, and what it brought are in the logs."""

    def found() -> Sequence[Setting]:
        return gate.audit.logs.holding({"the request": seen, "what it brought": canary})

    yield from gate.until(found, lambda two: bool(two[0].value), within_seconds=LOGGED_SECONDS)


def leaves_no_trace(seen: Sequence[Setting], _slo: Slo) -> Ruling:
    """The request is logged, what it brought is not."""
    request, canary = (int(str(one.value)) for one in seen)
    if canary:
        return failed(f"it is {canary} times in the logs", canary=canary)
    if not request:
        return inconclusive("the logs do not show the request, so they prove nothing")
    return passed(f"{request} lines tell of the request, none of what it brought", lines=request)


def statuses(gate: Gate, paths: Sequence[str]) -> Iterator[Setting]:
    """What the balancer answers at each path."""
    for path in paths:
        yield Setting("balancer", path, gate.http.request("GET", gate.url(path)).status)


def of_role(gate: Gate, name: str) -> Setting:
    """A setting of the database as the service's role has it: its own in this database, its own
    anywhere, that of the database, or the server's. `current_setting` would be that of our session.
    """
    asked = f"""
        select coalesce(
            (select split_part(said, '=', 2)
             from pg_db_role_setting own
             left join pg_roles role on role.oid = own.setrole
             left join pg_database database on database.oid = own.setdatabase
             cross join unnest(own.setconfig) said
             where said like '{name}=%'
               and (own.setrole = 0 or role.rolname = :role)
               and (own.setdatabase = 0 or database.datname = current_database())
             order by own.setrole = 0, own.setdatabase = 0 limit 1),
            (select reset_val from pg_settings where name = '{name}'))
    """  # noqa: S608 - a name in a catalog file
    role = str(gate.target.audit.database_role)
    return gate.audit.database.value(f"{name} of the service", asked, role=role)


def answers(gate: Gate) -> Iterator[tuple[str, str]]:
    """Method and path of three kinds of answers: one that is well, one to no route, one refused."""
    yield "GET", gate.target.target.health
    yield "GET", f"/{gate.marker}-no-such-path"
    if gate.target.webhook is not None:
        yield "GET", gate.target.webhook.path


def headers(gate: Gate, name: str) -> Iterator[Setting]:
    """That header on each kind of answer, through the balancer."""
    for method, path in answers(gate):
        reply = gate.http.request(method, gate.url(path))
        yield Setting(f"{method} {path} ({reply.status})", name, reply.headers.get(name))
