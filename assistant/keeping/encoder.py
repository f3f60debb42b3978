"""Open the exported embedding model that the data folder keeps."""

from concurrent.futures import ThreadPoolExecutor

from assistant.finding.adapter import adapt
from assistant.finding.encoder import Encoder, OnnxEncoder
from assistant.keeping.store import MadeFrom, Store
from assistant.settings import Settings


def load_encoder(settings: Settings) -> Encoder:
    """Load the data folder's exported model, with its files checked, and adapt it. Raises IndexDamaged, ModelError."""
    store = Store(settings.data_dir)
    made_from = MadeFrom.from_settings(settings)
    folder = store.encoder_folder(made_from)
    with ThreadPoolExecutor(max_workers=1) as pool:  # hashing 90 MB and loading them take about as long
        checked = pool.submit(store.check, folder)
        try:
            encoder = OnnxEncoder(folder)
        finally:
            checked.result()  # a damaged file is the better explanation of why loading failed
    return adapt(encoder, made_from.model_sha256)
