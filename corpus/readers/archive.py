"""Open the zip archive that a DOCX or an EPUB is: nothing is written to disk, and no member may grow without end."""

import io
import posixpath
import zipfile
import zlib
from urllib.parse import unquote

from lxml import etree

from corpus.errors import CorpusError

#: A member that says or turns out to be longer is not read, in bytes.
MAX_MEMBER = 60_000_000
#: All that is read of one archive, in bytes.
MAX_ALL = 200_000_000
_MAX_MEMBERS = 20_000
_CHUNK = 1 << 20


class Archive:
    """A zip archive in memory, whose members are read by name."""

    def __init__(self, content: bytes, what: str) -> None:
        """Open an archive. `what` names its kind in messages.

        Raises:
            CorpusError: the bytes are no whole zip archive.
        """
        self.what = what
        self._read = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            self._members = {one.filename.replace("\\", "/"): one for one in self._zip.infolist() if not one.is_dir()}
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeError, EOFError) as error:
            raise CorpusError(
                f"it is no whole {what} file: {error}. Open it where it was made and save it again."
            ) from None
        if len(self._members) > _MAX_MEMBERS:
            raise CorpusError(f"it holds {len(self._members):,} members, more than a {what} file has. It is not read.")
        self._small = {name.casefold(): name for name in self._members}

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names."""
        return tuple(self._members)

    def has(self, name: str) -> bool:
        """Tell whether there is a member of this name, in whatever case."""
        return self._found(name) is not None

    def read(self, name: str) -> bytes:
        """Read a member.

        Raises:
            CorpusError: it is missing, damaged, encrypted or too long.
        """
        found = self._found(name)
        if found is None:
            raise CorpusError(f"its part {name} is missing. Open it where it was made and save it again.")
        member = self._members[found]
        if member.flag_bits & 1:
            raise CorpusError("it is locked with a password. Save a copy without the password, and add that.")
        parts, length = [], 0
        try:
            with self._zip.open(member) as file:
                while chunk := file.read(_CHUNK):
                    length += len(chunk)
                    self._read += len(chunk)
                    if length > MAX_MEMBER or self._read > MAX_ALL:
                        raise CorpusError(
                            f"its part {name} is larger than {MAX_MEMBER // 1_000_000} MB when unpacked, or all parts "
                            f"larger than {MAX_ALL // 1_000_000} MB. It is not read; split it into smaller files."
                        )
                    parts.append(chunk)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            OSError,
            ValueError,
        ) as error:
            raise CorpusError(
                f"its part {name} is damaged ({error}). Open it where it was made and save it again."
            ) from None
        return b"".join(parts)

    def read_xml(self, name: str) -> etree._Element:
        """Read a member as XML: no entity is resolved and nothing outside it is loaded.

        Raises:
            CorpusError: as `read`, or it is no well-formed XML.
        """
        return parse_xml(self.read(name), name)

    def _found(self, name: str) -> str | None:
        clean = posixpath.normpath(unquote(name).replace("\\", "/")).lstrip("/")
        for one in (name, name.lstrip("/"), clean):
            if one in self._members:
                return one
        return self._small.get(clean.casefold())


def parse_xml(content: bytes, name: str) -> etree._Element:
    """Parse XML that nobody vouches for. Raises CorpusError where it is not well-formed, or declares entities."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CorpusError(
            f"its part {name} is damaged ({_shortened(str(error))}). Open it where it was made and save it again."
        ) from None
    if root is None:
        raise CorpusError(f"its part {name} is empty. Open it where it was made and save it again.")
    return root


def _shortened(words: str) -> str:
    return " ".join(words.split())[:160]
