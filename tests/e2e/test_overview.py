"""What an operator opens every morning, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser
from tests.e2e.rig import Site, Tab, eventually, tab_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST_LOAD = 100_000
"""Bytes, as sent."""
LUMINANCE = """() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(one => {
    const part = one / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}"""
CONTRAST = """() => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  const paint = colours => {  // what is seen: the colours upon each other
    pen.clearRect(0, 0, 1, 1)
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1) }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
  }
  const light = rgb => rgb.map(one => one / 255)
    .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0)
  const poor = []
  for (const one of document.querySelectorAll('body *')) {
    const text = [...one.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join('')
    if (!text || !one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const under = []
    for (let up = one; up; up = up.parentElement) under.unshift(getComputedStyle(up).backgroundColor)
    const style = getComputedStyle(one)
    const colour = one.closest('svg') ? style.fill : style.color
    const [a, b] = [light(paint(under)), light(paint([...under, colour]))]
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (contrast < 4.495) poor.push(`${text.slice(0, 30)}: ${contrast.toFixed(2)}`)
  }
  return poor
}"""
TOO_WIDE = """() => {
  const root = document.documentElement
  const wide = root.scrollWidth > innerWidth ? [`page ${root.scrollWidth}`] : []
  const clips = one => one !== document.body && one !== root && getComputedStyle(one).overflowX !== 'visible'
  for (const one of document.querySelectorAll('body *')) {
    const { right, width, height } = one.getBoundingClientRect()
    let up = one.parentElement
    while (up && !clips(up)) up = up.parentElement
    if (!up && width > 1 && height > 1 && right > innerWidth + 1) wide.push(`${one.tagName} ${one.className} ${right}`)
  }
  return wide
}"""


def size_pair(used: float, total: float) -> str:
    """`4.86 of 8 TB`, as the cards write it."""
    unit, factor = next((unit, factor) for unit, factor in (("TB", 1e12), ("GB", 1e9)) if total >= factor)
    return f"{used / factor:.2f} of {total / factor:g} {unit}"


def mbit(rate: float) -> str:
    return f"{rate * 8 / 1e6:.1f}"


def phrases(state: dict[str, Any]) -> list[str]:
    """What the card of this state must say; the node's own estimate while there is none of ours yet."""
    ours = state["payout_estimate"]
    return [
        state["version"],
        size_pair(state["disk_used"], state["disk_allocated"]),
        f"out {mbit(state['egress_rate'])} in {mbit(state['ingress_rate'])} Mbit/s",
        *(f"{score} {state[f'{score}_score']:.2f}%" for score in ("audit", "suspension", "online")),
        f"${state['payout_estimate_node'] if ours is None else ours:.2f} ",
    ]


async def test_the_first_load_is_small_and_says_in_words_how_things_are(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        sent: dict[str, float] = {}
        names: list[str] = []
        tab.page.on("request", lambda request: names.append(request.url))
        devtools = await tab.page.context.new_cdp_session(tab.page)
        await devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda it: sent.update({it["requestId"]: it["encodedDataLength"]}))
        await tab.open(demo.app.url)
        await tab.page.wait_for_selector(".uplot canvas")
        await tab.page.wait_for_load_state("networkidle")
        assert min(sent.values()) > 0, "nothing comes from a cache"
        assert not [name for name in names if "/live-" in name], "neither map nor land"
        assert 20_000 < sum(sent.values()) <= FIRST_LOAD, f"{sum(sent.values()):.0f} bytes in {len(sent)} answers"
        await tab.shows("Everything is fine. Nothing to do.", selector="h1")
        await tab.shows("2 nodes online")


async def test_a_card_for_each_node_says_what_the_board_says(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(demo.app.url)
        assert await tab.page.locator("article h3").all_inner_texts() == ["attic", "cellar"]

        async def same(node: str) -> bool:
            card = await tab.page.locator("article", has=tab.page.get_by_role("link", name=node)).inner_text()
            text = " ".join(card.split())
            return all(phrase in text for phrase in phrases(demo.state(node)))

        for node in ("attic", "cellar"):
            await eventually(lambda node=node: same(node))  # type: ignore[misc]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_light_and_dark_can_be_read(demo: Site, browser: Browser, scheme: str) -> None:
    async with tab_of(browser, demo, color_scheme="light" if scheme == "dark" else "dark") as tab:
        await tab.open(demo.app.url)
        await tab.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        luminance = await tab.page.evaluate(LUMINANCE)
        assert luminance > 0.8 if scheme == "light" else luminance < 0.05
        await tab.page.wait_for_selector(".uplot canvas")
        assert await tab.page.evaluate(CONTRAST) == []
        await tab.shoot(f"overview-{scheme}")
        await tab.open(f"{demo.app.url}#/node/demo/attic")
        await tab.shows("Download", "Reputation")
        assert await tab.page.evaluate(CONTRAST) == []
        await tab.shoot(f"node-{scheme}")


@pytest.mark.parametrize("width", [360, 390])
async def test_a_phone_need_not_scroll_sideways(demo: Site, browser: Browser, width: int) -> None:
    phone = {
        "viewport": {"width": width, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    }
    async with tab_of(browser, demo, **phone) as tab:
        for page, path, ready in (("overview", "", "Traffic of all nodes"), ("node", "#/node/demo/attic", "Download")):
            await tab.open(f"{demo.app.url}{path}")
            await tab.shows(ready)
            await tab.page.wait_for_selector(".uplot canvas")
            await tab.shoot(f"{page}-phone-{width}")
            assert await tab.page.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_of_the_header_opens_and_fits_a_phone(demo: Site, browser: Browser, scheme: str) -> None:
    async with tab_of(browser, demo, color_scheme=scheme, viewport={"width": 360, "height": 780}) as tab:
        await tab.open(demo.app.url)
        links = await tab.page.locator("nav a").evaluate_all("links => [...new Set(links.map(link => link.hash))]")
        assert len(links) > 1
        for link in links:
            await tab.open(f"{demo.app.url}{link}")
            await tab.page.locator("nav a[aria-current=page]:visible").wait_for()
            await tab.page.wait_for_timeout(300)  # answers fill the page: what is checked may come at any time
            await tab.shoot(f"page-{link.strip('#/') or 'overview'}-{scheme}")
            assert await tab.page.evaluate(TOO_WIDE) == [], link
            assert await tab.page.evaluate(CONTRAST) == [], link


async def focused(tab: Tab) -> str:
    return str(await tab.page.evaluate("() => document.activeElement.textContent.trim()"))


async def test_the_keyboard_alone_reaches_a_node(demo: Site, browser: Browser) -> None:
    async with tab_of(browser, demo) as tab:
        await tab.open(demo.app.url)
        await tab.page.wait_for_selector("article h3")
        await tab.page.keyboard.press("Tab")
        assert await focused(tab) == "Skip to content"
        box = await tab.page.locator("a.skip").bounding_box()
        assert box is not None
        assert min(box["x"], box["y"]) >= 0, "the skip link is seen while it has the focus"
        await tab.page.keyboard.press("Enter")
        assert await tab.page.evaluate("() => document.activeElement.id") == "main"
        for _ in range(40):
            await tab.page.keyboard.press("Tab")
            if await focused(tab) == "attic":
                break
        assert await focused(tab) == "attic"
        seen = "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow }"
        assert await tab.page.evaluate(seen) != "nonenone", "the focus is seen"
        await tab.page.keyboard.press("Enter")
        await tab.shows("attic is fine.", selector="h1")
        await tab.page.keyboard.press("Escape")
        await tab.shows("Everything is fine.", selector="h1")
