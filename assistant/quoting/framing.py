"""The fixed words around quotations. Nothing else may stand in an answer: `quoting/verify.py` checks it."""

from collections.abc import Iterable

from corpus.schema import Document

SAYS = "What the report says"
SAID = "What people said in interviews"
#: Over the one quotation of an answer that says that the report does not say.
NEAREST = "The nearest it comes"
#: How every answer without quotations begins.
NOT_COVERED = "The report does not say."
#: Said with every answer that quotes.
STANDING_NOTICE = "These are exact words: they show what the report says, not whether it is right."


def headings_of(documents: Iterable[Document]) -> frozenset[str]:
    """Give what an answer may say over its quotations: our own headings, and those of the documents' tables."""
    tables = (document.vocabulary.table for document in documents)
    return frozenset({SAYS, SAID, *(table.heading for table in tables if table)})


def greeting(topics: str) -> str:
    """Answer a greeting, thanks, and whoever asks what this is; `topics` is what can be asked about."""
    about = f" about {topics}" if topics else ""
    return (
        f"Hello. Ask{about}, in your own words. "
        "You get the report’s exact words and what people said in interviews, or are told that the report does not say."
    )
