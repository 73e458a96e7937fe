from pathlib import Path

import pytest
from attacks import PAGE, find_attacks, page_text


def test_the_page_of_what_is_tried_is_that_of_the_tests() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text(), "run python -m tests.attacks"


def test_marks_are_found_on_functions_and_cases_and_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "test_x.py"
    path.write_text(
        "from attacks import attack\nimport pytest\n"
        '@attack("one", "a" " b")\n@attack(given="two", then="c")\ndef test_a(): ...\n'
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=attack("three", "d"))])\ndef test_b(x): ...\n'
        'CASES = [pytest.param(1, marks=pytest.mark.attack("four", "e"))]\n'
        "@attack(name, then)\ndef test_c(): ...\n",
        encoding="utf-8",
    )
    found = [(each.given, each.then, each.test) for each in find_attacks(path)]
    assert found == [
        ("one", "a b", "test_x.py::test_a"),
        ("two", "c", "test_x.py::test_a"),
        ("three", "d", "test_x.py::test_b"),
        ("four", "e", "test_x.py"),
    ]
    assert "test_x.py, line 9: left out" in capsys.readouterr().out
    path.write_text('def attack(a, b): ...\nx = attack("a", "b")\n', encoding="utf-8")
    assert list(find_attacks(path)) == []
