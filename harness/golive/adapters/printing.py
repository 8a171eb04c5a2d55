"""A checklist on paper as PDF, by fpdf2."""

from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from golive.errors import ConfigurationError
from golive.model.paper import Entry, Paper

BUILT_IN = "Helvetica"
ITS_LETTERS = "latin-1"
MARGIN_MM = 16.0
BOX_MM = 4.0
INDENT_MM = 8.0
LINE_MM = 4.4
SIGNATURE_MM = 8.0
GREY = 90


def write_pdf(paper: Paper, path: Path, font: Path | None = None) -> None:
    """Write the paper as A4 pages. Raises ConfigurationError: the built-in font is Latin only."""
    pages = _Pages(paper.title, _family(paper, font), font)
    pages.add_page()
    pages.words(paper.title, size=18, bold=True)
    pages.words(paper.lead, size=9)
    pages.blanks("Target", "Version", "Date")
    for number, part in enumerate(paper.parts, start=1):
        pages.heading(f"{number}. {part.heading}")
        for entry in part.entries:
            pages.entry(entry)
    pages.decision()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pages.output(str(path))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}", remedy="--out FILE.pdf") from error


def _family(paper: Paper, font: Path | None) -> str:
    """The font's name; letters that it lacks would be left out in silence."""
    if font is not None:
        if not font.is_file():
            raise ConfigurationError(f"--font {font}: there is no such file")
        return "Given"
    texts = [paper.title, paper.lead]
    for entry in (one for part in paper.parts for one in part.entries):
        texts += [entry.name, entry.statement, entry.signer, *entry.lines]
    foreign = {sign for sign in "".join(texts) if not sign.isascii() and not _latin(sign)}
    if foreign:
        raise ConfigurationError(
            f"the built-in font of PDF has no {' '.join(sorted(foreign))}",
            remedy="Name one that has: --font FILE.ttf",
        )
    return BUILT_IN


def _latin(sign: str) -> bool:
    try:
        sign.encode(ITS_LETTERS)
    except UnicodeEncodeError:
        return False
    return True


class _Pages(FPDF):
    """Pages with boxes to tick."""

    def __init__(self, title: str, family: str, font: Path | None) -> None:
        super().__init__(format="A4")
        self._family = family
        if font is not None:
            for style in ("", "B"):
                self.add_font(family, style, str(font))
        self.set_title(title)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self._title = title

    def footer(self) -> None:
        """Title and page, on every page."""
        self.set_y(-12)
        self.set_font(self._family, size=8)
        self.set_text_color(GREY)
        self.cell(0, 5, f"{self._title}, page {self.page_no()} of {{nb}}", align="C")
        self.set_text_color(0)

    def words(self, text: str, *, size: float, bold: bool = False, grey: bool = False) -> None:
        """Text from the left edge to the right one, in as many lines as it takes."""
        self.set_font(self._family, "B" if bold else "", size)
        self.set_text_color(GREY if grey else 0)
        height = size * 0.47
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(0)

    def blanks(self, *names: str) -> None:
        """Lines to write on, side by side."""
        self.ln(2)
        width = self.epw / len(names)
        self.set_font(self._family, size=9)
        for name in names:
            x, y = self.get_x(), self.get_y() + SIGNATURE_MM
            self.cell(width, SIGNATURE_MM, f"{name}:", align="L")
            begin = x + self.get_string_width(f"{name}:") + 3
            self.line(begin, y - 1.5, x + width - 4, y - 1.5)
        self.ln(SIGNATURE_MM)

    def heading(self, text: str) -> None:
        """A section; it is not left alone at the foot of a page."""
        if self.will_page_break(4 * SIGNATURE_MM):
            self.add_page()
        self.ln(4)
        self.words(text, size=13, bold=True)
        self.ln(1)

    def entry(self, entry: Entry) -> None:
        """One box with its words, together on one page."""
        with self.offset_rendering() as tried:
            self._entry(entry)
        if tried.page_break_triggered:
            self.add_page()
        self._entry(entry)

    def _entry(self, entry: Entry) -> None:
        self.ln(1.5)
        self.rect(self.l_margin, self.get_y() + 0.3, BOX_MM, BOX_MM)
        self.set_left_margin(MARGIN_MM + INDENT_MM)
        self.set_x(self.l_margin)
        recommended = " (recommended)" if entry.recommended else ""
        self.words(f"{entry.statement}{recommended}", size=10, bold=True)
        for line in (entry.name, *entry.lines):
            self.words(line, size=8, grey=True)
        self.blanks(entry.signer, "At")
        self.set_left_margin(MARGIN_MM)
        self.set_x(self.l_margin)

    def decision(self) -> None:
        """The last two boxes."""
        if self.will_page_break(3 * SIGNATURE_MM):
            self.add_page()
        self.ln(6)
        self.set_font(self._family, "B", 12)
        for word in ("GO", "NO GO"):
            self.rect(self.get_x(), self.get_y() + 1, BOX_MM, BOX_MM)
            self.set_x(self.get_x() + BOX_MM + 2)
            self.cell(24, 6, word)
        self.ln(6)
        self.blanks("Decided by", "At")
