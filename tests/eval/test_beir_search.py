"""A BEIR corpus is searched as it is: with a readable encoder by hand, and with the real one through the command."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant.serving.terminal.cli import app
from corpus.errors import CaseError
from eval.beir import BeirFolder
from eval.beir_search import BeirOptions, measure_beir, search_beir
from eval.folder import read_run

CORPUS = {
    "d1": "The bus leaves the station at nine.",
    "d2": "Bread is made of flour and water.",
    "d3": "A dog must be walked twice a day.",
    "d4": "",
}
QUERIES = {"q1": "How often does a puppy need exercise?", "q2": "What do bakers mix?", "q3": "When does the bus go?"}
QRELS = [("q1", "d3"), ("q2", "d2"), ("q3", "d1")]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"_id": name, "title": "", "text": text}) for name, text in CORPUS.items())
    )
    (tmp_path / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": name, "text": text}) for name, text in QUERIES.items())
    )
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n" + "".join(f"{query}\t{document}\t1\n" for query, document in QRELS)
    )
    return tmp_path


class FirstLetter:
    """Vectors that are read by eye: one axis for each first letter."""

    max_tokens = 100

    def encode(self, texts):
        axes = np.zeros((len(texts), 26), dtype=np.float32)
        for row, text in enumerate(texts):
            axes[row, ord((text.strip().lower() or "z")[0]) - 97] = 1
        return axes

    def count(self, text):
        return len(text)


def test_meaning_and_words_are_fused_by_rank():
    """By meaning (first letter) b1 is first, then a1, a2 in order; by words a2 alone is found.

    a2 has 1/63 and 1/61, b1 has 1/61, a1 has 1/62: so a2, b1, a1.
    """
    texts = {"a1": "apples", "a2": "an orange", "b1": "bananas"}
    found = BeirFolder(texts, texts, {"q": "big oranges"}, {}, {}, {"q": {"a2": 1}})
    rankings = search_beir(found, FirstLetter(), lambda *_: None)
    assert [name for name, _ in rankings["q"]] == ["a2", "b1", "a1"]


def test_the_real_encoder_finds_what_is_meant(folder, settings_built):
    steps = []
    found = measure_beir(folder, settings_built, lambda done, total: steps.append((done, total)))
    assert (found.documents, found.queries) == (4, 3)
    assert found.measures["R@1"] == found.measures["nDCG@10"] == 1
    assert steps[-1] == (7, 7)


def test_the_command_prints_tables_or_json(folder, settings_built):
    arguments = ["eval", "run", "--beir", str(folder), "--data-dir", str(settings_built.data_dir)]
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    assert "3 queries, 4 documents" in " ".join(shown.stdout.split())
    printed = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert printed["measures"]["RR@10"] == 1


def test_what_is_embedded_is_kept_and_a_stopped_run_goes_on(folder, settings_built, tmp_path, monkeypatch):
    """It is stopped after the first texts; then only the others are embedded. The kept file is its own."""
    monkeypatch.setattr("eval.beir_search.KEPT_FILE", str(tmp_path / "kept.sqlite"))
    monkeypatch.setattr("assistant.finding.encoder._STEP", 2)
    out = tmp_path / "run"

    def stop(done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_beir(folder, settings_built, stop, BeirOptions(out))
    with pytest.raises(CaseError, match="holds a run already"):
        measure_beir(folder, settings_built, lambda *_: None, BeirOptions(out))
    found = measure_beir(folder, settings_built, lambda *_: None, BeirOptions(out, resume=True))
    assert (found.embedded, found.from_kept) == (3, 4)
    assert read_run(out).summary.measures["R@1"] == 1
    (folder / "queries.jsonl").write_text((folder / "queries.jsonl").read_text() + '\n{"_id": "q4", "text": "Dogs?"}')
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq4\td3\t1\n")
    (tmp_path / "run" / "summary.json").unlink()
    with pytest.raises(CaseError, match="was made with other cases"):
        measure_beir(folder, settings_built, lambda *_: None, BeirOptions(out, resume=True))


def test_a_query_that_is_a_document_is_left_out_as_beir_does(folder, settings_built):
    with (folder / "corpus.jsonl").open("a") as corpus:
        corpus.write("\n" + json.dumps({"_id": "q1", "title": "", "text": QUERIES["q1"]}))
    left_out = measure_beir(folder, settings_built, lambda *_: None)
    kept = measure_beir(folder, settings_built, lambda *_: None, BeirOptions(leave_out_own=False))
    assert (left_out.own_document_left_out, kept.own_document_left_out) == (True, False)
    assert (left_out.measures["RR@10"], kept.measures["RR@10"]) == (1, pytest.approx((0.5 + 1 + 1) / 3))


def test_judgements_of_what_there_is_not_are_said_or_refused(folder, settings_built):
    with (folder / "qrels" / "test.tsv").open("a") as judged:
        judged.write("q9\td1\t1\nq1\tnowhere\t1\n")
    found = measure_beir(folder, settings_built, lambda *_: None)
    assert ["'q9'" in found.notes[0], "('nowhere'); what cannot be found" in found.notes[1]] == [True, True]
    assert found.measures["R@10"] == pytest.approx((0.5 + 1 + 1) / 3)
    with pytest.raises(CaseError, match="Without --strict this is a warning"):
        measure_beir(folder, settings_built, lambda *_: None, BeirOptions(strict=True))


def test_a_folder_without_judgements_is_refused(folder, settings_built):
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(CaseError, match="found 4 documents and 0 judged queries"):
        measure_beir(folder, settings_built, lambda *_: None)


def test_a_run_is_kept_that_ir_measures_reads_the_same(folder, settings_built, tmp_path):
    import ir_measures

    kept = tmp_path / "kept"
    arguments = ["eval", "run", "--beir", str(folder), "--data-dir", str(settings_built.data_dir), "--out", str(kept)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    read = ir_measures.calc_aggregate(
        [ir_measures.nDCG @ 10, ir_measures.R @ 1],
        ir_measures.read_trec_qrels(str(kept / "qrels.trec")),
        ir_measures.read_trec_run(str(kept / "run.trec")),
    )
    summary = json.loads((kept / "summary.json").read_text(encoding="utf-8"))
    assert {str(name): value for name, value in read.items()} == {
        name: pytest.approx(summary["measures"][name], abs=1e-9) for name in ("nDCG@10", "R@1")
    }
    assert read_run(kept).cases[0].evidence == (("d3: A dog must be walked twice a day.",),)
    again = CliRunner().invoke(app, arguments)
    assert "holds a run already" in str(again.exception)
    # It is compared, gated and reported as any other, and with another system's run for the same folder.
    for name in ("same", "other"):
        (tmp_path / f"{name}.run").write_text((kept / "run.trec").read_text() if name == "same" else "q1 Q0 d1 1 1 t\n")
        scored = ["eval", "score", str(folder), str(tmp_path / f"{name}.run"), "--out", str(tmp_path / name)]
        assert CliRunner().invoke(app, scored).exit_code == 0
        assert CliRunner().invoke(app, ["eval", "compare", str(kept), str(tmp_path / name)]).exit_code == 0
    gate = ["eval", "gate", "--baseline", str(tmp_path / "b.json"), "--run"]
    assert CliRunner().invoke(app, [*gate, str(kept), "--write"]).exit_code == 0
    assert CliRunner().invoke(app, [*gate, str(tmp_path / "same")]).exit_code == 0
    assert CliRunner().invoke(app, [*gate, str(tmp_path / "other")]).exit_code == 1
    assert CliRunner().invoke(app, ["eval", "report", str(kept), "--before", str(tmp_path / "other")]).exit_code == 0
