"""The house: which folder may use which, no circle among modules, and no private name of another module's."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from modules import PACKAGE, nodes_of

from hcsp_assess.assessment.wording.absent import ABSENT

#: Each uses only what stands before it. ARCHITECTURE.md says the same in words.
ORDER = (
    *("errors", "files", "periods", "project", "disclosure"),
    *("subject", "sources", "simulation", "trends", "places", "assessment", "edition"),
    *("report", "chapters", "run", "setup", "lab", "cli"),
)
#: Folders that are handed frames and texts, and read and write no files.
PURE = ("trends", "places", "assessment", "chapters")
#: Modules that join the package together: what a person calls, not part of any floor.
DOORS = ("__init__", "__main__")


@dataclass(frozen=True)
class Import:
    """One name that a module takes from another, at its top or inside a function."""

    by: str
    module: str
    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.by}:{self.line} takes {self.name} from {self.module}"


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def _imports_of(name: str) -> Iterator[Import]:
    for node in nodes_of(MODULES[name]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "hcsp_assess":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(name, whole if whole in MODULES else node.module, alias.name, node.lineno)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "hcsp_assess":
                    yield Import(name, alias.name, alias.name, node.lineno)


@cache
def _imports() -> list[Import]:
    return [each for name in MODULES for each in _imports_of(name)]


def _floor(module: str) -> str:
    return ([*module.split("."), "__init__"])[1]


def test_no_folder_uses_one_that_stands_above_it():
    inside = [each for each in _imports() if _floor(each.by) not in DOORS and _floor(each.module) not in DOORS]
    up = [each for each in inside if ORDER.index(_floor(each.module)) > ORDER.index(_floor(each.by))]
    assert not up, "\n".join(map(str, up))


def test_the_order_names_every_folder_and_module_at_the_top_and_no_other():
    found = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert found - set(DOORS) == set(ORDER)
    assert len([name for name in found - set(DOORS) if (PACKAGE / f"{name}.py").is_file()]) <= 5


def test_no_modules_import_each_other_in_a_circle():
    inside = [each for each in _imports() if _floor(each.module) not in DOORS and each.module != each.by]
    graph = {name: {each.module for each in inside if each.by == name} for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from error


def test_no_module_takes_a_private_name_from_another():
    private = [each for each in _imports() if each.name.startswith("_") and not each.name.startswith("__")]
    assert not private, "\n".join(map(str, private))


def test_the_project_is_looked_up_at_the_doors_alone():
    doors = {"cli", "lab", "project"}
    asked = [each for each in _imports() if each.name in ("find_project", "VARIABLE") and _floor(each.by) not in doors]
    allowed = {
        "hcsp_assess.edition.opened": "a notebook's own door",
        "hcsp_assess.run.notebooks": "a kernel is a process of its own",
        "hcsp_assess.run.schedule": "and so is what a scheduler starts",
        "hcsp_assess.setup.doctor": "it says whether there is a project",
    }
    assert not [each for each in asked if each.by not in allowed], "\n".join(map(str, asked))


def _called(name: str) -> set[str]:
    calls = [node.func for node in nodes_of(MODULES[name]) if isinstance(node, ast.Call)]
    return {
        func.id if isinstance(func, ast.Name) else func.attr
        for func in calls
        if isinstance(func, ast.Name | ast.Attribute)
    }


def test_a_chapter_shows_findings_and_words_none():
    assert not [name for name in MODULES if _floor(name) == "chapters" and "Finding" in _called(name)]


def test_only_sources_name_what_is_in_the_folder_of_files_as_received():
    """A path in data/raw is written where it is read; simulation writes there, setup and the lists of files to hash look."""
    readers = {name for name, path in MODULES.items() if any(re.match(r"data/raw/\w", text) for text in _texts(path))}
    assert {_floor(name) for name in readers} <= {"sources"}


def test_every_sentence_on_what_is_missing_is_used():
    """And none is asked for that is not there: the code names each as `absent("key")`."""
    asked = {
        key for path in MODULES.values() for key in re.findall(r'absent\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert asked == set(ABSENT)


def _texts(path: Path) -> list[str]:
    """Texts in the code of a module, without its docstrings."""
    nodes = nodes_of(path)
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    constants = [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in constants if id(node) not in alone]


def test_methods_meaning_and_chapters_open_no_file_but_the_packages_own_definitions():
    """What reads through `importlib.resources` needs no path; who asks for a path reads what a project has."""
    opens = {"open", "read_csv", "read_bytes", "write_text", "write_bytes", "to_csv", "Path", "glob", "iterdir"}
    found = {name: opens & _called(name) for name in MODULES if _floor(name) in PURE}
    assert not {name: calls for name, calls in found.items() if calls}


#: Functions with more than seven arguments, and why.
MANY_ARGUMENTS = {
    "cli.brief.brief": "every option of a command is an argument: typer reads the signature",
    "cli.new.county": "every option of a command is an argument: typer reads the signature",
    "cli.new.indicator": "every option of a command is an argument: typer reads the signature",
    "cli.new.partnership": "every option of a command is an argument: typer reads the signature",
    "cli.runs.run": "every option of a command is an argument: typer reads the signature",
    "cli.schedule.schedule": "every option of a command is an argument: typer reads the signature",
    "cli.trends.trends": "every option of a command is an argument: typer reads the signature",
    "run.build.run_edition": "what a run may be told, each with its default",
    "places.near_repeats.test_near_repeats": "the bands, distance and shuffles of the method, each with its default",
}


def test_functions_fit_a_screen_and_take_few_arguments():
    long, wide = [], []
    for module, path in MODULES.items():
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef):
                name = f"{module.removeprefix('hcsp_assess.')}.{node.name}"
                arguments = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                docstring = ast.get_docstring(node, clean=False)
                long += [name] if node.end_lineno - node.lineno + 1 - _lines(docstring) > 45 else []
                wide += [name] if len([each for each in arguments if each not in ("self", "cls")]) > 7 else []
    assert not long
    assert set(wide) == set(MANY_ARGUMENTS)


def _lines(docstring: str | None) -> int:
    return docstring.count("\n") + 1 if docstring else 0
