"""Guards the learned files: each is used for the model and questions that it was learned from, and for no others."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.answering.confidence import load_models, why_not_fitted
from assistant.finding import learned as module
from assistant.finding.covered import COVERED_FILE
from assistant.finding.encoder import OnnxEncoder
from assistant.finding.learned import LearnedFrom, load_learned, save_learned
from assistant.finding.tuned import TUNED_FILE
from assistant.keeping.build import index_chunks, words_of_passages
from assistant.keeping.exported import load_encoder
from assistant.keeping.model import DEFAULT_MODEL, EXPECTED_SHA256, find_model
from assistant.keeping.store import Store, WantedIndex
from assistant.pipeline import Assistant
from assistant.schema import Query
from assistant.settings import Settings
from corpus.expand import NotCovered
from corpus.frozen import content_id
from corpus.library import KnownQuestion, Library
from corpus.load import LIBRARY, entry_of, load_entry, load_library
from corpus.readers.text import read_text
from corpus.schema import Chunk
from eval.fit import made_from
from tests.assistant.conftest import Run

MODEL, OTHER = "a" * 64, "b" * 64
ASKED = {"bees": "1" * 64, "boats": "2" * 64}
LINEAR = np.array([[0.5, -0.25], [0, 1]], dtype=np.float32)
LAYERS = {
    "hidden": np.ones((2, 3), dtype=np.float32),
    "hidden_bias": np.zeros(3, dtype=np.float32),
    "output": np.array([0.5, 0, 0], dtype=np.float32),
    "output_bias": np.array([0.25], dtype=np.float32),
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small files in the place of the package's own, learned for one model and the questions of two documents."""
    for name in ("TUNED_FILE", "COVERED_FILE"):
        monkeypatch.setattr(module, name, tmp_path / getattr(module, name).name)
    learn(tmp_path)


def learn(folder: Path, tuned: LearnedFrom | None = None, network: LearnedFrom | None = None) -> None:
    """Write both files; what each was learned from is what fits, unless something else is given."""
    fitting = LearnedFrom(model_sha256=MODEL, questions=ASKED)
    save_learned(folder / "tuned.npz", tuned or fitting, up=LINEAR)
    save_learned(folder / "covered.npz", network or fitting, **LAYERS)
    module._load.cache_clear()
    module._sha256.cache_clear()


def test_files_that_fit_are_used(files: None) -> None:
    learned = load_learned(LearnedFrom(model_sha256=MODEL, questions=ASKED))
    assert learned.refused == ()
    assert learned.tuned is not None
    assert (learned.tuned["up"] == LINEAR).all()
    assert len(learned.tuned_sha256) == 64
    assert learned.network is not None
    assert learned.network.documents == {"bees", "boats"}
    # Scaled by 8: (8 · 1 + 8 · 0) · 0.5 + 0.25
    assert learned.network.log_odds(np.array([[1, 0]], dtype=np.float32)) == pytest.approx(4.25)


def test_files_learned_for_another_model_are_refused_by_name_with_what_to_do(files: None) -> None:
    learned = load_learned(LearnedFrom(model_sha256=OTHER, questions=ASKED))
    assert (learned.tuned, learned.tuned_sha256, learned.network) == (None, "", None)
    assert len(learned.refused) == 2
    for line, name in zip(learned.refused, ("tuned.npz", "covered.npz"), strict=True):
        assert line.startswith(name)
        assert MODEL[:12] in line and OTHER[:12] in line  # what was found, and what was expected
        assert "COPRODUCE_MODEL" in line and "`make train`" in line
        assert "\n" not in line


@pytest.mark.parametrize("document_id", ASKED)
def test_files_learned_from_other_questions_are_refused_by_name_with_what_to_do(files: None, document_id: str) -> None:
    learned = load_learned(LearnedFrom(model_sha256=MODEL, questions={**ASKED, document_id: "3" * 64}))
    assert (learned.tuned, learned.network) == (None, None)
    assert len(learned.refused) == 2
    for line, name in zip(learned.refused, ("tuned.npz", "covered.npz"), strict=True):
        assert line.startswith(name)
        assert document_id in line
        assert "`make train`" in line
        assert "\n" not in line


@pytest.mark.parametrize(
    "questions", [{}, {"trains": "4" * 64}, {**ASKED, "trains": "4" * 64}, {"bees": ASKED["bees"]}], ids=len
)
def test_a_document_that_is_not_known_or_not_there_is_no_reason(files: None, questions: dict[str, str]) -> None:
    learned = load_learned(LearnedFrom(model_sha256=MODEL, questions=questions))
    assert learned.refused == ()
    assert learned.tuned is not None
    assert learned.network is not None
    assert "trains" not in learned.network.documents


def test_a_network_is_left_out_with_the_tuned_layers_that_it_reads(files: None, tmp_path: Path) -> None:
    learn(tmp_path, tuned=LearnedFrom(model_sha256=OTHER, questions=ASKED))
    learned = load_learned(LearnedFrom(model_sha256=MODEL, questions=ASKED))
    assert (learned.tuned, learned.network) == (None, None)
    assert [line.partition(" ")[0] for line in learned.refused] == ["tuned.npz", "covered.npz"]
    assert "tuned.npz" in learned.refused[1]


def test_tuned_layers_stay_without_the_network(files: None, tmp_path: Path) -> None:
    learn(tmp_path, network=LearnedFrom(model_sha256=MODEL, questions={"bees": "0" * 64}))
    learned = load_learned(LearnedFrom(model_sha256=MODEL, questions=ASKED))
    assert learned.tuned is not None
    assert learned.network is None
    assert [line.partition(" ")[0] for line in learned.refused] == ["covered.npz"]


def test_a_file_is_known_by_its_content(files: None, tmp_path: Path) -> None:
    before = load_learned(LearnedFrom(model_sha256=MODEL, questions=ASKED)).tuned_sha256
    save_learned(tmp_path / "tuned.npz", LearnedFrom(model_sha256=MODEL, questions=ASKED), up=2 * LINEAR)
    module._load.cache_clear()
    module._sha256.cache_clear()
    assert load_learned(LearnedFrom(model_sha256=MODEL, questions=ASKED)).tuned_sha256 not in ("", before)


def test_files_are_written_without_pickle_and_say_what_they_were_learned_from(tmp_path: Path) -> None:
    made_from = LearnedFrom(model_sha256=MODEL, questions=ASKED, cases_sha256={"train": "5" * 64})
    save_learned(tmp_path / "tuned.npz", made_from, up=LINEAR)
    with np.load(tmp_path / "tuned.npz", allow_pickle=False) as stored:
        assert {stored[name].dtype.kind for name in stored.files} == {"U", "f"}
        assert LearnedFrom.model_validate(json.loads(str(stored["made_from"]))) == made_from


@pytest.mark.parametrize("path", [TUNED_FILE, COVERED_FILE], ids=lambda path: path.name)
def test_the_packages_files_fit_its_model_and_its_library(path: Path) -> None:
    with np.load(path, allow_pickle=False) as stored:
        made_from = LearnedFrom.model_validate(json.loads(str(stored["made_from"])))
    assert made_from.model_sha256 == EXPECTED_SHA256["model.safetensors"]
    here = {entry.document.id: entry.hashes.questions for entry in load_library().entries}
    assert made_from.questions == {name: sha256 for name, sha256 in here.items() if sha256}


def test_the_assistant_uses_both_files_and_complains_of_none(
    settings_built: Settings, assistant_built: Assistant
) -> None:
    assert assistant_built.refused_files == ()
    assert load_encoder(settings_built).encode(["power"]).shape == (1, 768)  # the model's own, and the tuned layers'
    parsed = assistant_built.read(Query(question="What is said about power?"))
    assert {"network", "network_own"} <= set(assistant_built.find(parsed).signals)


def test_a_document_with_questions_of_its_own_is_not_judged_by_the_network_of_another(settings_built: Settings) -> None:
    document = read_text("A lock raises a boat by letting water in.", document_id="boats", title="Boats")
    [passage] = document.passages
    known = KnownQuestion(passage_id=passage.id, span=(passage.start, passage.end), question="What is a lock for?")
    topic = NotCovered(topic="trains", kind="near", questions=("Who drives a train?",))
    entry = entry_of(document).model_copy(update={"questions": (known,), "not_covered": (topic,)})
    assistant = Assistant.from_library(Library([entry]), settings_built)
    assert assistant.refused_files == ()
    signals = assistant.find(assistant.read(Query(question="How does a lock raise a boat?"))).signals
    assert "contrast_of_nearest" in signals
    assert not {"network", "network_own"} & set(signals)


@pytest.fixture(scope="module")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local model: the bundled one with some weights changed, so that it is another."""
    from safetensors.numpy import load_file, save_file

    bundled = find_model(DEFAULT_MODEL)
    assert bundled is not None
    folder = Path(shutil.copytree(bundled, tmp_path_factory.mktemp("model") / "mine"))
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("word_embeddings.weight"))
    save_file({**weights, name: weights[name] * np.float32(1.01)}, folder / "model.safetensors", {"format": "pt"})
    return folder


def shown_as_built(settings: Settings, settings_built: Settings) -> None:
    """Give a data folder what a build under other settings would: the bundled export stands for the other model's."""
    store, real = Store(settings.data_dir), Store(settings_built.data_dir)
    wanted, built = WantedIndex.from_settings(settings), WantedIndex.from_settings(settings_built)
    [part] = wanted.parts
    entry = load_library().entries[0].model_copy(update={"prepared": ()})
    exported = real.encoder_folder(built.encoder)

    def copy(new: Path) -> None:
        for path in exported.iterdir():
            if path.name != "manifest.json":
                shutil.copyfile(path, new / path.name)

    store.write(store.encoder_folder(wanted.encoder), wanted.encoder, copy)
    # A few words are enough: what is tested is what is said of the files.
    chunks = tuple(
        Chunk(
            id=content_id(one.id, "passage", one.start, one.end),
            passage_id=one.id,
            document_id=one.document_id,
            start=one.start,
            end=one.end,
            embedded_text=one.text[:80],
            view="passage",
        )
        for one in entry.document.passages
    )
    encoder = OnnxEncoder(store.encoder_folder(wanted.encoder), for_many=True)
    made = index_chunks(entry, chunks, words_of_passages(entry, chunks), encoder, counter_questions=False)
    store.save_entry(wanted.entries[0], entry)
    store.save_part(part, made)


def test_another_model_is_said_to_be_without_the_learned_files(
    coproduce: Run, settings_built: Settings, other_model: Path, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", model=str(other_model))
    shown_as_built(settings, settings_built)
    assistant = Assistant.from_settings(settings)
    assert [line.partition(" ")[0] for line in assistant.refused_files] == [
        "tuned.npz",
        "covered.npz",
        "answerable.json",
        "intents.npz",
    ]
    assert assistant.search(Query(question="power"))
    env = {"COPRODUCE_MODEL": str(other_model), "COPRODUCE_DATA_DIR": str(settings.data_dir)}
    done = coproduce("search", "power", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 10  # what is said is not mixed with what is printed
    assert done.stderr.splitlines() == [f"coproduce: {line}" for line in assistant.refused_files]


def test_other_questions_than_were_learned_from_are_said(settings_built: Settings) -> None:
    [entry] = load_library().entries
    changed: dict[str, Any] = {"questions": "0" * 64}
    library = Library([entry.model_copy(update={"hashes": entry.hashes.model_copy(update=changed)})])
    wanted = WantedIndex.from_library(settings_built, library)
    assert [line.partition(" ")[0] for line in wanted.learned.refused] == ["tuned.npz", "covered.npz"]
    assert all(entry.document.id in line for line in wanted.learned.refused)
    [line] = why_not_fitted(wanted.here)
    assert line.startswith("answerable.json") and entry.document.id in line and "`make train`" in line


def test_a_document_is_known_by_its_id_whatever_its_folder_is_called(settings_built: Settings, tmp_path: Path) -> None:
    """A copy with other questions is not the document that was learned for, though its folder has another name."""
    folder = Path(shutil.copytree(LIBRARY / "involve-2017", tmp_path / "mine"))
    questions = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "questions.jsonl").write_text("\n".join(questions[:-1]) + "\n", encoding="utf-8")
    entry = load_entry(folder)
    wanted = WantedIndex.from_library(settings_built, Library([entry]))
    assert [line.partition(" ")[0] for line in wanted.learned.refused] == ["tuned.npz", "covered.npz"]
    assert wanted.parts[0].document == wanted.entries[0].document == entry.document.id
    alone = Library([entry_of(entry.document)])  # the same report without questions
    assert WantedIndex.from_library(settings_built, alone).learned.refused == ()


def test_the_packages_models_were_fitted_to_what_is_here() -> None:
    assert load_models().made_from == made_from()
