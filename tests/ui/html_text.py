"""What an HTML parser finds in a card: its tags, and the text inside one of its parts."""

from html.parser import HTMLParser

_VOID = frozenset({"br", "img", "link", "meta"})


class _Collector(HTMLParser):
    def __init__(self, part: str | None) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self._part = part
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            classes = (dict(attrs).get("class") or "").split()
            self._open.append(tag == self._part or self._part in classes)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._part is None or any(self._open):
            self.text += data


def _parsed(html: str, part: str | None) -> _Collector:
    collector = _Collector(part)
    collector.feed(html)
    collector.close()
    return collector


def text_of(html: str, part: str | None = None) -> str:
    """Return all text, or that inside the elements with a class or tag name."""
    return _parsed(html, part).text


def tags_of(html: str) -> list[str]:
    """Return the names of the elements, in their order."""
    return _parsed(html, None).tags
