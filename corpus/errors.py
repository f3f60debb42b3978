"""The errors that people see, and nothing else.

CoproduceError                  one clear line for a person: what was found, what was expected, what to do
├── CorpusError                 a document or its manifest is not as it should be
│   ├── DocumentDamaged         the words differ from those that the manifest vouches for
│   └── UnknownName             a section, speaker, kind, role or document that does not exist
├── QuestionRefused             the question is empty, too long or not text
├── IndexDamaged                the index is missing, damaged or made from something else
├── IndexNotBuilt               the index is being built at this moment
├── DataFolderError             the data folder cannot be read or written
├── ModelError                  the embedding model is missing or its weights are not the expected ones
├── VerbatimError               a quotation, label or marker does not stand in the source
├── BatchError                  a line of a batch file is broken
└── CaseError                   an evaluation case is broken

The command line shows the message without a traceback and exits with `exit_code`.
"""


class CoproduceError(Exception):
    """Base of every error whose message is written for the person who sees it."""

    exit_code = 1

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        #: The field of a request that is wrong, where it is one: `speaker`, `question`, `history` …
        self.field = field


class CorpusError(CoproduceError):
    """A document or its manifest is not as it should be."""


class DocumentDamaged(CorpusError):
    """The words of a document differ from those that its manifest vouches for."""


class UnknownName(CorpusError):
    """A section, speaker, kind, role or document that does not exist; the message names those that do."""

    exit_code = 2


class QuestionRefused(CoproduceError):
    """A question that cannot be asked: empty, too long, or not text."""

    exit_code = 2


class IndexDamaged(CoproduceError):
    """The index is missing, damaged, or was made from something else than what is installed."""


class IndexNotBuilt(CoproduceError):
    """The index is being built; the message says how far that has come."""


class DataFolderError(CoproduceError):
    """The data folder cannot be read or written."""


class ModelError(CoproduceError):
    """The embedding model is missing, or its weights are not the expected ones."""


class VerbatimError(CoproduceError):
    """A quotation, a speaker's label or a marker does not stand in the source. Nothing is shown."""


class BatchError(CoproduceError):
    """A line of a batch file is broken; the message gives its number."""


class CaseError(CoproduceError):
    """An evaluation case is broken; the message gives its file and line."""

    exit_code = 2
