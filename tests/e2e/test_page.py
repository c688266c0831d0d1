"""What a person sees and does on the page, on a desktop and on a phone."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from corpus.read import DEFAULT_FAQ, read_corpus
from qa.disclaimer import DISCLAIMER
from tests.e2e.conftest import Served, Visit, watched_environment

pytestmark = [pytest.mark.e2e, pytest.mark.model]

HEAT = "is heat good for my back?"
ELSEWHERE = "what is the capital of france"
EMERGENCY = "is heat ok? i cant pee since this morning"
HOSTILE = (
    "<script>window.hurt=1</script><img src=x onerror='window.hurt=1'> ${window.hurt=1} "
    "{{x}} $$x^2$$ _a_ x<y"
)


def words_of(text: str) -> str:
    return " ".join(text.split())


def heating_pad_answer() -> str:
    corpus = read_corpus([DEFAULT_FAQ])
    return next(p.answer for p in corpus.passages if p.source.first_line == 53)


def expect_disclaimer(visit: Visit) -> None:
    footer = visit.page.locator("#mf-footer")
    expect(footer).to_have_text(DISCLAIMER)
    expect(footer).to_be_in_viewport(ratio=0.99)


def shown_answer(card: Locator) -> str:
    return words_of(card.locator(".mf-answer").inner_text())


def violations(visit: Visit) -> list[str]:
    found = Axe().run(visit.page)
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def test_a_red_flag_shows_what_to_do_and_no_answer(visit: Visit) -> None:
    card = visit.ask(EMERGENCY)
    expect(card.locator(".mf-verdict")).to_have_text("This may need urgent care")
    expect(card.locator(".mf-reason")).to_contain_text("emergency number")
    assert card.locator(".mf-answer").count() == 0
    expect(visit.page.locator(".mf-source")).to_have_count(0)
    expect(visit.page.get_by_role("button", name="Is heat good")).to_have_count(0)
    expect_disclaimer(visit)


def test_an_answer_is_shown_word_for_word_with_its_source(visit: Visit) -> None:
    card = visit.ask(HEAT)
    assert shown_answer(card) == words_of(heating_pad_answer())
    expect(card.locator(".mf-question")).to_have_text("Is heat good for back spasms?")
    expect(card.locator("strong", has_text="heating pad")).to_be_visible()
    source = visit.page.locator(".mf-source")
    expect(source).to_contain_text("lines 53 to 57")
    marked = source.locator("li", has=visit.page.locator("mark"))
    numbers = marked.evaluate_all("items => items.map(item => item.value)")
    assert numbers == [53, 54, 55, 56, 57]
    lines = DEFAULT_FAQ.read_text().splitlines()[52:57]
    assert marked.all_inner_texts() == lines
    expect_disclaimer(visit)


def test_a_list_is_shown_with_every_word_and_its_markers(visit: Visit) -> None:
    card = visit.ask("How do you get rid of back spasms fast?")
    passage = next(p for p in read_corpus([DEFAULT_FAQ]).passages if p.source.first_line == 29)
    assert shown_answer(card) == words_of(passage.answer)
    expect(card.locator(".mf-answer ul > li")).to_have_count(8)


def test_the_question_just_asked_stays_in_view(visit: Visit) -> None:
    for question in (HEAT, ELSEWHERE, "How do you get rid of back spasms fast?"):
        visit.ask(question)
        expect(visit.page.locator(".mf-asked").last).to_have_text(question)
        expect(visit.page.locator(".mf-asked").last).to_be_in_viewport()
        expect_disclaimer(visit)


def test_no_answer_is_shown_for_what_the_faq_does_not_cover(visit: Visit) -> None:
    card = visit.ask(ELSEWHERE)
    expect(card.locator(".mf-verdict")).to_have_text("No answer in this FAQ")
    expect(visit.page.locator(".mf-answer")).to_have_count(0)
    expect(visit.page.locator(".mf-source")).to_have_count(0)
    expect_disclaimer(visit)


def test_the_source_goes_away_with_its_answer(visit: Visit) -> None:
    visit.ask(HEAT)
    expect(visit.page.locator(".mf-source")).to_be_visible()
    visit.ask(ELSEWHERE)
    expect(visit.page.locator(".mf-source")).to_have_count(0)
    expect(visit.page.locator(".mf-card")).to_have_count(2)
    expect(visit.page.locator("a[href='#source']")).to_have_count(0)


def test_clicking_a_question_asks_it(visit: Visit) -> None:
    chips = visit.page.locator("#mf-chips button")
    example = chips.nth(1).inner_text()
    chips.nth(1).click()
    expect(visit.page.locator(".mf-question").last).to_have_text(example)
    expect(visit.page.locator("#mf-chips")).to_contain_text("Related questions")
    related = chips.first.inner_text()
    assert related != example
    chips.first.click()
    expect(visit.page.locator(".mf-question").last).to_have_text(related)
    expect(visit.page.locator(".mf-asked")).to_have_text([example, related])


def test_the_link_leads_to_the_source(visit: Visit) -> None:
    visit.ask(HEAT).locator("a[href='#source']").click()
    expect(visit.page.locator(".mf-source-title")).to_be_in_viewport()
    expect(visit.page.locator(".mf-lines mark").first).to_be_in_viewport()


def test_the_keyboard_is_enough(visit: Visit) -> None:
    expect(visit.field).to_be_focused()
    keyboard = visit.page.keyboard
    keyboard.type(HEAT)
    keyboard.press("Enter")
    expect(visit.page.locator(".mf-answered")).to_be_visible()
    expect(visit.field).to_be_focused()
    expect(visit.field).to_have_value("")
    focused = visit.page.locator(":focus")
    for _ in range(12):
        keyboard.press("Shift+Tab")
        if focused.count() and focused.evaluate("e => e.closest('#mf-chips') !== null"):
            break
    asked = focused.inner_text()
    keyboard.press("Enter")
    expect(visit.page.locator(".mf-question").last).to_have_text(asked)


def test_an_empty_question_asks_nothing(visit: Visit) -> None:
    visit.field.fill("   ")
    with visit.page.expect_response("**/run/predict"):
        visit.field.press("Enter")
    expect(visit.page.locator(".mf-asked")).to_have_count(0)
    # The page takes one question at a time, so the next has to wait for it to be done.
    visit.page.wait_for_timeout(200)
    visit.ask(HEAT)
    expect(visit.page.locator(".mf-asked")).to_have_text([HEAT])


def test_hostile_text_is_shown_as_text_and_runs_nothing(visit: Visit) -> None:
    visit.ask(HOSTILE)
    asked = visit.page.locator(".mf-asked")
    assert words_of(asked.inner_text()) == words_of(HOSTILE)
    assert asked.locator("*").count() == 0
    assert visit.page.evaluate("window.hurt") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to(visit: Visit, scheme: str) -> None:
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visit.page.reload()
    visit.field.wait_for()
    expect(visit.page.locator("#mf-chips button").first).to_be_visible()
    assert violations(visit) == []
    visit.ask(HEAT)
    expect(visit.page.locator(".mf-source")).to_be_visible()
    assert violations(visit) == []
    visit.ask(ELSEWHERE)
    assert violations(visit) == []
    visit.ask(EMERGENCY)
    assert violations(visit) == []


def test_a_low_window_is_left_to_the_answer(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 844, "height": 390})
    card = visit.ask(HEAT)
    expect(card.locator(".mf-disclaimer")).to_be_visible()
    visit.page.evaluate("scrollTo(0, 0)")
    expect(visit.page.locator("#mf-footer")).not_to_be_in_viewport()


def test_nothing_wider_than_the_window(visit: Visit) -> None:
    visit.ask("x" * 300)
    visit.ask(HEAT)
    widths = visit.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert widths[0] == widths[1]


def test_nothing_typed_leaves_the_machine_or_stays_in_the_browser(
    visit: Visit, served: Served
) -> None:
    visit.ask(HEAT)
    visit.ask(ELSEWHERE)
    visit.page.wait_for_timeout(1000)
    assert {urlsplit(url).hostname for url in visit.requests} == {"127.0.0.1"}
    assert served.outside.read_text() == ""
    written = served.errors.read_text()
    assert "heat" not in written
    assert "france" not in written
    stored = visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert stored == [0, 0, ""]
    assert "heat" not in visit.page.url


def test_the_network_watch_would_notice(tmp_path: Path) -> None:
    log = tmp_path / "outside.txt"
    code = (
        "import socket\n"
        "for host in ('127.0.0.1', '192.0.2.1', 'localhost', 'example.invalid'):\n"
        "    try: socket.create_connection((host, 9), timeout=0.05)\n"
        "    except OSError: pass\n"
    )
    subprocess.run([sys.executable, "-c", code], env=watched_environment(log, tmp_path), check=True)
    noticed = log.read_text()
    assert "socket.connect 192.0.2.1" in noticed
    assert "socket.getaddrinfo example.invalid" in noticed
    assert "127.0.0.1" not in noticed
    assert "localhost" not in noticed
