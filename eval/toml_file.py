"""Read a TOML file that a person wrote."""

import tomllib
from pathlib import Path
from typing import Any

from corpus.errors import CoproduceError


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises CoproduceError where it cannot be read or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CoproduceError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise CoproduceError(f"{path}: expected TOML ({error}).") from None
