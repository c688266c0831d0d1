"""What a person sees and does on the page, on a desktop and on a phone."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from corpus.read import DEFAULT_FAQ, read_corpus
from qa.disclaimer import DISCLAIMER
from tests.e2e.conftest import Served, Visit, watched_environment

pytestmark = [pytest.mark.e2e, pytest.mark.model]

HEAT = "is heat good for my back?"
ELSEWHERE = "what is the capital of france"
EMERGENCY = "is heat ok? i cant pee since this morning"
HOSTILE = (
    "<script>window.hurt=1</script><img src=x onerror='window.hurt=1'> ${window.hurt=1} "
    "{{x}} $$x^2$$ _a_ x<y \u202ertl\u202c"
)
ENTRIES = read_corpus([DEFAULT_FAQ]).passages


def words_of(text: str) -> str:
    return " ".join(text.split())


def heating_pad_answer() -> str:
    return next(p.answer for p in ENTRIES if p.source.first_line == 53)


def expect_disclaimer(visit: Visit) -> None:
    footer = visit.page.locator("#mf-footer")
    expect(footer).to_have_text(DISCLAIMER)
    expect(footer).to_be_in_viewport(ratio=0.99)


def shown_answer(card: Locator) -> str:
    return words_of(card.locator(".mf-answer").inner_text())


def open_source(visit: Visit, number: int = -1) -> Locator:
    turn = visit.page.locator(".mf-turn").nth(number)
    turn.locator(".mf-open").click()
    expect(turn.locator(".mf-source")).to_be_visible()
    return turn.locator(".mf-source")


def shown_suggestions(page: Page) -> list[str]:
    return page.get_by_role("option").all_inner_texts()


def test_a_red_flag_shows_what_to_do_and_no_answer(visit: Visit) -> None:
    card = visit.ask(EMERGENCY)
    expect(card.locator(".mf-verdict")).to_have_text("This may need urgent care")
    expect(card.locator(".mf-call")).to_contain_text("emergency number")
    expect(visit.page.locator(".mf-answer")).to_have_count(0)
    expect(visit.page.locator(".mf-source")).to_have_count(0)
    expect(visit.page.get_by_role("button", name="Is heat good")).to_have_count(0)
    expect_disclaimer(visit)


def test_what_to_do_now_stays_in_view_when_gradio_takes_over_afterwards(visit: Visit) -> None:
    card = visit.ask(EMERGENCY)
    expect(visit.gradio).to_be_visible()
    expect(card.locator(".mf-verdict")).to_be_in_viewport(ratio=0.99)
    assert visit.page.evaluate("scrollY") == 0


def test_what_to_do_now_is_in_view_however_long_the_message(visit: Visit) -> None:
    visit.ask(HEAT)
    card = visit.ask(
        f"{EMERGENCY}. {'I was on my way home and then the bus was late again. ' * 40}"
    )
    for part in (".mf-verdict", ".mf-call"):
        expect(card.locator(part)).to_be_in_viewport(ratio=0.99)
    seen = card.locator(".mf-call").bounding_box()
    field = visit.page.locator("#mf-ask").bounding_box()
    assert seen is not None
    assert field is not None
    assert seen["y"] + seen["height"] < field["y"]
    expect_disclaimer(visit)


def test_an_answer_is_shown_word_for_word_with_its_source(visit: Visit) -> None:
    card = visit.ask(HEAT)
    assert shown_answer(card) == words_of(heating_pad_answer())
    expect(card.locator(".mf-question")).to_have_text("Is heat good for back spasms?")
    expect(card.locator("strong", has_text="heating pad")).to_be_visible()
    source = open_source(visit)
    expect(source).to_contain_text("lines 53 to 57")
    marked = source.locator("li", has=visit.page.locator("mark"))
    numbers = marked.evaluate_all("items => items.map(item => item.value)")
    assert numbers == [53, 54, 55, 56, 57]
    assert marked.all_inner_texts() == DEFAULT_FAQ.read_text().splitlines()[52:57]
    expect(marked.first).to_be_in_viewport()
    expect_disclaimer(visit)


def test_every_entry_is_shown_as_the_owner_wrote_it(visit: Visit) -> None:
    for entry in ENTRIES:
        card = visit.ask(entry.question)
        expect(card.locator(".mf-question")).to_have_text(entry.question)
        assert card.locator(".mf-answer").evaluate("e => e.textContent") == entry.answer
        assert shown_answer(card) == words_of(entry.answer)


def test_a_list_is_shown_as_a_list(visit: Visit) -> None:
    card = visit.ask("How do you get rid of back spasms fast?")
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
    closest = visit.page.locator(".mf-questions button").filter(visible=True)
    expect(closest).to_have_count(4)
    expect_disclaimer(visit)


def test_an_earlier_answer_opens_its_own_source_again(visit: Visit) -> None:
    visit.ask(HEAT)
    visit.ask("How should I sleep with back spasms?")
    first = visit.page.locator(".mf-turn").first
    expect(first.locator(".mf-source")).to_be_hidden()
    source = open_source(visit, 0)
    expect(source.locator("mark").first).to_have_text("Is heat good for back spasms?")
    expect(source.locator("mark").first).to_be_in_viewport()
    source.get_by_role("button", name="Close").click()
    expect(source).to_be_hidden()
    expect(first.locator(".mf-open")).to_be_focused()


def test_clicking_a_question_asks_it(visit: Visit) -> None:
    examples = visit.page.locator("#mf-examples button")
    example = examples.nth(1).inner_text()
    examples.nth(1).click()
    expect(visit.page.locator(".mf-question").last).to_have_text(example)
    related = visit.page.locator(".mf-turn").last.locator(".mf-questions button").first
    text = related.inner_text()
    assert text != example
    related.click()
    expect(visit.page.locator(".mf-question").last).to_have_text(text)
    expect(visit.page.locator(".mf-asked")).to_have_text([example, text])
    expect(visit.page.locator(".mf-asked").last).to_be_focused()


def test_the_keyboard_is_enough(visit: Visit) -> None:
    expect(visit.field).to_be_focused()
    keyboard = visit.page.keyboard
    keyboard.type(HEAT)
    keyboard.press("Enter")
    expect(visit.page.locator(".mf-answered")).to_be_visible()
    expect(visit.field).to_be_focused()
    expect(visit.field).to_have_value("")
    focused = visit.page.locator(":focus")
    seen = []
    for _ in range(14):
        keyboard.press("Shift+Tab")
        seen.append(focused.evaluate("e => e.className || e.parentElement.className || e.tagName"))
        if focused.evaluate("e => e.matches('.mf-open')"):
            break
    keyboard.press("Enter")
    expect(visit.page.locator(".mf-source h3")).to_be_focused()
    assert any("mf-copy" in name for name in seen)
    keyboard.press("Tab")
    expect(visit.page.locator(".mf-scroll")).to_be_focused()


def test_enter_sends_shift_enter_breaks_and_escape_clears(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    keyboard.type("one")
    keyboard.press("Shift+Enter")
    keyboard.type("two")
    expect(visit.field).to_have_value("one\ntwo")
    keyboard.press("Escape")
    expect(visit.field).to_have_value("")
    expect(visit.page.locator(".mf-asked")).to_have_count(0)


def test_questions_are_suggested_and_chosen_by_keyboard(visit: Visit) -> None:
    keyboard = visit.page.keyboard
    keyboard.type("sleep")
    expect(visit.page.get_by_role("option").first).to_have_text(
        "How should I sleep with back spasms?"
    )
    keyboard.press("ArrowDown")
    active = visit.field.get_attribute("aria-activedescendant")
    expect(visit.page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    keyboard.press("Enter")
    expect(visit.page.locator(".mf-asked")).to_have_text(["How should I sleep with back spasms?"])
    expect(visit.page.get_by_role("listbox")).to_be_hidden()


def test_suggestions_do_not_cover_the_disclaimer(visit: Visit) -> None:
    seen = """() => {
      const text = document.querySelector('#mf-footer .mf-disclaimer');
      const {left, right, top, bottom} = text.getBoundingClientRect();
      return [[left + 4, top + 4], [right - 4, bottom - 4], [(left + right) / 2, bottom - 4]]
        .every(([x, y]) => text.contains(document.elementFromPoint(x, y)));
    }"""
    for asked_before in (False, True):
        if asked_before:
            visit.ask(HEAT)
        visit.field.fill("back")
        expect(visit.page.locator("#mf-suggestions")).to_be_visible()
        assert visit.page.evaluate(seen)


def test_escape_closes_the_suggestions_before_it_clears(visit: Visit) -> None:
    visit.page.keyboard.type("sleep")
    expect(visit.page.get_by_role("option").first).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("listbox")).to_be_hidden()
    expect(visit.field).to_have_value("sleep")
    visit.page.keyboard.press("Escape")
    expect(visit.field).to_have_value("")


def test_a_suggestion_can_be_pressed(visit: Visit) -> None:
    visit.page.keyboard.type("walk")
    visit.page.get_by_role("option").first.click()
    expect(visit.page.locator(".mf-asked")).to_have_text(["Is walking good for back spasms?"])


def test_what_is_typed_is_not_sent_before_it_is_asked(visit: Visit) -> None:
    visit.page.keyboard.type("sleep")
    expect(visit.page.get_by_role("option").first).to_be_visible()
    assert not [url for url in visit.requests if "sleep" in url]
    assert not [url for url in visit.requests if url.endswith("/run/ask")]


def test_an_empty_question_asks_nothing(visit: Visit) -> None:
    visit.field.fill("   ")
    visit.field.press("Enter")
    visit.ask(HEAT)
    expect(visit.page.locator(".mf-asked")).to_have_text([HEAT])


def test_hostile_text_is_shown_as_text_and_runs_nothing(visit: Visit) -> None:
    visit.ask(HOSTILE)
    asked = visit.page.locator(".mf-asked")
    assert asked.evaluate("e => e.textContent") == HOSTILE
    assert asked.locator("*").count() == 0
    assert visit.page.evaluate("window.hurt") is None


def test_back_and_forward_walk_through_the_conversation(visit: Visit) -> None:
    visit.ask(HEAT)
    visit.ask(ELSEWHERE)
    shown = visit.page.locator(".mf-card").filter(visible=True)
    expect(shown).to_have_count(2)
    visit.page.go_back()
    expect(shown).to_have_count(1)
    visit.page.go_back()
    expect(shown).to_have_count(0)
    expect(visit.page.locator("#mf-examples")).to_be_visible()
    visit.page.go_forward()
    expect(shown).to_have_count(1)
    visit.field.fill("Can stress cause back spasms?")
    visit.field.press("Enter")
    expect(visit.page.locator(".mf-question").last).to_have_text("Can stress cause back spasms?")
    expect(visit.page.locator(".mf-asked")).to_have_text([HEAT, "Can stress cause back spasms?"])


def test_a_link_shares_a_question_and_only_when_asked_for(visit: Visit) -> None:
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask(HEAT)
    assert urlsplit(visit.page.url).query == ""
    visit.page.get_by_role("button", name="Copy a link").click()
    expect(visit.page.get_by_role("status")).to_have_text("Link copied")
    link = visit.page.evaluate("navigator.clipboard.readText()")
    assert urlsplit(visit.page.url).query == ""
    visit.page.goto(link)
    expect(visit.page.locator(".mf-asked")).to_have_text([HEAT])
    expect(visit.page.locator(".mf-question")).to_have_text("Is heat good for back spasms?")


def test_an_answer_is_copied_with_its_citation(visit: Visit) -> None:
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask(HEAT)
    visit.page.get_by_role("button", name="Copy with citation").click()
    expect(visit.page.get_by_role("status")).to_have_text("Copied")
    answer, citation = visit.page.evaluate("navigator.clipboard.readText()").split("\n\n")
    assert answer == heating_pad_answer()
    assert citation.splitlines() == [
        *("Is heat good for back spasms?", f"{DEFAULT_FAQ.name}, lines 53 to 57", DISCLAIMER)
    ]


def test_a_question_that_gets_no_answer_can_be_asked_again(visit: Visit) -> None:
    visit.page.route("**/run/ask", lambda route: route.abort())
    card = visit.ask(HEAT)
    expect(card).to_have_class("mf-card mf-trouble")
    expect(card.locator(".mf-verdict")).to_have_text("No answer right now")
    visit.page.unroute("**/run/ask")
    card.get_by_role("button", name="Try again").click()
    expect(visit.page.locator(".mf-question")).to_have_text("Is heat good for back spasms?")
    expect(visit.page.locator(".mf-asked")).to_have_text([HEAT])


def test_a_slow_answer_is_waited_for_in_sight(visit: Visit) -> None:
    held: list[Route] = []
    visit.page.route("**/run/ask", lambda route: held.append(route))
    visit.field.fill(HEAT)
    visit.field.press("Enter")
    expect(visit.page.locator(".mf-waiting")).to_have_text("Looking in the FAQ …")
    expect(visit.page.locator(".mf-asked")).to_have_text([HEAT])
    expect(visit.page.locator("#mf-talk")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(visit.page.locator(".mf-question")).to_be_visible()
    expect(visit.page.locator(".mf-waiting")).to_have_count(0)


def test_gradio_takes_the_page_over_without_a_jolt(visit: Visit) -> None:
    visit.page.add_init_script(
        """window.shift = 0;
        new PerformanceObserver(list => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
        }).observe({type: 'layout-shift', buffered: true});"""
    )
    # Held back, so that what was there before can be compared with what is there after.
    held: list[Route] = []
    visit.page.route("**/config", lambda route: held.append(route))
    with visit.page.expect_request("**/config"):
        visit.page.goto(visit.page.url)
        expect(visit.field).to_be_focused()
        visit.page.keyboard.type("is heat")
    boxes = (
        "[...document.querySelectorAll('#medfaq, #medfaq *')]"
        ".map(e => e.getBoundingClientRect().toJSON())"
    )
    before = visit.page.evaluate(boxes)
    held[0].continue_()
    visit.gradio.wait_for()
    assert visit.page.evaluate(boxes) == before
    assert visit.page.evaluate("window.shift") == 0
    expect(visit.field).to_be_focused()
    visit.page.keyboard.type(" good")
    expect(visit.field).to_have_value("is heat good")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".mf-question")).to_be_visible()
    expect(visit.page.get_by_role("main")).to_have_count(1)


def test_the_page_works_where_gradio_does_not_load(visit: Visit) -> None:
    visit.page.route("**/assets/**", lambda route: route.abort())
    visit.page.goto(visit.page.url)
    card = visit.ask(HEAT)
    assert shown_answer(card) == words_of(heating_pad_answer())


def test_a_low_window_is_left_to_the_answer(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 844, "height": 390})
    card = visit.ask(HEAT)
    expect(card.locator(".mf-disclaimer")).to_be_visible()
    visit.page.evaluate("scrollTo(0, 0)")
    expect(visit.page.locator("#mf-ask")).not_to_be_in_viewport()


def test_paper_holds_answer_source_disclaimer_and_date(visit: Visit) -> None:
    card = visit.ask(HEAT)
    visit.page.emulate_media(media="print")
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(card.locator(".mf-answer")).to_be_visible()
    expect(card.locator(".mf-disclaimer")).to_be_visible()
    expect(visit.page.locator(".mf-source")).to_be_visible()
    expect(visit.page.locator("#mf-ask")).to_be_hidden()
    printed = visit.page.evaluate(
        "getComputedStyle(document.getElementById('medfaq'), '::after').content"
    )
    assert printed.startswith('"Printed on ')


def test_the_page_speaks_the_owners_language_and_offers_each_faq(
    visit: Visit, owned: Served
) -> None:
    page = visit.page
    page.goto(owned.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Clinique <du Lac>")
    page.get_by_role("link", name="After your operation").click()
    visit.field.fill("May I shower?")
    visit.field.press("Enter")
    expect(page.locator(".mf-from")).to_contain_text(
        "After your operation, clinic.md, lignes 7 à 9"
    )
    visit.field.fill(EMERGENCY)
    visit.field.press("Enter")
    call = page.get_by_role("link", name="Appelez le 15")
    expect(call).to_have_attribute("href", "tel:15")
    expect(call).to_be_in_viewport()
    # Gradio sets its own language as it loads, and loses it when it takes the page over.
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_a_hostile_faq_is_shown_as_it_is(visit: Visit, owned: Served) -> None:
    page = visit.page
    page.goto(f"{owned.url}/?faq=hostile")
    page.locator("#mf-examples button").first.click()
    expect(page.locator(".mf-question")).to_have_text("What about <b>x</b> & ${window.hurt=1}?")
    answer = page.locator(".mf-answer").evaluate("e => e.textContent")
    assert answer == read_corpus([owned.hostile]).passages[0].answer
    assert page.evaluate("window.hurt") is None


def test_nothing_typed_leaves_the_machine_or_stays_in_the_browser(
    visit: Visit, served: Served
) -> None:
    visit.ask(HEAT)
    visit.ask(ELSEWHERE)
    visit.gradio.wait_for()
    visit.page.wait_for_timeout(500)
    assert {urlsplit(url).hostname for url in visit.requests} == {"127.0.0.1"}
    assert not [url for url in visit.requests if "heat" in url]
    assert served.outside.read_text() == ""
    written = served.errors.read_text()
    assert "heat" not in written
    assert "france" not in written
    stored = visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert stored == [0, 0, ""]
    assert "heat" not in visit.page.evaluate("JSON.stringify(history.state)")
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
