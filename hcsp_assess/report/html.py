"""HTML taken apart without the insides of its drawings, which are most of a page and rarely looked into."""

import re
from dataclasses import dataclass

from bs4 import BeautifulSoup

#: A drawing: its opening tag, what it draws, its closing tag. A sign of a tag's end in an attribute is in quotes.
DRAWING = re.compile(r'(<svg\b(?:[^>"]|"[^"]*")*>)((?:(?!<svg\b).)*?)(</svg>)', re.DOTALL)
STAND_IN = re.compile(r"<!--drawing (\d+)-->")


@dataclass(frozen=True)
class Html:
    """A page or a part of one, taken apart.

    Attributes
    ----------
    soup : bs4.BeautifulSoup
        Its elements; drawings are there with their attributes, and empty.
    drawings : tuple of str
        What is in each drawing, as it was.
    text : str
        The HTML as it was.
    """

    soup: BeautifulSoup
    drawings: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        """The HTML again, its drawings whole."""
        return STAND_IN.sub(lambda found: self.drawings[int(found[1])], str(self.soup))


def parse_html(text: str) -> Html:
    """Take HTML apart; it may not hold comments like those that mark the place of drawings."""
    drawings: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        if not found[2].strip():
            return found[0]
        drawings.append(found[2])
        return f"{found[1]}<!--drawing {len(drawings) - 1}-->{found[3]}"

    return Html(BeautifulSoup(DRAWING.sub(set_aside, text), "html.parser"), tuple(drawings), text)


def shows_something(fragment: str) -> bool:
    """Whether a chapter's HTML holds a finding, a table with a row, a figure, or prose of more than one sentence."""
    if 'class="finding"' in fragment or "<figcaption" in fragment:
        return True
    soup = parse_html(fragment).soup
    if any(item.get_text(strip=True) for item in soup.select(".finding, tbody tr, figure")):
        return True
    return len(" ".join(item.get_text() for item in soup.find_all("p")).split()) > 40
