"""What stands before the page: who gets in, from where, to what, how much; over real HTTP."""

from __future__ import annotations

import http.client
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from rag import Assistant, Settings
from rag.cli import main
from tests.conftest import served
from ui.errors import BadUser, NoUsers
from ui.guard import ENDPOINTS, JOIN, LONGEST_BODY, UPLOAD, listed
from ui.sessions import LONGEST_WAIT_S, Sessions, Throttle
from ui.uploads import MB, TOTAL_MB
from ui.users import Users

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def address(seeds: Assistant) -> Iterator[str]:
    with served(seeds) as url:
        yield url


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Users]]:
    """A page whose users sign in."""
    folder = tmp_path_factory.mktemp("users")
    users = Users(folder)
    users.add("ann", PASSWORD)
    with Assistant.open(Settings(data=folder)) as suroo, served(suroo) as url:
        yield url, users


def test_only_what_is_meant_is_exposed(seeds: Assistant) -> None:
    """Of everything that Gradio offers, what the guard lets through is this list."""
    import gradio as gr
    from starlette.applications import Starlette

    from ui.page import build, looks

    mounted = gr.mount_gradio_app(Starlette(), build(seeds), path="", **looks())
    [gradio] = [route.app for route in mounted.routes if hasattr(route, "app")]
    offered = {(method, path.rstrip("/") or "/") for method, path in every_route(gradio.routes)}
    assert len(offered) > 60
    passed = {(method, path) for method, path in offered if method != "HEAD" and listed(method, path)}
    assert passed == {
        ("GET", "/"),
        ("GET", "/assets/{path:path}"),
        ("GET", "/config"),
        ("GET", "/favicon.ico"),
        ("GET", "/gradio_api/heartbeat/{session_hash}"),
        ("GET", "/gradio_api/queue/data"),
        ("GET", "/gradio_api/startup-events"),
        ("GET", "/gradio_api/upload_progress"),
        ("GET", "/static/{path:path}"),
        ("GET", "/theme.css"),
        ("POST", "/gradio_api/cancel"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/reset"),
        ("POST", "/gradio_api/upload"),
    }
    assert ENDPOINTS["POST"][-1] == "/gradio_api/run/predict"  # of "/gradio_api/run/{api_name}" only this


def every_route(routes: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Methods and paths, those of included routers too."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from every_route(route.original_router.routes, prefix + route.include_context.prefix)
        else:
            yield from ((method, prefix + route.path) for method in route.methods)


def test_no_function_of_the_page_has_a_name_for_others(seeds: Assistant) -> None:
    from ui.page import build

    functions = build(seeds).fns.values()
    assert functions
    assert {f.api_visibility for f in functions} == {"private"}


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/info", "/gradio_api/call/ask", "/gradio_api/file=/etc/passwd", "/monitoring", "/gradio_api/run/ask",
     "/gradio_api/component_server", "/gradio_api/proxy=http://example.org", "/openapi.json", "/docs", "/login",
     "/gradio_api/queue/join/../info", "/gradio_api/vibe-code"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_else_is_there(address: str, path: str, method: str) -> None:
    assert httpx.request(method, address + path).status_code == 404


def test_every_answer_carries_the_policy(address: str) -> None:
    for path in ("/", "/nowhere", "/theme.css"):
        headers = httpx.get(address + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'; connect-src 'self'" in policy
        assert not any(origin in policy for origin in ("http", "*", "//"))
        assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:7860"}, 200),
        ({"Host": "suroo.example.org"}, 403),
        ({"Host": "127.0.0.1.example.org"}, 403),
        ({"Origin": "http://example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:7860", "Origin": "http://localhost:7861"}, 403),
        ({"Host": "localhost:7860", "Origin": "http://localhost:7860"}, 200),
    ],
)
def test_no_foreign_origin(address: str, headers: dict[str, str], status: int) -> None:
    answer = httpx.get(f"{address}/config", headers=headers)
    assert answer.status_code == status
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_another_site_may_link_here_and_no_more(address: str) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert httpx.get(address, headers=elsewhere).status_code == 200
    assert httpx.get(f"{address}/config", headers=elsewhere).status_code == 403
    assert httpx.post(address + JOIN, json={}, headers=elsewhere).status_code == 403
    asked = {"Origin": "http://example.org", "Access-Control-Request-Method": "POST"}
    assert httpx.options(address + JOIN, headers=asked).status_code == 403


def test_uploads_are_limited(address: str) -> None:
    status, body = declared(address, UPLOAD, (TOTAL_MB + 1) * MB)
    assert status == 413
    assert "слишком велики" in json.loads(body)["detail"]
    assert declared(address, JOIN, LONGEST_BODY + 1)[0] == 413
    assert httpx.post(address + UPLOAD, content=iter([b"x"])).status_code == 411  # of no length that is known


def declared(address: str, path: str, length: int) -> tuple[int, str]:
    """What is said to a request of `length` bytes before any of them is sent."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(length))
    connection.putheader("Accept-Language", "ru")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_too_many_waiting_uploads(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.uploads.WAITING_MB", 0)
    answer = httpx.post(address + UPLOAD, content=b"x", headers={"Accept-Language": "en"})
    assert answer.status_code == 413
    assert "waiting" in answer.json()["detail"]


def test_a_full_queue_says_so_in_the_readers_language(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio.queueing.Queue.__len__", lambda self: 10_000)
    for language, words in (("ru", "слишком много вопросов"), ("en", "Too many questions")):
        answer = httpx.post(
            address + JOIN, headers={"Accept-Language": language},
            json={"data": [], "fn_index": asking(address), "session_hash": "s"},
        )  # fmt: skip
        assert answer.status_code == 429
        assert words in answer.json()["detail"]


def asking(address: str) -> int:
    """The number of the function that asks."""
    found = [d["id"] for d in httpx.get(f"{address}/config").json()["dependencies"] if d["api_name"] == "ask"]
    return int(found[0])


# ---- users


def sign_in(url: str, name: str, password: str, client: httpx.Client | None = None) -> httpx.Response:
    return (client.post if client else httpx.post)(f"{url}/login", data={"name": name, "password": password})


def test_nobody_gets_in_without_signing_in(guarded: tuple[str, Users]) -> None:
    url, _ = guarded
    assert httpx.get(url).headers["location"] == "/login"
    for path in ("/config", "/gradio_api/queue/data?session_hash=s", "/assets/x.js", "/theme.css"):
        assert httpx.get(url + path).status_code == 401
    assert httpx.post(url + JOIN, json={}).status_code == 401
    assert httpx.get(f"{url}/config", cookies={"suroo_session": "guess"}).status_code == 401
    assert httpx.get(f"{url}/config", headers={"x-suroo-user": "ann"}).status_code == 401
    assert "Имя" in httpx.get(f"{url}/login", headers={"Accept-Language": "ru"}).text


def test_a_user_gets_in_and_out(guarded: tuple[str, Users]) -> None:
    url, users = guarded
    with httpx.Client() as client:
        answer = sign_in(url, "ann", PASSWORD, client)
        assert answer.status_code == 303
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("suroo_session"))
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert client.get(f"{url}/config").status_code == 200
        assert client.get(f"{url}/config", headers={"Origin": "http://example.org"}).status_code == 403
        client.post(f"{url}/logout")
        assert client.get(f"{url}/config").status_code == 401
    with httpx.Client() as client:
        users.add("bob", PASSWORD)
        assert sign_in(url, "bob", PASSWORD, client).status_code == 303
        users.remove("bob")
        assert client.get(f"{url}/config").status_code == 401


def test_guessing_is_slow(guarded: tuple[str, Users]) -> None:
    url, users = guarded
    users.add("eve", PASSWORD)
    statuses = [sign_in(url, "eve", f"guess {n}").status_code for n in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    refused = sign_in(url, "eve", PASSWORD)
    assert refused.status_code == 429  # not even the right one, while the wait lasts
    assert int(refused.headers["retry-after"]) >= 1


def test_each_wrong_try_costs_twice_the_wait() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    waits = []
    for _ in range(12):
        throttle.wrong("1.2.3.4", "ann")
        waits.append(throttle.wait_s("1.2.3.4", "ann"))
        now[0] += waits[-1]
    assert waits[:6] == [0, 0, 1, 2, 4, 8]
    assert max(waits) == LONGEST_WAIT_S
    assert throttle.wait_s("9.9.9.9", "ann") == 0
    throttle.right("1.2.3.4", "ann")
    throttle.wrong("1.2.3.4", "ann")
    assert throttle.wait_s("1.2.3.4", "ann") == 0


def test_a_name_that_is_tried_from_everywhere_waits_too() -> None:
    throttle = Throttle(lambda: 0.0)
    for n in range(20):
        throttle.wrong(f"10.0.0.{n}", "ann")
    assert throttle.wait_s("10.0.1.1", "ann") > 0
    assert throttle.wait_s("10.0.1.1", "bob") == 0


def test_a_session_ends_by_itself() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    token = sessions.begin("ann")
    assert sessions.name(token) == "ann"
    now[0] = 13 * 3600
    assert sessions.name(token) is None
    assert sessions.name(None) is None


def test_passwords_are_hashed_in_a_file_of_ones_own(tmp_path: Path) -> None:
    users = Users(tmp_path)
    users.add("ann", PASSWORD)
    users.add("bob", PASSWORD)
    file = tmp_path / "users.json"
    kept = json.loads(file.read_text("utf-8"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept["ann"].startswith("$argon2id$")
    assert kept["ann"] != kept["bob"]
    assert users.check("ann", PASSWORD)
    assert not users.check("ann", PASSWORD.upper())
    assert not users.check("nobody", PASSWORD)
    file.write_text("nonsense", "utf-8")
    with pytest.raises(BadUser, match=r"users\.json"):
        Users(tmp_path).names()


@pytest.mark.parametrize(
    ("name", "password"), [("ann", "short"), ("", PASSWORD), ("a b", PASSWORD), ("../x", PASSWORD)]
)
def test_users_that_are_none(tmp_path: Path, name: str, password: str) -> None:
    with pytest.raises(BadUser):
        Users(tmp_path).add(name, password)


def test_a_wider_address_needs_users(seeds: Assistant) -> None:
    from ui.app import serve

    with pytest.raises(NoUsers, match=r"0\.0\.0\.0"):
        serve(seeds, "0.0.0.0", 7860, lambda url: None)


def test_users_in_the_shell(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    added = CliRunner().invoke(main, ["user", "add", "ann", *data], input=f"{PASSWORD}\n")
    assert added.exit_code == 0, added.output
    assert Users(tmp_path / "data").check("ann", PASSWORD)
    assert CliRunner().invoke(main, ["user", "list", *data]).output == "ann\n"
    assert CliRunner().invoke(main, ["user", "remove", "ann", *data]).exit_code == 0
    missing = CliRunner().invoke(main, ["user", "remove", "ann", *data])
    assert missing.exit_code == 1
    assert "ann" in missing.output
