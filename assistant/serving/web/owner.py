"""Tell the owner of a web app from its visitors, and what each may ask.

The owner shows the key of the data folder, in a header or in the cookie that the owner's page sets. Everybody else is a
visitor, and sees of added documents only the collections that are shared.
"""

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request

from assistant.desk import Desk, Visible
from assistant.keeping.owner import is_key, owner_key
from assistant.settings import Settings
from corpus.errors import CoproduceError, DataFolderError
from corpus.schema import Document

COOKIE = "coproduce_owner"


class Owner:
    """Knows the owner by the key of a data folder."""

    def __init__(self, settings: Settings) -> None:
        self._data_dir: Path = settings.data_dir
        self._shared = frozenset(settings.shared_collections)

    def sees(self, request: Request) -> Visible:
        """Give the collections that whoever sent a request may see: None, all of them, for the owner alone."""
        return None if self.is_owner(request) else self._shared

    def finder(self, desk: Desk) -> Callable[[Request, str], Document | None]:
        """Give what finds a document that whoever sends a request may read."""

        def find(request: Request, document_id: str) -> Document | None:
            try:
                return desk.document(document_id, self.sees(request))
            except CoproduceError:  # there is none, or the library cannot be read: in both cases nothing is shown
                return None

        return find

    def is_owner(self, request: Request) -> bool:
        """Tell whether a request shows the key. One that shows none reads no file."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        shown = [given.strip()] if scheme.casefold() == "bearer" else []
        shown += [cookie] if (cookie := request.cookies.get(COOKIE)) else []
        if not shown:
            return False
        try:
            key = owner_key(self._data_dir)
        except DataFolderError:
            return False
        return any(is_key(one, key) for one in shown)
