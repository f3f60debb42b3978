"""Say in plain words how an answer came about: which words it matched on, how sure it is, and whose voices it shows."""

import re
from collections.abc import Iterator, Sequence

from assistant.answering.select import Chosen
from assistant.quoting.cite import place_of
from assistant.reading.question import ParsedQuery
from assistant.reading.tokenize import tokenize
from assistant.schema import Citation
from corpus.schema import Document, Kind, Passage, Role

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
#: How the line begins that says whose voices are shown.
VOICES_SHOWN = "Voices shown: "
_MOST_WORDS = 8
_VERY_SURE, _FAIRLY_SURE = 0.85, 0.6
#: What the people of a role are called: one, and several.
ROLE_NAMES = {
    Role.ACADEMIC: ("academic researcher", "academic researchers"),
    Role.PUBLIC: ("public partner", "public partners"),
}
#: What people call those whom the report labels only as public partners or service user researchers.
_MORE_EXACT = re.compile(
    r"\b(?:carers?|patients?|volunteers?|families|family members?|relatives|parents|survivors|charit\w+)\b",
    re.IGNORECASE,
)


def say_why(asked: ParsedQuery, chosen: Sequence[Chosen], confidence: float) -> str:
    """Say which words of the question stand in what is shown, and how sure the answer is."""
    matched = matched_words(asked.rewrites or (asked.text,), [one.passage for one in chosen])
    how = (
        f"Matched on your words: {', '.join(matched)}."
        if matched
        else "Matched by meaning: none of your words stand in the passages shown."
    )
    sure = "Very sure" if confidence >= _VERY_SURE else "Fairly sure" if confidence >= _FAIRLY_SURE else "Not sure"
    share = round(10 * confidence)
    out_of = "nearly all such answers show" if share >= 10 else f"about {share} of 10 such answers show"
    return f"{how} {sure}: {out_of} what was asked for."


def matched_words(rewrites: Sequence[str], passages: Sequence[Passage]) -> list[str]:
    """Give the words of a question that stand in passages or their headings, in any form, as they were asked."""
    stems = {
        stem for passage in passages for stem in tokenize(" ".join([*passage.path, passage.lead_in, passage.text]))
    }
    stems |= {stem for passage in passages for stem in tokenize(passage.speaker or "")}
    found: dict[str, str] = {}
    for variant in rewrites:
        for word in _WORD.findall(variant):
            own = tokenize(word)
            if len(word) > 1 and not word.isdigit() and own and set(own) <= stems:
                found.setdefault(" ".join(own), word)
    return list(found.values())[:_MOST_WORDS]


def plain_words(text: str) -> str:
    """Give words that are not ours as they can stand in a sentence of ours: without quotation or question marks."""
    return re.sub(r"[“”\">]", "", text).strip(" ?.!,;")


def say_voices(citations: Sequence[Citation], asked: ParsedQuery, documents: Sequence[Document]) -> Iterator[str]:
    """Say whose voices are shown, and where only one side was interviewed, that the other is missing."""
    quotes = [citation for citation in citations if citation.kind is Kind.INTERVIEW]
    if not quotes:
        return
    counts = {
        role: len({quote.speaker for quote in quotes if quote.role is role}) for role in (Role.ACADEMIC, Role.PUBLIC)
    }
    parts = [f"{count} {ROLE_NAMES[role][count > 1]}" for role, count in counts.items() if count]
    yield f"{VOICES_SHOWN}{' and '.join(parts)}."
    if asked.role or asked.speakers or asked.filters.role or asked.filters.speaker:
        return
    for role, other in ((Role.PUBLIC, Role.ACADEMIC), (Role.ACADEMIC, Role.PUBLIC)):
        if counts[role] or not counts[other]:
            continue
        places = dict.fromkeys((quote.document_id, quote.section) for quote in quotes)
        silent = [
            section
            for document_id, section in places
            if all(quote.role is not role for quote in _quotes_in(document_id, section, documents))
        ]
        if len(silent) == len(places):
            yield f"No {ROLE_NAMES[role][0]} is quoted in {' or '.join(silent)}."


def say_theme(theme: Passage | None, asked: ParsedQuery, documents: Sequence[Document]) -> Iterator[str]:
    """Say that whoever is asked for is not quoted in the section that is nearest to the theme, though others are."""
    if theme is None or asked.any_topic:
        return
    inside = _quotes_in(theme.document_id, theme.section, documents)
    who = plain_words(" or ".join(asked.speakers)) or f"No {ROLE_NAMES[asked.role or Role.PUBLIC][0]}"
    heard = any(passage.speaker in asked.speakers or passage.role is asked.role for passage in inside)
    if inside and not heard:
        where = plain_words(place_of(theme.section, theme.section_title))
        isnt = "is not" if asked.speakers else "is"
        yield f"{who} {isnt} quoted in the section nearest to this, {where}: what is shown is from others."


def _quotes_in(document_id: str, section: str, documents: Sequence[Document]) -> list[Passage]:
    """Give the interview quotes of a section."""
    passages = (passage for document in documents if document.id == document_id for passage in document.passages)
    return [passage for passage in passages if passage.section == section and passage.kind is Kind.INTERVIEW]


def say_labels(asked: ParsedQuery, citations: Sequence[Citation]) -> Iterator[str]:
    """Say that nobody's label tells whether they are a carer, a patient … where that was asked for."""
    word = _MORE_EXACT.search(asked.text)
    if asked.role is Role.PUBLIC and word and any(citation.speaker for citation in citations):
        yield (
            f"The report does not label anyone as {word.group().casefold()}: "
            "it names public partners and service user researchers by a letter, and those are shown."
        )
