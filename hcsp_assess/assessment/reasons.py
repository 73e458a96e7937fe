"""Reasons for change: reviewed text, about findings of the edition, never generated."""

from dataclasses import dataclass

from hcsp_assess.errors import InputError
from hcsp_assess.sources.text_entries import MARKDOWN
from hcsp_assess.sources.texts import Signed, TextFolder, check_unique, place, signed_of, text_of, texts_of


@dataclass(frozen=True)
class Reason:
    """Why something changed, in the words of somebody who answers for it.

    Attributes
    ----------
    about : tuple of str
        Keys of the findings that it explains; the first that the edition has is beside it.
    support : str
        How well the reason is evidenced, in words: "not established".
    markdown : str
        The text as typed, where it has marks of Markdown; else "".
    """

    key: str
    title: str
    about: tuple[str, ...]
    text: str
    support: str
    signed: Signed
    markdown: str = ""


def parse_reasons(texts: TextFolder) -> tuple[Reason, ...]:
    """Parse an edition's reasons for change from `reasons.toml`; none where there is no such file.

    Raises
    ------
    InputError
        If a reason has no text, is about no finding, does not say how well it is supported, or names no body
        or role that answers for it.
    """
    file = texts.read("reasons.toml")
    found = []
    for number, entry in enumerate(file.get("reason", []), start=1):
        where = place(texts, "reasons.toml", "reason", number, entry)
        about = texts_of(where, entry, "about")
        if not about:
            raise InputError(f'{where} is about no finding: write about = ["key of a finding"]')
        fields = [text_of(where, entry, name) for name in ("key", "title", "text", "support")]
        key, title, text, support = fields
        signed = signed_of(where, entry, file.get("signed"))
        found.append(Reason(key, title, about, text, support, signed, str(entry.get(MARKDOWN, ""))))
    check_unique(f"{texts.name}/reasons.toml", [reason.key for reason in found])
    return tuple(found)
