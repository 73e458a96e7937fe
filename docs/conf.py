"""How Sphinx makes the documentation site: `make docs` writes it to build/docs.

The sources are the pages as they are in the repository, so that a link works there and in the site alike: the folder
of sources is the project, and everything in it that is not a page is left out.
"""

from __future__ import annotations

import os
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from docutils import nodes
from pygments.lexers.special import TextLexer

import hcsp_assess

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
PAGES = ("docs", "ARCHITECTURE.md", "CHANGELOG.md")
MODULE_PAGES = ROOT / "docs" / "api" / "modules"  # written before each build, and not kept in git

project = "hcsp_assess"
author = "the hcsp_assess project"
release = version = hcsp_assess.__version__
language = "en_GB"
root_doc = "docs/index"
exclude_patterns = [path.name for path in ROOT.iterdir() if path.name not in PAGES]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon", "sphinx_copybutton"]
default_role = "code"

autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # types are in the list of parameters
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]  # as Parameters: a list, without looking up each name
napoleon_use_param = False
napoleon_use_rtype = False
python_maximum_signature_line_length = 88

myst_heading_anchors = 4
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_ipywidgets_js = {}  # the usual ones are loaded from the web
os.environ.setdefault("HCSP_ASSESS_PROJECT", str(ROOT))  # for the gallery, which runs in a folder of its own

html_theme = "pydata_sphinx_theme"
html_title = html_short_title = "hcsp_assess"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_sidebars = {
    "docs/api/modules/**": [],
    "docs/gallery/**": [],
    "docs/index": [],
    "docs/first-hour": [],
    "docs/recipes": [],
    "docs/changes": [],
}
html_show_search_summary = False  # a page opened from a disk may not read its neighbours
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "navbar_persistent": ["search-button"],
}
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True


def _write_module_pages(_app: Sphinx) -> None:
    """Write a page for each public module, and for each package one that lists its modules."""
    MODULE_PAGES.mkdir(exist_ok=True)
    names = ["hcsp_assess", *sorted(found.name for found in walk_packages(hcsp_assess.__path__, "hcsp_assess."))]
    shown = [name for name in names if not any(part.startswith("_") for part in name.split("."))]
    pages = {
        f"{name}.rst": _module_page(name, [each for each in shown if each.rpartition(".")[0] == name]) for name in shown
    }
    for path in MODULE_PAGES.glob("*.rst"):
        if path.name not in pages:
            path.unlink()
    for file, text in pages.items():
        path = MODULE_PAGES / file
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # an untouched page is not read again
            path.write_text(text, encoding="utf-8")


def _module_page(name: str, inside: list[str]) -> str:
    title = name.removeprefix("hcsp_assess.")
    parts = [title, "=" * len(title), "", f".. automodule:: {name}"]
    if not inside:
        return "\n".join([*parts, "   :members:", ""])
    return "\n".join([*parts, "", ".. toctree::", "   :maxdepth: 1", "", *(f"   {each}" for each in inside), ""])


def _link_modules(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Link a file of the package that a page names, such as `hcsp_assess/periods.py`, to the page of its module."""
    for literal in list(doctree.findall(nodes.literal)):
        module = literal.astext().removesuffix(".py").rstrip("/").replace("/", ".")
        page = f"docs/api/modules/{module}"
        if module.startswith("hcsp_assess.") and page in app.env.found_docs and page != name:
            link = nodes.reference("", "", literal.deepcopy(), internal=True)
            link["refuri"] = app.builder.get_relative_uri(name, page)
            if not isinstance(literal.parent, nodes.reference):
                literal.replace_self(link)


def setup(app: Sphinx) -> None:
    """Connect what is done before a build, and to each page."""
    app.add_lexer("order", TextLexer)
    app.connect("builder-inited", _write_module_pages)
    app.connect("doctree-resolved", _link_modules)
