"""What a search is narrowed to, and which passages that leaves."""

from pydantic import Field

from corpus.frozen import Sent
from corpus.schema import Kind, Passage, Role

#: What may be asked for as a collection besides those that have a name: the bundled report, all that people added, and
#: both of them.
REPORT, OWN, BOTH = "report", "own", "both"
#: Where a document goes for which no collection is named.
USUAL = "documents"


class Filters(Sent):
    """What a search is narrowed to. Every field left out means: no matter."""

    speaker: str | None = Field(default=None, description="A speaker’s label, as quotes give it.")
    role: Role | None = Field(default=None, description="One side of what was studied, as quotes give it.")
    section: str | None = Field(default=None, description="A section with its subsections, as hits give it.")
    kind: Kind | None = Field(default=None, description="A sort of passage; interview: quotes alone.")
    document_id: str | None = Field(default=None, description="A document, as hits give it.")
    collection: str | None = Field(
        default=None,
        description=f"What is asked: `{REPORT}`, `{OWN}` (all documents that were added), `{BOTH}`, or a collection by "
        f"its name. Left out: `{BOTH}` where documents were added.",
    )

    def allow(self, passage: Passage) -> bool:
        """Tell whether a passage may be shown."""
        return (
            (self.speaker is None or passage.speaker == self.speaker)
            and (self.role is None or passage.role == self.role)
            and (self.section is None or passage.is_in(self.section))
            and (self.kind is None or passage.kind == self.kind)
            and (self.document_id is None or passage.document_id == self.document_id)
        )

    def __or__(self, other: "Filters") -> "Filters":
        """Fill the gaps of these filters from others."""
        mine = {name: value for name, value in self.model_dump().items() if value is not None}
        return Filters.model_validate({**other.model_dump(), **mine})
