"""Whether the text of a built page keeps to the project's standard of plain English: `python -m tests.language PAGE.html`.

Every rule is a function from the pieces of a chapter to offences. The words that may not be used are one list, `BANNED`.
"""

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from tests.page_text import HEADING, PROSE, TABLE, TITLE, PageChapter, Piece, read_page

#: A sentence is long above this many words; elsewhere than in the summary one in ten may be.
LONG = 25
LONG_SHARE = 0.10
AVERAGE = 18.0
SUMMARY = "summary"
#: Chapters whose text is the record of files and software, and methods.
RECORDS = {"provenance", "methods"}

#: What may not be said, as a pattern, with what to write.
BANNED = {
    r"nothing came|came (?:for|with|up to|in)\b|to come from|has come\b": "no data received / received / expected from",
    r"\b(?:is|are|be|were|was|not) told\b|\btell(?:s|ing)? apart|\btold apart": "reported / we cannot say / distinguish",
    r"cannot be told|cannot tell\b|\btell these apart": "we cannot say",
    r"\b(?:stands?|lies?) (?:in|at|between|here|there|outside|within|by|below|above|on)\b": "is / likely between",
    r"\bstands? (?:for|in for)\b": "means / is used for",
    r"\bmend(?:s|ed|ing)?\b": "fix, fixed",
    r"\bnobody\b|\bno one (?:has|can|knows)": "we do not have / we cannot",
    r"\b(?:reading|readings|lens|lenses) (?:of|are|is)\b|\blens(?:es)?\b": "definition",
    r"\bbases?\b(?! on\b)": 'population, or "number of people asked"',
    r"\bverdicts?\b": "trend",
    r"records of then|\bat hand\b": "past records / available",
    r"another run is at it": "another run is in progress",
    r"\bwho works? in\b": "people working in",
    r"press of tab": "pressing Tab",
    r"\b(?:stops?|stopped|falls?|fell) short\b": "is incomplete",
    r"\bno data is\b": "this edition does not include",
    r"if what has been goes on|is to be expected|are to be expected": "if things carry on as they are, expect",
    r"would be invention|no less wrong": "plain words, no aphorism",
    r"\bno reason has been given\b|nobody has given": "say what is known, or one line in the table of what is not covered",
    r"cannot be tested": "too few people asked to say / the number of people asked was not published",
    r"break(?:s)? a rule|point(?:s)? another way": "say it as a reader would",
    r"\bchance alone\b": "usual variation / luck",
    r"\bwidened for how much the series varies\b": "say it as a reader would: monthly figures jump about",
    r"\bseries were looked at together\b|\bof \d+ series (?:looked at|compared)": "one key to confidence words",
    r"\ballow(?:s|ing)? for the usual ups and downs of a year\b.*\blasting change\b": "likely between",
}
#: A reviewed sentence that qualifies a figure, and how often a page may say it: once in each chapter that has such a figure.
MOST_SAID = {"That difference is too small to be sure of.": 4, "None of these is a clear change:": 4}
#: What only the console, the code and the docs say.
COMMANDS = {
    r"\bhcsp-assess\b|\bhcsp_assess\b|\bpython -m\b|\bpip install\b": "a command",
    r"\b(?:data/(?:raw|processed)|docs/|definitions/|reports/|notebooks/|editions/)\S*": "a path",
    r"\b[\w-]+\.(?:csv|toml|json|xlsx|ipynb|py|md|gz|html)\b": "a file name",
    r"\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b": "a name from the code",
    r"\b(?:NaN|nan|NaT|DataFrame|dtype)\b|^(?:None|True|False)$|<NA>": "a value from the code",
    r"\bSHA-?256\b": "a checksum",
}
#: What only a closed panel "Method" says.
METHODS = {
    r"\bp[- ]values?\b|\bp ?[<=≤] ?0?\.\d": "a p-value",
    r"\bz[- ]scores?\b|\bt[- ]test|\bE-test\b|\bF-test\b": "a test or score",
    r"\b(?:Mann|Kendall|Theil|Sen's slope|Fisher|Poisson|Newcombe|Wilson|Bonferroni|Benjamini|Holm|Farrington|Gini)\b": "a"
    " method's name",
    r"\b(?:chi-squared?|negative binomial|quasi-\w+|overdispers\w+|bootstrap\w*|false discovery|standard (?:deviation|error)"
    r"|STL|GLM|LOESS|Getis|Moran)\b": "a method's name",
    r"\b(?:90|95|99|99\.8)% (?:confidence |prediction )?intervals?\b": 'an interval\'s name: write "likely between"',
    r"\b(?:statistically )?significan(?:t|ce|tly)\b": "a test's result: write how sure we are",
    r"Flesch|Kincaid": "a method's name",
}
#: How numbers may not be written.
NUMBERS = {
    r"(?<![\w)\]/.])-\d": "a hyphen for a minus sign: write −",
    r"(?:^|[\s(])–\d": "a dash for a minus sign: write −",
    r"(?<![\w.,])[+−]0(?:\.0+)?(?![\d.,])": "a change of nothing with a sign",
    r"\bthe 0 \w+": "a count of nothing",
}
MANY = (
    "people|persons|children|offences|crimes|incidents|months|quarters|years|wards|areas|places|cases|records|returns|"
    "series|measures|indicators|women|men|pupils|victims|collisions|searches|residents|actions|points|findings|rows|files|"
    "days|hours|hotspots|towns|groups|kinds|bodies|casualties|admissions|are|were|have"
)
ONE = (
    "person|child|offence|crime|incident|month|quarter|year|ward|area|place|case|record|return|measure|indicator|woman|man|"
    "pupil|victim|collision|search|resident|action|point|finding|row|file|day|hour|hotspot|town|group|body|casualty"
)
COUNTS = {
    r"(?<![\d.,/])\b(\d[\d,]*) of (?:the |all )?\1\b(?![\d/]|,\d|\.\d)": "all of them: write all, both or every",
    rf"(?<![\d.,/–]|\bQ)\b1 (?:{MANY})\b": "1 with a plural",
    rf"(?<![\w.,/–:])(?:[2-9]|[1-9][\d,]*\d) (?:{ONE})\b(?![- ](?:olds?|groups?|areas?|month|average|period)|-)": "a plural"
    " number with one thing",
}
#: A small area's code, which tables and tool tips may show and sentences may not.
CODES = re.compile(r"\b(?:[EW]0\d{7}|[A-Z][a-z]+ \d{3}[A-Z])\b")
VERBS = re.compile(
    r"\b(?:is|are|was|were|has|have|had|rose|rises?|risen|fell|falls?|fallen|grew|grows?|went|goes|stayed|stays?|varied|"
    r"vary|varies|peaked|peaks?|differ|differs|differed|hold|holds|held|carry|carries|carried|show|shows|showed|doubled|"
    r"halved|remains?|remained|makes?|made|took|takes?|happen|happens|happened|changed|became|led|leads?|ended|ends?|"
    r"dropped|drops?|increased|decreased|climbed|declined|improved|worsened|said|say|says|felt|feel|feels|want|wants|live|"
    r"lives|need|needs|cost|costs|expect|may|might|could|would|can|do|does|did|came|move|moves|moved|account|accounts|"
    r"follow|follows|followed|finish|finished|stop|stopped|met|missed|score|scores|rank|ranks|ranked|recorded (?=\d)|"
    r"(?<=police )recorded|use|uses|used|get|gets|got|commit|commits|start|starts|started|jump|jumps|jumped|compares?|"
    r"sees?|saw|lost|cause[sd]?|hit|gives?|gave)\b",
    re.IGNORECASE,
)
#: A title that says that nothing changed needs no verb.
NO_CHANGE = re.compile(r"No clear (?:change|trend|season|difference) in \w")
ABBREVIATION = re.compile(r"(?<![\w&-])(?:[A-Z][A-Z&]*[A-Z])(?=s?\b)(?![\w&]{2,})")
#: A full stop that ends no sentence.
NO_END = re.compile(r"\b(?:e\.g|i\.e|etc|St|Mr|Mrs|Ms|Dr|No|vs|approx)\.$")
WORD = re.compile(r"[^\W_](?:[\w.,'’:&/−–-]*\w)?%?")


@dataclass(frozen=True)
class Glossary:
    """Every wording, in lower case, that explains an abbreviation; and abbreviations that need no explanation."""

    explained: Mapping[str, tuple[str, ...]]
    everyday: frozenset[str]


def read_words() -> Glossary:
    """Return the reviewed abbreviations of the package, as a check needs them."""
    file = resources.files("hcsp_assess") / "definitions" / "glossary.toml"
    fields = tomllib.loads(file.read_text(encoding="utf-8"))
    explained = {
        each["term"]: tuple(text.lower() for text in (each["words"], *each.get("also", ()))) for each in fields["term"]
    }
    return Glossary(explained, frozenset(fields["everyday"]))


@dataclass(frozen=True)
class Offence:
    """One place where a page departs from the standard: where, which rule, what is wrong, and in which text."""

    chapter: str
    rule: str
    why: str
    text: str

    def __str__(self) -> str:
        return f"[{self.rule}] {self.why}: {self.text}"


@dataclass(frozen=True)
class ChapterCounts:
    """Words on open panels, sentences of body text and how many words they have."""

    key: str
    words: int
    lengths: tuple[int, ...]

    @property
    def long(self) -> int:
        """How many sentences are over the limit."""
        return sum(length > LONG for length in self.lengths)

    @property
    def average(self) -> float:
        """Words in a sentence on average; 0 without a sentence."""
        return sum(self.lengths) / len(self.lengths) if self.lengths else 0.0


@dataclass(frozen=True)
class Language:
    """What a page's text is like: its chapters and everything that departs from the standard."""

    chapters: tuple[ChapterCounts, ...]
    offences: tuple[Offence, ...]

    def of(self, *rules: str) -> list[str]:
        """Offences of these rules, one line each with its chapter."""
        return [f"{item.chapter}: {item}" for item in self.offences if item.rule in rules]

    def elsewhere(self) -> ChapterCounts:
        """All chapters but the summary taken together."""
        others = [item for item in self.chapters if item.key != SUMMARY]
        return ChapterCounts(
            "elsewhere", sum(item.words for item in others), tuple(n for item in others for n in item.lengths)
        )


def check_language(html: str | Path, glossary: Glossary | None = None) -> Language:
    """Read a page and return its counts and offences."""
    pages = [chapter for chapter in read_page(html) if chapter.key not in RECORDS]
    known = glossary or read_words()
    found = [offence for chapter in pages for rule in RULES for offence in rule(chapter)]
    found += [offence for chapter in pages for offence in unexplained(chapter, known)]
    found += repeated(pages)
    return Language(tuple(_counts(chapter) for chapter in pages), tuple(found))


def sentences(text: str) -> list[str]:
    """Split body text into sentences."""
    parts, begun = [], ""
    for part in re.split(r"(?<=[.!?])(?=[\s”’)]* [“‘(]?[A-Z0-9])", text):
        begun += part
        if not NO_END.search(begun.strip()):
            parts.append(begun.strip())
            begun = ""
    return [part for part in (*parts, begun.strip()) if WORD.search(part)]


def words(text: str) -> int:
    """How many words a text has; numbers are words, signs between are none."""
    return len(WORD.findall(text))


def _counts(chapter: PageChapter) -> ChapterCounts:
    lengths = tuple(words(each) for piece in chapter.open(PROSE) for each in sentences(piece.text))
    return ChapterCounts(chapter.key, sum(words(piece.text) for piece in chapter.open()), lengths)


def _matches(chapter: PageChapter, rule: str, patterns: dict[str, str], pieces: Sequence[Piece]) -> Iterator[Offence]:
    """Every sentence of these pieces in which a pattern is found."""
    for piece in pieces:
        for pattern, why in patterns.items():
            for found in re.finditer(pattern, piece.text, flags=re.IGNORECASE if rule == "banned" else 0):
                yield Offence(chapter.key, rule, f"{found[0].strip()!r}, {why}", _around(piece.text, found.start()))


def _around(text: str, at: int) -> str:
    """The sentence round a place, or what is near it where that is long."""
    begin = max(text.rfind(". ", 0, at) + 2, 0) if ". " in text[:at] else 0
    end = text.find(". ", at)
    part = text[begin : end + 1 if end >= 0 else None]
    return part if len(part) <= 200 else f"…{text[max(begin, at - 80) : at + 100]}…"


def long_sentences(chapter: PageChapter) -> Iterator[Offence]:
    """Sentences over the limit: none in the summary; elsewhere they are counted against one in ten."""
    rule = "long in the summary" if chapter.key == SUMMARY else "long"
    for piece in chapter.open(PROSE):
        for each in sentences(piece.text):
            if words(each) > LONG:
                yield Offence(chapter.key, rule, f"{words(each)} words", each)


def banned_words(chapter: PageChapter) -> Iterator[Offence]:
    """Words and phrases of the list."""
    yield from _matches(chapter, "banned", BANNED, chapter.open(PROSE, HEADING, TITLE, TABLE))
    for piece in chapter.open(PROSE):
        for each in sentences(piece.text):
            if re.match(r"(?:Nobody|Nothing|No data|No figures?)\b", each):
                yield Offence(chapter.key, "banned", "begins with what is missing: say what is known first", each)


def commands(chapter: PageChapter) -> Iterator[Offence]:
    """Commands, paths, names of files, columns and code."""
    yield from _matches(chapter, "commands", COMMANDS, chapter.open())


def methods(chapter: PageChapter) -> Iterator[Offence]:
    """Names of tests and intervals outside panels on method, in closed panels too."""
    yield from _matches(chapter, "methods", METHODS, [piece for piece in chapter.pieces if piece.shown != "method"])


def numbers(chapter: PageChapter) -> Iterator[Offence]:
    """Minus signs, changes of nothing, "12 of the 12", one and many."""
    yield from _matches(chapter, "numbers", NUMBERS, chapter.open())
    yield from _matches(chapter, "numbers", COUNTS, chapter.open(PROSE, HEADING, TITLE))


def questions(chapter: PageChapter) -> Iterator[Offence]:
    """Questions as body text."""
    for piece in chapter.open(PROSE):
        for each in sentences(piece.text):
            if each.endswith("?") and not each.endswith("How sure are we?"):  # the name of a section
                yield Offence(chapter.key, "question", "a question as body text", each)


def codes(chapter: PageChapter) -> Iterator[Offence]:
    """Codes of small areas in sentences, headings and titles."""
    for piece in chapter.open(PROSE, HEADING, TITLE):
        if found := CODES.search(piece.text):
            yield Offence(chapter.key, "codes", f"{found[0]!r}, an everyday name", _around(piece.text, found.start()))


def titles(chapter: PageChapter) -> Iterator[Offence]:
    """Titles of charts that say nothing: no verb, or a number of series."""
    for piece in chapter.open(TITLE):
        if not VERBS.search(piece.text) and not NO_CHANGE.match(piece.text):
            yield Offence(chapter.key, "titles", "a chart's title that is no message", piece.text)


def simulated(chapter: PageChapter) -> Iterator[Offence]:
    """The mark of simulated data more than once in a chapter."""
    said = [piece for piece in chapter.open() if piece.text.lower().startswith("simulated data")]
    said += [piece for piece in chapter.open(PROSE) if piece.text.lower().endswith("simulated data")]
    if len(said) > 1:
        yield Offence(chapter.key, "simulated", f"said {len(said)} times, once is enough", said[0].text)


def unexplained(chapter: PageChapter, glossary: Glossary) -> Iterator[Offence]:
    """Abbreviations that are not explained where a chapter first uses them."""
    so_far, seen = "", set(glossary.everyday)
    for piece in chapter.open(PROSE, HEADING, TITLE, TABLE):
        for found in ABBREVIATION.finditer(piece.text):
            if found[0] in seen:
                continue
            seen.add(found[0])
            said = glossary.explained.get(found[0])
            if said is None:
                why = f"{found[0]} is in no glossary"
            elif any(each in f"{so_far} {piece.text}".lower() for each in said):
                continue
            else:
                why = f"{found[0]} is not explained: {said[0]}"
            yield Offence(chapter.key, "abbreviations", why, _around(piece.text, found.start()))
        so_far += " " + piece.text


def repeated(chapters: Sequence[PageChapter], most: int = 3) -> list[Offence]:
    """Sentences of six words or more that a page says again and again."""
    said = [
        (chapter.key, each) for chapter in chapters for piece in chapter.open(PROSE) for each in sentences(piece.text)
    ]
    times = Counter(each for _, each in said)
    first = {each: key for key, each in reversed(said)}
    return [
        Offence(first[each], "repeated", f"said {count} times", each)
        for each, count in times.items()
        if count > MOST_SAID.get(each, most)
        and words(each) >= 6
        and not each.startswith("Simulated data")  # once a chapter, by another rule
    ]


RULES: tuple[Callable[[PageChapter], Iterator[Offence]], ...] = (
    long_sentences,
    banned_words,
    commands,
    methods,
    numbers,
    questions,
    codes,
    titles,
    simulated,
)


def report(found: Language) -> str:
    """The counts and offences of a page in lines, by chapter."""
    lines = ["chapter                      words  sentences  over 25  average  offences"]
    by_chapter = Counter(item.chapter for item in found.offences if item.rule != "long")
    lines += [
        f"{each.key:<28} {each.words:>5} {len(each.lengths):>10} {each.long:>8} {each.average:>8.1f} "
        f"{by_chapter[each.key]:>9}"
        for each in (*found.chapters, found.elsewhere())
    ]
    by_rule = Counter(item.rule for item in found.offences)
    lines.append(", ".join(f"{rule} {count}" for rule, count in by_rule.most_common()))
    for each in found.chapters:
        own = [item for item in found.offences if item.chapter == each.key]
        times = Counter((item.rule, item.text) for item in own)
        first = {(item.rule, item.text): item for item in reversed(own)}
        told = [f"{first[place]}{f' ({count} times)' if count > 1 else ''}" for place, count in times.items()]
        lines += [f"\n## {each.key}", *told] if own else []
    return "\n".join(lines)


if __name__ == "__main__":
    only = set(sys.argv[2:])
    checked = check_language(Path(sys.argv[1]))
    if only:
        checked = Language(
            checked.chapters, tuple(item for item in checked.offences if {item.chapter, item.rule} & only)
        )
    print(report(checked))
