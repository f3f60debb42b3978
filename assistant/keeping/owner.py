"""The key by which a web app knows its owner: whoever can read it from the data folder owns what was added there.

A visitor behind a proxy comes from this computer too, so where a request comes from tells nothing.
"""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from assistant.keeping.added.database import FOLDER, for_owner_alone
from corpus.errors import DataFolderError

_FILE = "owner.key"


def owner_key(data_dir: Path) -> str:
    """Give the data folder's key, made where it is missing, for its owner alone to read. Raises DataFolderError."""
    path = data_dir / FOLDER / _FILE
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with suppress(FileExistsError):
                descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(secrets.token_urlsafe(32))
        for_owner_alone(path)
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise DataFolderError(f"the owner's key in {path} cannot be used: {error}.") from None


def is_key(given: str, key: str) -> bool:
    """Tell whether what was given is the key, in a time that tells nothing of it."""
    return bool(key) and hmac.compare_digest(given.encode("utf-8", "replace"), key.encode())
