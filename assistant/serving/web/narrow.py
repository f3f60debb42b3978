"""Narrow a question down: what can be chosen, how the choice is read, and how it is said in words."""

from typing import Any

from assistant.quoting.cite import place_of
from corpus.filters import Filters
from corpus.library import Library
from corpus.schema import Kind
from corpus.vocabulary import RoleWords

#: What is chosen where nothing is narrowed down.
EVERYTHING = ""
TITLES = {"role": "Whose words", "kind": "What sort of passage", "section": "Which section", "speaker": "One speaker"}
#: A group of more choices is folded away.
_MANY = 10
KINDS = {
    Kind.INTERVIEW: "What people said in interviews",
    Kind.REPORT: "The authors’ own account",
    Kind.LITERATURE: "What others have written",
    Kind.RECOMMENDATION: "Recommendations",
    Kind.PROJECT: "Entries of a table",
    Kind.FOOTNOTE: "Footnotes",
}
Choices = list[tuple[str, str]]


def choices_of(library: Library) -> dict[str, Choices]:
    """List what can be chosen, as (label, value), for each field of `Filters` that the chat offers."""
    kinds = {passage.kind for passage in library.passages}
    found: dict[str, Choices] = {
        "role": [(only(words), role) for role, words in library.roles.items() if role in library.quoted_by_role],
        "kind": [(name_kind(kind, library), kind.value) for kind in KINDS if kind in kinds],
        "section": [(place_of(section.id, section.title), section.id) for section in library.sections],
        "speaker": [(label, label) for label in library.speakers],
    }
    return {name: [("Everything", EVERYTHING), *choices] for name, choices in found.items()}


def groups_of(library: Library) -> list[dict[str, Any]]:
    """Give each group of choices as its template takes it; of each choice, how it is said where it was made."""
    return [
        {
            "name": name,
            "title": TITLES[name],
            "folded": len(choices) > _MANY,
            "choices": [
                (label, value, say_filters(Filters.model_validate({name: value}), library)) for label, value in choices
            ],
        }
        for name, choices in choices_of(library).items()
    ]


def only(words: RoleWords) -> str:
    """Say that only one side's words are wanted: "Public partners only"."""
    return f"{words.many[:1].upper()}{words.many[1:]} only"


def name_kind(kind: Kind, library: Library) -> str:
    """Name a sort of passage; records go by what the documents' tables are of."""
    if kind is Kind.PROJECT and library.tables:
        many = " and ".join(dict.fromkeys(table.many for table in library.tables))
        return f"{many[:1].upper()}{many[1:]}"
    return KINDS[kind]


def say_filters(filters: Filters, library: Library | None = None) -> str:
    """Say what a question is narrowed down to: "public partners only · B.4.iii Equal Power Relations". Or nothing."""
    title = library.section_title(filters.section) if library and filters.section else None
    section = place_of(filters.section, title) if filters.section and title else None
    role = library.roles.get(filters.role) if library and filters.role else None
    parts = (
        only(role) if role else filters.role,
        filters.kind and (name_kind(filters.kind, library) if library else KINDS[filters.kind]),
    )
    parts_said = [_small(part) for part in parts if part]
    parts_said += [one for one in (section or (filters.section and f"section {filters.section}"),) if one]
    return " · ".join([*parts_said, *(one for one in (filters.speaker, filters.document_id) if one)])


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]
