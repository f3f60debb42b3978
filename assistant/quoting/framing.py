"""The fixed words around quotations. Nothing else may stand in an answer: `quoting/verify.py` checks it."""

from collections.abc import Iterable

from corpus.schema import Document
from corpus.vocabulary import RoleWords

NEAR = "Nothing was found that says this directly. The nearest is:"
#: Over the views and parts of an answer that has several.
GROUPS = {
    "one_view": "One view",
    "another_view": "Another view",
    "third_view": "A third view",
    "one_side": "On the one side",
    "other_side": "On the other side",
    "authors": "What the report’s authors say",
}
ON = "On "
_ALL = "All "
_NUMBERS = dict(
    enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=2)
)
#: Over the one quotation of an answer that says that the report does not say.
NEAREST = "The nearest it comes"
#: How every answer without quotations begins.
NOT_COVERED = "The report does not say."
#: Over what is shown of documents that somebody added, so that it never seems to be the report's.
FOUND_IN_ADDED = "Found in the documents that were added"
NEAREST_IN_ADDED = "The nearest in the documents that were added. It may not answer what you ask: please judge."
ADDED_HEADINGS = (FOUND_IN_ADDED, NEAREST_IN_ADDED)
STANDING_OF_ADDED = (
    "These are exact words of documents that were added. They show what those say, not whether it is right."
)
NOTHING_IN_ADDED = "Nothing was found in the documents that were added."
#: Said with every answer that quotes.
STANDING_NOTICE = "These are exact words: they show what the report says, not whether it is right."


def headings_of(documents: Iterable[Document]) -> frozenset[str]:
    """Give what an answer may say over its quotations: our own headings, and the documents' words for their own."""
    documents = tuple(documents)
    tables = (document.vocabulary.table for document in documents)
    roles = (words for document in documents for words in document.vocabulary.role_words.values())
    return frozenset(
        {
            NEAR,
            *ADDED_HEADINGS,
            *GROUPS.values(),
            *(table.heading for table in tables if table),
            *(heading_of_role(words) for words in roles),
        }
    )


def heading_of_role(words: RoleWords) -> str:
    """Give the heading over the words of one side: "Public partners"."""
    return words.many[:1].upper() + words.many[1:]


def heading_of_all(number: int) -> str:
    """Give the heading over a list that is shown whole: "All seven"."""
    return f"{_ALL}{_NUMBERS.get(number, str(number))}"


def number_of_all(heading: str) -> int | None:
    """Give the number of such a heading; None where it is another."""
    words = heading.removeprefix(_ALL)
    if words == heading:
        return None
    spelt = {word: number for number, word in _NUMBERS.items()}
    return int(words) if words.isdigit() else spelt.get(words)


def heading_on(words: str) -> str:
    """Give the heading over words that do not say what they are about; `words` are the document's own."""
    return f"{ON}{' '.join(words.split())}"


def says_on(heading: str) -> bool:
    """Tell whether a heading is such a one: "On the one side" is not."""
    return heading.startswith(ON) and heading not in GROUPS.values()


def greeting(topics: str) -> str:
    """Answer a greeting, thanks, and whoever asks what this is; `topics` is what can be asked about."""
    about = f" about {topics}" if topics else ""
    return (
        f"Hello. Ask{about}, in your own words. "
        "You get the report’s exact words and what people said in interviews, or are told that the report does not say."
    )
