"""What a document's manifest says, checked once when it is read."""

import re
from typing import Literal

from pydantic import Field

from corpus.schema import Frozen, Kind, Role, ThemeNote


class Source(Frozen):
    """Where the source text is, and the hashes that vouch for it."""

    file: str
    sha256: str
    words_sha256: str
    text_sha256: str


class NamedHeading(Frozen):
    """A heading without a number."""

    printed: str
    id: str
    title: str
    entry_ends_with: str | None = None
    table: bool = False


class SpeakerPattern(Frozen):
    """A family of labels: how they may be printed, and the label and role that they stand for."""

    printed_pattern: str
    label: str
    role: Role


class TableSettings(Frozen):
    """How to read a table whose columns were flattened."""

    funders: tuple[str, ...] = ()
    listed_twice: tuple[str, ...] = ()
    note: str = ""


class ReaderSettings(Frozen):
    """What the reader must know about how this one document is printed."""

    heading_pattern: str
    bullet_pattern: str
    footnotes: bool = False
    captions: tuple[str, ...] = ()
    closing_marks: tuple[str, ...] = ("”",)
    named_headings: tuple[NamedHeading, ...] = ()
    sub_headings: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    kinds: dict[str, Kind] = Field(default_factory=dict)
    list_kinds: dict[str, Kind] = Field(default_factory=dict)
    speakers: tuple[SpeakerPattern, ...] = ()
    table: TableSettings = TableSettings()

    def heading_of(self, section_id: str) -> NamedHeading | None:
        """Give the named heading with this id, if there is one."""
        return next((heading for heading in self.named_headings if heading.id == section_id), None)

    def kind_of(self, section_id: str, *, is_list: bool) -> Kind:
        """Give the kind of the authors' own words in a section."""
        kinds = {**(self.list_kinds if is_list else {}), **self.kinds}
        return next((kind for prefix, kind in kinds.items() if section_id.startswith(prefix)), Kind.REPORT)


class Manifest(Frozen):
    """A document's `manifest.toml`."""

    id: str = Field(pattern=re.compile(r"^[a-z0-9][a-z0-9-]*$").pattern)
    title: str
    short_title: str
    authors: tuple[str, ...]
    publisher: str
    year: int
    licence: str
    url: str | None = None
    reference: str
    spoken_of: str = Field(default="", description="How its authors are named beside their words; else by its title.")
    standing_note: str = Field(default="", description="What must be said with every answer.")
    notes: tuple[ThemeNote, ...] = ()
    format: Literal["report"] = "report"
    source: Source
    reader: ReaderSettings
