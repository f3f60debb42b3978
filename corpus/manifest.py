"""What a document's manifest says, checked once when it is read."""

import re
from typing import Literal

from pydantic import Field, model_validator

from corpus.frozen import Frozen
from corpus.schema import Kind, Role


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
    holds: str = Field(default="", description="How the ids of the sections inside it begin.")


class SpeakerPattern(Frozen):
    """A family of labels: how they may be printed, and the label and role that they stand for."""

    printed_pattern: str
    label: str
    role: Role = Field(pattern=r"^[a-z][a-z0-9-]*$", description="A role of the vocabulary, by its id.")


class TableSettings(Frozen):
    """How to read a table: either a record a line, with a mark between its cells, or flattened to one column.

    A flattened record takes up lines until they end with one of the known values of its last column; what begins with
    `http://` or `https://` is its address, and what stands before that its name.
    """

    columns: tuple[str, ...] = ()
    separator: str = Field(default="", description="What stands between the cells of a record, if it is one line.")
    ends_with: tuple[str, ...] = Field(default=(), description="The values of the last column, if it is flattened.")
    listed_twice: tuple[str, ...] = ()
    lead_in: str = Field(default="", description="Embedded with each record, to say what it is; never shown.")

    @model_validator(mode="after")
    def _check_form(self) -> "TableSettings":
        if self.columns and bool(self.separator) == bool(self.ends_with):
            raise ValueError("a table has either a separator between its cells or the values that its records end with")
        if self.ends_with and len(self.columns) != 3:
            raise ValueError("a flattened table has three columns: a name, an address and the value that it ends with")
        return self


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
    format: Literal["report"] = "report"
    source: Source
    reader: ReaderSettings
