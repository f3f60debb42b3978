"""Open the assistant while its server answers already, and tell how far that has come."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread

from assistant.desk import Desk
from assistant.keeping.store import is_built
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.errors import CoproduceError, IndexNotBuilt


class Opening:
    """An assistant that is being opened, its index built first where it is missing."""

    def __init__(self, settings: Settings, complain: Callable[[CoproduceError], None]) -> None:
        """Say what to open; `complain` is told what goes wrong, and what is left out."""
        self._settings = settings
        self._complain = complain
        self._assistant: Future[Assistant] = Future()
        self._desk: Desk | None = None
        self._lock = Lock()
        #: What the build is doing; empty where nothing is built.
        self.building = "" if is_built(settings) else "it has only begun"

    def start(self) -> None:
        """Open it in a thread of its own, which is no reason to go on when all else has ended."""
        Thread(target=self._open, daemon=True).start()

    def assistant(self) -> Assistant:
        """Give the assistant; where it is only being loaded, wait for it.

        Raises:
            IndexNotBuilt: its index is being built, which takes minutes.
            CoproduceError: it cannot be opened.
        """
        if self.building and not self._assistant.done():
            raise IndexNotBuilt(
                f"the index is being built: {self.building}. That takes some minutes, once. Please ask again then."
            )
        return self._assistant.result()

    def desk(self) -> Desk:
        """Give the report and what was added beside it. Raises as `assistant` does."""
        assistant = self.assistant()
        with self._lock:
            if self._desk is None:
                self._desk = Desk(assistant, complain=lambda line: self._complain(CoproduceError(line)))
            return self._desk

    def _open(self) -> None:
        try:
            if self.building:
                from assistant.keeping.build import build_index  # noqa: PLC0415 - needed only where nothing is built

                build_index(self._settings, self._report)
                self.building = ""
            assistant = Assistant.from_settings(self._settings)
        except BaseException as error:  # told to whoever asks
            self._assistant.set_exception(error)
            if isinstance(error, CoproduceError):
                self._complain(error)
            return
        self._assistant.set_result(assistant)
        for line in assistant.refused_files:
            self._complain(CoproduceError(line))

    def _report(self, what: str, done: int, total: int) -> None:
        self.building = f"{what}, {done:,} of {total:,}" if total > 1 else what
