"""Answers questions with exact quotations. `open_assistant` is the way in for Python.

`Assistant.from_documents` answers from documents of your own.

>>> from assistant import Query, open_assistant
>>> open_assistant().ask(Query(question="Who funded the DRINK trial?")).citations[0].section
'Projects'
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.pipeline import Assistant, open_assistant
    from assistant.schema import Answer, Citation, Hit, Query
    from assistant.settings import Settings
    from corpus.filters import Filters

__all__ = ["Answer", "Assistant", "Citation", "Filters", "Hit", "Query", "Settings", "open_assistant"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: importing any of our modules imports this file."""
    from importlib import import_module  # noqa: PLC0415

    if name not in __all__:
        raise AttributeError(f"module 'assistant' has no attribute {name!r}. It has: {', '.join(__all__)}.")
    homes = {
        "open_assistant": "assistant.pipeline",
        "Assistant": "assistant.pipeline",
        "Settings": "assistant.settings",
        "Filters": "corpus.filters",
    }
    return getattr(import_module(homes.get(name, "assistant.schema")), name)
