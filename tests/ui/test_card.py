import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.passage import Passage, Source, SourceText, Span
from index.bundle import Bundle
from index.views import View, ViewKind
from qa.answer import Answer, Status
from qa.disclaimer import DISCLAIMER
from qa.retriever import Hit, Signals
from tests.ui.html_text import tags_of, text_of
from ui.card import (
    TROUBLE,
    answer_card,
    answer_html,
    disclaimer_html,
    question_card,
    source_card,
    trouble_card,
)

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


def passage(answer: str, phrases: tuple[Span, ...] = (), **about: str) -> Passage:
    source = Source("faq.txt", 2, 3, **about)
    return Passage("id", "Is it <b>good</b>?", (), answer, phrases, source, "")


def answered(entry: Passage, confidence: float = 0.9) -> Answer:
    return Answer("is it", Status.ANSWERED, confidence, entry, ())


def not_covered(*hits: Hit) -> Answer:
    return Answer("x", Status.NOT_COVERED, 0.1, None, hits, "Not in <this> FAQ.")


@given(answers)
def test_text_of_the_answer_is_the_answer(answer: str) -> None:
    assert text_of(answer_html(passage(answer))) == answer
    assert text_of(answer_card(answered(passage(answer))), "mf-answer") == answer


@given(answers, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=3))
def test_key_phrases_change_no_text(answer: str, spans: list[Span]) -> None:
    html = answer_html(passage(answer, tuple(spans)))
    assert text_of(html) == answer


@given(answers)
def test_no_text_becomes_an_element(answer: str) -> None:
    assert set(tags_of(answer_html(passage(answer)))) <= {"p", "br", "ul", "ol", "li", "span"}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text_on_every_card(hostile: str) -> None:
    plain = answered(passage("x"))
    source = Source(hostile, 1, 1, hostile, hostile, hostile)
    entry = Passage("id", hostile, (), hostile, (), source, "")
    card = answer_card(answered(entry))
    assert tags_of(card) == tags_of(answer_card(plain))
    assert text_of(card, "mf-question") == hostile
    assert text_of(card, "mf-answer") == hostile
    assert text_of(question_card(hostile)) == hostile
    assert tags_of(question_card(hostile)) == ["p"]
    shown = source_card(entry, SourceText(hostile, b"", (hostile,)))
    assert text_of(shown, "mark") == hostile
    assert text_of(shown, "mf-fact").count(hostile) == 3
    assert not {"script", "img", "b", "style", "a"} & set(tags_of(shown))


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
    html = source_card(entry, text)
    assert text_of(html, "mark") == "".join(text.lines[52:57])
    assert [number for number in range(1, 80) if f'<li value="{number}">' in html] == [
        *range(51, 60)
    ]
    assert "lines 53 to 57" in text_of(html)
    assert text.name in text_of(html)


def test_source_card_stops_at_the_ends_of_the_file() -> None:
    html = source_card(passage("x"), SourceText("faq.txt", b"", ("a", "b", "c")))
    assert text_of(html, "mf-lines") == "abc"
    assert text_of(html, "mark") == "bc"


def test_source_card_says_what_is_known_of_the_source() -> None:
    entry = passage("x", url="https://example.org/?a=1&b=2", title="Backs", reviewed_on="2024-05")
    html = source_card(entry, SourceText("faq.txt", b"", ("a", "b", "c")))
    assert '<a href="https://example.org/?a=1&amp;b=2" target="_blank"' in html
    assert 'rel="noopener noreferrer"' in html
    assert "Backs" in text_of(html)
    assert "Last reviewed: 2024-05" in text_of(html)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://[", "faq/"])
def test_only_web_addresses_become_links(url: str) -> None:
    html = source_card(passage("x", url=url), SourceText("faq.txt", b"", ("a", "b", "c")))
    assert "a" not in tags_of(html)
    assert url in text_of(html)


def test_only_the_latest_card_links_to_the_source() -> None:
    answer = answered(passage("x"))
    assert 'href="#source"' in answer_card(answer)
    assert "href" not in answer_card(answer, latest=False)
    assert "faq.txt, lines 2 to 3" in text_of(answer_card(answer, latest=False))


def test_how_sure_is_said_in_words_that_grow_weaker() -> None:
    said = [text_of(answer_card(answered(passage("x"), c)), "mf-match") for c in (0.9, 0.7, 0.5)]
    assert [words.split(":")[0] for words in said] == [
        *("Close match", "Likely match", "Possible match")
    ]


def test_not_covered_looks_and_reads_otherwise_than_an_answer() -> None:
    hit = Hit(passage("x"), Signals(0, 0, 0, 0, 0, 0), View(0, ViewKind.QUESTION, "x"), 0)
    html = answer_card(not_covered(hit))
    assert "mf-not-covered" in html
    assert "mf-answer" not in html
    assert text_of(html, "mf-verdict") == "No answer in this FAQ"
    assert text_of(html, "mf-reason") == "Not in <this> FAQ."


def test_a_question_that_cannot_be_read_is_not_blamed_on_the_faq() -> None:
    assert text_of(answer_card(not_covered()), "mf-verdict") == "No answer to show"


def test_half_of_a_surrogate_pair_can_be_sent() -> None:
    assert text_of(question_card("a\ud800b")) == "a\ufffdb"
    question_card("a\ud800b").encode()


@pytest.mark.parametrize(
    "html",
    [
        answer_card(answered(passage("x"))),
        answer_card(not_covered()),
        trouble_card(),
        disclaimer_html(),
    ],
    ids=["answered", "not covered", "trouble", "page"],
)
def test_the_disclaimer_is_never_missing(html: str) -> None:
    assert text_of(html, "mf-disclaimer") == DISCLAIMER
    assert 'lang="en"' in html


def test_trouble_is_told_in_plain_words() -> None:
    assert TROUBLE in text_of(trouble_card())


def test_the_card_needs_no_gradio() -> None:
    code = "import sys, ui.card; print('gradio' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert printed.strip() == b"False"
