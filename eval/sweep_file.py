"""Read a sweep's file: TOML with a grid, of which every combination is tried, or a list of configurations."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError, model_validator

from assistant.finding.score import WEIGHTS, WEIGHTS_WITHOUT_QUESTIONS
from assistant.settings import Settings, load_settings
from corpus.errors import CoproduceError, UnknownName
from corpus.frozen import Frozen
from eval.schema import ConfigValue
from eval.toml_file import read_toml

#: A grid that makes more than this is a mistake, or a night's work.
MAX_CONFIGURATIONS = 200
_SETTINGS = ("hits", "citations", "answer_tokens")
_CROSS_ENCODER = "cross-encoder:"

Weight = Annotated[StrictInt | StrictFloat, Field(ge=0, le=100)]
View = Literal["passage", "sentence", "question"]


class Configuration(Frozen):
    """One way to find and answer. What is left out stays as it is without a sweep."""

    name: StrictStr = Field(min_length=1, max_length=200)
    hits: StrictInt | None = None
    citations: StrictInt | None = None
    answer_tokens: StrictInt | None = None
    weights: dict[str, Weight] = Field(default={}, description="What each part of a score counts for.")
    known_questions: StrictBool = Field(
        default=True, description="Whether the questions that passages are known to answer take part, words included."
    )
    views: tuple[View, ...] = Field(default=("passage", "sentence", "question"), description="What is embedded.")
    chunk_tokens: StrictInt | None = Field(
        default=None, ge=8, le=100_000, description="Whole passages are cut into chunks of at most this."
    )
    chunk_overlap: StrictInt = Field(default=0, ge=0, le=20, description="Sentences that two chunks share.")
    model: StrictStr | None = Field(
        default=None, min_length=1, description="The bundled embedding model, or a local folder."
    )
    reranker: StrictStr = Field(default="none", description="none, or cross-encoder: and a local folder.")

    @model_validator(mode="after")
    def _check(self) -> "Configuration":
        if not {"passage", "sentence"} & set(self.views) or len(set(self.views)) < len(self.views):
            raise ValueError("views needs passage or sentence or both, question as well or not, and each once")
        if self.chunk_overlap and self.chunk_tokens is None:
            raise ValueError("chunk_overlap needs chunk_tokens")
        if self.chunk_tokens is not None and "passage" not in self.views:
            raise ValueError("chunk_tokens cuts whole passages, and views leaves them out")
        asked = [name for name in ("question", "questions") if name in self.weights]
        if asked and not self.has_questions:
            raise ValueError(f"weights.{asked[0]} needs known_questions = true, and question among views")
        if self.reranker != "none" and not self.reranker.removeprefix(_CROSS_ENCODER).strip():
            raise ValueError("reranker cross-encoder: needs a folder")
        if self.reranker != "none" and not self.reranker.startswith(_CROSS_ENCODER):
            raise ValueError(f"there is no reranker {self.reranker!r}. There are: none, {_CROSS_ENCODER}FOLDER")
        return self

    @property
    def has_questions(self) -> bool:
        """Whether known questions are embedded."""
        return self.known_questions and "question" in self.views

    @property
    def cross_encoder(self) -> Path | None:
        """The folder of the cross-encoder, if there is one."""
        return None if self.reranker == "none" else Path(self.reranker.removeprefix(_CROSS_ENCODER)).expanduser()

    @property
    def embedded(self) -> tuple[object, ...]:
        """What decides the index: configurations that agree in it share one."""
        return (self.model, tuple(sorted(self.views)), self.known_questions, self.chunk_tokens, self.chunk_overlap)

    def settings_over(self, settings: Settings) -> Settings:
        """Give settings with what this configuration says of them."""
        names = (*_SETTINGS, "model")
        return settings.model_copy(update={one: value for one in names if (value := getattr(self, one)) is not None})

    @property
    def all_weights(self) -> dict[str, float]:
        """What each part of the report's scores counts for, those that are not given included."""
        return {**(WEIGHTS if self.has_questions else WEIGHTS_WITHOUT_QUESTIONS), **self.weights}

    @property
    def described(self) -> dict[str, ConfigValue]:
        """What it says beyond the settings, for a run's configuration: key → value."""
        said: dict[str, ConfigValue] = {f"weights.{name}": value for name, value in self.all_weights.items()}
        return {
            **said,
            "known_questions": self.known_questions,
            "views": ", ".join(sorted(self.views)),
            "chunk_tokens": self.chunk_tokens,
            "chunk_overlap": self.chunk_overlap,
            "reranker": self.reranker,
        }


def with_unchanged(configurations: Sequence[Configuration], settings: Settings) -> tuple[Configuration, ...]:
    """Give configurations with the one that changes nothing first: what the others are held against.

    One of them that changes nothing is put first; else one is added.
    """
    name = "unchanged"
    while name in {one.name for one in configurations}:
        name += " here"
    usual = Configuration(name=name)
    for one in configurations:
        if one.described == usual.described and one.settings_over(settings) == settings:
            return (one, *(other for other in configurations if other is not one))
    return (usual, *configurations)


#: Every key of a configuration, as it is written in a file.
KEYS = (
    *(name for name in Configuration.model_fields if name not in ("name", "weights")),
    *(f"weights.{name}" for name in WEIGHTS),
)


def read_sweep(path: Path) -> tuple[Configuration, ...]:
    """Read the configurations of a file, in order.

    Raises:
        CoproduceError: it is not TOML, a value is not allowed, or there is nothing to try.
        UnknownName: a key is not known; the message lists those that are.
    """
    found = read_toml(path)
    for name in found:
        if name not in ("grid", "configuration"):
            raise UnknownName(f"{path}: there is no {name!r}. There are: [grid], or [[configuration]] once or more.")
    if len(found) != 1:
        raise CoproduceError(f"{path}: expected either a [grid] or a list of [[configuration]]; found {len(found)}.")
    grid, listed = found.get("grid"), found.get("configuration", [])
    if grid is not None:
        if not isinstance(grid, dict):
            raise CoproduceError(f"{path}: grid: expected a table, [grid]; found {grid!r}.")
        listed = multiply(_flat(grid, f"{path}: [grid]"), f"{path}: [grid]")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise CoproduceError(f"{path}: configuration: expected tables, [[configuration]].")
    if not listed:
        raise CoproduceError(f"{path}: configuration: expected at least one.")
    made = []
    for number, one in enumerate(listed, start=1):
        where = f"{path}: [grid]" if grid is not None else f"{path}: configuration {number}"
        made.append(_configuration(_flat(one, where), where))
    names = [one.name for one in made]
    if twice := [name for name in names if names.count(name) > 1]:
        raise CoproduceError(f"{path}: two configurations are named {twice[0]!r}. Give each a name of its own.")
    return tuple(made)


def multiply(grid: Mapping[str, object], where: str) -> list[dict[str, object]]:
    """Give every combination of a grid's values, the last key changing fastest, named by what differs.

    Example:
        >>> [one["name"] for one in multiply({"hits": [5, 10], "citations": 3}, "here")]
        ['hits=5', 'hits=10']
    """
    if "name" in grid:
        raise CoproduceError(f"{where}: name: the configurations of a grid are named by what differs.")
    values = {key: value if isinstance(value, list) else [value] for key, value in grid.items()}
    if not values or not all(values.values()):
        raise CoproduceError(f"{where}: expected at least one key, each with at least one value.")
    for key, options in values.items():
        if any(option in options[:place] for place, option in enumerate(options)):
            raise CoproduceError(f"{where}: {key} lists a value twice.")
    many = prod(len(options) for options in values.values())
    if many > MAX_CONFIGURATIONS:
        raise CoproduceError(f"{where}: that makes {many:,} configurations; at most {MAX_CONFIGURATIONS} are tried.")
    differing = [key for key, options in values.items() if len(options) > 1] or list(values)
    combined = [dict(zip(values, options, strict=True)) for options in product(*values.values())]
    return [{"name": ", ".join(f"{key}={_said(one[key])}" for key in differing), **one} for one in combined]


def _flat(table: Mapping[str, object], where: str) -> dict[str, object]:
    """Write the keys of `weights` with a dot, however the file does; refuse keys that are not known."""
    weights = table.get("weights", {})
    if not isinstance(weights, dict):
        raise CoproduceError(f"{where}: weights: expected a number for each part, such as weights.words = 0.3.")
    plain = {key: value for key, value in table.items() if key != "weights"}
    flat = plain | {f"weights.{key}": value for key, value in weights.items()}
    for key in flat:
        if key not in KEYS and key != "name":
            raise UnknownName(f"{where}: there is no key {key!r}. There are: name, {', '.join(KEYS)}.")
    if len(flat) < len(plain) + len(weights):
        raise CoproduceError(f"{where}: a weight is given twice.")
    return flat


def _configuration(flat: Mapping[str, object], where: str) -> Configuration:
    """Check one configuration. Raises CoproduceError, which says where it stands."""
    plain = {key: value for key, value in flat.items() if not key.startswith("weights.")}
    weights = {key.removeprefix("weights."): value for key, value in flat.items() if key.startswith("weights.")}
    try:
        made = Configuration.model_validate({**plain, "weights": weights})
        load_settings(**{name: getattr(made, name) for name in _SETTINGS})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"] if part not in ("int", "float"))
        found = f"; found {first['input']!r:.80}" if field else ""
        said = first["msg"].removeprefix("Value error, ")
        raise CoproduceError(f"{where}: {f'{field}: ' if field else ''}{said}{found}.") from None
    except CoproduceError as error:
        raise CoproduceError(f"{where}: {str(error).removeprefix('--')}") from None
    return made


def _said(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
