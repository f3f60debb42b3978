"""What a person corrects of a document that they added: its title, authors and year, and how its speakers are shown.

The words and where they stand never change. What is cited and exported follows.
"""

from pydantic import Field

from corpus.frozen import Frozen
from corpus.schema import Document, Passage, Role, Section, Speaker

#: Of whom nothing is offered as what participants said.
INTERVIEWER: Role = "interviewer"


class SpeakerAs(Frozen):
    """How one speaker is shown, and on which side they are."""

    label: str | None = None
    """What is shown instead of the label that is printed."""
    role: Role | None = None


class Corrections(Frozen):
    """What was corrected; what is None stays as it was read."""

    title: str | None = None
    authors: tuple[str, ...] | None = None
    year: int | None = None
    speakers: dict[str, SpeakerAs] = Field(default_factory=dict)
    """By the label that the document prints."""

    def __or__(self, later: "Corrections") -> "Corrections":
        """Put later corrections over these."""
        given = {
            name: getattr(later, name) for name in ("title", "authors", "year") if getattr(later, name) is not None
        }
        speakers = dict(self.speakers)
        for printed, one in later.speakers.items():
            before = speakers.get(printed, SpeakerAs())
            speakers[printed] = SpeakerAs(label=one.label or before.label, role=one.role or before.role)
        return self.model_copy(update={**given, "speakers": speakers})


def as_added(document: Document, corrections: Corrections = Corrections()) -> Document:  # noqa: B008 - frozen
    """Give an added document as it is cited: marked as added, and with what was corrected.

    What interviewers say stands in the text, and is no passage: it is found by nobody.
    """
    title = corrections.title or document.title
    authors = document.authors if corrections.authors is None else corrections.authors
    year = document.year if corrections.year is None else corrections.year
    corrected = (corrections.title, corrections.authors, corrections.year) != (None, None, None)
    passages = (_passage(one, document.title, title, corrections.speakers) for one in document.passages)
    speakers = {}
    for one in document.speakers:
        as_shown = corrections.speakers.get(one.label, SpeakerAs())
        shown = Speaker(label=as_shown.label or one.label, role=as_shown.role or one.role)
        speakers[shown.label] = shown
    return document.model_copy(
        update={
            "origin": "added",
            "title": title,
            "short_title": title,
            "authors": authors,
            "year": year,
            "reference": "" if corrected else document.reference,  # without one it is written from what is known
            "sections": tuple(_section(one, document.title, title) for one in document.sections),
            "passages": tuple(one for one in passages if one.role != INTERVIEWER),
            "speakers": tuple(one for one in speakers.values() if one.role != INTERVIEWER),
        }
    )


def _section(section: Section, before: str, title: str) -> Section:
    """Give a section; one without a heading of its own is called as the document is."""
    if before == title or section.title != before or section.heading_start != section.heading_end:
        return section
    return section.model_copy(update={"title": title, "path": (*section.path[:-1], title)})


def _passage(passage: Passage, before: str, title: str, speakers: dict[str, SpeakerAs]) -> Passage:
    changed: dict[str, object] = {}
    if before != title and passage.section_title == before and passage.path[-1:] == (before,) and not passage.within:
        changed = {"section_title": title, "path": (*passage.path[:-1], title)}
    one = speakers.get(passage.speaker) if passage.speaker else None
    if one is not None:
        changed |= {"speaker": one.label or passage.speaker, "role": one.role or passage.role}
    return passage.model_copy(update=changed) if changed else passage
