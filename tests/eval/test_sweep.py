"""`coproduce eval sweep`: the file, the kept embeddings, what is embedded, and real configurations."""

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from assistant.finding.rerank import RERANKED, PairReranker
from assistant.finding.retriever import Candidate
from assistant.finding.score import WEIGHTS, Scorer
from assistant.keeping.embed_cache import CachedEncoder, EmbeddingCache
from assistant.keeping.model import load_cross_encoder
from assistant.keeping.store import Store, WantedIndex
from assistant.serving.terminal.cli import app
from assistant.settings import Settings
from corpus.errors import CoproduceError, DataFolderError, ModelError, UnknownName
from corpus.load import load_library
from eval.cases import load_cases, split_path
from eval.command import ask_all
from eval.compare import compare_runs
from eval.difference import MeasureDifference
from eval.folder import RunFolderError, read_run
from eval.measures import MEASURES
from eval.sweep import CACHE_FILE, Sweep, run_sweep
from eval.sweep_command import show_sweep
from eval.sweep_file import Configuration, read_sweep, with_unchanged
from eval.sweep_index import cut_chunks
from eval.sweep_time import Estimate


class WordLengths:
    """Encodes a text as the direction of its length, and keeps what it was asked to encode."""

    max_tokens = 100

    def __init__(self):
        self.encoded = []

    def encode(self, texts):
        self.encoded += texts
        angles = np.array([len(text) for text in texts], dtype=np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)

    def count(self, text):
        return len(text.split())

    def plain(self, vectors):
        return vectors


def read(tmp_path, written):
    path = tmp_path / "sweep.toml"
    path.write_text(written, encoding="utf-8")
    return read_sweep(path)


def test_a_grid_multiplies_out_and_names_what_differs(tmp_path):
    made = read(
        tmp_path,
        """
        [grid]
        hits = [5, 10]
        "weights.words" = [0.2, 0.3]
        citations = 3
        views = [["passage"]]
        """,
    )
    assert [one.name for one in made] == [
        "hits=5, weights.words=0.2", "hits=5, weights.words=0.3",
        "hits=10, weights.words=0.2", "hits=10, weights.words=0.3",
    ]  # fmt: skip
    assert [(one.hits, one.weights) for one in made] == [
        (5, {"words": 0.2}), (5, {"words": 0.3}), (10, {"words": 0.2}), (10, {"words": 0.3}),
    ]  # fmt: skip
    assert all((one.citations, one.views) == (3, ("passage",)) for one in made)


def test_weights_may_be_written_with_a_dot_or_as_a_table(tmp_path):
    dotted = read(tmp_path, "[grid]\nweights.words = [0.2, 1]")
    assert [one.weights for one in dotted] == [{"words": 0.2}, {"words": 1}]
    assert dotted == read(tmp_path, '[grid]\n"weights.words" = [0.2, 1]')
    listed = read(tmp_path, '[[configuration]]\nname = "a"\nweights = {words = 0.2}\n[[configuration]]\nname = "b"')
    assert [(one.name, one.weights) for one in listed] == [("a", {"words": 0.2}), ("b", {})]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[grid]\nhit = [1]", "[grid]: there is no key 'hit'. There are: name, hits, citations, answer_tokens, known_"),
        ("[grid]\nweights.word = [1]", "there is no key 'weights.word'. There are: "),
        ('[[configuration]]\nname = "a"\n[[configuration]]\nname = "b"\nk = 1', "configuration 2: there is no key 'k'"),
        ("[grids]\nhits = [1]", "there is no 'grids'. There are: [grid], or [[configuration]]"),
    ],
)
def test_a_key_that_is_not_known_is_named_and_the_known_are_listed(tmp_path, written, message):
    with pytest.raises(UnknownName) as raised:
        read(tmp_path, written)
    assert message in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "sweep.toml"))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "expected either a [grid] or a list"),
        ("hits = ", "expected TOML"),
        ("[grid]", "expected at least one key"),
        ("[grid]\nhits = []", "expected at least one key"),
        ("[grid]\nhits = [5, 5]", "hits lists a value twice"),
        ("[grid]\nname = ['a']", "are named by what differs"),
        (f"[grid]\nhits = {list(range(1, 101))}\ncitations = [1, 2, 3]", "that makes 300 configurations; at most 200"),
        ("grid = 3", "expected a table"),
        ("configuration = 3", "expected tables"),
        ("[grid]\nhits = [0]", "hits cannot be 0: input should be greater than or equal to 1"),
        ("[grid]\nhits = [true]", "hits: Input should be a valid integer; found True"),
        ("[grid]\nweights.words = [-1]", "weights.words: Input should be greater than or equal to 0; found -1"),
        ("[grid]\nweights.words = [nan]", "weights.words: "),
        ("[grid]\nviews = ['passage']", "views: Input should be a valid tuple; found 'passage'"),
        ("[grid]\nviews = [['question']]", "views needs passage or sentence"),
        ("[grid]\nviews = [['sentence']]\nchunk_tokens = 20", "views leaves them out"),
        ("[grid]\nchunk_overlap = [1]", "chunk_overlap needs chunk_tokens"),
        ("[grid]\nchunk_tokens = [2]", "chunk_tokens: Input should be greater than or equal to 8"),
        ("[grid]\nknown_questions = false\nweights.questions = 1", "weights.questions needs known_questions = true"),
        ("[grid]\nreranker = ['bm25']", "there is no reranker 'bm25'. There are: none, cross-encoder:FOLDER"),
        ("[grid]\nreranker = ['cross-encoder:']", "needs a folder"),
        ("[[configuration]]\nhits = 3", "configuration 1: name: Field required"),
        ('[[configuration]]\nname = "a"\n[[configuration]]\nname = "a"', "two configurations are named 'a'"),
        ("configuration = []", "expected at least one"),
        ("[grid]\nhits = [1]\n[[configuration]]\nname = 'a'", "found 2"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path, written, message):
    with pytest.raises(CoproduceError) as raised:
        read(tmp_path, written)
    assert message in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "sweep.toml"))


def test_each_text_is_embedded_once_and_a_second_time_not_at_all(tmp_path):
    texts = ["one", "three", "one", "seven77"]
    first, second = WordLengths(), WordLengths()
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        encoder = CachedEncoder(cache, "model a", first)
        vectors = encoder.encode(texts)
        assert first.encoded == ["one", "three", "seven77"]
        assert (encoder.embedded, encoder.from_cache) == (3, 1)
        encoder.encode(["three", "new"])
        assert first.encoded == ["one", "three", "seven77", "new"]
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        again = CachedEncoder(cache, "model a", second).encode(texts)
        assert second.encoded == []
        CachedEncoder(cache, "model b", second).encode(["one"])
        assert second.encoded == ["one"]
        assert CachedEncoder(cache, "model a", second).encode([]).shape == (0, 0)
    assert np.array_equal(vectors, again)
    assert np.array_equal(vectors, WordLengths().encode(texts))
    assert vectors.dtype == again.dtype == np.float32


def test_a_model_is_loaded_only_when_a_text_is_missing(tmp_path):
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        CachedEncoder(cache, "m", WordLengths()).encode(["one"])
        CachedEncoder(cache, "m", WordLengths(), lambda: pytest.fail("loaded")).encode(["one"])
        loaded = WordLengths()
        counter = WordLengths()
        CachedEncoder(cache, "m", counter, lambda: loaded).encode(["one", "two2"])
    assert (loaded.encoded, counter.encoded) == (["two2"], [])


def test_kept_vectors_are_those_of_what_is_loaded_whatever_counts_the_tokens(tmp_path):
    with EmbeddingCache(tmp_path / "e.sqlite") as cache:
        encoder = CachedEncoder(cache, "m", WordLengths(), WordLengths)
        vectors = encoder.encode(["one", "three"])
    assert np.array_equal(encoder.plain(vectors), vectors)


def test_a_damaged_vector_is_embedded_again_and_a_broken_file_is_named(tmp_path):
    path = tmp_path / "e.sqlite"
    with EmbeddingCache(path) as cache:
        CachedEncoder(cache, "m", WordLengths()).encode(["one"])
    for damage in (b"123", b"", b"\0" * 8):
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE vectors SET vector = ?", (damage,))
        connection.close()
        encoder = WordLengths()
        with EmbeddingCache(path) as cache:
            CachedEncoder(cache, "m", encoder).encode(["one"])
        assert encoder.encoded == ["one"]
    path.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(DataFolderError, match=r"e\.sqlite cannot be used"):
        EmbeddingCache(path)


def views_of(one):
    [entry] = load_library().entries
    chunks, words = cut_chunks(one, entry, WordLengths())
    assert len(words) == len(entry.document.passages)
    return chunks, words


def test_only_the_views_wanted_are_embedded_and_every_passage_has_one():
    passages = {passage.id for passage in load_library().passages}
    everything, words = views_of(Configuration(name="a"))
    assert {chunk.view for chunk in everything} == {"passage", "sentence", "question"}
    whole, words_whole = views_of(Configuration(name="a", views=("passage",)))
    assert [chunk for chunk in everything if chunk.view == "passage"] == list(whole)
    assert words_whole == words  # known questions that are not embedded still count by their words
    sentences, _ = views_of(Configuration(name="a", views=("sentence",)))
    assert {chunk.view for chunk in sentences} == {"sentence"}
    assert {chunk.passage_id for chunk in sentences} == {chunk.passage_id for chunk in whole} == passages
    unknown, words_unknown = views_of(Configuration(name="a", known_questions=False))
    assert {chunk.view for chunk in unknown} == {"passage", "sentence"}
    assert sum(map(len, words_unknown)) < sum(map(len, words))


def test_whole_passages_are_cut_smaller_and_overlap():
    whole, _ = views_of(Configuration(name="a"))
    small, _ = views_of(Configuration(name="a", chunk_tokens=60))
    shared, _ = views_of(Configuration(name="a", chunk_tokens=60, chunk_overlap=1))
    spans = [[(one.start, one.end) for one in chunks if one.view == "passage"] for chunks in (whole, small, shared)]
    assert len(spans[0]) < len(spans[1])
    lengths = [sum(end - start for start, end in found) for found in spans]
    assert lengths[0] - 1000 < lengths[1] <= lengths[0] < lengths[2]
    assert [one for one in whole if one.view != "passage"] == [one for one in small if one.view != "passage"]


def test_weights_are_those_that_are_given():
    passage = load_library().documents[0].passages[0]
    chunks, _ = views_of(Configuration(name="a"))
    scorer = Scorer([passage], tuple(one for one in chunks if one.passage_id == passage.id), {**WEIGHTS, "words": 5})
    assert scorer.n_questions > 0  # so the weights are those for documents with known questions
    parts = {name: np.ones(1, dtype=np.float32) for name in (*WEIGHTS, "around")}
    assert scorer.total(scorer.everything, parts)[0] == pytest.approx(sum(WEIGHTS.values()) - WEIGHTS["words"] + 5)


@pytest.fixture
def found():
    passages = load_library().documents[0].passages[:25]
    return [
        Candidate(passage, 3 - number / 10, {"boost": 0.0}, True, (0.0,) * len(passage.sentences))
        for number, passage in enumerate(passages)
    ]


def test_a_reranker_turns_the_first_hits_round_and_keeps_their_scores(found):
    def last_first(pairs):
        assert {question for question, _ in pairs} == {"why?"}
        return [float(number) for number in range(len(pairs))]

    again = PairReranker(last_first).rerank("why?", found)
    assert RERANKED == 20
    assert [one.passage for one in again] == [one.passage for one in (*found[19::-1], *found[20:])]
    assert [one.score for one in again] == pytest.approx([one.score for one in found])
    assert PairReranker(last_first).rerank("why?", []) == []


def test_a_reranker_leaves_what_was_added_for_a_voice_with_its_passage(found):
    voiced = [replace(one, score=one.score + 5, parts={"boost": 5.0}) for one in found[:2]]
    last_first = PairReranker(lambda pairs: [float(number) for number in range(len(pairs))])
    again = last_first.rerank("why?", [*voiced, *found[2:]])
    assert [one.passage for one in again[:2]] == [found[1].passage, found[0].passage]
    assert [one.parts["boost"] for one in again] == [5.0] * 2 + [0.0] * 23
    assert [one.score for one in again] == sorted((one.score for one in again), reverse=True)


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory):
    """A cross-encoder of two thousand numbers, with the bundled model's tokenizer; it knows nothing."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from assistant.keeping.model import DEFAULT_MODEL, find_model

    folder = tmp_path_factory.mktemp("cross")
    tokenizer = AutoTokenizer.from_pretrained(find_model(DEFAULT_MODEL))
    torch.manual_seed(0)
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    config = BertConfig(vocab_size=len(tokenizer), num_labels=1, **shape)
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def few(tmp_path):
    """A handful of dev cases, one of them not answerable."""
    lines = split_path("dev").read_text(encoding="utf-8").splitlines()
    refused = next(line for line in lines if not json.loads(line)["answerable"])
    path = tmp_path / "few.jsonl"
    path.write_text("\n".join([*lines[:5], refused]), encoding="utf-8")
    return path


class FromIndex(WordLengths):
    """Gives the vectors that a built index holds, without the map that was learned: half of each."""

    def __init__(self, settings):
        super().__init__()
        library, index = Store(settings.data_dir).load(WantedIndex.from_settings(settings))
        texts = [chunk.embedded_text for chunk in index.chunks]
        texts += [question for topic in library.not_covered for question in topic.questions]
        texts += [way for answer in library.prepared for way in answer.ways]
        vectors = np.concatenate([index.vectors.all(), index.not_covered.all(), index.asked.all()])
        self.vectors = dict(zip(texts, vectors, strict=True))

    def encode(self, texts):
        return np.stack([self.vectors[text] for text in texts])


@pytest.fixture(scope="module")
def data_dir(settings_built, tmp_path_factory):
    """A data folder that keeps the embeddings of the built index, so that a sweep need not take minutes."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "encoders").symlink_to(settings_built.data_dir / "encoders")
    key = WantedIndex.from_settings(settings_built).encoder.key
    known = FromIndex(settings_built)
    with EmbeddingCache(folder / CACHE_FILE) as cache:
        CachedEncoder(cache, key, known).encode(list(known.vectors))
    return folder


def printed_at_80(sweep):
    console = Console(width=80)
    with console.capture() as capture:
        show_sweep(console, Sweep.model_validate(sweep))
    shown = capture.get()
    assert "…" not in shown
    return shown.partition("absent could not")[0]


def test_what_changes_nothing_comes_first_and_is_added_where_it_is_missing():
    settings = Settings()
    other = Configuration(name="unchanged", hits=settings.hits + 1)
    assert [one.name for one in with_unchanged([other], settings)] == ["unchanged here", "unchanged"]
    same = Configuration(name="mine", hits=settings.hits, weights={"words": WEIGHTS["words"]})
    assert [one.name for one in with_unchanged([other, same], settings)] == ["mine", "unchanged"]


@pytest.mark.parametrize(
    ("texts", "seconds", "words"),
    [
        (0, 4, "1 configuration of 9 questions each, nothing to embed: about 10 seconds."),
        (1234, 61, "1 configuration of 9 questions each, 1,234 texts to embed: about 1 minute."),
        (1, 60 * 29.7, "1 configuration of 9 questions each, 1 texts to embed: about 30 minutes."),
        (1, 3600 * 7, "1 configuration of 9 questions each, 1 texts to embed: about 7 hours."),
    ],
)
def test_how_long_it_will_take_is_said_roughly(texts, seconds, words):
    assert Estimate(1, 1, 9, texts, seconds).words == words


def test_real_configurations_differ_where_they_must(assistant_built, few, tmp_path, cross_encoder, data_dir):
    """Through the command: words that count for nothing or alone, one that fails, a page, and a second sweep."""
    file, folder = tmp_path / "sweep.toml", tmp_path / "out"
    file.write_text(
        f"""
        [[configuration]]
        name = "no words"
        weights.words = 0
        hits = 5
        [[configuration]]
        name = "only words"
        weights = {{passage = 0, sentence = 0, question = 0, questions = 0, words = 1}}
        [[configuration]]
        name = "absent"
        reranker = "cross-encoder:{tmp_path / "absent"}"
        [[configuration]]
        name = "knows nothing"
        reranker = "cross-encoder:{cross_encoder}"
        [[configuration]]
        name = "no such model"
        model = "{tmp_path / "absent"}"
        """,
        encoding="utf-8",
    )
    options = ["--cases", str(few), "--data-dir", str(data_dir)]
    result = CliRunner().invoke(app, ["eval", "sweep", str(file), "--out", str(folder), *options])
    assert result.exit_code == 1, result.output  # as one of them could not be tried
    assert f"absent could not be tried: there is no folder {tmp_path / 'absent'}" in result.output
    printed = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    errors = [one["name"] for one in printed["tried"] if one["error"]]
    assert errors == ["absent", "no such model"]
    assert printed["texts_embedded"] == 0  # the usual configuration embeds what the index holds, and nothing else
    assert printed["texts_from_cache"] > 10_000
    plain, no_words, only_words, reranked = (read_run(folder / name) for name in ("00", "01", "02", "04"))
    assert [(one["name"], one["folder"]) for one in printed["tried"][:2]] == [("unchanged", "00"), ("no words", "01")]
    said = " ".join(result.output.split())
    assert "6 configurations of 6 questions each, nothing to embed: about " in said
    assert printed["unchanged"] == "unchanged"
    compared = {one["name"]: one["compared"] for one in printed["tried"] if one["compared"]}
    assert list(compared) == ["no words", "only words", "knows nothing"]
    pairs = compare_runs([plain, no_words, only_words, reranked], by=MEASURES["recall@5"]).pairs
    for pair in pairs:  # one verdict: as the command that compares their folders gives it
        found = MeasureDifference.model_validate(compared[pair.name])
        assert found == pair.primary
    assert pairs[0].settings == {"hits": (plain.summary.config["hits"], 5), "weights.words": (WEIGHTS["words"], 0)}
    assert "Held against 'unchanged'; p is corrected" in said
    assert all(len(line) <= 80 for line in printed_at_80(printed).splitlines())

    usual = ask_all(assistant_built, "few.jsonl", load_cases(few))
    assert compare_runs([usual, plain]).pairs[0].settings == {}
    assert [row.measures for row in plain.rows] == [row.measures for row in usual.rows]
    rankings = [
        {id: [hit.passage_id for hit in answer.hits] for id, answer in one.answers.items()}
        for one in (usual, plain, no_words, only_words, reranked)
    ]
    assert rankings[0] == rankings[1]
    assert len({json.dumps(one) for one in rankings}) == 4
    # Five of those that there are: an answer in the assistant's own words has none.
    assert {id: len(hits) for id, hits in rankings[2].items()} == {
        id: min(len(hits), 5) for id, hits in rankings[1].items()
    }
    assert sum(len(hits) == 5 for hits in rankings[2].values()) >= 5
    assert plain.summary.index_bytes == pytest.approx(usual.summary.index_bytes, rel=0.001)
    assert len({one.summary.fingerprint.config_sha256 for one in (plain, no_words, only_words, reranked)}) == 4
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Quality against latency" in page
    assert "Quality against index size" in page
    assert "only words" in page

    taken = CliRunner().invoke(app, ["eval", "sweep", str(file), "--out", str(folder), *options])
    assert isinstance(taken.exception, RunFolderError)


def test_a_second_sweep_embeds_nothing(few, tmp_path, data_dir):
    file = tmp_path / "sweep.toml"
    file.write_text(
        "[grid]\nknown_questions = false\nviews = [['passage']]\nchunk_tokens = 64\n"
        "chunk_overlap = [0, 1]\nhits = [3, 4]"
    )
    options = ["--cases", str(few), "--data-dir", str(data_dir), "--by", "ndcg@10", "--json"]
    first, second = (
        json.loads(CliRunner().invoke(app, ["eval", "sweep", str(file), "--out", str(tmp_path / out), *options]).stdout)
        for out in ("one", "two")
    )
    # Those that were embedded to time the rest were taken from the cache.
    assert first["texts_embedded"] > 0
    assert second["texts_embedded"] == 0
    assert second["texts_from_cache"] == first["texts_embedded"] + first["texts_from_cache"]
    assert [one["name"] for one in first["tried"]] == [
        "unchanged",
        "chunk_overlap=0, hits=3", "chunk_overlap=0, hits=4", "chunk_overlap=1, hits=3", "chunk_overlap=1, hits=4",
    ]  # fmt: skip
    assert [one["folder"] for one in first["tried"]] == ["00", "01", "02", "03", "04"]
    sizes = [one["summary"]["index_bytes"] for one in first["tried"][1:]]
    assert sizes[0] == sizes[1] < sizes[2] == sizes[3]
    for one, other in zip(first["tried"], second["tried"], strict=True):
        ours, theirs = (made["summary"]["measures"] for made in (one, other))
        assert {name: ours[name] for name in ours if "latency" not in name} == {
            name: theirs[name] for name in theirs if "latency" not in name
        }


def test_the_test_cases_are_not_asked(tmp_path):
    file = tmp_path / "sweep.toml"
    file.write_text("[grid]\nhits = [5]")
    for split in ("test", "people_test"):
        for option in (["--split", split], ["--cases", str(split_path(split))]):
            result = CliRunner().invoke(app, ["eval", "sweep", str(file), *option])
            assert "a sweep does not ask the test cases" in str(result.exception)
            assert str(result.exception).endswith(f"coproduce eval --split {split}")
    both = CliRunner().invoke(app, ["eval", "sweep", str(file), "--split", "dev", "--cases", "x"])
    assert "not both" in str(both.exception)


def test_a_measure_without_a_better_side_and_no_cases_are_refused(settings_built, tmp_path, make):
    for cases, measure in (([make.case()], "words"), ([], "recall@5")):
        with pytest.raises(CoproduceError):
            run_sweep([], "f", "s", cases, settings_built, tmp_path / "o", MEASURES[measure], lambda *_: None)


def test_a_folder_that_is_no_cross_encoder_is_named(tmp_path):
    with pytest.raises(ModelError, match="there is no folder"):
        load_cross_encoder(tmp_path / "absent")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_cross_encoder(tmp_path)
