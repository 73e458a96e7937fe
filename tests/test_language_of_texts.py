"""Plain British English in what people read outside a report: README, docs, help, errors, docstrings, notebooks.

The words come from reading the first version as its readers would: they are grammatical, and no analyst would say them.
"""

import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import typer
from modules import PACKAGE, docstrings_of, nodes_of

from hcsp_assess.cli.main import app

ROOT = Path(__file__).parents[1]
#: What not to write, and what to write instead.
BANNED = {
    r"\b(nobody|somebody|anybody|whence)\b": "name who it is, or rewrite",
    r"\b(came|comes? back)\b": "received, returned, or rewrite",
    r"\bas (it|they) (came|stands?)\b": "unchanged, as received",
    r"\btold\b|\btells?\b[^.]{0,20}\b(apart|from)\b": "reported, shown, distinguished",
    r"\b(lies|lie)\b": "is, are",
    r"\bstands?\b(?! (out|for)\b)|\bstood\b": "is, are",
    r"\bmend(s|ed)?\b": "fix, correct",
    r"\bat hand\b": "available",
    r"\blens\b|\breadings? of rural\b": "definition",
    r"\b(wrong|has a|its|a) base\b|\bbases\b": "population, number of people asked",
    r"\bverdicts?\b": "trend",
    r"\bpeople who (live and )?work\b": "people working in",
    r"\bpress of\b": "pressing",
    r"\b(stop|stops|fall|falls) short\b": "is incomplete",
    r"\brun is at it\b": "another run is in progress",
    r"\bone wants\b|\bone's own\b|\bcan one\b": "you, your, we",
    r"\bserves?\b": "is used, is suitable",
    r"\basked of\b": "required",
    r"\b(stated|planted|known) truth\b": "known trends",
    r"\b(one|a) rename\b": "in one step",
    r"\bthat people (wrote|have)\b": "reviewed, ordinary",
    r"\b(cry|cries|crying) wolf\b": "false alarms",
    r"\blast word\b": "say what is checked",
    r"\b(that|it|which) (is|are) none\b|\bwhere there (is|are) none\b": "is not a ..., or None",
    r"\bunder the pointer\b": "when you point at it",
    r"\bnothing (came|of|that|comes|to say|is said|was received)\b": "say what is known",
    r"\bany more\b|\bfor good\b": "no longer",
    r"\bsay(s)? of\b|\bsaid of\b|\bknown of\b": "say about, known about",
}
#: Words of the list that no line of a docstring or comment holds, whatever the package.
NOWHERE = re.compile(r"\b(nobody|at hand|mend(s|ed)?|(is|are|was|were|not) told)\b", re.IGNORECASE)
#: Packages whose docstrings' first lines are held to the list.
HELD = ("cli", "sources", "subject", "setup", "run", "places", "trends", "edition", "lab")
#: Where a word of the list is the right one.
EXCEPTIONS = ("People who came to accident and emergency",)
#: Pages that are rewritten elsewhere.
NOT_HELD = ("reading-test.md",)
NOTEBOOKS = ("start", "explorer", "recipes/")


def _found(texts: Iterator[tuple[str, str]]) -> list[str]:
    """Every banned word in texts, with the place of each text."""
    found = []
    for place, text in texts:
        plain = re.sub(r"`[^`]*`|\[[^\]]*\.md\]\([^)]*\)|\]\([^)]*\)|https?://\S+|\{[^}]*\}", " ", text)
        for pattern, instead in BANNED.items():
            for match in re.finditer(pattern, plain, re.IGNORECASE):
                around = " ".join(plain[max(0, match.start() - 50) : match.end() + 50].split())
                if not any(kept in around for kept in EXCEPTIONS):
                    found.append(f"{place}: {match[0]!r} ({instead}): ... {around} ...")
    return found


def _pages() -> Iterator[tuple[str, str]]:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")
    yield "CHANGELOG.md, Unreleased", next(part for part in changelog if part.startswith("Unreleased"))
    docs = sorted(path for path in (ROOT / "docs").glob("*.md") if path.name not in NOT_HELD)
    for path in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", *docs):
        text = path.read_text(encoding="utf-8").split("<!-- modules -->")[0]
        yield path.name, re.sub(r"```.*?```", " ", text, flags=re.DOTALL)


def _help(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    yield f"{name} --help", f"{command.help or ''} {command.epilog or ''}"
    for parameter in command.params:
        yield f"{name} {parameter.name}", getattr(parameter, "help", None) or ""
    for key, inner in getattr(command, "commands", {}).items():
        yield from _help(inner, f"{name} {key}")


def _modules(packages: tuple[str, ...] | None = None) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        folder = path.relative_to(PACKAGE).parts[0]
        if packages is None or folder in packages or folder == path.name:
            yield path


def _literal(node: ast.expr) -> str:
    """Return the text of a string, an f-string, or strings added up; what is worked out is left out."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) if isinstance(part, ast.Constant) else " {} " for part in node.values)
    return _literal(node.left) + _literal(node.right) if isinstance(node, ast.BinOp) else ""


def _errors() -> Iterator[tuple[str, str]]:
    for path in _modules():
        for node in nodes_of(path):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                yield f"{path.name}:{node.lineno}", _literal(node.exc.args[0])


def _docstrings() -> Iterator[tuple[str, str]]:
    for path in _modules(HELD):
        for node, docstring in docstrings_of(path).items():
            yield f"{path.name}:{getattr(node, 'lineno', 1)}", docstring.split("\n")[0]


def _definitions() -> Iterator[tuple[str, str]]:
    """Comments of the definitions, and what the data dictionary says to readers."""
    folder = PACKAGE / "definitions"
    for path in sorted(folder.rglob("*.toml")):
        if not {"published", "demonstration_2013_14"} & set(path.parts):
            lines = path.read_text(encoding="utf-8").splitlines()
            yield path.name, "\n".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    with (folder / "output_columns.csv").open(encoding="utf-8", newline="") as file:
        yield from (("output_columns.csv", row["means"]) for row in csv.DictReader(file))
    yield "outputs.toml", (folder / "outputs.toml").read_text(encoding="utf-8")


def _notebooks() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        name = path.relative_to(ROOT / "notebooks").as_posix()
        if name.startswith(NOTEBOOKS):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] == "markdown":
                    yield name, "".join(cell["source"])


def test_readme_docs_and_changes_are_plain_english():
    assert _found(_pages()) == []


def test_help_is_plain_english():
    assert _found(_help(typer.main.get_command(app), "hcsp-assess")) == []


def test_error_messages_are_plain_english():
    assert _found(_errors()) == []


def test_first_lines_of_docstrings_are_plain_english():
    assert _found(_docstrings()) == []


def test_docstrings_and_comments_say_who_and_what():
    found = []
    for path in _modules():
        comments = re.findall(r"#.*", path.read_text(encoding="utf-8"))
        lines = [line for text in (*docstrings_of(path).values(), *comments) for line in text.splitlines()]
        found += [f"{path.name}: {line}" for line in lines if NOWHERE.search(line)]
    assert not found


def test_comments_of_definitions_and_the_data_dictionary_are_plain_english():
    assert _found(_definitions()) == []


def test_notebooks_for_analysts_are_plain_english():
    assert _found(_notebooks()) == []


def test_every_page_of_the_docs_opens_with_what_it_is_for_and_ends_with_where_to_go_next():
    assert len(list(_pages())) > 20
    for path in sorted((ROOT / "docs").glob("*.md")):
        if path.name in NOT_HELD:
            continue
        text = path.read_text(encoding="utf-8")
        assert re.match(r"# .+\n\nThis page ", text), path.name
        assert "## Where to go next" in text or path.name == "returns.md", path.name


def test_a_planted_word_is_found():
    planted = iter([("page", "Nobody has sent the return; the verdict lies with the council."), ("code", "`nobody`")])
    assert [line.split(":")[1].split()[0] for line in _found(planted)] == ["'Nobody'", "'lies'", "'verdict'"]
