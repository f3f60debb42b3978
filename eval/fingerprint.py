"""Say what a run was made from: hashes of the cases, the corpus, and all that decides the answers."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import assistant
import corpus
from assistant.answering.confidence import load_models
from assistant.keeping.store import WantedIndex
from assistant.settings import Settings
from corpus.chunk import CHUNKER_VERSION
from corpus.schema import Document
from eval.schema import Case, ConfigValue, Fingerprint, Started

#: Settings that say where something is kept or shown, not how questions are answered.
_NOT_ANSWERING = {"data_dir", "host", "port", "log_level", "embed_origins"}
#: Fields that cases had not always; as they are if left out, they are not hashed, so that older runs still compare.
_ADDED = {"act", "lean", "forms"}


def start_run(
    name: str, source: str, cases: Iterable[Case], documents: Iterable[Document], settings: Settings
) -> Started:
    """Say what a run that begins now is made from."""
    config = config_of(settings)
    return Started(
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=str(config["version"]),
        source=source,
        fingerprint=Fingerprint(
            cases_sha256=cases_sha256(cases),
            corpus_sha256=corpus_sha256(documents),
            config_sha256=sha256_of(config),
        ),
        config=config,
    )


def cases_sha256(cases: Iterable[Case]) -> str:
    """Hash the content of cases, whatever their order; where their evidence was found is left out."""
    contents = [_content(case) for case in cases]
    return sha256_of(sorted(contents, key=lambda content: str(content["id"])))


def _content(case: Case) -> dict[str, object]:
    content = {name: getattr(case, name) for name in Case.model_fields}
    return {
        name: value for name, value in content.items() if name not in _ADDED or value != Case.model_fields[name].default
    }


def corpus_sha256(documents: Iterable[Document]) -> str:
    """Hash every document's id and text, whatever their order."""
    return sha256_of(sorted([document.id, document.text] for document in documents))


def config_of(settings: Settings) -> dict[str, ConfigValue]:
    """Give all that decides the answers, by name: settings, the model, and the code, as it stands in its files."""
    wanted = WantedIndex.from_settings(settings)
    made_from = wanted.encoder.model_dump(include={"model_sha256", "index_version"})
    made_from |= {"tuned_sha256": wanted.learned.tuned_sha256, "chunker_version": CHUNKER_VERSION}
    chosen = {
        name: value if isinstance(value, str | int | float | bool | None) else str(value)
        for name, value in settings
        if name not in _NOT_ANSWERING and not name.startswith("web_")
    }
    model = load_models().with_questions
    limits = {name: getattr(model, name) for name in ("refuse_below", "sure_above", "refuse_named_below")}
    return {**chosen, **made_from, **limits, "code_sha256": code_sha256(), "version": installed_version()}


def code_sha256() -> str:
    """Hash the files of `assistant` and `corpus`, what they are fitted with and the library included; not the web."""
    digest = hashlib.sha256()
    for package in (assistant, corpus):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*")):
            inner = path.relative_to(root)
            if path.is_file() and inner.parts[0] != "serving" and "__pycache__" not in inner.parts:
                digest.update(f"{package.__name__}/{inner.as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def installed_version() -> str:
    """Give the version of this program; `unknown` where it is not installed."""
    try:
        return version("coproduction-assistant")
    except PackageNotFoundError:  # run from a bare checkout
        return "unknown"


def sha256_of(content: object) -> str:
    """Hash what JSON can hold, the same for the same content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
