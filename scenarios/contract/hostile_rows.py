"""Rows of a file that must not become debtors, or only as they were written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from golive.api import (
    Capability,
    Debtor,
    Filer,
    Gate,
    Ruling,
    Slo,
    accepted,
    failed,
    inconclusive,
    passed,
    scenario,
)

SETTLE_SECONDS = 40.0


@dataclass(frozen=True)
class Row:
    """A row: which cell is wrong, with what, and whether it may become a debtor all the same."""

    name: str
    column: str
    text: str
    may_be_made: bool = False
    change: Callable[[str], str] | None = None
    """Makes the text of the honest one."""


def iban(name: str, change: Callable[[str], str], *, may_be_made: bool = False) -> Row:
    """An honest IBAN, changed."""
    return Row(name, "iban", "", may_be_made, change)


HONEST = "nothing wrong"
ROWS = (
    Row(HONEST, "name", "", may_be_made=True, change=str),
    iban("a wrong checksum", lambda it: f"{it[:2]}{(int(it[2:4]) + 1) % 97:02}{it[4:]}"),
    iban("a digit missing", lambda it: it[:-1]),
    iban("a digit more", lambda it: f"{it}0"),
    iban("an unknown country", lambda it: f"XX{it[2:]}"),
    iban("a Cyrillic letter", lambda it: f"D\u0415{it[2:]}"),
    iban("a letter for a digit", lambda it: f"{it[:6]}O{it[7:]}"),
    iban("SQL after it", lambda it: f"{it}'; drop table x; --"),
    iban("a formula", lambda it: f'=HYPERLINK("http://golive.invalid/{it}")'),
    iban("nothing", lambda _: ""),
    iban(
        "full-width digits",
        lambda it: it.translate({48 + n: 0xFF10 + n for n in range(10)}),
        may_be_made=True,
    ),
    iban("a character of no width", lambda it: f"{it[:6]}\u200b{it[6:]}", may_be_made=True),
    iban("lower case", str.lower, may_be_made=True),
    iban(
        "blanks between",
        lambda it: " ".join(it[n : n + 4] for n in range(0, len(it), 4)),
        may_be_made=True,
    ),
    Row("not a number", "amount", "NaN"),
    Row("infinity", "amount", "Infinity"),
    Row("beyond all numbers", "amount", "1e308"),
    Row("negative", "amount", "-1.00"),
    Row("zero", "amount", "0.00"),
    Row("in brackets", "amount", "(5.00)"),
    Row("words", "amount", "a lot"),
    Row("a formula", "amount", "=1+1"),
    Row("two amounts", "amount", "1.00 2.00"),
    Row("a thousand million million", "amount", "1000000000000000.00"),
    Row("parts of a cent", "amount", "0.001"),
    Row("in hex", "amount", "0x10"),
    Row("thousands and cents the other way", "amount", "1.234,5,6"),
    Row("a dash for cents", "amount", "12,-x"),
    Row("another currency", "amount", "12.00 USD"),
    Row("nothing", "amount", ""),
    Row("nothing", "name", ""),
    Row("ten thousand characters", "name", "a" * 10_000, may_be_made=True),
    Row("markup", "name", "<script>alert(1)</script>", may_be_made=True),
    Row("a formula", "name", "=cmd|' /C calc'!A0", may_be_made=True),
    Row("marks upon marks", "name", "Z" + "\u0351" * 60, may_be_made=True),
    Row("right to left", "name", "\u202eanna", may_be_made=True),
)


@dataclass(frozen=True)
class Became:
    """A row, and what it became: how many debtors with its IBAN or name, and their amount."""

    case: str
    may_be_made: bool
    debtors: int
    upload_status: str
    waiting: bool
    row: str
    wrong_amount: bool = False
    """Whether one of them is of another amount than the honest one's."""


def only_honest_rows(seen: Sequence[Became], _slo: Slo) -> Ruling:
    """No row became a debtor that must not."""
    if seen[-1].waiting:
        return failed(f"the file with them is still {seen[-1].upload_status!r}")
    if not seen[-1].upload_status:
        return inconclusive("the file was not accepted")
    honest = seen[0]
    if not honest.debtors or honest.wrong_amount:
        return inconclusive(
            f"the honest row became {honest.debtors} debtors of its amount, so nothing was tried"
        )
    made = [one for one in seen if one.debtors > one.may_be_made]
    if made:
        told = "; ".join(f"{one.case}: {one.row}" for one in made)
        return failed(f"{len(made)} rows became debtors: {told}", made=len(made))
    return passed(f"{len(seen)} rows became debtors only where they may", rows=len(seen))


@scenario(
    needs=[Capability.UPLOADS],
    requires=["uploads.debtors"],
    evidence=Became,
    check=only_honest_rows,
    remediation="Check IBAN and amount strictly, and list a row that is not right with its reason "
    "in place of guessing what was meant.",
    deadline_seconds=90.0,
)
def hostile_rows(gate: Gate) -> Iterator[Became]:
    """A row with a wrong IBAN or amount becomes no debtor."""
    section = gate.target.uploads
    if section is None:
        return
    honest = gate.uploads.sample(rows=len(ROWS)).rows
    cells = [written(row, debtor) for row, debtor in zip(ROWS, honest, strict=True)]
    filer = Filer(gate, section)
    lines = [",".join(f'"{cell.replace(QUOTE, QUOTE * 2)}"' for cell in row) for row in cells]
    sending = filer.file(filer.csv(*lines))
    upload_id = accepted(filer, gate.raw.exchange(sending, within_seconds=10.0))
    status = (
        gate.uploads.settled(upload_id, within_seconds=SETTLE_SECONDS).status if upload_id else ""
    )
    listed = (
        gate.uploads.debtors(upload_id).debtors
        if status in section.answer.done and upload_id
        else ()
    )
    for row, debtor, (number, name, _), line in zip(ROWS, honest, cells, lines, strict=True):
        made = [one for one in listed if one.iban == number or (bool(name) and one.name == name)]
        yield Became(
            case=f"{row.column}: {row.name}",
            may_be_made=row.may_be_made,
            debtors=len(made),
            wrong_amount=any(one.amount_cents != debtor.amount_cents for one in made),
            upload_status=status,
            waiting=status in section.answer.waiting,
            row=line[:200],
        )


QUOTE = '"'


def written(row: Row, honest: Debtor) -> tuple[str, str, str]:
    """The cells of a row: an honest one with one change."""
    cells = {
        "iban": honest.iban,
        "name": honest.name,
        "amount": f"{honest.amount_cents / 100:.2f}",
    }
    cells[row.column] = row.change(cells[row.column]) if row.change else row.text
    return cells["iban"], cells["name"], cells["amount"]
