"""The JSON API over real HTTP: what the commands print, one shape for every error, and nothing that takes it down."""

import html
import json
import re
import shlex
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from typer.testing import CliRunner

from assistant.keeping.feedback import drafts_path
from assistant.schema import Query
from assistant.serving.terminal.cli import app as coproduce
from assistant.serving.web.api import add_api, make_api
from assistant.serving.web.api_guard import MAX_BODY_BYTES
from assistant.serving.web.server import create_app
from corpus.errors import VerbatimError
from eval.drafts import read_drafts
from tests.web.serving import serving

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """The data folder of `api`, where feedback goes."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def api(assistant_built, settings_built, data_dir) -> Iterator[httpx.Client]:
    """The whole application, the chat included, with a data folder of its own."""
    app = create_app(assistant_built, settings_built.model_copy(update={"data_dir": data_dir}))
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def check_error(reply: httpx.Response, status: int, words: str = "", field: object = ...) -> None:
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert set(reply.json()) == {"error"} and set(error) == {"message", "field"}
    assert words in error["message"]
    assert field is ... or error["field"] == field


ASKED = [
    {"question": "Who funded the DRINK trial?"},
    {"question": "What do public partners say about confidence?", "id": 7, "filters": {"role": "public"}},
    {"question": "And academics?", "id": "a", "history": ["What do public partners say about power?"]},
    {"question": "How do I descale a kettle?", "history": None, "filters": None},
    {"question": "ground rules", "filters": {"section": "b.4", "kind": "interview", "document_id": "involve-2017"}},
]


@pytest.mark.parametrize("body", ASKED, ids=lambda body: body["question"])
def test_answers_and_hits_are_those_of_the_assistant(api, assistant_built, body):
    query = Query.model_validate(body)
    assert api.post("/api/ask", json=body).json() == assistant_built.ask(query).model_dump(mode="json")
    hits = [hit.model_dump(mode="json") for hit in assistant_built.search(query)]
    assert len(hits) > 0
    assert api.post("/api/search", json=body).json() == hits


@pytest.mark.parametrize(
    "wanted", [{}, {"role": "public"}, {"speaker": "public partner b"}, {"section": "B.4.iv", "role": "academic"}]
)
def test_quotes_are_those_that_the_command_prints(api, wanted):
    options = [part for name, value in wanted.items() for part in (f"--{name}", value)]
    printed = json.loads(CliRunner().invoke(coproduce, ["quotes", "--json", *options]).stdout)
    assert len(printed) == 95 if not wanted else 0 < len(printed) < 95
    assert api.get("/api/quotes", params=wanted).json() == printed
    assert api.post("/api/quotes", json=wanted).json() == printed


def test_quotes_come_in_pages_where_a_limit_is_given(api):
    everything = api.get("/api/quotes").json()
    pages = [api.get("/api/quotes", params={"limit": 40, "page": number}) for number in (1, 2, 3)]
    assert [quote for page in pages for quote in page.json()] == everything
    assert {page.headers["X-Total-Count"] for page in pages} == {"95"}
    of_one_side = api.post("/api/quotes", json={"role": "public", "limit": 5, "page": 4})
    assert (len(of_one_side.json()), of_one_side.headers["X-Total-Count"]) == (3, "18")
    none_there = api.get("/api/quotes", params={"role": "public", "section": "A.1", "limit": 5})
    assert (none_there.status_code, none_there.json(), none_there.headers["X-Total-Count"]) == (200, [], "0")
    check_error(api.get("/api/quotes", params={"limit": 40, "page": 4}), 422, "no page 4. The last one is 3", "page")
    check_error(api.get("/api/quotes", params={"page": 2}), 422, "The last one is 1.", "page")
    for bad in ("0", "-1", "x", "1.5"):
        check_error(api.get("/api/quotes", params={"limit": bad}), 422, "", "limit")


@pytest.mark.parametrize("nothing", ["", None, " "])
def test_an_optional_field_that_is_empty_is_as_good_as_left_out(api, nothing):
    asked = {"question": "What do public partners say about confidence?"}
    filters = dict.fromkeys(["speaker", "role", "section", "kind", "document_id"], nothing)
    for path in ("ask", "search"):
        plain = api.post(f"/api/{path}", json=asked).json()
        assert api.post(f"/api/{path}", json=asked | {"filters": filters}).json() == plain
        odd = {"id": nothing, "history": nothing, "filters": nothing}
        assert api.post(f"/api/{path}", json=asked | odd).json() == plain
    wanted = dict.fromkeys(["speaker", "role", "section", "limit", "page"], nothing)
    assert len(api.post("/api/quotes", json=wanted).json()) == 95
    assert len(api.get("/api/quotes", params={name: value or "" for name, value in wanted.items()}).json()) == 95
    said = {"helpful": True, "reason": nothing, "history": nothing, "filters": nothing}
    assert api.post("/api/feedback", json=asked | said).status_code == 201
    check_error(api.post("/api/ask", json={"question": nothing}), 422, "", "question")
    check_error(api.post("/api/ask", json=asked | {"colour": nothing}), 422, "no such field", "colour")


def test_roles_and_labels_may_be_in_any_case(api):
    asked = {"question": "confidence"}
    for name, written, value in (
        ("role", "Public", "public"),
        ("speaker", "PUBLIC PARTNER B", "Public partner B"),
        ("section", "b.4.IV", "B.4.iv"),
        ("kind", "INTERVIEW", "interview"),
        ("document_id", "Involve-2017", "involve-2017"),
    ):
        plain = api.post("/api/search", json=asked | {"filters": {name: value}}).json()
        assert api.post("/api/search", json=asked | {"filters": {name: written}}).json() == plain and plain
    assert api.get("/api/quotes", params={"role": "PUBLIC"}).json() == api.get("/api/quotes?role=public").json()


def test_a_passage_is_an_exact_slice_and_its_address_shows_it(api, report):
    for passage in (report.passages[3], next(one for one in report.passages if one.speaker == "Public partner Z")):
        found = api.get(f"/api/passages/{passage.id}").json()
        assert found["text"] == report.text[found["start"] : found["end"]] == passage.text
        assert (found["speaker"], found["role"], found["kind"]) == (passage.speaker, passage.role, passage.kind)
        assert found["lines"] == list(passage.lines)
        assert found["reference"].startswith("Johns T, Paylor J, Lovell P, McKevitt C.")
        marked = re.findall(r"<mark[^>]*>(.*?)</mark>", api.get(found["address"]).text, re.DOTALL)
        assert "".join(html.unescape(re.sub("<br>", "", one)) for one in marked).split() == passage.text.split()


@pytest.mark.parametrize(
    ("path", "body", "status", "words", "field"),
    [
        ("ask", "{", 400, "The body is not JSON.", None),
        ("ask", '{"question": "a" "b"}', 400, "not JSON", None),
        ("ask", b"\xff\xfe", 400, "not JSON", None),
        ("ask", "[" * 50_000, 400, "not JSON", None),
        ("ask", '{"question": "power", "colour": 1}', 422, "There is no such field.", "colour"),
        ("ask", '{"question": "power", "filters": {"colour": 1}}', 422, "no such field", "filters.colour"),
        ("ask", "{}", 422, "This field is missing.", "question"),
        ("ask", "", 422, "The body is missing", None),
        ("ask", "[]", 422, "valid dictionary", None),
        ("ask", '{"question": 5}', 422, "valid string", "question"),
        ("ask", '{"question": "power", "id": 1.5}', 422, "valid string", "id"),
        ("ask", '{"question": ""}', 422, "The question is empty.", "question"),
        ("ask", '{"question": "?!"}', 422, "There are no words in", "question"),
        ("ask", '{"question": "\\ud83d"}', 422, "half a character", "question"),
        ("ask", json.dumps({"question": "power " * 500}), 422, "at most 2,000 are read", "question"),
        ("ask", '{"question": "power", "history": ["a", "?"]}', 422, "Earlier question 2:", "history"),
        ("ask", json.dumps({"question": "power", "history": ["a"] * 101}), 422, "at most 100 items", "history"),
        ("search", '{"question": "a", "filters": {"section": "Z.9"}}', 422, "B.4.iii", "filters.section"),
        ("search", '{"question": "a", "filters": {"speaker": "Bob"}}', 422, "Public partner B", "filters.speaker"),
        ("search", '{"question": "a", "filters": {"document_id": "x"}}', 422, "involve-2017", "filters.document_id"),
        (
            "search",
            '{"question": "a", "filters": {"role": "king"}}',
            422,
            "There are: public, academic.",
            "filters.role",
        ),
        ("quotes", '{"speaker": "Bob"}', 422, "There is no speaker 'Bob'. There are: Academic", "speaker"),
        ("quotes", '{"kind": "interview"}', 422, "no such field", "kind"),
        ("feedback", '{"question": "power"}', 422, "missing", "helpful"),
        ("feedback", json.dumps({"question": "a", "helpful": True, "reason": "x" * 1001}), 422, "1000", "reason"),
        ("feedback", '{"question": "a", "helpful": true, "reason": "\\ud83d"}', 422, "", "reason"),
        ("ask/", "{}", 404, "nothing at this address", None),
        ("nothing", "{}", 404, "nothing at this address", None),
        ("passages/x", "{}", 405, "POST is not answered here", None),
    ],
)
def test_what_is_wrong_is_said_in_one_shape(api, path, body, status, words, field):
    check_error(api.post(f"/api/{path}", content=body, headers=JSON), status, words, field)


def test_wrong_addresses_methods_and_ids_are_answered_by_the_api_not_by_the_chat(api):
    check_error(api.get("/api/passages/0000"), 404, "There is no passage '0000'")
    check_error(api.get("/api/passages/a/b"), 404, "nothing at this address")
    check_error(api.get("/api/quotes", params={"rol": "public"}), 422, "no such field", "rol")
    for method, path in [("GET", "ask"), ("DELETE", "quotes"), ("PUT", "feedback"), ("OPTIONS", "ask"), ("POST", "")]:
        check_error(api.request(method, f"/api/{path}".rstrip("/")), 405, f"{method} is not answered here")


def test_a_body_may_have_so_many_bytes_and_no_more(api):
    def padded(size: int) -> bytes:
        body = b'{"question": "Who funded the DRINK trial?"}'
        return body + b" " * (size - len(body))

    def in_parts(body: bytes) -> Iterator[bytes]:  # chunked: nobody says beforehand how long it is
        yield from (body[at : at + 4096] for at in range(0, len(body), 4096))

    assert api.post("/api/ask", content=padded(MAX_BODY_BYTES), headers=JSON).status_code == 200
    assert api.post("/api/ask", content=in_parts(padded(MAX_BODY_BYTES)), headers=JSON).status_code == 200
    check_error(api.post("/api/ask", content=padded(MAX_BODY_BYTES + 1), headers=JSON), 413, "100,000 bytes")
    check_error(api.post("/api/ask", content=in_parts(padded(MAX_BODY_BYTES + 1)), headers=JSON), 413, "100,000")


def test_other_sites_pages_may_not_read_and_cannot_store(api, data_dir):
    body = json.dumps({"question": "Who funded the DRINK trial?", "helpful": True})
    before = read_drafts(drafts_path(data_dir))
    evil = {"Origin": "https://evil.example"}
    assert not [name for name in api.get("/api/quotes", headers=evil).headers if name.startswith("access-control")]
    check_error(api.post("/api/feedback", content=body, headers={"Content-Type": "text/plain"}), 415, "as JSON")
    for headers in (evil, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        check_error(api.post("/api/feedback", content=body, headers=JSON | headers), 403, "another site’s page")
    assert read_drafts(drafts_path(data_dir)) == before
    own = {"Origin": str(api.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    reply = api.post("/api/feedback", content=body, headers=JSON | own)
    assert (reply.status_code, reply.json()) == (201, {"saved": True})
    assert len(read_drafts(drafts_path(data_dir))) == len(before) + 1


def test_feedback_that_cannot_be_saved_is_told(assistant_built, settings_built, tmp_path):
    (tmp_path / "cases").write_text("a file where the folder should be")
    app = make_api(assistant_built, settings_built.model_copy(update={"data_dir": tmp_path}))
    with serving(app) as address, capture_logs() as logged:
        reply = httpx.post(f"{address}/feedback", json={"question": "Who funded the DRINK trial?", "helpful": True})
    check_error(reply, 503, "The feedback was not saved: the data folder cannot be written")
    assert str(tmp_path) not in reply.text
    assert "DRINK" not in str(logged) and logged[0]["event"] == "feedback was not saved"


@pytest.mark.parametrize(
    ("failure", "words", "event"),
    [
        (VerbatimError("[1] is not verbatim: SECRET"), "could not be verified", "an answer failed verification"),
        (RuntimeError("SECRET"), "Something went wrong on our side.", "a call failed"),
    ],
)
def test_our_own_failures_are_told_without_details_and_logged_without_the_question(
    api, monkeypatch, failure, words, event
):
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("assistant.pipeline.verify", fail)
    with capture_logs() as logged:
        reply = api.post("/api/ask", json={"question": "Who funded the DRINK trial?"})
    check_error(reply, 500, words)
    assert "SECRET" not in reply.text + str(logged) and "DRINK" not in reply.text + str(logged)
    assert [one["event"] for one in logged] == [event]
    assert re.fullmatch(r"test_api\.py:\d+", logged[0]["where"])


def test_no_more_calls_run_and_wait_at_once_than_are_set(assistant_built, settings_built, monkeypatch):
    first_runs, go_on, running, most = threading.Event(), threading.Event(), [], []
    real = assistant_built.search

    def wait_and_search(query):
        running.append(1)
        most.append(len(running))
        first_runs.set()
        assert go_on.wait(timeout=20)
        running.pop()
        return real(query)

    monkeypatch.setattr(assistant_built, "search", wait_and_search)
    app = make_api(assistant_built, settings_built.model_copy(update={"web_threads": 1, "web_queue": 2}))
    with serving(app) as address, ThreadPoolExecutor(6) as pool:

        def ask() -> int:
            return httpx.post(f"{address}/search", json={"question": "power"}, timeout=30).status_code

        asked = [pool.submit(ask)]
        assert first_runs.wait(timeout=20)
        asked += [pool.submit(ask) for _ in range(5)]  # two may wait: three are turned away at once
        done = as_completed(asked, timeout=20)
        assert [next(done).result() for _ in range(3)] == [503, 503, 503]
        go_on.set()
        assert [one.result() for one in done] == [200, 200, 200]
        assert ask() == 200  # what was counted is given back
    assert most == [1, 1, 1, 1]


def test_openapi_is_whole_and_the_page_is_made_from_it(api):
    openapi = api.get("/api/openapi.json").json()
    assert api.get("/openapi.json").json() == openapi
    calls = {f"{method.upper()} /api{path}" for path, methods in openapi["paths"].items() for method in methods}
    assert calls == {
        "POST /api/ask", "POST /api/search", "POST /api/quotes", "GET /api/quotes", "GET /api/passages/{passage_id}",
        "POST /api/feedback", "GET /api/documents",
    }  # fmt: skip
    for methods in openapi["paths"].values():
        for call in methods.values():
            assert all("schema" in reply["content"]["application/json"] for reply in call["responses"].values())
    assert openapi["components"]["schemas"]["Asking"]["additionalProperties"] is False
    for address in ("/api", "/api/"):
        page = api.get(address).text
        assert set(re.findall(r"<h2 id=\"[^\"]+\"><code>([^<]+)</code>", page)) == calls
        assert "<code>filters.role</code>" in page
        assert not re.findall(r"(?:src|href)=\"(?!/|#)", page), "something of another host"


def test_examples_of_the_page_work_as_printed(api):
    examples = [
        shlex.split(html.unescape(one))
        for one in re.findall(r"<pre[^>]*><code>(curl .*?)</code></pre>", api.get("/api").text, re.DOTALL)
    ]
    assert len(examples) == 7
    for curl in examples:
        address = next(word for word in curl if word.startswith("http"))
        assert address.startswith(str(api.base_url).rstrip("/") + "/api/")
        if "-d" in curl:
            name, _, value = curl[curl.index("-H") + 1].partition(": ")
            body = curl[curl.index("-d") + 1].encode()
            reply = httpx.request(curl[curl.index("-X") + 1], address, content=body, headers={name: value}, timeout=30)
        else:
            reply = httpx.get(address, timeout=30)
        assert reply.status_code in (200, 201) and reply.json(), reply.text


def test_markup_in_the_address_of_the_page_is_shown_as_text(api):
    page = api.get("/api", headers={"Host": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


# Odd bodies

texts = st.one_of(st.text(), st.sampled_from(["power", "B.4", "Public partner B", "public", "\0", "\ud800", "='cmd'"]))
names = st.one_of(st.text(), st.sampled_from(["question", "id", "history", "filters", "role", "speaker", "helpful"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)
askings = st.fixed_dictionaries(
    {"question": texts}, optional={"id": values, "history": values, "filters": values, "helpful": st.booleans()}
)
bodies = st.one_of(st.binary(max_size=200), st.one_of(values, askings).map(lambda body: json.dumps(body).encode()))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(["ask", "search", "quotes", "feedback"]), body=bodies)
def test_no_body_takes_it_down(api, path, body):
    reply = api.post(f"/api/{path}", content=body, headers=JSON)
    assert reply.status_code in (200, 201, 400, 422), (reply.status_code, reply.text)
    if reply.status_code >= 400:
        check_error(reply, reply.status_code)
    assert "Traceback" not in reply.text


@settings(deadline=None, max_examples=50)
@given(passage_id=st.text(min_size=1).filter(lambda text: not re.search(r"[\ud800-\udfff]", text)))
def test_no_id_takes_it_down(api, passage_id):
    check_error(api.get(f"/api/passages/x{quote(passage_id, safe='')}"), 404)


def test_a_failure_would_be_noticed(assistant_built, settings_built):
    """The check of odd bodies fails on an application without the guard and the one shape."""
    app = FastAPI()
    add_api(app, assistant_built, settings_built)

    @app.post("/api-broken")
    def broken(body: dict[str, object]) -> str:
        return "Traceback: " + str(body["question"])

    with serving(app) as address, pytest.raises(AssertionError):
        check_error(httpx.post(f"{address}/api-broken", json={}), 422)
