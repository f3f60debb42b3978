"""Behind a proxy: whom its word is taken from, pages below a sub-path, and `docs/deploy.md` run by a real nginx."""

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from playwright.sync_api import Browser, expect
from starlette.routing import Mount, Route

from assistant.keeping.feedback import drafts_path
from assistant.pipeline import Assistant
from assistant.serving.web import pages
from assistant.serving.web.proxy import BehindProxy, check_root
from assistant.serving.web.server import create_app
from assistant.settings import Settings, load_settings
from corpus.errors import CoproduceError
from tests.web.chat_page import answered, box
from tests.web.serving import free_port, serving

DEPLOY = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text(encoding="utf-8")
ROOT = "/coproduce"
FORWARDED = {
    "X-Forwarded-Host": "evil.example, www.example.org:8443",
    "X-Forwarded-Proto": "http, HTTPS",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example",
}


def seen_through(client: str, proxies: str, headers: dict[str, str], path: str = "/quotes", root: str = "") -> object:
    """Give what an application sees of a request: its address, and what is left of forwarded headers."""
    app = FastAPI()

    @app.get("/{path:path}")
    def see(request: Request) -> dict[str, object]:
        return {"url": str(request.url), "left": [name for name in request.headers if "forwarded" in name]}

    app.add_middleware(BehindProxy, settings=Settings(proxies=proxies, root_path=root))  # type: ignore[arg-type]
    from starlette.testclient import TestClient

    with TestClient(app, base_url="http://127.0.0.1:7860", client=(client, 5)) as opened:
        return opened.get(path, headers=headers).json()


@pytest.mark.parametrize(
    ("client", "proxies", "believed"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("10.1.2.9", "10.1.2.0/24", True),
        ("::ffff:10.1.2.9", "10.1.2.0/24", True),
        ("::1", "[::1] 127.0.0.1", True),
        ("127.0.0.1", "", False),
        ("10.1.3.9", "10.1.2.0/24", False),
        ("a-socket", "127.0.0.1", False),
    ],
)
def test_only_named_proxies_are_believed(client: str, proxies: str, believed: bool) -> None:
    there = "https://www.example.org:8443/quotes" if believed else "http://127.0.0.1:7860/quotes"
    assert seen_through(client, proxies, FORWARDED) == {"url": there, "left": []}


def test_what_a_proxy_does_not_say_stays() -> None:
    nonsense = {"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": " "}
    assert seen_through("127.0.0.1", "127.0.0.1", nonsense) == {"url": "http://127.0.0.1:7860/quotes", "left": []}


@pytest.mark.parametrize("path", ["/quotes", "/sub/path/quotes"])
def test_a_proxy_may_take_the_path_away_or_leave_it(path: str) -> None:
    seen = seen_through("127.0.0.1", "", {}, path, root="/sub/path/")
    assert seen == {"url": "http://127.0.0.1:7860/sub/path/quotes", "left": []}


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ROOT_PATH", "coproduce", "write it from the root"),
        ("ROOT_PATH", "https://www.example.org/coproduce", "write it from the root"),
        ("ROOT_PATH", "/a/../b", "write it from the root"),
        ("ROOT_PATH", "//evil.example", "write it from the root"),
        ("ROOT_PATH", '/a"b', "write it from the root"),
        ("ROOT_PATH", "/a b", "write it from the root"),
        ("PROXIES", "*", "'*' is not the address of a proxy"),
        ("PROXIES", "127.0.0.1 localhost", "'localhost' is not the address of a proxy"),
        ("PROXIES", "10.1.2.9/24", "'10.1.2.9/24' is not the address of a proxy"),
    ],
)
def test_bad_settings_say_what_is_expected(
    variable: str, value: str, said: str, env_without_settings: pytest.MonkeyPatch
) -> None:
    env_without_settings.setenv(f"COPRODUCE_{variable}", value)
    with pytest.raises(CoproduceError) as caught:
        load_settings()
    assert f"COPRODUCE_{variable} cannot be {value!r}: " in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(("given", "root"), [("", ""), ("/", ""), (" /a/ ", "/a"), ("/a/b-c_d.e", "/a/b-c_d.e")])
def test_a_sub_path_is_read_with_or_without_its_last_slash(given: str, root: str) -> None:
    assert Settings(root_path=given).root_path == root


def test_a_sub_path_that_begins_like_a_page_is_refused() -> None:
    routes = [Route("/read/{id}", lambda _: None), Mount("", routes=[Route("/gradio_api/x", lambda _: None)])]
    check_root("", routes)
    check_root("/coproduce/read", routes)
    for root in ("/read", "/gradio_api/below"):
        with pytest.raises(CoproduceError, match=f"cannot be '{root}': the web chat has pages below"):
            check_root(root, routes)


@pytest.fixture
def below() -> Iterator[None]:
    """Pages are written below a sub-path in one test, and in no other."""
    pages.write_below(ROOT)
    yield
    pages.write_below("")


def test_each_address_that_a_template_writes_is_below_the_sub_path_once(below: None) -> None:
    inner = pages.render("missing_page.html", here="")
    assert 'href="/coproduce/quotes"' in inner and 'src="/coproduce/files/looks.js"' in inner
    assert not re.search(r'(?:href|src|action)="/(?!coproduce/)', inner)
    outer = pages.templates.from_string("{{ inner | safe }}<p title='{{ typed }}'>{{ typed }}</p>")
    pages.templates.globals["root"] = ROOT
    written = outer.render(inner=inner, typed=' href="/quotes"')
    assert written.count(ROOT + ROOT) == 0
    assert "&#34;/quotes&#34;" in written


def test_create_app_serves_below_the_sub_path_without_a_proxy(
    assistant_built: Assistant, settings_built: Settings, below: None
) -> None:
    with pytest.raises(CoproduceError, match="COPRODUCE_ROOT_PATH"):
        create_app(assistant_built, settings_built.model_copy(update={"root_path": "/api"}))
    app = create_app(assistant_built, settings_built.model_copy(update={"root_path": ROOT}))
    with serving(app) as server, httpx.Client(base_url=server) as client:
        assert client.get(ROOT).headers["location"] == f"{ROOT}/"
        assert client.get(ROOT, params={"q": "a b"}).headers["location"] == f"{ROOT}/?q=a+b"
        assert client.get(f"{ROOT}/read").headers["location"] == f"{ROOT}/read/involve-2017"
        assert client.get(f"{ROOT}/nothing").status_code == client.get(f"{ROOT}x/quotes").status_code == 404


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nginx has its configuration and its certificate."""
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def site(nginx: str, folder: Path, settings_built: Settings) -> Iterator[str]:
    """The address at which nginx serves `coproduce serve`, both started as `docs/deploy.md` says."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing: apt-get install openssl")
    inner, outer = free_port(), free_port()
    for name in ("encoders", "entries", "indexes"):
        (folder / "data").mkdir(exist_ok=True)
        (folder / "data" / name).symlink_to(settings_built.data_dir.resolve() / name)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key", "-out", folder / "certificate"],
        check=True, capture_output=True,
    )  # fmt: skip
    [block] = re.findall(r"```nginx\n(.*?)```", DEPLOY, re.DOTALL)
    for said, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{outer} ssl",
        "server_name www.example.org": "server_name localhost",
        "/etc/ssl/certs/www.example.org.pem": str(folder / "certificate"),
        "/etc/ssl/private/www.example.org.key": str(folder / "key"),
        "http://127.0.0.1:7860": f"http://127.0.0.1:{inner}",
    }.items():
        assert block.count(said) == 1, said
        block = block.replace(said, here)
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}{block}}}\n"
    )
    [lines] = re.findall(r"```sh\n(.*?)```", DEPLOY, re.DOTALL)
    settings = dict(re.findall(r"^export (COPRODUCE_\w+)=(\S+)", lines, re.MULTILINE))
    assert settings["COPRODUCE_ROOT_PATH"] == ROOT
    settings |= {"COPRODUCE_HOSTS": "localhost", "COPRODUCE_EMBED_ORIGINS": "https://training.example.org"}
    serve = [sys.executable, "-m", "assistant.serving.terminal.cli", "serve", "--port", str(inner)]
    started = [
        subprocess.Popen(
            [*serve, "--data-dir", str(folder / "data")],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            text=True,
        ),
        subprocess.Popen([nginx, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]),
    ]
    try:
        assert started[0].stdout is not None
        line = started[0].stdout.readline()
        assert line == f"The web chat is ready: http://127.0.0.1:{inner}{ROOT}  (Ctrl+C stops it)\n"
        _wait_for(f"https://localhost:{outer}", folder)
        yield f"https://localhost:{outer}{ROOT}"
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=20)
            if process.stdout:
                process.stdout.close()


def trust(folder: Path) -> ssl.SSLContext:
    """Trust the certificate that the test made, and no other."""
    return ssl.create_default_context(cafile=str(folder / "certificate"))


def _wait_for(address: str, folder: Path) -> None:
    for _ in range(100):
        try:
            httpx.get(address, verify=trust(folder), timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("nginx did not start within 10 seconds")


@pytest.fixture
def through(site: str, folder: Path) -> Iterator[httpx.Client]:
    """A client of what nginx serves."""
    with httpx.Client(base_url=site, verify=trust(folder), timeout=60) as opened:
        yield opened


# Notes how long the newest answer is, in quotations, each time that it is drawn.
NOTE_GROWTH = """() => {
    window.lengths = [];
    new MutationObserver(() => window.lengths.push(document.querySelectorAll("#newest blockquote").length))
        .observe(document.getElementById("newest"), { childList: true, subtree: true });
}"""
PAGES = [
    "/",
    "/read/involve-2017",
    "/quotes",
    "/principles",
    "/glossary",
    "/basket",
    "/show?q=Who+funded+DRINK%3F",
    "/embed",
    "/embed?question=Who+funded+DRINK%3F&ask=1",
    "/embed/how",
    "/api",
    "/privacy",
    "/accessibility",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_address_on_a_page_stays_below_the_sub_path(through: httpx.Client, site: str, path: str) -> None:
    answer = through.get(path)
    assert answer.status_code == 200
    assert "content-security-policy" in answer.headers
    found = re.findall(r'\s(?:href|src|action|data-turn)="(/[^"]*|https?://localhost[^"]*)"', answer.text)
    ours = [one for one in found if one != "/manifest.json"]  # Gradio's, of a program that is installed: we have none
    assert len(ours) > 3
    assert [one for one in ours if not one.startswith((f"{ROOT}/", site))] == []
    assert f"{ROOT}{ROOT}" not in answer.text
    for file in {one for one in ours if "/files/" in one}:
        assert through.get(file.removeprefix(ROOT)).status_code == 200


def test_what_is_printed_for_elsewhere_has_the_browsers_address(through: httpx.Client, site: str) -> None:
    assert f"src=&#34;{site}/embed&#34;" in through.get("/embed/how").text
    assert f"{site}/api/ask" in through.get("/api").text
    assert through.get("/api/openapi.json").json()["servers"] == [{"url": f"{ROOT}/api"}]
    assert through.get("/read").headers["location"] == f"{ROOT}/read/involve-2017"
    assert through.get(site).headers["location"].startswith(f"{ROOT}/")  # keeps nginx's port
    answer = through.post("/api/ask", json={"question": "Who funded the DRINK trial?"}).json()
    cited = answer["citations"][0]["passage_id"]
    shown = through.get(f"/api/passages/{cited}").json()
    assert shown["address"].startswith(f"{ROOT}/read/involve-2017?from=")
    assert through.get(shown["address"].removeprefix(ROOT)).status_code == 200
    turns = [{"question": "Who funded the DRINK trial?"}]
    table = through.post("/export", data={"format": "csv", "turns": json.dumps(turns)})
    assert table.headers["content-type"].startswith("text/csv")
    assert f"{site}/read/involve-2017?from=" in table.text


def test_frames_and_forms_work_through_it(through: httpx.Client, folder: Path) -> None:
    frame = through.get("/embed")
    assert "frame-ancestors 'self' https://training.example.org" in frame.headers["content-security-policy"]
    assert "x-frame-options" not in frame.headers
    assert "SAMEORIGIN" in through.get("/quotes").headers["x-frame-options"]
    asked = through.post("/embed", data={"question": "Who funded the DRINK trial?"})
    assert asked.status_code == 200 and f'href="{ROOT}/read/involve-2017?from=' in asked.text
    elsewhere = {"Origin": "https://evil.example"}
    said = {"question": "Who funded the DRINK trial?", "helpful": True}
    assert through.post("/api/feedback", json=said, headers=elsewhere).status_code == 403
    assert not drafts_path(folder / "data").exists()


def test_a_name_that_is_not_ours_is_refused_also_when_it_is_forwarded(through: httpx.Client) -> None:
    assert through.get("/quotes", headers={"Host": "evil.example"}).status_code == 421
    # nginx writes the header anew: what a browser sends in it never comes through.
    assert through.get("/quotes", headers={"X-Forwarded-Host": "evil.example"}).status_code == 200


@pytest.mark.browser
def test_the_chat_works_through_it(browsing: Browser, site: str, folder: Path) -> None:
    context = browsing.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: wrong.append(response.url) if response.status >= 400 else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{site}/")
    expect(box(page)).to_be_focused()
    expect(page.locator("#newest")).to_be_attached()
    page.evaluate(NOTE_GROWTH)
    page.keyboard.type("What did Public partner B say?")
    page.keyboard.press("Enter")
    answered(page, 1)
    assert page.evaluate("() => new Set(window.lengths).size") > 2, "the answer did not grow: it came in one piece"
    page.keyboard.type("Who funded the DRINK trial?")
    page.keyboard.press("Enter")
    turn = answered(page, 2)
    turn.locator("a.citation").first.click()
    expect(page.frame_locator("#reader").locator("#cited")).to_contain_text("DRINK")
    sent = turn.locator("form.feedback")
    with page.expect_response(re.compile(r"/api/feedback$")) as feedback:
        sent.get_by_role("button", name="Helpful", exact=True).click()
    assert feedback.value.status == 201
    assert drafts_path(folder / "data").exists()
    assert [one for one in asked if not one.startswith((site, "data:", "blob:"))] == []
    assert wrong == []
    context.close()
