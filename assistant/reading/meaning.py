"""Tell how a text is meant, with what was learned from examples: its acts, its forms, whose words, how it leans."""

from collections.abc import Callable, Sequence

from assistant.reading.features import Features, Mention, lean_features, mention_features, text_features
from assistant.reading.intents import Numbers, furthest, lean_vectors, load_intents

#: Gives the embedding model's own vectors, float32 (n_texts, dim).
Encode = Callable[[list[str]], Numbers]
ASKS = "asks"
#: To take a question wrongly for one that wants quotes hides what the authors say;
#: whoever wants what somebody said of something is not helped by all that they said;
#: and plain words of ours beside what answers are only in the way of whoever did not ask for them.
_SURER = {"quotes": 1.0, "everything": 1.0, "plain": 3.0, "summary": 1.0}


class Meaning:
    """Reads with the learned models; without an encoder, or with one that they do not know, by words alone."""

    def __init__(self, encode: Encode | None = None, model_sha256: str = "") -> None:
        """Read with an encoder of the embedding model whose weights have a hash."""
        learned = load_intents()
        self._model = learned.for_model(model_sha256) if encode else learned.by_words
        self._encode = encode if self._model.uses_vectors else None
        self._by_words = learned.by_words

    def acts(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[dict[str, float]]:
        """Say of each text how far each act is above its threshold."""
        words = [text_features(text, own) for text, own in zip(texts, mentions, strict=True)]
        vectors = self._vectors(texts)
        return [self._model.margins("act", *pair) for pair in zip(words, *vectors, strict=True)]

    def act_by_words(self, text: str, mentions: Sequence[Mention]) -> tuple[str, float]:
        """Give the act of a text by its words alone, and by how much it is ahead of the next."""
        margins = self._by_words.margins("act", text_features(text, mentions))
        act, first = furthest(margins)
        return act, first - sorted(margins.values())[-2]

    def forms(self, text: str, mentions: Sequence[Mention]) -> frozenset[str]:
        """Give the forms that a question wants its answer in."""
        margins = self._margins("form", text, text_features(text, mentions))
        return frozenset(name for name, margin in margins.items() if margin > _SURER.get(name, 0.0))

    def lean(
        self, text: str, mentions: Sequence[Mention], before: str, mentions_before: Sequence[Mention]
    ) -> tuple[str, float]:
        """Say how a question leans on the one before it, and how far that is above its threshold."""
        vectors = [lean_vectors(*one) for one in self._vectors([text, before])]
        features = lean_features(text, mentions, before, mentions_before)
        margins = self._model.margins("lean", features, *(vectors[0] if vectors else ()))
        return furthest(margins)

    def asks_for(self, text: str, mentions: Sequence[Mention], side: str) -> float:
        """Say how far it is that a side's own words are asked for: above 0 they are."""
        return self._margins("voice", text, mention_features(text, mentions, side))["asked"]

    def about(self, text: str) -> tuple[str, float]:
        """Say what a text asks about this tool: a topic of `answering/about.toml`, and the log-odds of it."""
        return furthest(self._margins("about", text, text_features(text)))

    def _margins(self, slot: str, text: str, words: Features) -> dict[str, float]:
        """Say how far each intent of a slot is above its threshold, for one text."""
        return self._model.margins(slot, words, *(one[0] for one in self._vectors([text])))

    def _vectors(self, texts: Sequence[str]) -> tuple[Numbers, ...]:
        """Give the texts' vectors, as one argument; none where none are used."""
        return (self._encode(list(texts)),) if self._encode and texts else ()
