import subprocess
import sys
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import Passage, Source, SourceText, Span
from index.bundle import Bundle
from index.views import View, ViewKind
from qa.answer import Answer, Status
from qa.answerer import Answerer
from qa.disclaimer import DISCLAIMER
from qa.hit import Hit, Signals
from qa.urgent import Urgent
from tests.ui.html_text import tags_of, text_of
from ui.card import (
    answer_html,
    place_text,
    question_html,
    source_card,
    trouble_card,
    turn_html,
)
from ui.faq import Faq
from ui.settings import Settings
from ui.turn import Turn

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "${1+1}",
    "{{x}} {{{x}}} {% x %}",
    "$$x^2$$ \\(y\\)",
    "_a_ __b__ *c* `d` # e",
    "x<y && y>z",
    "&lt;b&gt; &amp;",
    "\"><b onclick='x'>",
    "\u202eright to left\u202c \u2067שלום\u2069",
    "👩\u200d⚕️ 🦴 e\u0301",
    "</div></article><style>*{display:none}</style>",
]

lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    ["- item", "* item", "1. item", "10) item", "  - deeper", "-", "", *HOSTILE]
)
answers = st.lists(lines, max_size=6).map("\n".join)
spans = st.tuples(st.integers(0, 60), st.integers(0, 60))
OWN = Settings()
FILE = SourceText("faq.txt", b"", ("a", "b", "c"))


def faq_of(text: SourceText) -> Faq:
    bundle = SimpleNamespace(files={text.name: text})
    return Faq("backs", "Backs", cast("Answerer", SimpleNamespace(bundle=bundle)))


def passage(answer: str, phrases: tuple[Span, ...] = (), **about: str) -> Passage:
    source = Source("faq.txt", 2, 3, **about)
    return Passage("id", "Is it <b>good</b>?", (), answer, phrases, source, "")


def hit(entry: Passage, sentence: Span | None = None) -> Hit:
    signals = Signals(0, 0, 0, 0, 0, 0)
    return Hit(entry, signals, View(0, ViewKind.QUESTION, "x"), 0, sentence)


def answered(entry: Passage, confidence: float = 0.9, *others: Hit) -> Answer:
    return Answer("is it", Status.ANSWERED, confidence, entry, others)


def not_covered(*hits: Hit) -> Answer:
    return Answer("x", Status.NOT_COVERED, 0.1, None, hits, "Not in <this> FAQ.")


def urgent() -> Answer:
    notice = Urgent(("numb <legs>",), "You mention: numb <legs>.", "A <guideline>")
    return Answer("x", Status.URGENT, 0.1, None, (hit(passage("x")),), None, notice)


def shown(
    answer: Answer | None,
    settings: Settings = OWN,
    *,
    text: SourceText = FILE,
    question: str = "is it",
    several: bool = False,
) -> str:
    turn = Turn(question, answer, faq_of(text))
    return turn_html(turn, settings, key="k", several=several)


@given(answers)
def test_text_of_the_answer_is_the_answer(answer: str) -> None:
    assert text_of(answer_html(passage(answer))) == answer
    assert text_of(shown(answered(passage(answer))), "mf-answer") == answer


@given(answers, st.lists(spans, max_size=3), st.none() | spans)
def test_what_is_set_off_changes_no_text(
    answer: str, phrases: list[Span], sentence: Span | None
) -> None:
    assert text_of(answer_html(passage(answer, tuple(phrases)), sentence)) == answer


@given(answers)
def test_no_text_becomes_an_element(answer: str) -> None:
    assert set(tags_of(answer_html(passage(answer)))) <= {"p", "br", "ul", "ol", "li", "span"}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text_in_every_part(hostile: str) -> None:
    source = Source(hostile, 1, 1, hostile, hostile, hostile)
    entry = Passage("id", hostile, (), hostile, (), source, "")
    html = shown(
        answered(entry, 0.9, hit(passage(hostile))),
        text=SourceText(hostile, b"", (hostile,)),
        question=hostile,
    )
    assert text_of(html, "mf-asked") == hostile
    assert text_of(html, "mf-question") == hostile
    assert text_of(html, "mf-answer") == hostile
    assert text_of(html, "mark") == hostile
    assert text_of(html, "mf-source").count(hostile) >= 4
    assert not {"script", "img", "b", "style"} & set(tags_of(html))
    assert tags_of(html).count("a") == 1


def test_lists_are_lists_and_keep_their_markers_in_the_text() -> None:
    html = answer_html(passage("Try:\n- rest\n- ice\n\n3. walk\n4. sleep\nThen ask."))
    assert [tag for tag in tags_of(html) if tag != "span"] == [
        *("p", "ul", "li", "li", "ol", "li", "li", "p")
    ]
    assert '<li dir="auto" value="3">' in html
    assert text_of(html, "mf-marker") == "- - 3. 4. "
    assert html.count('aria-hidden="true"') == 4


def test_line_breaks_are_kept() -> None:
    html = answer_html(passage("one\ntwo\n\nthree"))
    assert html == '<p dir="auto">one<br>\ntwo</p>\n\n<p dir="auto">three</p>'


def test_key_phrases_are_strong() -> None:
    html = answer_html(passage("Use a <warm> pad.\nRest.", ((6, 16), (18, 22))))
    assert text_of(html, "strong") == "<warm> padRest"


def test_the_sentence_found_is_marked_with_the_phrases_in_it() -> None:
    entry = passage("Rest. Use a warm pad. Walk.", ((12, 24),))
    html = answer_html(entry, (6, 21))
    assert text_of(html, "mark") == "Use a warm pad."
    assert text_of(html, "strong") == "warm pad. Wa"


def test_the_sentence_marked_is_that_of_the_entry_shown() -> None:
    entry = passage("Rest. Use a warm pad.")
    html = shown(answered(entry, 0.9, hit(entry, (6, 21))), text=SourceText("faq.txt", b"", ("",)))
    assert text_of(html, "mark") == "Use a warm pad."


def test_every_entry_of_the_default_faq_is_shown_as_it_is(default_bundle: Bundle) -> None:
    for entry in default_bundle.passages:
        html = answer_html(entry)
        assert text_of(html) == entry.answer
        assert text_of(html, "strong") == "".join(
            entry.answer[start:end] for start, end in entry.key_phrases
        )


def test_source_card_marks_the_lines_of_the_entry(default_bundle: Bundle) -> None:
    text = next(iter(default_bundle.files.values()))
    entry = next(p for p in default_bundle.passages if p.source.first_line == 53)
    html = source_card(entry, text, OWN, key="k")
    assert text_of(html, "mark") == "".join(text.lines[52:57])
    assert [number for number in range(1, 80) if f'<li value="{number}">' in html] == [
        *range(45, 66)
    ]
    assert "lines 53 to 57" in text_of(html)
    assert text.name in text_of(html)


def test_source_card_stops_at_the_ends_of_the_file() -> None:
    html = source_card(passage("x"), FILE, OWN, key="k")
    assert text_of(html, "mf-lines") == "abc"
    assert text_of(html, "mark") == "bc"


def test_source_card_says_when_the_answer_is_not_the_lines_as_they_stand() -> None:
    assert OWN.strings["source_raw"] in text_of(source_card(passage("x"), FILE, OWN, key="k"))
    as_it_stands = source_card(passage("c"), FILE, OWN, key="k")
    assert OWN.strings["source_raw"] not in text_of(as_it_stands)


def test_source_card_says_what_is_known_of_the_source() -> None:
    entry = passage("x", url="https://example.org/?a=1&b=2", title="Backs", reviewed_on="2024-05")
    html = source_card(entry, FILE, OWN, key="k")
    assert '<a href="https://example.org/?a=1&amp;b=2" target="_blank"' in html
    assert 'rel="noopener noreferrer"' in html
    assert "Backs" in text_of(html)
    assert "Last reviewed: 2024-05" in text_of(html)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://[", "faq/"])
def test_only_web_addresses_become_links(url: str) -> None:
    html = source_card(passage("x", url=url), FILE, OWN, key="k")
    assert "a" not in tags_of(html)
    assert url in text_of(html)


def test_every_turn_links_to_its_own_source() -> None:
    html = shown(answered(passage("x")))
    assert 'href="#source-k"' in html
    assert 'id="source-k"' in html


def test_the_source_names_its_faq_only_where_there_are_several() -> None:
    answer = answered(passage("x"))
    assert "Backs, faq.txt, lines 2 to 3" in text_of(shown(answer, several=True), "mf-from")
    assert "Backs" not in text_of(shown(answer))


def test_a_citation_says_all_that_is_known_and_each_thing_once() -> None:
    source = Source("faq.txt", 2, 2, "https://example.org", "Backs", "2024-05")
    assert place_text(source, OWN, "Backs") == (
        "Backs, faq.txt, line 2, Last reviewed: 2024-05, https://example.org"
    )


def test_how_sure_is_said_in_words_that_grow_weaker() -> None:
    html = [shown(answered(passage("x"), confidence)) for confidence in (0.9, 0.7, 0.5)]
    assert [text_of(each, "mf-match").split(":")[0] for each in html] == [
        *("Close match", "Likely match", "Possible match")
    ]
    assert [each.count("mf-full") for each in html] == [4, 3, 2]


def test_what_the_sureness_means_speaks_of_a_mark_only_where_there_is_one() -> None:
    entry = passage("Rest. Walk.")
    assert "marked" in text_of(shown(answered(entry, 0.9, hit(entry, (0, 5)))), "details")
    assert "marked" not in text_of(shown(answered(entry, 0.9, hit(entry))), "details")


def test_not_covered_looks_and_reads_otherwise_than_an_answer() -> None:
    html = shown(not_covered(hit(passage("x"))))
    assert "mf-not-covered" in html
    assert "mf-answer" not in html
    assert text_of(html, "mf-verdict") == "No answer in this FAQ"
    assert text_of(html, "mf-reason") == "Not in <this> FAQ."


def test_the_closest_questions_are_buttons_that_ask() -> None:
    html = shown(not_covered(hit(passage("x"))))
    assert text_of(html, "button") == "Is it <b>good</b>?"
    assert 'form="mf-ask" name="choice" value="Is it &lt;b&gt;good&lt;/b&gt;?"' in html


def test_a_question_that_cannot_be_read_is_not_blamed_on_the_faq() -> None:
    assert text_of(shown(not_covered()), "mf-verdict") == "No answer to show"


def test_urgent_offers_nothing_but_what_to_do_now() -> None:
    html = shown(urgent())
    assert text_of(html, "mf-verdict") == "This may need urgent care"
    assert "You mention: numb <legs>." in text_of(html)
    assert not {"button", "a", "details"} & set(tags_of(html))


def test_urgent_says_whom_to_call_before_anything_else() -> None:
    html = shown(urgent(), Settings(number="+33 (0)1 40", emergency_text="Or 112."))
    assert '<a href="tel:+330140">Call +33 (0)1 40</a><span>Or 112.</span>' in html
    assert html.index("tel:") < html.index("You mention")
    neutral = text_of(shown(urgent()), "mf-call")
    assert neutral == "Call your local emergency number"


@pytest.mark.parametrize("answer", [not_covered(), not_covered(hit(passage("x"))), urgent()])
def test_another_language_has_its_own_words(answer: Answer) -> None:
    french = Settings(language="fr")
    html = shown(answer, french)
    assert text_of(html, "mf-verdict") in set(french.strings.values())
    assert "Not in <this> FAQ." not in text_of(html)


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    assert text_of(question_html("a\ud800b")) == "a\ufffdb"
    question_html("a\ud800b").encode()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "answer",
    [answered(passage("x")), not_covered(), urgent(), None],
    ids=["answered", "not covered", "urgent", "trouble"],
)
def test_the_disclaimer_is_never_missing(answer: Answer | None, language: str) -> None:
    html = shown(answer, Settings(language=language))
    assert text_of(html, "mf-disclaimer") == DISCLAIMER
    assert '<p class="mf-disclaimer" lang="en">' in html


def test_trouble_is_told_in_plain_words() -> None:
    assert OWN.strings["trouble_means"] in text_of(trouble_card(OWN))


def test_the_page_needs_no_gradio_to_be_rendered() -> None:
    code = "import sys, ui.page; print('gradio' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert printed.strip() == b"False"
