"""Tell of every passage at once whether it may be shown for a question, and by how much a quote is boosted."""

import numpy as np
from numpy.typing import NDArray

from assistant.finding.vectors import Numbers, Scores
from assistant.reading.question import ParsedQuery
from corpus.filters import Filters
from corpus.library import Library
from corpus.schema import Kind

#: What a quote is boosted by: of the speaker who is named, any where quotes are asked for, and where a voice is.
NAMED, QUOTED, VOICED = 1.0, 0.6, 0.3

Mask = NDArray[np.bool_]


class PassageMasks:
    """What passages are narrowed by, as columns: one comparison for all of them instead of one a passage."""

    def __init__(self, library: Library) -> None:
        passages = library.passages
        self._id = np.array([passage.id for passage in passages])
        self._speaker = np.array([passage.speaker or "" for passage in passages])
        self._role = np.array([passage.role or "" for passage in passages])
        self._kind = np.array([passage.kind.value for passage in passages])
        self._document = np.array([passage.document_id for passage in passages])
        self._inside: dict[str, list[int]] = {}
        for number, passage in enumerate(passages):
            for section in (passage.section, *passage.within):
                self._inside.setdefault(section, []).append(number)
        self.is_quote: Mask = self._kind == Kind.INTERVIEW.value

    def fitting(self, filters: Filters) -> Mask:
        """Tell which passages filters allow: bool (n_passages,)."""
        mask = np.ones(len(self._kind), dtype=bool)
        if filters.speaker is not None:
            mask &= self._speaker == filters.speaker
        if filters.role is not None:
            mask &= self._role == filters.role
        if filters.kind is not None:
            mask &= self._kind == filters.kind.value
        if filters.document_id is not None:
            mask &= self._document == filters.document_id
        if filters.section is not None:
            inside = np.zeros_like(mask)
            inside[self._inside.get(filters.section, [])] = True
            mask &= inside
        return mask

    def allowed(self, parsed: ParsedQuery) -> Mask:
        """Tell which passages may be shown for what was asked: no quote of another speaker or role."""
        mask = self.fitting(parsed.filters)
        if parsed.speakers:
            mask &= ~self.is_quote | np.isin(self._speaker, parsed.speakers)
        if parsed.role is not None:
            mask &= ~self.is_quote | (self._role == parsed.role)
        return mask

    def quotable(self, parsed: ParsedQuery, allowed: Mask) -> Mask:
        """Tell which of those allowed an answer that was prepared may quote: what was shown is not shown again.

        Whoever asks for somebody's words gets no authors' words.
        """
        mask = allowed & ~np.isin(self._id, list(parsed.seen))
        if parsed.speakers or parsed.role or parsed.wants_quotes:
            mask &= self.is_quote
        return mask

    def boost(self, passages: Numbers, parsed: ParsedQuery) -> Scores:
        """Say by how much the quotes of whoever is asked for are boosted: float32 (len(passages),)."""
        if parsed.speakers:
            return np.where(np.isin(self._speaker[passages], parsed.speakers), NAMED, 0).astype(np.float32)
        if parsed.rather is not None and not parsed.wants_quotes:
            return np.where(self._role[passages] == parsed.rather, VOICED, 0).astype(np.float32)
        boost = QUOTED if parsed.wants_quotes else VOICED if parsed.role else 0
        return np.where(self.is_quote[passages], boost, 0).astype(np.float32)
