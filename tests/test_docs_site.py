"""The documentation: links and anchors exist, examples and commands work, and the site is built whole and without the web."""

import ast
import doctest
import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import typer
from bs4 import BeautifulSoup
from in_browser import CHROMIUM
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from hcsp_assess.cli.main import app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WRITTEN = DOCS / "api" / "modules"  # by the build, a page for each module
PAGES = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")),
    *(path for path in sorted(DOCS.rglob("*.md")) if WRITTEN not in path.parents),
]
#: Examples that need files which do not come with the project: their imports are tried, no more.
NEEDS_FILES = {"read_home_office": "Home Office tables", "made = new_partnership": "national files of geography"}
PARSER = MarkdownIt("commonmark").enable("table").use(anchors_plugin, max_level=4).use(front_matter_plugin)


def _tokens(path: Path) -> list:
    tokens = PARSER.parse(path.read_text(encoding="utf-8"))
    return [each for token in tokens for each in (token, *(token.children or ()))]


def _blocks(path: Path, *languages: str) -> Iterator[tuple[int, str]]:
    """Fenced blocks of a page in one of these languages, each with its line."""
    for token in _tokens(path):
        if token.type == "fence" and token.info.strip() in languages:
            yield token.map[0] + 1, token.content


def _anchors(path: Path) -> set[str]:
    return {token.attrs["id"] for token in _tokens(path) if token.type == "heading_open" and "id" in token.attrs}


def _links(path: Path) -> list[str]:
    return [
        str(token.attrs.get("href") or token.attrs["src"])
        for token in _tokens(path)
        if token.type in ("link_open", "image")
    ]


def _broken(page: Path, link: str) -> str:
    """Say what is wrong with a link of a page, "" if nothing is; an address on the web is not fetched."""
    parts = urlsplit(link)
    if parts.scheme:
        sound = parts.scheme == "https" and "." in parts.netloc and " " not in link
        return "" if sound else f"{page.name}: {link} is no whole https address"
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.parent == WRITTEN:
        module = ROOT / target.stem.replace(".", "/")
        return "" if module.is_dir() or module.with_suffix(".py").exists() else f"{page.name}: no module for {link}"
    if not target.exists():
        return f"{page.name}: there is no {link}"
    if parts.fragment and parts.fragment not in _anchors(target):
        return f"{page.name}: {target.name} has no heading #{parts.fragment}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_and_anchor_of_a_page_exists(page):
    assert not [fault for fault in (_broken(page, link) for link in _links(page)) if fault]


def test_broken_links_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A title\n\n[a](#a-title) [b](#b) [c](gone.md) [d](http://x.org) ![e](e.png)\n", encoding="utf-8")
    assert [bool(_broken(page, link)) for link in _links(page)] == [False, True, True, True, True]


def test_every_guide_is_in_the_navigation():
    listed = "\n".join((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("index", "guides", "changes"))
    entries = set(re.findall(r"^(?:.* <)?([\w/-]+)>?$", listed, flags=re.MULTILINE))
    assert {path.stem for path in DOCS.glob("*.md")} - {"index"} <= entries


COMMANDS = typer.main.get_command(app)


def _command_faults(line: str) -> str:
    """Say what is unknown of a command as a page shows it: the command, or an option that it does not have."""
    words, command, named = shlex.split(line, comments=True)[1:], COMMANDS, ["hcsp-assess"]
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"{line}: no command {words[0]}"
        command, named = command.commands[words[0]], [*named, words.pop(0)]
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in words if word.startswith("-") and word.split("=")[0] not in {*options, "--help"}]
    return f"{line}: {' '.join(named)} has no {unknown[0]}" if unknown else ""


def test_every_command_of_the_pages_exists_with_its_options():
    found, faults = 0, []
    for page in PAGES:
        for _, block in _blocks(page, "sh", ""):
            for line in block.replace("\\\n", " ").splitlines():
                if line.strip().startswith("hcsp-assess ") and " && " not in line:
                    found += 1
                    faults += [f"{page.name}: {fault}"] if (fault := _command_faults(line.strip())) else []
    assert found > 50
    assert not faults


def test_an_unknown_command_or_option_is_found():
    assert _command_faults("hcsp-assess rum 2025")
    assert _command_faults("hcsp-assess run 2025 --fast")
    assert not _command_faults("hcsp-assess run 2025 --areas all  # a comment")


EXAMPLES = [(page, line, code) for page in PAGES for line, code in _blocks(page, "python")]


@pytest.fixture(scope="module")
def own_project(tmp_path_factory):
    """A project with the bundled data, in which examples may write."""
    root = tmp_path_factory.mktemp("docs") / "project"
    (root / "data" / "processed").mkdir(parents=True)
    (root / "data" / "raw").symlink_to(ROOT / "data" / "raw")
    (root / "notebooks").symlink_to(ROOT / "notebooks")
    (root / "marac.xlsx").write_bytes(b"a partner's file")
    return root


@pytest.mark.parametrize(("page", "line", "code"), EXAMPLES, ids=[f"{page.name}:{line}" for page, line, _ in EXAMPLES])
def test_an_example_in_python_runs(page, line, code, own_project, monkeypatch):
    monkeypatch.chdir(own_project)
    monkeypatch.setenv("HCSP_ASSESS_PROJECT", str(own_project))
    if any(sign in code for sign in NEEDS_FILES):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module)
                assert not [alias.name for alias in node.names if not hasattr(module, alias.name)]
        return
    exec(compile(code, f"{page.name}:{line}", "exec"), {"__name__": "__example__"})


SESSIONS = [(page, line, code) for page in PAGES for line, code in _blocks(page, "pycon")]


@pytest.mark.parametrize(("page", "line", "code"), SESSIONS, ids=[f"{page.name}:{line}" for page, line, _ in SESSIONS])
def test_an_example_with_its_result_gives_it(page, line, code, own_project, monkeypatch):
    monkeypatch.setenv("HCSP_ASSESS_PROJECT", str(own_project))
    test = doctest.DocTestParser().get_doctest(code, {}, f"{page.name}:{line}", str(page), line)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test).failed == 0


def test_each_question_of_the_api_has_an_example_and_functions_that_exist():
    pages = [page for page in PAGES if page.parent == DOCS / "api" and page.name != "index.md"]
    assert len(pages) >= 9
    for page in pages:
        assert list(_blocks(page, "pycon")), page.name
        names = re.findall(r"~(hcsp_assess\S+)", page.read_text(encoding="utf-8"))
        assert len(names) > 4, page.name
        for name in names:
            module, _, last = name.rpartition(".")
            assert hasattr(importlib.import_module(module), last) or importlib.import_module(name), name


def test_charts_in_the_site_have_the_dark_colours_of_the_report():
    report = ROOT / "hcsp_assess" / "report" / "template" / "report.css"
    colours = [
        re.findall(r"--chart-(?!font)\w+: #\w+", path.read_text(encoding="utf-8"))
        for path in (report, DOCS / "static" / "site.css")
    ]
    assert len(colours[0]) == 9
    assert colours[0] == colours[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as `make docs` builds it: a warning of Sphinx is an error."""
    folder = tmp_path_factory.mktemp("site") / "docs"
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "-j",
        "2",
        "-c",
        str(DOCS),
        str(ROOT),
        str(folder),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.mark.slow
def test_every_address_in_the_built_site_exists(site):
    pages = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts
    }
    assert len(pages) > 500
    ids = {path: {tag["id"] for tag in soup.find_all(id=True)} for path, soup in pages.items()}
    broken = []
    for path, soup in pages.items():
        for tag in soup.find_all(["a", "link", "script", "img", "iframe", "source"]):
            link = str(tag.get("href") or tag.get("src") or "")
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto", "data"):
                broken += [f"{path.name} loads {link}"] if tag.name != "a" and tag.get("rel") != ["canonical"] else []
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = target.exists() and (target not in ids or parts.fragment in ("", *ids[target]))
            broken += [] if known or not link else [f"{path.relative_to(site)}: {link}"]
    assert not broken


@pytest.mark.slow
def test_every_module_has_a_page_and_every_chart_a_description(site):
    modules = {path.relative_to(ROOT).with_suffix("") for path in (ROOT / "hcsp_assess").rglob("*.py")}
    shown = {path for path in modules if not any(part.startswith("_") for part in path.parts)}
    names = {f"{'.'.join(path.parts)}.html" for path in shown}
    assert names - {path.name for path in (site / "docs" / "api" / "modules").glob("*.html")} == set()
    gallery = BeautifulSoup((site / "docs" / "gallery" / "index.html").read_text(encoding="utf-8"), "html.parser")
    figures = gallery.select("figure.chart")
    assert len(figures) >= 10
    for figure in figures:
        assert [svg for svg in figure.select("svg") if len(svg.get("aria-label") or svg.find("title").text) > 40], (
            figure["id"]
        )


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not on this machine")
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_pages_fit_and_load_nothing_from_the_web(site, browser, width, colours):
    page, asked, logged = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=colours), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: logged.append(str(error)))
    try:
        for name in (
            "index",
            "first-hour",
            "recipes",
            "guides",
            "returns",
            "api/index",
            "api/is-it-rising",
            "gallery/index",
        ):
            page.goto((site / "docs" / f"{name}.html").as_uri())
            assert page.evaluate("document.documentElement.dataset.theme") == colours
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.goto((site / "docs" / "api" / "modules" / "hcsp_assess.trends.verdicts.html").as_uri())
        assert page.locator("dt.sig").count() > 3
        page.goto((site / "search.html").as_uri() + "?q=hotspot")
        page.wait_for_selector("#search-results li")
    finally:
        page.close()
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    assert not logged
