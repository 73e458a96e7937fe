"""What the slow tests guard: the modules that they import. `.ci/run` asks whether one of them changed lately.

Derived, not listed: a file that moves is imported by its new name, and stays guarded.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]


#: What tests reach by a command or a page, not by an import.
REACHED = {
    "test_init.py": ("pyproject.toml",),
    "test_lab_in_browser.py": ("notebooks/recipes",),
    "test_report_in_browser.py": ("hcsp_assess/report",),
    "test_clusters.py": ("hcsp_assess/cli",),
    "test_many_areas.py": ("hcsp_assess/cli",),
    "test_unattended_runs.py": ("hcsp_assess/run",),
    "test_docs_site.py": ("docs", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "hcsp_assess"),
}


def slow_test_files() -> list[Path]:
    """Test files with a test, or a case of one, that is marked slow."""
    marked = "mark." + "slow"
    files = sorted((ROOT / "tests").glob("test_*.py"))
    return [path for path in files if marked in path.read_text(encoding="utf-8")]


def guarded_paths() -> list[str]:
    """Paths of the package's modules that those files import, of packages their folder, and the files themselves."""
    found = set()
    for path in slow_test_files():
        found.add(path.relative_to(ROOT).as_posix())
        found |= set(REACHED.get(path.name, ()))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hcsp_assess."):
                for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                    place = ROOT / name.replace(".", "/")
                    found |= {p.relative_to(ROOT).as_posix() for p in (place, place.with_suffix(".py")) if p.exists()}
    return sorted(found)


if __name__ == "__main__":
    print("\n".join(guarded_paths()))
