"""What a reader of one format gives: the words in reading order, what each block of them is, and where it stands.

A reader knows its format and nothing of passages. `corpus/readers/assemble.py` makes a `Document` of what it gives.
"""

from typing import Literal

from pydantic import Field

from corpus.frozen import Frozen
from corpus.schema import Piece, Spot

__all__ = ["Block", "BlockKind", "Extracted", "Remark", "Spot"]

BlockKind = Literal["heading", "paragraph", "item", "row", "turn", "note", "break"]


class Block(Frozen):
    """One stretch of the text, and what it is.

    `item` is one item of a list, its printed number with it; `row` one row of a table; `turn` what one person said in
    a transcript, without the name before it; `note` a footnote or endnote; `break` ends a passage and has no words.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = Field(default=0, description="Of a heading, from 1; of an item, how deep its list stands, from 1.")
    speaker: str | None = Field(default=None, description="Of a turn: who speaks, as the label is printed.")
    label_start: int | None = Field(default=None, description="Where that label stands in the text.")
    label_end: int | None = None
    number: int | None = Field(default=None, description="Of a note: its number, where it has one.")
    anchor: int | None = Field(default=None, description="Of a note: the place in the text that its mark followed.")


class Remark(Frozen):
    """What a reader must tell the person who adds a file: what was not read, what was assumed, what to do."""

    code: str = Field(description="For programs, in small letters: `pages_without_text`, `tracked_changes` …")
    text: str = Field(description="For people: what was found and what to do, in a sentence or two.")
    partly: bool = Field(default=False, description="Whether something that a person would see was not read.")


class Extracted(Frozen):
    """A file's words.

    `source` is what the format holds, in reading order, with running heads, page numbers, hyphens at line ends and
    whatever else is taken out of the text; `pieces` lead from it to `text` and back, as they do in a `Document`.
    `text[block.start:block.end]` are a block's words; blocks stand in order and do not overlap.
    """

    format: str = Field(description="What the content is, whatever the name says: `pdf`, `docx`, `html`, `vtt` …")
    source: str
    text: str
    pieces: tuple[Piece, ...]
    blocks: tuple[Block, ...]
    spots: tuple[Spot, ...] = ()
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    remarks: tuple[Remark, ...] = ()
    transcript: bool = Field(default=False, description="Whether it holds turns of people who speak.")
