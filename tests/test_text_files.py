"""Texts in Markdown: what people usually do wrong is named with its line, and what they wrote is read as they mean it."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hcsp_assess.assessment.consultation import parse_consultation
from hcsp_assess.assessment.county_matters import parse_matters
from hcsp_assess.assessment.reasons import parse_reasons
from hcsp_assess.assessment.serious_violence import parse_serious_violence
from hcsp_assess.assessment.since_last import parse_answers, parse_recommendations
from hcsp_assess.assessment.so_what import parse_so_what, parse_summaries
from hcsp_assess.assessment.statute import parse_statements
from hcsp_assess.assessment.wording.reasons import describe_reason
from hcsp_assess.errors import InputError
from hcsp_assess.project import Project
from hcsp_assess.setup.edition_texts import refresh_evidence, text_files, texts_problems, with_evidence
from hcsp_assess.sources.text_body import EVIDENCE, EVIDENCE_END, as_markdown, body_text
from hcsp_assess.sources.text_files import page_of, problems_of_text, save_text, text_html
from hcsp_assess.sources.text_kinds import TEXT_KINDS
from hcsp_assess.sources.texts import TextFolder, find_texts
from hcsp_assess.subject.editions import edition

HEADER = """---
title: Shoplifting
about: [shoplifting]
support: not established
role: Partnership analyst
date: 31 October 2026
state: reviewed
---
"""
REASON = f"{HEADER}\nShops report more than they did.\n"


def folder(**files: str) -> TextFolder:
    names = {name.replace("__", "/").replace("_DASH_", "-") + ".md": text for name, text in files.items()}
    return TextFolder("editions/x", {name: text.encode() for name, text in names.items()})


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


def test_a_reason_is_read_with_its_header_and_its_text():
    reason = parse_reasons(folder(reasons__shoplifting=REASON))[0]
    assert (reason.key, reason.title, reason.about) == ("shoplifting", "Shoplifting", ("shoplifting",))
    assert reason.text == "Shops report more than they did."
    assert (reason.signed.role, reason.signed.date) == ("Partnership analyst", datetime.date(2026, 10, 31))
    assert reason.signed.origin == "written for this edition"


@pytest.mark.parametrize("written", ["2026-10-31", "31 October 2026", "31/10/2026", "31.10.2026", "31 Oct 2026"])
def test_a_date_is_read_as_people_write_it_in_britain(written):
    text = REASON.replace("31 October 2026", written)
    assert parse_reasons(folder(reasons__shoplifting=text))[0].signed.date == datetime.date(2026, 10, 31)


def test_the_fourth_of_may_is_not_the_fifth_of_april():
    text = REASON.replace("31 October 2026", "04/05/2026")
    assert parse_reasons(folder(reasons__shoplifting=text))[0].signed.date == datetime.date(2026, 5, 4)


def test_byte_order_mark_and_windows_line_ends_change_nothing():
    content = b"\xef\xbb\xbf" + REASON.replace("\n", "\r\n").encode()
    texts = TextFolder("x", {"reasons/shoplifting.md": content})
    assert parse_reasons(texts) == parse_reasons(folder(reasons__shoplifting=REASON))


#: What was changed in the header or text, the line it is named on, and words of the message.
MISTAKES = {
    "an unknown entry": (("title: Shop", "titel: Shop"), 2, "Did you mean title?"),
    "a tab": (("role: ", "role:\t"), 5, "tab"),
    "spaces in front": (("role: ", "  role: "), 5, "begins with spaces"),
    "an entry twice": (("state: reviewed", "state: reviewed\nstate: draft"), 8, "there twice"),
    "a colon in a value": (("title: Shoplifting", "title: Shops: why"), 2, "colon"),
    "a value that ends with a colon": (("title: Shoplifting", "title: Shops:"), 2, "colon"),
    "a number sign in a value": (("title: Shoplifting", "title: Shop #2"), 2, "#"),
    "curly quotation marks": (("title: Shoplifting", "title: “Shoplifting”"), 2, "curly"),
    "an open quotation mark": (("title: Shoplifting", 'title: "Shoplifting'), None, "quotation marks"),
    "an unknown state": (("state: reviewed", "state: aproved"), 7, "Did you mean approved?"),
    "an unknown origin": (("state: reviewed", "state: reviewed\norigin: quote"), 8, "Did you mean quoted?"),
    "no state": (("state: reviewed\n", ""), 1, "no state"),
    "no role": (("role: Partnership analyst\n", ""), 1, "no role"),
    "an empty role": (("role: Partnership analyst", "role:"), 5, "no role"),
    "no finding": (("about: [shoplifting]\n", ""), 1, "no about"),
    "an American date": (("31 October 2026", "10/31/2026"), 6, "no day"),
    "a day that there is not": (("31 October 2026", "31 February 2026"), 6, "no day"),
    "a quotation without a source": (("state: reviewed", "state: reviewed\norigin: quoted"), 8, "no source"),
    "a list where a text is expected": (("role: Partnership analyst", "role: [a, b]"), 5, "is a list"),
    "a table": (("role: Partnership analyst", "role: {a: b}"), 5, "colon"),
    "no text": (("Shops report more than they did.", ""), 9, "nothing is written"),
    "a text left as the prompt": (("Shops report more than they did.", "<!-- Why? -->"), 9, "nothing is written"),
    "HTML": (("Shops report", "Shops <b>report</b>"), 10, "HTML"),
    "a picture": (("Shops report", "![a shop](shop.png) Shops report"), 10, "pictures"),
    "a link that runs": (("Shops report", "[Shops](javascript:alert(1)) report"), 10, "https://"),
    "a remark that is not closed": (("Shops report", "<!-- Shops report"), 10, "not closed"),
    "the text in the header": (("state: reviewed\n---\n", "state: reviewed\n"), None, "---"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_stops_a_run(name):
    (old, new), line, words = MISTAKES[name]
    assert REASON.replace(old, new) != REASON
    text = REASON.replace(old, new)
    problems = [item for item in problems_of_text(text, "reasons/shoplifting.md") if item.stops]
    found = [item for item in problems if words in item.what]
    assert found, problems
    assert all(item.where.startswith("reasons/shoplifting.md, line ") for item in problems)
    if line is not None:
        assert found[0].where == f"reasons/shoplifting.md, line {line}"
    with pytest.raises(InputError, match=r"editions/x/reasons/shoplifting\.md, line \d+: "):
        parse_reasons(folder(reasons__shoplifting=text))


def test_a_header_that_is_not_closed_says_so():
    text = REASON.replace("state: reviewed\n---\n", "state: reviewed\n")
    assert "not closed" in only(problems_of_text(text, "reasons/shoplifting.md")).what
    assert "no header" in problems_of_text("Shops report more.", "reasons/shoplifting.md")[0].what


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (REASON.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04 a Word document", "Word document"),
        (b"\xd0\xcf\x11\xe0 an old one", "old Word"),
        (b"%PDF-1.7", "PDF"),
        (REASON.replace("Shops", "Caf\u00e9s").encode("cp1252"), "line 10"),
        (b"\x00" * 20, "not plain text"),
    ],
)
def test_a_file_that_is_no_text_in_utf8_says_what_to_do(content, words):
    assert words in only(page_of(content, "reasons/shoplifting.md").problems).what


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("reason/shoplifting.md", "Did you mean reasons?"),
        ("so-what/shopliftng.md", "Did you mean shoplifting?"),
        ("reasons/shoplifting.docx", "is a Word document"),
        ("reasons/shoplifting.txt", "ends with .md"),
        ("reasons/shop!.md", "letters, digits"),
    ],
)
def test_the_name_of_a_file_decides_and_a_wrong_one_is_refused_with_the_nearest(name, words):
    assert words in only(problems_of_text(REASON, name)).what


def test_two_files_about_the_same_theme_are_both_named():
    texts = folder(reasons__rural_crime=REASON)
    texts = TextFolder("x", {**texts.files, "reasons/Rural crime.md": REASON.encode()})
    with pytest.raises(
        InputError, match=r"Rural crime\.md and reasons/rural_crime\.md|rural_crime\.md and reasons/Rural"
    ):
        parse_reasons(texts)


def test_a_text_in_both_toml_and_markdown_is_refused():
    toml = '[[reason]]\nkey = "shoplifting"\ntitle = "a"\nabout = ["a"]\ntext = "b"\nsupport = "c"\nauthor_role = "d"\n'
    toml += 'date = 2026-10-31\norigin = "written for this edition"\n'
    texts = TextFolder("x", {"reasons.toml": toml.encode(), "reasons/shoplifting.md": REASON.encode()})
    with pytest.raises(InputError, match="same key: shoplifting"):
        parse_reasons(texts)


def test_what_a_draft_still_lacks_stops_nothing_and_the_draft_is_in_no_reading():
    text = HEADER.replace("reviewed", "draft").replace("role: Partnership analyst\n", "") + "Perhaps more theft.\n"
    assert not only(problems_of_text(text, "reasons/shoplifting.md")).stops
    texts = folder(reasons__shoplifting=text)
    assert parse_reasons(texts) == () and texts.read("reasons.toml") == {}
    assert texts.drafts.read("reasons.toml")["reason"][0]["text"] == "Perhaps more theft."


def test_a_toml_entry_without_a_state_counts_as_reviewed_and_a_draft_one_is_left_out():
    toml = '[signed]\nauthor_role = "a"\ndate = 2026-10-31\norigin = "written for this edition"\n'
    for theme, state in (("shoplifting", ""), ("alcohol", 'state = "draft"\n'), ("offending", 'state = "approved"\n')):
        toml += f'[[theme]]\ntheme = "{theme}"\nmeans = "b"\naction = "c"\n{state}'
    said = parse_so_what(TextFolder("x", {"so_what.toml": toml.encode()}))
    assert set(said) == {"shoplifting", "offending"}
    with pytest.raises(InputError, match="Did you mean draft"):
        parse_so_what(TextFolder("x", {"so_what.toml": toml.replace('"draft"', '"draf"').encode()}))


def test_every_kind_of_text_reaches_its_reader():
    signed = "role: Analyst\ndate: 2026-10-31\nstate: approved\n---\n"
    texts = folder(
        so_DASH_what__alcohol=f"---\nlead: Council\nby: March 2027\n{signed}Much of it.\n\n## Suggested action\n\nAct.\n",
        summaries__alcohol=f"---\n{signed}Alcohol is in half of it.\n",
        recommendations__ask=f"---\nto: Police\nabout: shoplifting, theft\n{signed}Ask shops.\n\n## Why\nThey know.\n",
        answers__ask=f"---\nstatus: done\n{signed}They were asked.\n",
        nothing_DASH_to_DASH_report__g=f"---\n{signed}the area is unitary and has no county group\n",
        county_DASH_matters__care=f"---\ntheme: domestic_abuse\nabout: [a]\n{signed}One service.\n\n## Why\n\nTwo ends.\n",
        serious_DASH_violence__definition=f"---\noffences: [robbery]\n{signed}Robbery alone.\n",
    )
    said = parse_so_what(texts)["alcohol"]
    assert (said.means, said.action, said.lead, said.by) == ("Much of it.", "Act.", "Council", "March 2027")
    assert parse_summaries(texts)["alcohol"].text == "Alcohol is in half of it."
    made = parse_recommendations(texts)[0]
    assert (made.key, made.to, made.because, made.findings) == ("ask", "Police", "They know.", ("shoplifting", "theft"))
    assert parse_answers(texts)[0].status == "done"
    assert parse_statements(texts)[0].letter == "g"
    assert parse_matters(texts)[0].because == "Two ends."
    assert parse_serious_violence(texts).offences == ("robbery",)


CONSULTATION = """---
title: Residents' survey
method: postal survey
held: June 2026
answered: 1,204
role: Analyst
date: 1 July 2026
state: reviewed
---

## Speeding
share: 47%
wanted: yes
beside: road, speed

Speeding traffic worries people.

## Safe by day
share: 96.5

People feel safe: most of them.
"""


def test_a_consultation_is_one_file_with_a_heading_for_each_thing_said():
    speeding, safe = parse_consultation(folder(consultation__survey=CONSULTATION))
    assert (speeding.exercise.base, speeding.percent, speeding.priority) == (1204, 47, True)
    assert (speeding.compare, speeding.text) == (("road", "speed"), "Speeding traffic worries people.")
    assert (safe.percent, safe.priority, safe.text) == (96.5, False, "People feel safe: most of them.")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("share: 47%", "share: 470%", 12, "0 to 100"),
        ("wanted: yes", "wanted: maybe", 13, "yes or no"),
        ("beside: road", "besides: road", 14, "Did you mean beside?"),
        ("Speeding traffic worries people.", "", 11, "nothing is written under"),
        ("## Speeding\n", "", 10, "no heading"),
    ],
)
def test_a_mistake_in_a_consultation_is_named_with_its_line(old, new, line, words):
    problems = problems_of_text(CONSULTATION.replace(old, new, 1), "consultation/survey.md")
    assert any(item.where.endswith(f"line {line}") and words in item.what for item in problems), problems


def test_a_heading_that_is_nearly_the_one_expected_is_refused_with_it():
    text = "---\nrole: a\ndate: 2026-10-31\nstate: reviewed\n---\nMuch.\n\n## Sugested action\n\nAct.\n"
    assert any("Did you mean Suggested action" in item.what for item in problems_of_text(text, "so-what/alcohol.md"))


def test_lists_and_bold_words_are_shown_and_the_plain_text_is_in_the_sentence():
    body = "Two reasons are **possible**:\n\n- more theft\n- more reporting\n"
    reason = parse_reasons(folder(reasons__shoplifting=f"{HEADER}\n{body}"))[0]
    finding = describe_reason(reason, {})
    assert finding.sentence == "Shoplifting: Two reasons are possible: more theft; more reporting."
    html = finding._repr_html_()
    assert "<strong>possible</strong>" in html and "<li>more theft</li>" in html and "<h" not in html


def test_the_page_is_safe_whatever_is_typed():
    html = text_html(f"{HEADER}\n# Big\n\n<script>alert(1)</script> [a](javascript:b) ![c](d.png) \u202eevil\n")
    assert "<script" not in html and "<h1" not in html and "<img" not in html and "\u202e" not in html
    assert 'href="javascript' not in html and "<strong>Big</strong>" in html


@pytest.mark.parametrize(
    "text",
    ["5 * 3 * 2", "1. first", "- a dash", "a_b_c *d*", "<5 people & more", "# no heading", "[a](b)", "`x`", "a\\b"],
)
def test_a_plain_text_is_the_same_after_markdown(text):
    assert body_text(as_markdown(text)) == text


def evidence(*lines: str) -> str:
    return "\n".join((EVIDENCE, *lines, EVIDENCE_END))


def test_quoted_evidence_is_never_read_as_the_persons_own_text():
    text = f"{HEADER}\n{evidence('> There were 633 offences. (shoplifting)')}\n\nShops report more.\n"
    assert parse_reasons(folder(reasons__shoplifting=text))[0].text == "Shops report more."
    assert "633" not in text_html(text)
    among = text.replace("> There", "My own words.\n> There")
    assert "among the quoted evidence" in problems_of_text(among, "reasons/shoplifting.md")[0].what
    open_end = text.replace(EVIDENCE_END, "")
    assert "end of the quoted evidence" in problems_of_text(open_end, "reasons/shoplifting.md")[0].what


def test_new_evidence_leaves_every_other_line_as_it_was():
    text = f"{HEADER}\n{evidence('> old')}\n\nShops report more.\n"
    assert with_evidence(text, f"{evidence('> new')}\n") == text.replace("> old", "> new")
    assert "Shops report more than" in with_evidence(REASON, f"{evidence('> new')}\n")
    assert with_evidence(text, "") == text.replace(f"{evidence('> old')}\n", "")


def test_all_problems_of_an_edition_are_found_at_once(tmp_path):
    texts = tmp_path / "editions" / "2025"
    save_text(texts / "reasons" / "shoplifting.md", REASON.replace("title:", "titel:"))
    save_text(texts / "so-what" / "shops.md", REASON)
    save_text(texts / "reason" / "theft.md", REASON)
    save_text(texts / "notes.md", "My notes")
    (texts / "so-what" / "alcohol.docx").write_bytes(b"PK")
    (texts / "scores.xlsx").write_bytes(b"PK broken")
    problems = texts_problems(edition("2025"), Project(tmp_path))
    named = " ".join(item.where for item in problems)
    for name in (
        "reasons/shoplifting.md",
        "so-what/shops.md",
        "2025/reason",
        "notes.md",
        "alcohol.docx",
        "scores.xlsx",
    ):
        assert name in named, named
    assert all(item.where.startswith("editions/2025/") for item in problems)


def test_problems_of_toml_texts_are_in_the_same_list(tmp_path):
    texts = tmp_path / "editions" / "2025"
    texts.mkdir(parents=True)
    (texts / "reasons.toml").write_text('[[reason]]\nkey = "a"\n', encoding="utf-8")
    (texts / "so_what.toml").write_text(
        '[[theme]]\ntheme = "shopliftin"\nmeans = "a"\naction = "b"\n', encoding="utf-8"
    )
    (texts / "area.toml").write_text("not toml", encoding="utf-8")
    found = {item.where: item.what for item in texts_problems(edition("2025"), Project(tmp_path))}
    assert "is about no finding" in found["editions/2025/reasons.toml, reason 1"]
    assert "Did you mean shoplifting?" in found["editions/2025/so_what.toml, theme 1"]
    assert "cannot be read" in found["editions/2025/area.toml"]


def test_an_empty_folder_or_none_has_no_problem(tmp_path):
    assert texts_problems(edition("2025"), Project(tmp_path)) == ()
    assert texts_problems(edition("2013-14"), Project(tmp_path)) == ()


def test_files_are_listed_in_the_order_of_the_report(tmp_path):
    for name in ("reasons/b", "reasons/a", "so-what/road_safety", "so-what/crime_trends", "summaries/alcohol"):
        save_text(tmp_path / "editions" / "x" / f"{name}.md", HEADER.replace("reviewed", "draft"))
    found = text_files("x", tmp_path)
    assert [(item.kind, item.theme) for item in found] == [
        ("summaries", "alcohol"),
        ("reasons", "a"),
        ("reasons", "b"),
        ("so-what", "crime_trends"),
        ("so-what", "road_safety"),
    ]
    assert {item.state for item in found} == {"not written yet"} and found[0].path.is_file()
    assert find_texts("x", tmp_path).read("reasons.toml") == {}


def test_evidence_is_not_renewed_without_a_report(tmp_path):
    with pytest.raises(InputError, match="has no report to quote from"):
        refresh_evidence("2025", Project(tmp_path))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400), st.sampled_from([f"{kind.folder}/shoplifting.md" for kind in TEXT_KINDS]))
def test_no_text_brings_the_reader_down(text, name):
    for whole in (text, f"---\n{text}\n---\n{text}", f"{HEADER}{text}"):
        problems_of_text(whole, name)
        assert "<script" not in text_html(whole)
    page_of(text.encode("utf-8", "replace"), name)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"\x00", b"---", b"---\n---", b"---\n&a: *a\n---\n", b"\xef\xbb\xbf"]
)
def test_odd_files_are_read_or_named(content):
    page_of(content, "reasons/shoplifting.md")


def test_the_page_on_texts_names_every_kind_and_its_example_can_be_read():
    page = (Path(__file__).parents[1] / "docs" / "texts.md").read_text(encoding="utf-8")
    for kind in TEXT_KINDS:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{kind.folder}` |"))
        assert all(f"`{name}`" in row for name in kind.needed), kind.folder
        assert all(f"## {title}" in row for title in kind.sections), kind.folder
    example = page.split("```markdown\n")[1].split("```")[0]
    assert problems_of_text(example, "reasons/shoplifting.md") == ()
    assert page_of(example.encode(), "reasons/shoplifting.md").state == "draft"


def test_every_example_on_the_page_on_the_law_can_be_read_and_is_shown_where_it_says():
    page = (Path(__file__).parents[1] / "docs" / "statute.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0].encode() for part in page.split("```markdown\n")[1:]]
    names = ("serious-violence/definition.md", "nothing-to-report/g.md", "county-matters/abuse_services.md")
    texts = TextFolder("mine", dict(zip(names, examples, strict=True)))
    assert [page.problems for page in texts.pages] == [(), (), ()]
    assert parse_serious_violence(texts).offences == ("violence_with_injury", "robbery")
    assert parse_statements(texts)[0].letter == "g"
    (matter,) = parse_matters(texts, ["official_harm"])
    assert (matter.theme, matter.because[:21]) == ("domestic_abuse", "The present contracts")
