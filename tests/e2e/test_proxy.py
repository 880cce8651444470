"""The page under a path of a real nginx, with the very lines that README shows."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.e2e.rig import Site, Tab, eventually
from tests.e2e.rig import tab_of as tab_of_site
from tests.mosquitto import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

README = (Path(__file__).parents[2] / "README.md").read_text()
LISTENS = "http://127.0.0.1:8787/"
TOKEN = "a-token-of-the-proxy-test"
NAME = "home.example.org"


def configuration(folder: Path, port: int, agent: str) -> str:
    """README's location in the smallest nginx.conf that needs no root and no folder of the system."""
    location = README.partition("```nginx\n")[2].partition("```")[0]
    assert LISTENS in location
    paths = " ".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return (
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\n"
        f"http {{ access_log off; {paths}\n"
        f"server {{ listen 127.0.0.1:{port};\n{location.replace(LISTENS, agent)}}} }}\n"
    )


class Proxied:
    """An agent with a token, and nginx before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.agent = free_port(), f"127.0.0.1:{free_port()}"
        bridge = {"listen": self.agent, "public_url": f"https://{NAME}/storj", "token": TOKEN}
        self.site = Site(folder, settings={"bridge": bridge})
        self._nginx: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/storj/"

    async def start(self) -> None:
        await self.site.start()
        self.start_nginx()
        await eventually(self.answers)

    def start_nginx(self) -> None:
        binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if binary is None:
            pytest.fail("This test needs nginx: sudo apt-get install nginx-light", pytrace=False)
        conf = self.folder / "nginx.conf"
        conf.write_text(configuration(self.folder, self.port, f"http://{self.agent}/"))
        self._nginx = subprocess.Popen([binary, "-c", str(conf), "-p", str(self.folder)])

    async def answers(self) -> bool:
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with aiohttp.ClientSession() as session, session.get(self.url) as answer:
                return answer.status == 200
        return False

    async def stop(self) -> None:
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait(10)
        await self.site.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxied(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Proxied]:
    made = Proxied(tmp_path_factory.mktemp("proxy"))
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


@contextlib.asynccontextmanager
async def tab_of(browser: Browser, proxied: Proxied) -> AsyncIterator[Tab]:
    async with tab_of_site(browser, proxied.site) as tab:
        tab.origin = f"127.0.0.1:{proxied.port}"
        # the first WebSocket finds the door closed
        tab.excused.append(r"WebSocket connection to .* failed|status of 401")
        yield tab


async def test_one_logs_in_and_everything_stays_under_the_path(proxied: Proxied, browser: Browser) -> None:
    async with tab_of(browser, proxied) as tab:
        paths: list[str] = []
        tab.page.on("request", lambda request: paths.append(urlsplit(request.url).path))
        await tab.open(proxied.url)
        await tab.page.get_by_label("Token").fill(TOKEN)
        await tab.page.get_by_role("button", name="Log in").click()
        await tab.shows("Everything is fine. Nothing to do.", "attic", "cellar")
        await tab.page.wait_for_selector(".uplot canvas")
        scope = await tab.page.evaluate("() => navigator.serviceWorker.ready.then(found => found.scope)")
        assert scope == proxied.url
        assert paths
        assert all(path.startswith("/storj/") for path in paths), paths
        cookie = (await tab.page.context.cookies())[0]
        assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == ("/storj", True, "Strict")
        await tab.page.reload()
        await tab.shows("Everything is fine.", selector="h1")


async def test_the_public_name_is_known_and_no_other(proxied: Proxied) -> None:
    async with aiohttp.ClientSession() as session:
        for name, status in ((NAME, 200), ("evil.example.org", 403)):
            async with session.get(proxied.url, headers={"Host": name}) as answer:
                assert answer.status == status, name
