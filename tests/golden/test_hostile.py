"""What a hostile target can put into a report stays text in every format."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from golive.model.exporter import Exporter
from golive.model.report import Report

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>' onmouseover='alert(1)",
    "]]><evil/><!-- --> &amp; &#60;b&#62; <![CDATA[",
    "\x1b[31mred\x1b[0m\x00\x07\x9b2J\x7f",
    "\u202egnp.exe\u2066\u200f\ufeff\ufffe",
    "| a | b |\n\n| --- |\r\n# heading\n- item\n```\n~~~\n`code` ``",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png) <https://evil.example>",
    "javascript:alert(1)",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "@everyone https://evil.example www.evil.example a@evil.example #1 $x^2$",
    "</details></pre></code></table></style>",
    "1. one\n+ two\n===\n---\n    indented",
    "lone \ud800 surrogate",
    "",
)
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe]"
)

# A wrong answer to one input is enough; the page is rendered for each of them.
FEW = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def poisoned(value: Any, text: str) -> Any:
    """The same nouns with the text in every field that holds one."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(entry, text) for entry in value)
    if isinstance(value, Mapping):
        # Keys of facts come from the target too; the counts are our own.
        named = {f"{text}{place}": entry for place, entry in enumerate(value.values())}
        return {name: poisoned(entry, text) for name, entry in named.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: poisoned(getattr(value, one.name), text) for one in fields(value)}
        return replace(value, **changes)
    return value


@pytest.fixture(scope="module")
def hostile(recorded: Callable[[str], Report]) -> Callable[[str], Report]:
    """A report of which every string is the text; findings still have their operations."""
    whole = recorded("no_go")

    def make(text: str) -> Report:
        report: Report = replace(poisoned(whole, text), counts=whole.counts)
        return report

    return make


class Page(HTMLParser):
    """What is active in a page: its tags, its attributes and where they lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag and its attributes."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        """Keep a comment: the page has none of its own."""
        self.comments.append(data)


INERT = frozenset(
    {
        "a",
        "body",
        "circle",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "footer",
        "h1",
        "h2",
        "h3",
        "head",
        "header",
        "html",
        "li",
        "link",
        "main",
        "meta",
        "ol",
        "p",
        "path",
        "pre",
        "section",
        "span",
        "strong",
        "style",
        "summary",
        "svg",
        "time",
        "title",
        "ul",
    }
)


def is_harmless(page: Page) -> bool:
    """Whether nothing in a page runs, loads or leads away from the run folder."""
    links = [value for name, value in page.attributes if name in ("href", "src", "action")]
    inside = re.compile(r"data:,|#finding-\d+|plan\.json|operations\.ndjson|verdict\.json")
    return (
        set(page.tags) <= INERT
        and not page.comments
        and not any(name.startswith("on") or name == "style" for name, _ in page.attributes)
        and all(inside.fullmatch(link) or _is_evidence(link) for link in links)
    )


def _is_evidence(link: str) -> bool:
    """A file in the folder of evidence: neither a host nor another folder can be in its name."""
    return re.fullmatch(r"evidence/[A-Za-z0-9._~%-]*\.json", link) is not None


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_holds_nothing_active(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """No tag, attribute, link or comment of the page comes from the target."""
    rendered = exporters["html"].render(hostile(text))
    page = Page(rendered)
    assert is_harmless(page)
    assert page.tags.count("meta") == 6
    assert not STEERING.search(rendered)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_has_the_same_tags_whatever_it_says(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """Text changes no structure. Backticks become code, which is why they are left out here."""
    render = exporters["html"].render
    plain = text.replace("`", "") or "x"
    tags = Page(render(hostile(plain))).tags
    assert tags == Page(render(hostile("harmless"))).tags


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_stays_well_formed(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """The XML parses, has its own elements only and no character that XML forbids."""
    rendered = exporters["junit"].render(hostile(text))
    rendered.encode()
    names = {element.tag for element in ET.fromstring(rendered).iter()}  # noqa: S314 - our own
    assert names <= {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
        "system-out",
        "system-err",
    }
    assert not STEERING.search(rendered)


@pytest.mark.parametrize("text", HOSTILE)
def test_json_gives_the_text_back(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """A program reads what was recorded, and the file itself is plain ASCII."""
    rendered = exporters["json"].render(hostile(text))
    assert rendered.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", rendered)
    assert json.loads(rendered)["headline"] == text


def markdown_shape(rendered: str) -> tuple[list[str], list[str]]:
    """The kinds of blocks and spans of a text, and the raw HTML in it."""
    parser = MarkdownIt("gfm-like", {"linkify": False})
    kinds: list[str] = []
    raw: list[str] = []
    for token in parser.parse(rendered):
        for one in (token, *(token.children or ())):
            kinds.append(one.type)
            if one.type.startswith("html"):
                raw.append(one.content.strip())
    return kinds, raw


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_keeps_its_form(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """No heading, table cell, link, image, fence or HTML of the comment comes from the target."""
    render = exporters["markdown"].render
    # Code between backticks is ours to make of a next step; it must not hide anything else.
    plain = text.replace("`", "'") or "x"
    kinds, raw = markdown_shape(render(hostile(plain)))
    expected, expected_raw = markdown_shape(render(hostile("harmless")))
    spans = ("text", "softbreak", "text_special")
    assert [one for one in kinds if one not in spans] == [
        one for one in expected if one not in spans
    ]
    assert len(raw) == len(expected_raw)
    assert all(
        re.fullmatch(r"</?(code|details|summary|sub|br)>|<details><summary>.*", one) for one in raw
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_links_nowhere_and_calls_nobody(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """A comment made of a hostile report has no link, no image and no mention."""
    rendered = exporters["markdown"].render(hostile(text))
    kinds, _ = markdown_shape(rendered)
    assert not {"link_open", "image"} & set(kinds)
    prose = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", rendered)
    assert not re.search(r"@\w|://\S|(?i:www\.)", prose)
    assert not STEERING.search(rendered)


def test_a_traceback_cannot_close_its_fence(
    exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """The fence around a traceback is longer than any row of backticks in it."""
    kinds, _ = markdown_shape(exporters["markdown"].render(hostile("a\n`````\n# b")))
    expected, _ = markdown_shape(exporters["markdown"].render(hostile("x")))
    for kind in ("fence", "heading_open"):
        assert kinds.count(kind) == expected.count(kind)


@FEW
@given(text=st.text(max_size=60))
def test_junit_parses_whatever_was_seen(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """For every text at all, junit.xml is well-formed and counts the same findings."""
    root = ET.fromstring(exporters["junit"].render(hostile(text)))  # noqa: S314 - our own
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("2", "1", "1")


@FEW
@given(text=st.text(st.sampled_from("<>&\"'`=/ \n\x00a{}%#;:-![]"), min_size=1, max_size=60))
def test_the_page_escapes_whatever_was_seen(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """For every text made of markup, the page stays harmless."""
    assert is_harmless(Page(exporters["html"].render(hostile(text))))


@FEW
@given(text=st.text(min_size=1, max_size=60))
def test_every_exporter_writes_a_file_that_can_be_encoded(
    text: str, exporters: Mapping[str, Exporter], hostile: Callable[[str], Report]
) -> None:
    """No exporter crashes, and what it gives can be written as UTF-8."""
    for exporter in exporters.values():
        exporter.render(hostile(text)).encode("utf-8")


def test_the_page_allows_its_own_style_and_nothing_else(
    exporters: Mapping[str, Exporter], recorded: Callable[[str], Report]
) -> None:
    """The content policy of the page forbids scripts, requests, frames and forms."""
    page = Page(exporters["html"].render(recorded("go")))
    policy = next(value for name, value in page.attributes if value.startswith("default-src"))
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; img-src data:; "
        r"base-uri 'none'; form-action 'none'",
        policy,
    )
