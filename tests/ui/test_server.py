"""The application, asked without a network; `FakeEncoder` stands in for the model."""

import asyncio
import json
import logging
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from corpus.errors import MedfaqError
from corpus.read import DEFAULT_FAQ, read_corpus
from index.build import build_bundle
from index.bundle import load_bundle
from qa.answer import Answer
from qa.answerer import Answerer
from qa.disclaimer import DISCLAIMER
from tests.contract import ANSWER_FIELDS
from tests.fakes import FakeEncoder
from tests.ui.html_text import text_of
from ui.batching import Batcher, BusyError
from ui.compressed import frontend_script
from ui.faq import Faq, named_faqs
from ui.guard import BODY_LIMIT
from ui.server import ServeError, create_app, load_gradio, serve
from ui.settings import Settings

SECRET = "my secret rash"
BASE = "http://127.0.0.1:7860"
CLOSED = [
    "/docs",
    "/openapi.json",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file/etc/passwd",
    "/gradio_api/openapi.json",
    "/gradio_api/proxy=https://example.org",
    "/gradio_api/queue/join",
    "/gradio_api/run/predict",
    "/gradio_api/runs",
    "/gradio_api/upload",
    "/gradio_api/vibe-code",
    "/login",
    "/manifest.json",
    "/monitoring",
    "/monitoring/summary",
    "/pwa_icon/4096",
    "/static/../ui/server.py",
    "/static/js/iframeResizer.contentWindow.min.js",
    "/svelte/x.js",
    "/assets/",
]

Ask = Callable[..., httpx.Response]


class Broken(Answerer):
    """Fails on every question, and says the question while it does."""

    def answer(self, question: str, *, top_k: int = 5) -> Answer:
        raise RuntimeError(f"cannot read {question} with {top_k}")


def answerer(folder: Path, kind: type[Answerer] = Answerer) -> Answerer:
    # Without its companion, so that an answer depends on the text of the FAQ alone.
    faq = folder / DEFAULT_FAQ.name
    faq.write_bytes(DEFAULT_FAQ.read_bytes())
    encoder = FakeEncoder()
    build_bundle(read_corpus([faq]), folder / "bundle", encoder)
    return kind(load_bundle(folder / "bundle", encoder), encoder)


def app_of(
    *answerers: Answerer,
    settings: Settings | None = None,
    host: str = "127.0.0.1",
    cache: Path | None = None,
) -> FastAPI:
    async def start() -> FastAPI:
        faqs = named_faqs([("Back spasms", answerer) for answerer in answerers])
        app = create_app(faqs, settings, host=host, cache=cache)
        async with running(app, f"http://{host}") as client:
            await client.get("/config")  # waits for Gradio
        return app

    return asyncio.run(start())


@asynccontextmanager
async def running(app: FastAPI, base: str = BASE) -> AsyncIterator[httpx.AsyncClient]:
    """Start an application, and stop it after it was talked to."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=base) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("bundle")
    return app_of(answerer(folder), cache=folder / "cache")


@pytest.fixture(scope="module")
def broken_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return app_of(answerer(tmp_path_factory.mktemp("bundle"), Broken))


def sender(app: FastAPI) -> Ask:
    def send(
        method: str,
        path: str,
        *,
        content: bytes | AsyncIterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        async def send_once() -> httpx.Response:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, content=content, headers=headers)

        return asyncio.run(send_once())

    return send


@pytest.fixture
def send(app: FastAPI) -> Ask:
    return sender(app)


@pytest.fixture
def send_broken(broken_app: FastAPI) -> Ask:
    return sender(broken_app)


def question(text: str) -> bytes:
    return json.dumps({"question": text}).encode()


def asked(text: str, faq: str = "") -> bytes:
    """What the page sends when a question is asked."""
    return json.dumps({"data": [{"question": text, "faq": faq}]}).encode()


ASK = "/gradio_api/run/ask"
JSON = {"Content-Type": "application/json"}


def test_ask_returns_the_answer_object(send: Ask, app: FastAPI) -> None:
    response = send("POST", "/api/ask", content=question("Is heat good for back spasms?"))
    answer = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert list(answer) == ANSWER_FIELDS
    assert answer["status"] == "answered"
    assert answer["answer"] == answer["passage"]["answer"]
    assert (
        answer["passage"]["source"].items()
        >= {
            "file": DEFAULT_FAQ.name,
            "first_line": 53,
            "last_line": 57,
        }.items()
    )
    assert len(answer["hits"]) == 5
    assert answer["disclaimer"] == DISCLAIMER


@pytest.mark.parametrize("text", ["", "   ", "???"])
def test_a_question_without_words_is_not_covered(send: Ask, text: str) -> None:
    response = send("POST", "/api/ask", content=question(text))
    assert response.status_code == 200
    assert response.json()["status"] == "not_covered"
    assert response.json()["answer"] is None
    assert response.json()["not_covered"]


@pytest.mark.parametrize("text", ["\ud800", "👩‍⚕️ \u202e", "<script>${1+1}</script>", "\0"])
def test_any_text_can_be_asked_and_is_returned_as_it_is(send: Ask, text: str) -> None:
    response = send("POST", "/api/ask", content=question(text))
    assert response.status_code == 200
    assert response.json()["question"] == text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"is heat good", 400),
        (b'{"question": "a"', 400),
        (b"\xff\xfe", 400),
        (b"[" * 10_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"question": null}', 422),
        (b'{"question": 7}', 422),
        (b'{"question": ["a"]}', 422),
    ],
)
def test_a_body_that_is_no_question_is_one_clear_sentence(
    send: Ask, body: bytes, status: int
) -> None:
    response = send("POST", "/api/ask", content=body)
    assert response.status_code == status
    error = response.json()
    assert sorted(error) == ["disclaimer", "error"]
    assert '{"question": "…"}' in error["error"]
    assert error["disclaimer"] == DISCLAIMER


@pytest.mark.parametrize("path", ["/api/ask", ASK])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_over_the_limit_are_refused(send: Ask, path: str, *, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 1000 + 1):
            yield b"x" * 1000

    content = chunks() if chunked else b"x" * (BODY_LIMIT + 1)
    response = send("POST", path, content=content)
    assert response.status_code == 413
    assert "64 KB" in response.json()["error"]
    assert response.json()["disclaimer"] == DISCLAIMER


def test_a_body_at_the_limit_is_read(send: Ask) -> None:
    padded = question("is heat good").ljust(BODY_LIMIT)
    assert send("POST", "/api/ask", content=padded).status_code == 200


def test_the_longest_question_is_within_the_limit_however_it_is_written(send: Ask) -> None:
    body = json.dumps({"question": "🙂" * 4000})  # twelve bytes for each
    assert send("POST", "/api/ask", content=body.encode()).status_code == 200


def test_the_longest_question_that_the_page_can_send_is_within_the_limit(send: Ask) -> None:
    body = json.dumps(
        {"data": [{"question": "\uffff" * 4000, "faq": "back-spasms"}]}, ensure_ascii=False
    )
    response = send("POST", ASK, content=body.encode(), headers=JSON)
    assert response.status_code == 200


def test_health(send: Ask) -> None:
    response = send("GET", "/api/health")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "entries": 16}


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paths_that_nobody_needs_are_closed(send: Ask, method: str, path: str) -> None:
    response = send(method, path)
    assert response.status_code == 404
    assert response.json()["disclaimer"] == DISCLAIMER


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/ask", 405), ("GET", "/api/nothing", 404)]
)
def test_other_errors_carry_the_disclaimer(send: Ask, method: str, path: str, status: int) -> None:
    response = send(method, path)
    assert response.status_code == status
    assert sorted(response.json()) == ["disclaimer", "error"]


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nothing", "/docs", "/favicon.ico"])
def test_every_response_has_the_security_headers(send: Ask, path: str) -> None:
    headers = send("GET", path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nothing", "/docs"])
def test_nothing_that_may_hold_a_question_is_kept(send: Ask, path: str) -> None:
    assert send("GET", path).headers["cache-control"] == "no-store"


def test_the_page_holds_the_disclaimer_and_the_examples(send: Ask) -> None:
    page = send("GET", "/")
    assert page.status_code == 200
    assert DISCLAIMER in page.text
    assert "What do back spasms feel like?" in page.text
    assert "<bdi>Back spasms</bdi> <small>16 answers</small>" in page.text


@pytest.mark.parametrize("path", ["/", "/theme.css", f"/{frontend_script()}"])
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_what_every_visit_loads_is_compressed_as_the_browser_can_read_it(
    send: Ask, path: str, encoding: str
) -> None:
    plain = send("GET", path, headers={"Accept-Encoding": "identity"})
    response = send("GET", path, headers={"Accept-Encoding": encoding})
    assert plain.status_code == 200
    assert "content-encoding" not in plain.headers
    assert response.text == plain.text
    if encoding != "identity" and path != "/theme.css":
        assert response.headers["content-encoding"] == encoding


def test_the_document_is_small(send: Ask) -> None:
    page = send("GET", "/", headers={"Accept-Encoding": "br"})
    assert int(page.headers["content-length"]) < 15_000


def test_assets_are_compressed_once_and_kept(send: Ask, app: FastAPI) -> None:
    headers = send("GET", f"/{frontend_script()}", headers={"Accept-Encoding": "br"}).headers
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    missing = send("GET", "/assets/nothing-12345678.js")
    assert missing.status_code == 404
    assert missing.headers["cache-control"] == "no-store"


def test_no_other_site_may_read_what_it_says(send: Ask) -> None:
    for path in ("/", "/api/health"):
        headers = send("GET", path, headers={"Origin": "https://example.org"}).headers
        assert "access-control-allow-origin" not in headers
    preflight = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    response = send("OPTIONS", "/api/ask", headers=preflight)
    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:1", "[::1]:7860", "LOCALHOST"])
def test_it_answers_to_the_names_of_this_machine(send: Ask, host: str) -> None:
    assert send("GET", "/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "localhost@evil", ""])
def test_it_answers_to_no_other_name(send: Ask, host: str) -> None:
    assert send("GET", "/api/health", headers={"Host": host}).status_code == 400


def test_it_answers_to_the_host_it_is_given(tmp_path: Path) -> None:
    send = sender(app_of(answerer(tmp_path), host="faq.example"))
    assert send("GET", "/api/health", headers={"Host": "faq.example"}).status_code == 200
    assert send("GET", "/api/health", headers={"Host": "other.example"}).status_code == 400


def test_the_page_answers_with_the_source_beside_it(send: Ask) -> None:
    response = send("POST", ASK, content=asked("Is heat good for back spasms?"), headers=JSON)
    assert response.status_code == 200
    (html,) = response.json()["data"]
    assert "heating pad in the area for 15-20 minutes" in text_of(html, "mf-answer")
    assert "lines 53 to 57" in text_of(html, "mf-source")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/?q=Is+heat+good+for+back+spasms%3F", None),
        ("POST", "/", b"question=Is+heat+good+for+back+spasms%3F"),
        ("POST", "/", b"question=&choice=Is+heat+good+for+back+spasms%3F"),
    ],
    ids=["shared link", "form", "button"],
)
def test_the_server_can_answer_without_a_script(
    send: Ask, method: str, path: str, body: bytes | None
) -> None:
    page = send(method, path, content=body).text
    assert "heating pad in the area for 15-20 minutes" in page
    assert 'class="mf-talking"' in page


@pytest.mark.parametrize(
    "text", ["", "  ", "<script>window.hurt=1</script>", "${1}", "%ff%fe", "a&faq=b"]
)
def test_any_text_can_be_in_a_shared_link(send: Ask, text: str) -> None:
    page = send("GET", f"/?{urlencode({'q': text})}")
    assert page.status_code == 200
    assert text_of(page.text, "mf-asked").startswith(text.strip())
    assert "<script>window.hurt" not in page.text


def test_several_faqs_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    send = sender(app_of(answerer(tmp_path / "one"), answerer(tmp_path / "two")))
    page = send("GET", "/?faq=back-spasms-2").text
    assert '<a href="?faq=back-spasms">' in page
    assert '<a href="?faq=back-spasms-2" aria-current=page>' in page
    assert 'data-faq="back-spasms-2"' in page
    html = send("POST", ASK, content=asked("Is heat good?", "back-spasms-2"), headers=JSON).text
    assert "<bdi>Back spasms</bdi>, " in html
    body = json.dumps({"question": "Is heat good?", "faq": "back-spasms-2"}).encode()
    assert list(send("POST", "/api/ask", content=body).json()) == ANSWER_FIELDS
    assert send("GET", "/api/health").json()["entries"] == 32


def test_a_question_that_names_no_faq_is_put_to_the_first(send: Ask) -> None:
    for body in (b'{"question": "Is heat good?", "faq": ""}', b'{"question": "Is heat good?"}'):
        assert send("POST", "/api/ask", content=body).status_code == 200


def test_a_question_to_a_faq_that_is_not_there_is_not_put_to_another(send: Ask) -> None:
    response = send("POST", "/api/ask", content=b'{"question": "Is heat good?", "faq": "knees"}')
    assert response.status_code == 422
    assert response.json()["error"] == "No such FAQ; choose of back-spasms."
    assert response.json()["disclaimer"] == DISCLAIMER


def test_the_questions_to_suggest_can_be_had_at_once(send: Ask) -> None:
    questions = send("GET", "/api/questions").json()
    assert len(questions) == 16
    assert ["Is heat good for back spasms?", ""] in questions


def test_the_questions_are_kept_until_they_change(send: Ask) -> None:
    page = send("GET", "/").text
    address = page.split('data-questions="')[1].split('"')[0]
    assert re.fullmatch(r"api/questions\?faq=back-spasms&amp;version=[0-9a-f]{12}", address)
    assert "immutable" in send("GET", f"/{unescape(address)}").headers["cache-control"]


def test_the_owner_says_how_the_page_looks_and_speaks(tmp_path: Path) -> None:
    own = Settings(name="Lac & <b>", logo="data:,", accent="#1a4fa0", language="fr")
    page = sender(app_of(answerer(tmp_path), settings=own))("GET", "/").text
    assert "<title>Lac &amp; &lt;b&gt;</title>" in page
    assert '<html lang="fr">' in page
    assert "--mf-accent-light:#1a4fa0" in page
    assert own.strings["disclaimer"] in text_of(page, "mf-disclaimer")
    assert 'src="data:,"' in page


@pytest.mark.parametrize("path", ["/api/ask", ASK])
def test_a_failure_is_told_without_a_trace_and_logged_without_the_question(
    send_broken: Ask, path: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    body = question(SECRET) if path == "/api/ask" else asked(SECRET)
    with caplog.at_level(logging.DEBUG):
        response = send_broken("POST", path, content=body, headers=JSON)
    assert "Something went wrong on our side" in response.text
    assert DISCLAIMER in response.text
    assert "Traceback" not in response.text
    assert "RuntimeError" not in response.text
    assert "RuntimeError in" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "data",
    [
        [],
        [SECRET],
        [SECRET, SECRET],
        [{"a": SECRET}],
        [{"question": [SECRET], "faq": {"a": SECRET}}],
        [[SECRET]],
        [None],
        {"a": SECRET},
        SECRET,
    ],
)
def test_a_malformed_request_of_the_page_is_not_logged_either(
    send: Ask, data: object, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        send("POST", ASK, content=json.dumps({"data": data}).encode(), headers=JSON)
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())


async def early(client: httpx.AsyncClient) -> list[httpx.Response]:
    """Ask in every way that needs no Gradio."""
    heat = "Is heat good for back spasms?"
    return [
        await client.post("/api/ask", json={"question": heat}),
        await client.get("/", params={"q": heat}),
        await client.post("/", data={"question": heat}),
        await client.post(ASK, json={"data": [{"question": heat, "faq": ""}]}),
    ]


def test_questions_are_answered_before_gradio_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def held_back(faqs: Sequence[Faq], settings: Settings) -> FastAPI:
        assert go_on.wait(30)
        return load_gradio(faqs, settings)

    monkeypatch.setattr("ui.server.load_gradio", held_back)
    faqs = named_faqs([("Back spasms", answerer(tmp_path))])

    async def talk() -> None:
        async with running(create_app(faqs, cache=tmp_path / "cache")) as client:
            try:
                waiting = asyncio.create_task(client.get("/config"))
                responses = await early(client)
                assert all("heating pad in the area" in each.text for each in responses)
                page = await client.get("/")
                assert f'data-frontend="{frontend_script()}"' in page.text
                assert (await client.get(f"/{frontend_script()}")).status_code == 200
                assert not waiting.done()
            finally:
                go_on.set()
            assert (await waiting).status_code == 200

    asyncio.run(talk())


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"{}", b'{"data": []}', b'{"data": 7}'])
def test_what_the_page_never_sends_is_refused_before_gradio_is_there_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr("ui.server.load_gradio", broken)
    faqs = named_faqs([("Back spasms", answerer(tmp_path))])

    async def talk() -> None:
        async with running(create_app(faqs)) as client:
            response = await client.post(ASK, content=body)
            assert response.status_code == 422
            assert response.json()["disclaimer"] == DISCLAIMER

    asyncio.run(talk())


def broken(faqs: Sequence[Faq], settings: Settings) -> FastAPI:
    raise ImportError("broken")


def test_where_gradio_cannot_be_loaded_the_page_goes_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ui.server.load_gradio", broken)
    faqs = named_faqs([("Back spasms", answerer(tmp_path))])

    async def talk() -> None:
        async with running(create_app(faqs)) as client:
            assert (await client.get("/config")).status_code == 404
            assert all("heating pad in the area" in each.text for each in await early(client))
            assert 'data-frontend=""' in (await client.get("/")).text

    asyncio.run(talk())
    assert [message for message in caplog.messages if "Gradio" in message] == [
        "Gradio cannot be loaded, so the page does without (ImportError: broken)"
    ]


def test_answering_does_not_hold_up_other_requests(tmp_path: Path) -> None:
    asked, go_on = threading.Event(), threading.Event()

    class Slow(Answerer):
        def answer(self, question: str, *, top_k: int = 5) -> Answer:
            asked.set()
            assert go_on.wait(30)
            return super().answer(question, top_k=top_k)

    app = app_of(answerer(tmp_path, Slow))

    async def both() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            slow = asyncio.create_task(client.post("/api/ask", json={"question": "is it"}))
            while not asked.is_set():
                await asyncio.sleep(0.01)
            health = await client.get("/api/health")
            assert not slow.done()
            go_on.set()
            return await slow, health

    slow, health = asyncio.run(both())
    assert (slow.status_code, health.status_code) == (200, 200)


def test_where_too_many_ask_the_next_is_told_when_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(batcher: Batcher, question: str) -> Answer:
        raise BusyError("Please ask again soon.")

    monkeypatch.setattr(Batcher, "answer", refuse)
    send = sender(app_of(answerer(tmp_path)))
    response = send("POST", "/api/ask", content=question("is heat good"))
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json() == {"error": "Please ask again soon.", "disclaimer": DISCLAIMER}


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError) as raised:
            serve(named_faqs([("x", answerer(tmp_path))]), port=port)
    assert isinstance(raised.value, MedfaqError)
    assert str(raised.value) == (
        f"127.0.0.1:{port}: the port is in use; choose another with --port"
    )


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("127.0.0.1", 70_000, "no such port"),
        ("192.0.2.1", 0, "not an address of this machine"),
        ("no.such.host.invalid", 0, "not an address of this machine"),
        ("münchen..de", 0, "not an address of this machine"),
    ],
)
def test_an_address_that_cannot_be_served_is_one_clear_line(
    tmp_path: Path, host: str, port: int, reason: str
) -> None:
    with pytest.raises(ServeError, match=reason):
        serve(named_faqs([("x", answerer(tmp_path))]), host, port)
