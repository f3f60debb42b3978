"""Narrow a question down: what can be chosen, how the choice is read, and how it is said in words."""

from collections.abc import Sequence

from assistant.quoting.cite import place_of
from assistant.schema import Filters
from corpus.schema import Document, Kind, Role

#: What is chosen where nothing is narrowed down.
EVERYTHING = ""
ROLES = {Role.PUBLIC: "Public partners only", Role.ACADEMIC: "Academic researchers only"}
KINDS = {
    Kind.INTERVIEW: "What people said in interviews",
    Kind.REPORT: "The authors’ own account",
    Kind.LITERATURE: "What others have written",
    Kind.RECOMMENDATION: "Recommendations",
    Kind.PROJECT: "Projects",
    Kind.FOOTNOTE: "Footnotes",
}
Choices = list[tuple[str, str]]


def choices_of(documents: Sequence[Document]) -> dict[str, Choices]:
    """List what can be chosen, as (label, value), for each field of `Filters` that the chat offers."""
    speakers = [speaker for document in documents for speaker in document.speakers]
    kinds = {passage.kind for document in documents for passage in document.passages}
    roles = {speaker.role for speaker in speakers}
    sections = [section for document in documents for section in document.sections]
    found: dict[str, Choices] = {
        "role": [(label, role.value) for role, label in ROLES.items() if role in roles],
        "kind": [(label, kind.value) for kind, label in KINDS.items() if kind in kinds],
        "section": [(place_of(section.id, section.title), section.id) for section in sections],
        "speaker": [(speaker.label, speaker.label) for speaker in speakers],
    }
    return {name: [("Everything", EVERYTHING), *choices] for name, choices in found.items()}


def chosen_filters(role: str, kind: str, section: str, speaker: str) -> Filters:
    """Make filters of what is chosen."""
    chosen = {"role": role, "kind": kind, "section": section, "speaker": speaker}
    return Filters.model_validate({name: value for name, value in chosen.items() if value})


def say_filters(filters: Filters, documents: Sequence[Document] = ()) -> str:
    """Say what a question is narrowed down to: "public partners only · B.4.iii Equal Power Relations". Or nothing."""
    titles = {section.id: section.title for document in documents for section in document.sections}
    section = filters.section and place_of(filters.section, titles.get(filters.section, filters.section))
    if section == filters.section and section is not None and section not in titles:
        section = f"section {section}"
    parts = (
        filters.role and _small(ROLES[filters.role]),
        filters.kind and _small(KINDS[filters.kind]),
        section,
        filters.speaker,
        filters.document_id,
    )
    return " · ".join(str(part) for part in parts if part)


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]
