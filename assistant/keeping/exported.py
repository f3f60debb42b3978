"""Open the exported embedding model that the data folder keeps."""

from concurrent.futures import ThreadPoolExecutor

from assistant.finding.encoder import Encoder, OnnxEncoder
from assistant.keeping.embed_cache import CachedEncoder, EmbeddingCache
from assistant.keeping.store import Store, WantedIndex
from assistant.settings import Settings


def load_encoder(settings: Settings, wanted: WantedIndex | None = None) -> Encoder:
    """Load the data folder's exported model, with its files checked. Raises IndexDamaged, ModelError."""
    store = Store(settings.data_dir)
    wanted = wanted or WantedIndex.from_settings(settings)
    folder = store.encoder_folder(wanted.encoder)
    with ThreadPoolExecutor(max_workers=1) as pool:  # hashing 90 MB and loading them take about as long
        checked = pool.submit(store.check, folder)
        try:
            return OnnxEncoder(folder)
        finally:
            checked.result()  # a damaged file is the better explanation of why loading failed


def load_for_many(settings: Settings, wanted: WantedIndex, asking: Encoder, cache: EmbeddingCache) -> CachedEncoder:
    """Give an encoder of many texts by the same model, which a cache keeps: it is loaded when the first is missing.

    `asking` is the encoder of questions; until then it counts tokens.
    """
    folder = Store(settings.data_dir).encoder_folder(wanted.encoder)
    return CachedEncoder(cache, wanted.encoder.key, asking, lambda: OnnxEncoder(folder, for_many=True))
