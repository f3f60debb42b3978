"""Cut the words of spans out of the documents, each time they are shown: no text that was kept is ever a quotation."""

from dataclasses import dataclass
from functools import lru_cache

from assistant.quoting.cite import attribution_of, make_citation
from assistant.room.plan import Plan, Span, Step
from corpus.errors import CorpusError
from corpus.library import Library
from corpus.locate import locate_words
from corpus.schema import Passage


@dataclass(frozen=True)
class Cut:
    """Exact words of a document. `start` and `end` are characters of its text."""

    document: str
    passage: str
    start: int
    end: int
    words: str
    attribution: str
    speaker: str | None
    role: str | None
    section: str
    section_title: str
    kind: str
    reference: str

    @property
    def address(self) -> str:
        """Where the reader shows these words, highlighted."""
        return f"/read/{self.document}?from={self.start}&to={self.end}#cited"


class Quotes:
    """Finds spans in a library, and cuts them."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.find = lru_cache(maxsize=4096)(self._find)
        self.among = lru_cache(maxsize=512)(self._among)
        self.cut = lru_cache(maxsize=4096)(self._cut)

    def _find(self, span: Span) -> Cut:
        """Cut a span of a plan.

        Raises:
            CorpusError: the words do not stand there, in exactly one place, from the beginning to the end of sentences.
        """
        known = {document.id: document for document in self.library.documents}
        if span.document not in known:
            raise CorpusError(f"there is no document {span.document!r} here.")
        passage, (start, end) = locate_words(known[span.document], span.section, span.words, "the plan")
        if passage.widen(start, end) != (start, end):
            raise CorpusError(
                f"the plan: “{span.words[:60]}” of section {span.section} begins or ends within a sentence. "
                "Quote whole sentences."
            )
        return self.cut(span.document, passage.id, start, end)

    def _cut(self, document_id: str, passage_id: str, start: int, end: int) -> Cut:
        """Cut a span of a passage. Raises CorpusError where it is not there."""
        try:
            passage = self.library.passage(passage_id)
            document = self.library.document(document_id)
        except (KeyError, CorpusError):
            raise CorpusError("the passage is no longer there.") from None
        if passage.document_id != document_id or not passage.start <= start < end <= passage.end:
            raise CorpusError("the span is not in the passage.")
        citation = make_citation(1, passage, document, (start, end))
        return Cut(
            document=document_id,
            passage=passage_id,
            start=start,
            end=end,
            words=citation.answer_words,
            attribution=attribution_of(citation, document),
            speaker=passage.speaker,
            role=passage.role,
            section=passage.section,
            section_title=passage.section_title,
            kind=passage.kind.value,
            reference=document.reference or document.title,
        )

    def whole(self, passage: Passage) -> Cut:
        """Cut a whole passage."""
        return self.cut(passage.document_id, passage.id, passage.start, passage.end)

    def others(self, step: Step, role: str) -> list[Cut]:
        """List what people of a role say in the sections that a step quotes, in reading order."""
        return list(self.among(frozenset((span.document, span.section) for span in step.spans), role))

    def _among(self, sections: frozenset[tuple[str, str]], role: str) -> tuple[Cut, ...]:
        return tuple(
            self.whole(passage)
            for passage in self.library.passages
            if passage.role == role and (passage.document_id, passage.section) in sections
        )

    def opened(self, plan: Plan) -> tuple[Plan, tuple[str, ...]]:
        """Give a plan without the spans that do not stand in the documents here, and say of each which it is.

        A deck whose balance goes with them goes too: half a deck for guessing would give the answer away.
        """
        faults: list[str] = []

        def fits(span: Span, step: Step) -> bool:
            try:
                self.find(span)
            except CorpusError:
                faults.append(
                    f"“{step.title}”: these words do not stand in section {span.section} here, and are left out: "
                    f"{span.words[:80]}{'…' if len(span.words) > 80 else ''}"
                )
                return False
            return True

        steps: list[Step] = []
        for step in plan.steps:
            cards = tuple(card for card in step.cards if fits(card.span, step))
            sides = tuple(tuple(span for span in side if fits(span, step)) for side in step.sides)
            kept = step.model_copy(
                update={
                    "cards": cards,
                    "sides": sides,
                    "read": tuple(span for span in step.read if fits(span, step)),
                }
            )
            if why := why_unbalanced(kept, self):
                faults.append(f"“{step.title}” is left out: {why}")
            else:
                steps.append(kept)
        if not steps:
            raise CorpusError("nothing of that plan fits the documents here.")
        return plan.model_copy(update={"steps": tuple(steps)}), tuple(faults)


def why_unbalanced(step: Step, quotes: Quotes) -> str | None:
    """Say which rule a deck breaks; None where it keeps them all."""
    cuts = [quotes.find(card.span) for card in step.cards]
    if step.kind == "two_views" and (len(step.sides) < 2 or not all(step.sides)):
        return "it has no words on at least two sides."
    if step.kind == "who_said":
        roles = [cut.role for cut in cuts]
        if len(step.themes) != 2 or {one.key for one in step.themes} != set(roles):
            return "its cards are not of the two sides that it names."
        if any(2 * roles.count(one.key) != len(roles) for one in step.themes):
            return "it is not half and half."
        speakers = [cut.speaker for cut in cuts]
        if any(speakers.count(one) > 2 for one in speakers):
            return "it has more than two cards of one speaker."
        named = {words.casefold() for role in _role_words(quotes, step) for words in role}
        if any(word in cut.words.casefold() for cut in cuts for word in named):
            return "a card names the side that it is from."
        if any(not _is_named(one.title, one.key, quotes) for one in step.themes):
            return "it calls a side by another name than the document does."
    if step.kind == "sort":
        homes = {one.key: _heading(one.title) for one in step.themes}
        if not 3 <= len(homes) <= 5 or not 12 <= len(cuts) <= 16 or {card.home for card in step.cards} != set(homes):
            return "it has not 12 to 16 cards of 3 to 5 themes."
        for card, cut in zip(step.cards, cuts, strict=True):
            if homes[card.home] not in cut.section_title.casefold():
                return f"the document does not have a card of section {cut.section} under the theme that the plan says."
    if len({(cut.passage, cut.start) for cut in cuts}) != len(cuts):
        return "it has a card twice."
    return None


def _heading(title: str) -> str:
    """Give a heading as it is held against the document's."""
    return title.casefold().removeprefix("a ")


def _is_named(title: str, role: str, quotes: Quotes) -> bool:
    """Tell whether a title names this role, and no other."""
    roles = [one for document in quotes.library.documents for one in document.vocabulary.roles]
    return {one.id for one in roles if _heading(title) in one.one.casefold()} == {role}


def _role_words(quotes: Quotes, step: Step) -> list[tuple[str, str]]:
    vocabularies = [document.vocabulary for document in quotes.library.documents]
    keys = {one.key for one in step.themes}
    return [(role.one, role.many) for words in vocabularies for role in words.roles if role.id in keys]
