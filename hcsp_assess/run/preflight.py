"""Find, in a few seconds and all at once, what would stop a run or should be known before it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hcsp_assess.assessment.county_matters import check_matters, parse_matters, with_matters
from hcsp_assess.assessment.plan import parse_plan, require_plan
from hcsp_assess.assessment.since_last import answers_table, parse_answers
from hcsp_assess.assessment.statute import check_letters, letters_of, parse_statements, require_statute
from hcsp_assess.chapters.changes_since import read_last
from hcsp_assess.edition.chapter_sources import chapter_sources, chapters_of_places
from hcsp_assess.edition.open_data import received
from hcsp_assess.edition.published import strategy_of
from hcsp_assess.errors import InputError, Problem, ProblemsError, did_you_mean
from hcsp_assess.project import Project, definition_files, read_definition
from hcsp_assess.run.notebooks import kernel_problem, read_parameters
from hcsp_assess.run.preflight_data import problems_of_data, try_it
from hcsp_assess.run.preflight_texts import as_problem
from hcsp_assess.run.texts_check import texts_problems
from hcsp_assess.sources.geography import has_geography
from hcsp_assess.sources.returns.combining import return_files
from hcsp_assess.sources.texts import TextFolder, find_texts, place_of_kind
from hcsp_assess.subject.areas import Area, area
from hcsp_assess.subject.editions import RETURNS, Edition, is_data

#: Chapters that make a report the assessment that the law asks for; with one of them every letter must be answered.
STATUTORY: Final = frozenset({"summary", "priorities"})
#: Fields of an edition's definition, of each chapter and of each source.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("title", "about", "area", "period", "sources", "chapters", "register_day", "districts"),
    "chapters": ("notebook", "letters"),
    "sources": ("key", "name", "kind", "folder", "counts"),
}


def preflight(edition: Edition, project: Project) -> tuple[Problem, ...]:
    """Find everything that is wrong with an edition's files and can be known in a few seconds.

    Nothing is cleaned or written. Looked at are the definition, the notebooks and their kernels, every reviewed text,
    the statements that the law asks for, the last edition, the area, the sources, partners' returns and the files
    beside them.

    Returns
    -------
    tuple of Problem
        Those that stop a run first; each once.

    Examples
    --------
    >>> from hcsp_assess.project import find_project
    >>> from hcsp_assess.subject.editions import edition
    >>> [problem.what for problem in preflight(edition("2025"), find_project()) if problem.stops]  # doctest: +SKIP
    []
    """
    found = {str(each): each for problem in _problems(edition, project) if (each := _tidied(problem, project))}
    return tuple(sorted(found.values(), key=lambda problem: not problem.stops))


def require_ready(edition: Edition, project: Project) -> tuple[Problem, ...]:
    """Return what is worth knowing before a run; raise `ProblemsError` with everything that stops it."""
    found = preflight(edition, project)
    if stopping := [problem for problem in found if problem.stops]:
        raise ProblemsError(edition.key, stopping)
    return found


def _tidied(problem: Problem, project: Project) -> Problem:
    """A problem with paths from the project's root, and without repeating its place."""
    where, what = (text.replace(f"{project.root}/", "") for text in (problem.where, problem.what))
    return replace(problem, where=where, what=f"It {what[len(where) + 1 :]}" if what.startswith(f"{where} ") else what)


def _problems(edition: Edition, project: Project) -> Iterator[Problem]:
    yield from _definition(edition, project)
    yield from _notebooks(edition, project)
    texts = None
    try:
        texts = find_texts(edition.key, project.root)
    except (InputError, OSError, ValueError) as error:
        yield Problem(f"editions/{edition.key}", f"Its texts cannot be read: {error}")
    here = None
    try:
        here = area(edition.area, project.root)
        strategy_of(edition, here)
    except InputError as error:
        yield as_problem(error, f"areas/{edition.area}.toml" if here is None else f"areas/{edition.area}")
    if texts is not None:
        yield from texts_problems(edition, project)
    if here is None:
        return
    if texts is not None:
        yield from _law(edition, here, project, texts)
        yield from _last_edition(edition, here, project, texts)
    yield from problems_of_data(edition, here, project)


def _definition(edition: Edition, project: Project) -> Iterator[Problem]:
    """Fields of the definition that nothing reads, and letters that the law does not have."""
    key = edition.key.partition("@")[0]
    where, file = f"editions/{key}.toml", definition_files("editions", project.root).get(key)
    fields = tomllib.loads(read_definition(file, where)) if file is not None else {}
    places: list[tuple[str, str, Mapping[str, Any]]] = [(where, "", fields)]
    for name in ("chapters", "sources"):
        places += [(f"{where}, {name[:-1]} {n}", name, entry) for n, entry in enumerate(fields.get(name, []), start=1)]
    for place, kind, entry in places:
        for name in sorted(set(entry) - set(FIELDS[kind])):
            hint = did_you_mean(name, FIELDS[kind]) or f" There are {', '.join(FIELDS[kind])}."
            yield Problem(place, f"Nothing reads the field {name!r}: correct its name, or remove it.{hint}")
    for name, letters in edition.letters.items():
        yield from try_it(where, partial(check_letters, f"{where}: chapter {name}", letters))


def _notebooks(edition: Edition, project: Project) -> Iterator[Problem]:
    """Notebooks that are missing, no notebooks, without parameters, or of a kernel that is not installed."""
    if not edition.chapters:
        told = "The edition names no chapter: add some to its definition, as chapters = [{ notebook = ... }]"
        yield Problem(f"editions/{edition.key}.toml", told)
    for name in edition.chapters:
        notebook, where = project.notebook(name), f"notebooks/{name}.ipynb"
        try:
            read_parameters(notebook)
        except InputError as error:
            yield Problem(where, str(error))
            continue
        if problem := kernel_problem(notebook):
            yield Problem(where, f"Chapter {name} cannot run: {problem}")


def _law(edition: Edition, here: Area, project: Project, texts: TextFolder) -> Iterator[Problem]:
    """Letters of the law that nothing answers, matters for the county that cannot be shown, and a plan without parts.

    What cannot be read is said elsewhere.
    """
    chapters = _chapters_for_certain(edition, here, project, texts)
    try:
        statements, matters = parse_statements(texts), parse_matters(texts)
    except InputError:
        return
    where = place_of_kind(texts, "nothing-to-report")
    yield from try_it(
        place_of_kind(texts, "county-matters"), lambda: check_matters(texts, edition.chapters, statements, here.country)
    )
    if not edition.districts and STATUTORY & set(chapters):
        letters = with_matters(letters_of(chapters, edition.letters), matters)
        yield from try_it(where, lambda: require_statute(letters, statements, country=here.country))
    if "plan" in chapters:
        try:
            strategy = strategy_of(edition, here)
        except InputError:
            return
        if strategy is None:
            told = "The edition has no published priorities, which the chapter plan shows: leave that chapter out"
            yield Problem(f"editions/{edition.key}.toml", told)
            return
        published = strategy.published
        try:
            plan = parse_plan(texts, published.priorities, published.work_plan)
        except InputError as error:
            yield as_problem(error, f"{texts.name}/plan.toml")
            return
        yield from try_it(f"{texts.name}/plan.toml", lambda: require_plan(plan, statements))


def _chapters_for_certain(edition: Edition, here: Area, project: Project, texts: TextFolder) -> tuple[str, ...]:
    """The edition's chapters without those that a run leaves out for certain: their sources are empty."""
    if any(folder.is_dir() and any(is_data(path.name) for path in folder.iterdir()) for folder in received(project)):
        return edition.chapters  # which of them have open data is known when these are read
    places = has_geography(here.key, project.root)
    shown = tuple(
        name
        for name in edition.chapters
        if (places or name not in chapters_of_places()) and _may_have_something(name, edition, project, texts)
    )
    return shown or edition.chapters


def _may_have_something(name: str, edition: Edition, project: Project, texts: TextFolder) -> bool:
    rests_on = chapter_sources().get(name)
    if rests_on is None or rests_on.always or any(file in texts.files for file in rests_on.texts):
        return True
    if not edition.has_source(RETURNS):
        return False
    source = edition.source(RETURNS)
    return source.simulated or any(return_files(project.root / source.folder / each) for each in rests_on.returns)


def _last_edition(edition: Edition, here: Area, project: Project, texts: TextFolder) -> Iterator[Problem]:
    """The last edition: built, of the same area, with the recommendations that are answered."""
    if "changes_since" not in edition.chapters:
        return
    where = f"{texts.name}/texts.toml"
    try:
        last = read_last(texts, project)
    except InputError as error:
        yield as_problem(error, where)
        return
    except (OSError, ValueError) as error:
        yield Problem(where, f"The findings of the last edition cannot be read ({error}): build its report again")
        return
    if last is None:
        return
    code = last.get("partnership_code") or ""
    if (code and code != here.partnership_code) or (not code and last.get("area") != here.name):
        told = f"previous names the edition {last['edition']}, which is of {last.get('area')}, and this one is of"
        yield Problem(where, f'{told} {here.name}: name an edition of the same area, or write previous = ""')
    try:
        answers = parse_answers(texts)
    except InputError:
        return
    yield from try_it(place_of_kind(texts, "answers"), lambda: answers_table(last, answers))
