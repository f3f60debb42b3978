"""Say how long a sweep will take before it starts: what is left to embed, timed on a few texts, and what is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from assistant.keeping.build import prepare_encoder
from assistant.keeping.embed_cache import EmbeddingCache
from assistant.keeping.exported import load_encoder, load_for_many
from assistant.keeping.store import WantedIndex
from assistant.settings import Settings
from corpus.errors import CoproduceError
from corpus.load import load_library
from eval.sweep_file import Configuration
from eval.sweep_index import cut_chunks

_SAMPLE = 32  # texts that are embedded to time the rest; they are kept
#: About what two cores take to put an index together from kept embeddings, and to ask a question, with filters again:
#: a guess for the whole, not a measurement of this machine.
_SECONDS_AN_INDEX, _SECONDS_A_QUESTION = 12.0, 0.12


@dataclass(frozen=True)
class Estimate:
    """What a sweep has to do."""

    configurations: int
    indexes: int
    questions: int
    """For each configuration."""
    texts: int
    """That are not embedded yet."""
    seconds: float

    @property
    def words(self) -> str:
        """The estimate in a sentence."""
        many = "1 configuration" if self.configurations == 1 else f"{self.configurations} configurations"
        embed = f"{self.texts:,} texts to embed" if self.texts else "nothing to embed"
        return f"{many} of {self.questions} questions each, {embed}: about {_duration(self.seconds)}."


def estimate(
    groups: Sequence[Sequence[Configuration]], questions: int, settings: Settings, cache: EmbeddingCache
) -> Estimate:
    """Say what a sweep has to do, and about how long it will take here.

    Args:
        groups: Configurations that share an index stand together.
        questions: How many each is asked.
        settings: What configurations leave out.
        cache: What is embedded already; a few texts more are, to time them.

    A configuration whose model cannot be loaded counts for nothing: the sweep says what is wrong with it.
    """
    missing, seconds = 0, 0.0
    for members in groups:
        try:
            left, took = _time_to_embed(members[0], settings, cache)
        except CoproduceError:
            continue
        missing += left
        seconds += took
    configurations = sum(map(len, groups))
    seconds += len(groups) * _SECONDS_AN_INDEX + configurations * questions * _SECONDS_A_QUESTION
    return Estimate(configurations, len(groups), questions, missing, seconds)


def _time_to_embed(one: Configuration, settings: Settings, cache: EmbeddingCache) -> tuple[int, float]:
    """Count the texts of an index that are not embedded yet, and say how many seconds they will take."""
    of_model = one.settings_over(settings)
    prepare_encoder(of_model)
    wanted = WantedIndex.from_settings(of_model)
    counter = load_encoder(of_model, wanted)
    keeping = load_for_many(of_model, wanted, counter, cache)
    texts: list[str] = []
    for entry in load_library().entries:
        chunks, _ = cut_chunks(one, entry, counter)
        texts += [chunk.embedded_text for chunk in chunks]
        texts += [question for topic in entry.not_covered if one.has_questions for question in topic.questions]
        texts += [way for answer in entry.prepared for way in answer.ways]
    missing = keeping.missing(texts)
    if not missing:
        return 0, 0.0
    keeping.encode(missing[:1])  # loads the model
    sample = missing[1 :: max(1, len(missing) // _SAMPLE)][:_SAMPLE]
    began = perf_counter()
    keeping.encode(sample)
    seconds = (perf_counter() - began) / max(1, len(sample))
    return len(missing), seconds * len(missing)


def _duration(seconds: float) -> str:
    """Write a time as roughly as it is known."""
    if seconds < 45:
        return f"{max(10, 10 * round(seconds / 10))} seconds"
    minutes = round(seconds / 60)
    if minutes < 90:
        return "1 minute" if minutes <= 1 else f"{minutes} minutes"
    return f"{round(seconds / 3600)} hours"
