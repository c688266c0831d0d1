"""Everybody can use the page: in each state, at each size, light and dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Served, Visit, opened
from tests.e2e.test_page import ELSEWHERE, EMERGENCY, HEAT

pytestmark = [pytest.mark.e2e, pytest.mark.model]

# 640x400 is what is left of 1280x800 at a zoom of 200%.
LOOKS = {
    "desktop": ((1280, 800), "light"),
    "desktop, dark": ((1280, 800), "dark"),
    "phone": ((390, 844), "light"),
    "phone, dark": ((390, 844), "dark"),
    "smallest": ((320, 640), "light"),
    "zoomed": ((640, 400), "light"),
}


def empty(visit: Visit) -> None:
    expect(visit.page.locator("#mf-examples button").first).to_be_visible()


def suggesting(visit: Visit) -> None:
    visit.page.keyboard.type("back")
    expect(visit.page.get_by_role("option").first).to_be_visible()
    visit.page.keyboard.press("ArrowDown")


def answered(visit: Visit) -> None:
    card = visit.ask(HEAT)
    card.locator("summary").click()
    card.locator(".mf-open").click()
    expect(visit.page.locator(".mf-source")).to_be_visible()


def not_covered(visit: Visit) -> None:
    visit.ask(HEAT)
    visit.ask(ELSEWHERE)


def urgent(visit: Visit) -> None:
    visit.ask(EMERGENCY)


def failed(visit: Visit) -> None:
    visit.page.route("**/run/ask", lambda route: route.abort())
    visit.ask(HEAT)


def waiting(visit: Visit) -> None:
    visit.page.route("**/run/ask", lambda route: None)
    visit.field.fill(HEAT)
    visit.field.press("Enter")
    visit.page.locator(".mf-waiting").wait_for()
    visit.page.evaluate(NO_LONGER_TRANSPARENT)


NO_LONGER_TRANSPARENT = """
  () => Promise.all(
    document.querySelector('.mf-waiting').getAnimations().map(each => each.finished)
  ).then(() => true)
"""

STATES = [empty, suggesting, answered, not_covered, urgent, failed, waiting]

SMALL_TARGETS = """
  [...document.querySelectorAll('#medfaq :is(a, button, summary, textarea, li[role])')]
    .filter(e => e.checkVisibility())
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([, box]) => box.height < 44 || box.width < 44)
    .map(([e, box]) => `${e.className} ${e.textContent} ${box.width}x${box.height}`)"""


def violations(visit: Visit) -> list[str]:
    found = Axe().run(visit.page)
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("size", "scheme"), LOOKS.values(), ids=LOOKS)
def test_nothing_stands_in_anybodys_way(
    browser: Browser,
    served: Served,
    size: tuple[int, int],
    scheme: str,
    state: Callable[[Visit], None],
) -> None:
    with opened(browser, served, size, scheme=scheme) as visit:
        state(visit)
        assert violations(visit) == []
        assert visit.page.evaluate(SMALL_TARGETS) == []
        across = visit.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert across[0] == across[1]


def test_gradio_leaves_nothing_in_the_way_either(browser: Browser, owned: Served) -> None:
    with opened(browser, owned, (390, 844)) as visit:
        visit.gradio.wait_for()
        assert violations(visit) == []
        visit.ask(EMERGENCY)
        assert violations(visit) == []
        assert visit.page.evaluate(SMALL_TARGETS) == []
        assert visit.page.evaluate("document.documentElement.lang") == "fr"
        assert visit.page.locator("[data-testid=status-tracker]:visible").count() == 0


def test_less_motion_is_no_motion(browser: Browser, served: Served) -> None:
    with opened(browser, served, (390, 844)) as visit:
        visit.page.emulate_media(reduced_motion="reduce")
        waiting(visit)
        running = "document.getAnimations().filter(a => a.playState === 'running').length"
        assert visit.page.evaluate(running) == 0
