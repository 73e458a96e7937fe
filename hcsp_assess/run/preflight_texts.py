"""Check every reviewed text of an edition before a run: every entry at fault, unknown files and unknown fields."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from hcsp_assess.assessment.baselines import parse_baselines
from hcsp_assess.assessment.consultation import parse_consultation
from hcsp_assess.assessment.county_matters import parse_matters
from hcsp_assess.assessment.plan import parse_plan
from hcsp_assess.assessment.priorities import Scheme, parse_issues, scoring_scheme
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.serious_violence import parse_serious_violence
from hcsp_assess.assessment.since_last import parse_answers, parse_recommendations
from hcsp_assess.assessment.so_what import parse_so_what, parse_summaries
from hcsp_assess.assessment.statute import parse_statements
from hcsp_assess.errors import InputError, Problem, did_you_mean
from hcsp_assess.report.restricted_mark import read_handling
from hcsp_assess.sources.own_indicators import Strategy
from hcsp_assess.sources.text_entries import FILE, MARKDOWN
from hcsp_assess.sources.text_sheets import book_of
from hcsp_assess.sources.texts import LISTS, TextFolder, notes_of
from hcsp_assess.subject.editions import Edition

Reader = Callable[[TextFolder], object]
#: Fields that any entry may have: who answers for it.
SIGNED: Final = ("author_role", "date", "origin", "source", "state")
#: Fields of texts.toml, which no reader has in full.
ABOUT_TEXTS: Final = ("edition", "title", "publisher", "licence", "previous")


#: An error about an entry that is a file of its own: the file, and what is wrong with it.
_OF_ITS_OWN = re.compile(r"(\S+\.(?:md|xlsx|ods|csv)(?:, sheet '[^']*')?(?:, [a-z]+ \d+)?)(:?) (.*)", re.DOTALL)


@dataclass(frozen=True)
class TextReader:
    """What reads a file of reviewed texts.

    Attributes
    ----------
    read : callable
        Raises `InputError` for the first entry at fault.
    chapters : frozenset of str
        Chapters of which one must be in the edition for the file to be read; none where every run reads it.
    needs_all : bool
        Whether it looks for entries that are missing, so that it can't be given one entry alone.
    """

    file: str
    read: Reader
    chapters: frozenset[str] = frozenset()
    needs_all: bool = False


def text_readers(strategy: Strategy | None) -> tuple[TextReader, ...]:
    """Return everything that reads the texts of an edition with these indicators."""
    scheme = scoring_scheme()
    readers = [
        TextReader("texts.toml", _about),
        TextReader("nothing_to_report.toml", parse_statements),
        TextReader("county_matters.toml", parse_matters),
        TextReader("reasons.toml", parse_reasons, frozenset({"changes_since", "summary"})),
        TextReader("so_what.toml", parse_so_what),
        TextReader("summaries.toml", parse_summaries),
        TextReader("consultation.toml", parse_consultation, frozenset({"consultation", "summary"})),
        TextReader("recommendations.toml", parse_recommendations),
        TextReader("recommendations.toml", parse_answers, frozenset({"changes_since"})),
        TextReader("scores.toml", lambda texts: _issues(texts, scheme), frozenset({"priorities"})),
        TextReader("scores.toml", lambda texts: notes_of(texts, "scores.toml", "decision"), frozenset({"priorities"})),
        TextReader("serious_violence.toml", parse_serious_violence, frozenset({"serious_violence"})),
        TextReader("area.toml", lambda texts: notes_of(texts, "area.toml", "about"), frozenset({"about_area"})),
        TextReader("handling.toml", read_handling),
    ]
    if strategy is not None:
        published = strategy.published
        readers += [
            TextReader(
                "plan.toml",
                lambda texts: parse_plan(texts, published.priorities, published.work_plan),
                frozenset({"plan", "summary"}),
            ),
            TextReader("baselines.toml", partial(_baselines, strategy), frozenset({"plan"}), needs_all=True),
        ]
    return tuple(readers)


#: Files that may be among the texts, and are read elsewhere, or by tests alone.
READ_ELSEWHERE: Final = ("previous_findings.json", "checklist.toml", "plan.toml", "baselines.toml")


def problems_of_texts(edition: Edition, texts: TextFolder, strategy: Strategy | None) -> Iterator[Problem]:
    """Find every problem in the texts of an edition: each entry at fault, unknown files, unknown fields."""
    readers = text_readers(strategy)
    known = {reader.file for reader in readers}
    for name in sorted(texts.files):
        if name not in known and name not in READ_ELSEWHERE and "/" not in name and not book_of(name):
            yield _unknown_file(texts, name, [*sorted(known), *READ_ELSEWHERE])
    written = {page.kind.file for page in texts.pages} | {book_of(name) for name in texts.files}
    for file in sorted(known & (set(texts.files) | written)):
        yield from _problems_of_file(edition, texts, file, [reader for reader in readers if reader.file == file])


def as_problem(error: InputError, where: str, *, stops: bool = True) -> Problem:
    """Return an error as a problem: the file and the entry at its beginning become `where`.

    Examples
    --------
    >>> as_problem(InputError("editions/a/reasons.toml, reason 2 has no text: write one"), "editions/a/reasons.toml")
    Problem(where='editions/a/reasons.toml, reason 2', what='It has no text: write one', stops=True)
    """
    told = str(error)
    if own := _OF_ITS_OWN.match(told):
        return Problem(own[1], own[3] if own[2] == ":" else f"It {own[3]}", stops)
    found = re.match(rf"({re.escape(where)}(?:, [a-z_ ]+? \d+)?)(?: \(.*?\))?(, [a-z_]+)?(:?) (.*)", told, re.DOTALL)
    if not where or not found:
        return Problem(where, told, stops)
    place, part, colon, rest = found.groups()
    return Problem(place + (part or ""), rest if colon else f"It {rest}", stops)


class Asked(dict[str, Any]):
    """Fields of a text that note which of them were asked for; copying them asks for none."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__(fields)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """As of any dict."""
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    @property
    def strange(self) -> list[str]:
        """Fields that nothing asked for."""
        return [name for name in self if name not in (*self.asked, *SIGNED, FILE, MARKDOWN)]

    @property
    def lacking(self) -> list[str]:
        """Fields that were asked for and are not there."""
        return sorted(self.asked - set(self))


@dataclass(frozen=True)
class _Given(TextFolder):
    """Texts of which one file has these fields, already read."""

    file: str = ""
    fields: Asked = field(default_factory=lambda: Asked({}))

    def read(self, file: str, *, needed: bool = False) -> dict[str, Any]:
        return self.fields if file == self.file else super().read(file, needed=needed)


def _problems_of_file(
    edition: Edition, texts: TextFolder, file: str, readers: Collection[TextReader]
) -> Iterator[Problem]:
    where = f"{texts.name}/{file}"
    shown = any(not reader.chapters or reader.chapters & set(edition.chapters) for reader in readers)
    try:
        fields = Asked(texts.read(file))
    except InputError as error:
        yield as_problem(error, where, stops=shown)
        return
    lists = sorted((name for name in fields if name in LISTS or name == "about"), key=lambda name: name != "exercise")
    for name in lists:
        if isinstance(fields[name], list):
            fields[name] = [Asked(entry) if isinstance(entry, dict) else entry for entry in fields[name]]
    fields.asked.clear()
    given = _Given(texts.name, texts.files, texts.states, file=file, fields=fields)
    found: dict[str, Problem] = {}
    for reader in readers:
        for told in _errors(reader, given, lists):
            problem = as_problem(InputError(told), where, stops=shown)
            found[str(problem)] = problem
    yield from found.values()
    yield from _strange_fields(where, fields, lists, list(found.values()))


def _errors(reader: TextReader, given: _Given, lists: Collection[str]) -> list[str]:
    """Every error that a reader finds in a file, those of one entry each by giving it that entry alone."""
    whole = _error(reader, given)
    if not whole:
        return []
    errors, good = [], dict[str, list[Any]]()
    for name in lists:
        entries = dict.get(given.fields, name)
        good[name] = []
        for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
            alone = {**{each: [] for each in lists}, **good, name: [entry]}
            told = _error(reader, _with(given, alone))
            said = re.match(rf"({re.escape(given.name)}/{re.escape(given.file)}, [a-z_ ]+? )1\b(.*)", told, re.DOTALL)
            if said or _OF_ITS_OWN.match(told):
                errors.append(f"{said[1]}{number}{_hint(said[2], entry)}" if said else told)
                good[name] += _in_place_of(name, entry)
            else:
                good[name].append(entry)
    rest = "" if reader.needs_all and errors else _error(reader, _with(given, good))
    return [*errors, rest] if rest else errors or [whole]


def _in_place_of(name: str, entry: Any) -> list[Any]:
    """What other entries may refer to in place of an exercise at fault, so that they are not called faulty too."""
    key = dict.get(entry, "key") if isinstance(entry, dict) else None
    usable = {"key": key, "name": "exercise", "method": "asked", "held": "then", "base": 1}
    return [Asked(usable)] if name == "exercise" and isinstance(key, str) else []


def _with(given: _Given, lists: Mapping[str, list[Any]]) -> _Given:
    """The texts with these entries in place of the file's own; what is asked for is noted of the file."""
    fields = Asked({**given.fields, **lists})
    fields.asked = given.fields.asked
    return replace(given, fields=fields)


def _error(reader: TextReader, texts: TextFolder) -> str:
    """What a reader finds wrong; "" for nothing."""
    try:
        reader.read(texts)
    except InputError as error:
        return str(error)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # a value of a kind that no reader expects
        return f"an entry has a value of the wrong kind ({error}): compare it with the example in docs/statute.md"
    return ""


def _hint(told: str, entry: Any) -> str:
    """The message about an entry, with the field that was misspelt where one was."""
    if isinstance(entry, Asked):
        for name in entry.strange:
            if near := did_you_mean(name, entry.lacking, cutoff=0.7):
                return f"{told}. It has {name}.{near}"
    return told


def _strange_fields(where: str, fields: Asked, lists: Collection[str], found: Collection[Problem]) -> Iterator[Problem]:
    """Fields that nothing reads, of a TOML file and of each entry in it that can be used."""
    at_fault = {problem.where for problem in found}
    places: list[tuple[str, Asked]] = [] if where in at_fault else [(where, fields)]
    for name in lists:
        entries = dict.get(fields, name)
        for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
            place = f"{where}, {_word(name)} {number}"
            if not isinstance(entry, Asked) or not entry.asked or dict.get(entry, FILE):
                continue  # of Markdown and spreadsheets, headers and headings are checked already
            if not any(each.startswith(place) for each in at_fault):
                places.append((place, entry))
    for table, known in (("signed", SIGNED), ("definition", ("text", "offences", *SIGNED))):
        inside = dict.get(fields, table)
        if isinstance(inside, dict) and FILE not in inside and f"{where}, {table}" not in at_fault:
            places.append((f"{where}, {table}", _asked_for(inside, known)))
    for place, entry in places:
        allowed = sorted({*entry.asked, *(SIGNED if entry is not fields else ("signed",))} - {FILE, MARKDOWN})
        for name in sorted(set(entry.strange) - set(allowed)):
            hint = did_you_mean(name, allowed) or f" There are {', '.join(allowed)}."
            yield Problem(place, f"Nothing reads the field {name!r}: correct its name, or remove it.{hint}")


def _asked_for(fields: Mapping[str, Any], known: Collection[str]) -> Asked:
    """Fields of which the known ones count as asked for."""
    made = Asked(fields)
    made.asked |= set(known)
    return made


def _word(name: str) -> str:
    """How an entry of a list is called in messages."""
    return "statement" if name == "nothing" else name


def _unknown_file(texts: TextFolder, name: str, known: Collection[str]) -> Problem:
    near = did_you_mean(name, known, cutoff=0.7)
    told = "Nothing that comes with the software reads this file"
    advice = near or f" Leave it there if a chapter of your own reads it; otherwise use one of {', '.join(known)}."
    return Problem(f"{texts.name}/{name}", f"{told}.{advice}", stops=bool(near))


def _about(texts: TextFolder) -> None:
    fields = texts.read("texts.toml")
    for name in ABOUT_TEXTS:
        if not isinstance(fields.get(name, ""), str):
            raise InputError(f'{texts.name}/texts.toml: {name} must be text: write {name} = "..."')


def _issues(texts: TextFolder, scheme: Scheme) -> None:
    for entry in texts.read("scores.toml").get("item", []):
        entry.get("judged")  # is asked for only where a finding gives a score
    parse_issues(texts, scheme, {})


def _baselines(strategy: Strategy, texts: TextFolder) -> None:
    year, plan = str(texts.read("plan.toml").get("year", "")), strategy.published.work_plan
    mine = plan[(plan["year"] == year) & (plan["part"] == "measure")]
    parse_baselines(texts, mine["text"].to_list())
