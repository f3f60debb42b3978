"""Read the files that people wrote by hand about a document: TOML in its folder, checked against its shape."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from corpus.errors import CorpusError
from corpus.frozen import Frozen

Shape = TypeVar("Shape", bound=Frozen)


def read_curated(path: Path, shape: type[Shape]) -> Shape:
    """Read a TOML file of a given shape; one without content where there is no such file.

    Raises:
        CorpusError: the file cannot be read, is not TOML, or is not of that shape.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        return shape.model_validate(tomllib.loads(text))
    except ValidationError as error:
        first = error.errors()[0]
        raise CorpusError(f"{path}: {'.'.join(str(part) for part in first['loc'])}: {first['msg'].lower()}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"{path} cannot be used: {error}. Restore the file, or correct it.") from None
