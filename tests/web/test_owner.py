"""Guards who sees added documents over HTTP: the owner all of them, everybody else what is shared, and nothing more."""

import stat
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from assistant.desk import Desk
from assistant.keeping.added.adding import Adder
from assistant.keeping.added.embed import Embedder
from assistant.keeping.owner import owner_key
from assistant.pipeline import Assistant
from assistant.serving.web.api import add_api
from assistant.serving.web.owner import COOKIE, Owner
from assistant.serving.web.reader import add_reader
from assistant.settings import Settings
from tests.assistant.test_desk import HONEY, prepared
from tests.web.serving import serving


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, settings_built: Settings) -> Settings:
    folder = tmp_path_factory.mktemp("owned")
    settings = prepared(folder / "data").model_copy(update={"shared_collections": ("Open",)})
    (folder / "open.md").write_text("# Open honey\n\nBees need twenty kilograms of honey in winter.\n")
    (folder / "closed.md").write_text("# Closed zanzibar\n\nBees need forty zanzibars in winter.\n")
    adder = Adder(settings.data_dir, Embedder.from_settings(settings_built))
    adder.add([folder / "open.md"], "Open")
    adder.add([folder / "closed.md"], "Closed zanzibar")
    return settings


@pytest.fixture(scope="module")
def client(settings: Settings, assistant_built: Assistant) -> Iterator[httpx.Client]:
    app, desk = FastAPI(), Desk(assistant_built, settings)
    add_reader(app, assistant_built.documents, Owner(settings).finder(desk))
    add_api(app, assistant_built, settings, desk)
    with serving(app) as address, httpx.Client(base_url=address, timeout=120) as client:
        yield client


def test_only_the_key_shows_what_is_not_shared(client: httpx.Client, settings: Settings) -> None:
    key = owner_key(settings.data_dir)
    path = settings.data_dir / "added" / "owner.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(key) >= 40
    owner = {"Authorization": f"Bearer {key}"}
    listed = {one["title"]: one["id"] for one in client.get("/api/documents", headers=owner).json()}
    assert {"Open honey", "Closed zanzibar"} < set(listed)
    closed, opened = listed["Closed zanzibar"], listed["Open honey"]
    passage = client.post("/api/search", json={"question": HONEY, "filters": {"document_id": closed}}, headers=owner)
    passage_id = passage.json()[0]["passage_id"]
    assert client.get(f"/api/passages/{passage_id}", headers=owner).json()["added"]
    assert "zanzibars" in client.get(f"/read/{closed}", headers={"Cookie": f"{COOKIE}={key}"}).text
    visitors: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {key}"},
        {"Cookie": f"{COOKIE}=wrong"},
        {"X-Forwarded-For": "127.0.0.1", "Host": "localhost"},
    ]
    for visitor in visitors:
        titles = {one["title"] for one in client.get("/api/documents", headers=visitor).json()}
        assert "Open honey" in titles and "Closed zanzibar" not in titles
        answer = client.post("/api/ask", json={"question": HONEY}, headers=visitor)
        assert "zanzibar" not in answer.text and opened in answer.text
        replies = [
            client.post("/api/ask", json={"question": HONEY, "filters": filters}, headers=visitor)
            for filters in ({"collection": "Closed zanzibar"}, {"document_id": closed})
        ]
        replies += [client.get(f"/api/passages/{passage_id}", headers=visitor)]
        assert [reply.status_code for reply in replies] == [422, 422, 404]
        assert not any("forty" in reply.text for reply in replies)
        page = client.get(f"/read/{closed}", headers=visitor)
        assert page.status_code == 404 and "zanzibars" not in page.text
    own = client.post("/api/search", json={"question": HONEY, "filters": {"collection": "own"}})
    assert {hit["document_id"] for hit in own.json()} == {opened}
    shared = client.get(f"/read/{opened}")
    assert shared.status_code == 200 and shared.headers["cache-control"] == "no-store"
