"""Answers questions with exact quotations. `open_assistant` is the way in for Python.

>>> from assistant import Query, open_assistant
>>> open_assistant().ask(Query(question="Who funded the DRINK trial?")).citations[0].section
'Projects'
"""

from typing import TYPE_CHECKING

from assistant.schema import Answer, Citation, Filters, Hit, Query
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

__all__ = ["Answer", "Citation", "Filters", "Hit", "Query", "Settings", "open_assistant"]


def open_assistant(settings: Settings | None = None) -> "Assistant":
    """Open the assistant, building its index first where it is missing (a minute or two).

    Raises:
        CoproduceError: a setting, the data folder, the index or the model is not as it should be; the message says what
            to do.
    """
    # Imported here, so that importing a type does not load FAISS and the runtime of the encoder.
    from assistant.build import build_index  # noqa: PLC0415
    from assistant.pipeline import Assistant  # noqa: PLC0415

    settings = settings or load_settings()
    build_index(settings, lambda *_: None)
    return Assistant.from_settings(settings)
