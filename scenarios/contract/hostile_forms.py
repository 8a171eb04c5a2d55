"""Names of files that are no names, and forms that are nearly forms."""

from collections.abc import Iterator

from golive.api import (
    REFUSED,
    Capability,
    Case,
    Filer,
    Gate,
    Part,
    Tried,
    all_refused,
    file_all,
    scenario,
)

TAKEN_OR_NOT = (200, 201, 202, *REFUSED)
LONG = 300
MANY_PARTS = 1_000
LARGE_FIELD = 1024 * 1024
FORM = "multipart/form-data"


def named(name: str, file_name: str) -> Case[Filer]:
    """A case of an honest file with another name."""
    return Case(name, lambda it: it.file(it.csv(it.row()), file_name), TAKEN_OR_NOT, rows=1)


def honest(filer: Filer) -> Part:
    """An honest file as a part."""
    field = filer.section.file_field
    return Part(f'name="{field}"; filename="golive.csv"', filer.csv(filer.row()), "text/csv")


NAMES = (
    named("a path out of the folder", "../../../../etc/passwd.csv"),
    named("an absolute path", "/etc/passwd.csv"),
    named("a path of Windows", "C:\\\\Windows\\\\win.csv"),
    named("a NUL in the name", "golive\0.csv"),
    named("300 characters", "a" * LONG + ".csv"),
    named("a line end in the name", "golive\r\nX-Golive: 1.csv"),
    named("a quote in the name", 'golive\\".csv'),
    named("right to left", "golive\u202egnp.csv"),
    named("a picture in the name", "\U0001f4a3.csv"),
    named("a device of Windows", "CON.csv"),
    named("a dash before the name", "--help.csv"),
    named("a blank name", "   .csv"),
    named("no name", ""),
    named("markup in the name", "<img src=x onerror=alert(1)>.csv"),
    named("a formula as the name", "=cmd|' /C calc'!A0.csv"),
    named("bytes that are no text", "\udcff\udcfe.csv"),
)

FORMS: tuple[Case[Filer], ...] = (
    Case("no boundary", lambda it: it.body(it.csv(it.row()), FORM)),
    Case("an empty boundary", lambda it: it.body(b"--\r\n----\r\n", f"{FORM}; boundary=")),
    Case("a boundary of 5 000", lambda it: it.body(b"", f"{FORM}; boundary={'a' * 5_000}")),
    Case(
        "another boundary than it says",
        lambda it: it.body(b"--b\r\n--b--\r\n", f"{FORM}; boundary=a"),
    ),
    Case("no end", lambda it: it.form(honest(it), end=""), within_seconds=15.0),
    Case("no part", lambda it: it.form()),
    Case("two files", lambda it: it.form(honest(it), honest(it))),
    Case(
        "a file in another field", lambda it: it.form(Part('name="golive"; filename="a.csv"', b"x"))
    ),
    Case(
        "a file that is a field", lambda it: it.form(Part(f'name="{it.section.file_field}"', b"x"))
    ),
    Case("a part without a name", lambda it: it.form(Part('filename="a.csv"', b"x"))),
    Case(
        "a part without anything",
        lambda it: it.body(b"--a\r\n\r\nx\r\n--a--\r\n", f"{FORM}; boundary=a"),
    ),
    Case("1 000 parts", lambda it: it.form(*[Part('name="a"', b"b")] * MANY_PARTS)),
    Case(
        "a field of one megabyte",
        lambda it: it.form(Part('name="a"', b"b" * LARGE_FIELD), honest(it)),
    ),
    Case("a head of 100 kB", lambda it: it.form(Part(f'name="{"a" * 100_000}"', b"b"), honest(it))),
    Case("text in place of a form", lambda it: it.body(it.csv(it.row()), "text/csv")),
    Case("JSON in place of a form", lambda it: it.body(b"{}", "application/json")),
    Case("no type", lambda it: it.body(it.csv(it.row()), None)),
    Case("no body", lambda it: it.body(b"", f"{FORM}; boundary=a")),
)


def mapping(name: str, text: str) -> Case[Filer]:
    """A case of the field that goes with the file, with another text."""
    return Case(
        name,
        lambda it: it.form(
            honest(it), *(Part(f'name="{field}"', text.encode()) for field in it.section.fields)
        ),
        TAKEN_OR_NOT,
        rows=1,
    )


FIELDS = (
    mapping("a field of no JSON", "{"),
    mapping("a field of another kind", "[1, 2]"),
    mapping("a field of nothing", ""),
    mapping("a column that is not there", '{"iban": "golive", "name": "Name", "amount": "Amount"}'),
    mapping("one column for all", '{"iban": "IBAN", "name": "IBAN", "amount": "IBAN"}'),
    mapping("a field 5 000 deep", "[" * 5_000 + "]" * 5_000),
    mapping("a field of a prototype", '{"__proto__": {"admin": true}}'),
)


@scenario(
    needs=[Capability.UPLOADS],
    evidence=Tried,
    check=all_refused,
    remediation="Read the form strictly, keep of a file's name its last part only, and name the "
    "stored object yourself.",
    deadline_seconds=170.0,
)
def hostile_forms(gate: Gate) -> Iterator[Tried]:
    """A form that is nearly one is refused, and the name of a file is only ever a name."""
    if gate.target.uploads:
        filer = Filer(gate, gate.target.uploads)
        fields = FIELDS if gate.target.uploads.fields else ()
        yield from file_all(filer, (*NAMES, *FORMS, *fields))
