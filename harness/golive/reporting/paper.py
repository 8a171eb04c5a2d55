"""A checklist on paper, as Markdown. Pure."""

from collections.abc import Iterator

from golive.model.paper import Paper

RULE = "_" * 24


def to_markdown(paper: Paper) -> str:
    """The paper as Markdown."""
    return "\n".join(_markdown(paper)) + "\n"


def _markdown(paper: Paper) -> Iterator[str]:
    yield from (f"# {paper.title}", "", paper.lead, "")
    yield from (f"Target: {RULE} Version: {RULE} Date: {RULE}", "")
    for number, part in enumerate(paper.parts, start=1):
        yield from (f"## {number}. {part.heading}", "")
        for entry in part.entries:
            recommended = " (recommended)" if entry.recommended else ""
            yield f"- [ ] **{entry.name}** {_plain(entry.statement)}{recommended}  "
            yield from (f"  {_plain(line)}  " for line in entry.lines)
            yield f"  {_plain(entry.signer)}: {RULE} at: {RULE}"
        yield ""
    yield "Decision: [ ] GO [ ] NO GO, by: " + RULE


def _plain(text: str) -> str:
    """Signs that would be markup are shown as they are."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|" else sign for sign in text)
