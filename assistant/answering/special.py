"""What is looked up rather than searched for, or never said: entries of one kind, which a step of the pipeline walks.

Each looks at a question and gives what is to be shown, or why nothing is, or nothing where it has no say.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answering.notices import plain_words
from assistant.answering.records import choose_records, named_records
from assistant.answering.select import Selected
from assistant.reading.parts import own_words
from assistant.reading.question import ParsedQuery
from assistant.reading.table import asks_for_column, takes_number_for_granted
from assistant.schema import Notice
from corpus.library import Library
from corpus.phrases import phrases_pattern
from corpus.schema import Passage
from corpus.vocabulary import TableWords

#: "Footnote 3", or "note 3" where nothing is counted: "note 3 things that people say" asks for things.
_NUMBER = r"(?:(?:no\.?|number|nr\.?|#)\s*)?(\d{1,3})\b"
_FOOTNOTE = re.compile(rf"\bfoot\s?-?notes?\s*{_NUMBER}|\bnote\s*{_NUMBER}(?!\s+(?:\w+\s+)?\w{{4,}}s\b)", re.IGNORECASE)


#: Forms in which many records may be asked for; what asks in none of them asks for no table.
_OF_MANY = frozenset({"whole_list", "bullets", "count", "person"})
_FEW_RECORDS = 5


@dataclass(frozen=True)
class Shown:
    """What was looked up: it is the answer."""

    selected: Sequence[Selected]
    partial: bool = False
    missing: tuple[str, ...] = ()  # parts of the question that are known not to be there
    of_table: bool = False  # records: what is asked of them may be lacking


@dataclass(frozen=True)
class Refused:
    """What is known not to be there, or never said, whatever it is near to."""

    reason: str
    notes: tuple[Notice, ...] = ()
    show_nearest: bool = True
    show_hits: bool = True


Special = Callable[[ParsedQuery, Library, Sequence[Passage]], Shown | Refused | None]


def speaker_nobody_quotes(parsed: ParsedQuery, library: Library, _: Sequence[Passage]) -> Refused | None:
    """A speaker is named who is not quoted, and none who is."""
    if not parsed.unknown_speakers or parsed.speakers:
        return None
    known = ", ".join(plain_words(label) for label in library.speakers)
    who = f"The people quoted are: {known}." if known else "Nobody is quoted in it by a label."
    reason = f"{plain_words(', '.join(parsed.unknown_speakers))} is not quoted in it."
    return Refused(reason, (Notice(kind="speakers", text=who),), show_hits=parsed.says_topic)


def everything_of_one(parsed: ParsedQuery, _: Library, allowed: Sequence[Passage]) -> Shown | None:
    """All that one speaker said is asked for: every quote, in the document's order, whatever its length."""
    if not parsed.wants_everything:
        return None
    return Shown([Selected.whole(one) for one in allowed if one.speaker == parsed.speakers[0]])


def nothing_more(parsed: ParsedQuery, _: Library, allowed: Sequence[Passage]) -> Refused | None:
    """More is asked for of a speaker all of whose quotes were shown."""
    own = [one for one in allowed if one.speaker in parsed.speakers]
    if (
        parsed.filters.section
        or parsed.filters.kind
        or not own
        or not parsed.seen
        or not {one.id for one in own} <= parsed.seen
    ):
        return None
    times, them = ("one quote", "it") if len(own) == 1 else (f"{len(own)} quotes", "them")
    who = plain_words(" and ".join(parsed.speakers))
    return Refused(
        f"It has {times} by {who} in all, and you were shown {them}.",
        show_nearest=False,
    )


def footnote(parsed: ParsedQuery, library: Library, allowed: Sequence[Passage]) -> Shown | Refused | None:
    """A footnote is asked for by its number."""
    match = _FOOTNOTE.search(parsed.text)
    if match is None:
        return None
    number = int(match[1] or match[2])
    if not any(passage.note == number for passage in library.passages):
        return Refused(f"It has no footnote {number}.")
    found = [Selected.whole(passage) for passage in allowed if passage.note == number]
    return Shown(found) if found else None


def table_record(parsed: ParsedQuery, library: Library, allowed: Sequence[Passage]) -> Shown | Refused | None:
    """Records of a document's table are asked for, or what the table does not hold of one."""
    for document in library.documents:
        table = document.vocabulary.table
        if table is None:
            continue
        if not parsed.parts and (lack := _lacking(parsed, document.passages, table)):
            return Refused(lack)
        own = [passage for passage in allowed if passage.document_id == document.id]
        records = choose_records(parsed.text, own, table)
        wants_many = parsed.forms & _OF_MANY or len(records) <= _FEW_RECORDS
        if records and wants_many:
            return Shown(
                [Selected.whole(record) for record in records],
                of_table=True,
                partial=takes_number_for_granted(parsed.text, table),
                missing=tuple(
                    part for part in parsed.parts if _asks_what_is_never_there(own_words(part, parsed.parts), table)
                ),
            )
    return None


def _lacking(parsed: ParsedQuery, passages: Sequence[Passage], table: TableWords) -> str:
    """Say what the table does not hold, where that is asked of a record that the question names."""
    for lack in table.lacks:
        question = parsed.text if lack.of_named else parsed.own or parsed.text
        if phrases_pattern(lack.asked).search(question) and (lack.of_named or not asks_for_column(question, table)):
            # Last, for few questions come so far: it looks through every record.
            return lack.says if named_records(parsed.text, passages, table) else ""
    return ""


def _asks_what_is_never_there(part: str, table: TableWords) -> bool:
    return any(lack.of_named and phrases_pattern(lack.asked).search(part) for lack in table.lacks)


#: In the order in which they are asked; the first that has a say decides.
SPECIALS: tuple[Special, ...] = (speaker_nobody_quotes, nothing_more, everything_of_one, footnote, table_record)


def look_up(parsed: ParsedQuery, library: Library) -> Shown | Refused | None:
    """Ask every special case in turn; nothing where none has a say."""
    allowed = library.allowed(parsed.filters)
    found = (special(parsed, library, allowed) for special in SPECIALS)
    return next((one for one in found if one is not None), None)
