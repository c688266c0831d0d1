"""The owner's file, and the texts it chooses among."""

import re
from pathlib import Path

import pytest

from ui.settings import ENOUGH_CONTRAST, Settings, SettingsError, contrast, read_settings
from ui.strings import languages, strings


def written(folder: Path, text: str) -> Path:
    path = folder / "medfaq.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_sets_all_that_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg/>")
    path = written(
        tmp_path,
        """
        [page]
        name = "Clinique du Lac"
        logo = "logo.svg"
        accent = "#1A4FA0"
        language = "fr"
        [emergency]
        number = "15"
        text = "Ou le 112."
        [titles]
        backs = "Dos"
        """,
    )
    assert read_settings(path) == Settings(
        name="Clinique du Lac",
        logo="data:image/svg+xml;base64,PHN2Zy8+",
        accent="#1a4fa0",
        language="fr",
        number="15",
        emergency_text="Ou le 112.",
        titles={"backs": "Dos"},
    )


def test_the_example_of_the_documents_can_be_used(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "page.md").read_text(encoding="utf-8")
    (tmp_path / "logo.svg").write_text("<svg/>")
    example = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    assert read_settings(written(tmp_path, example)).number == "112"


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "")) == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[page", "not TOML"),
        ("nmae = 'x'", "nmae: there is no such key"),
        ("[page]\nnmae = 'x'", "page.nmae: there is no such key"),
        ("page = 3", "page: "),
        ("[page]\nname = 3", "page.name: "),
        ("[page]\nname = ''", "page.name: "),
        ("[page]\naccent = 'teal'", "page.accent: not a colour; write it as #rrggbb"),
        ("[page]\naccent = '#ffcc00'", "page.accent: too pale to read, its contrast is 1.3"),
        ("[page]\nlanguage = 'tlh'", "page.language: no texts in 'tlh'; choose one of en, fr"),
        ("[page]\nlogo = 'logo.bmp'", "page.logo: logo.bmp is no image"),
        ("[page]\nlogo = 'missing.png'", "page.logo: "),
        ("[page]\nlogo = 'big.png'", "page.logo: big.png has 40 KB"),
        ("titles = 3", "titles: "),
        ("[titles]\nbacks = 3", "titles.backs: "),
        ("[emergency]\nnumber = 112", "emergency.number: "),
        ("[emergency]\nnumber = 'call me'", "emergency.number: not a telephone number"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "big.png").write_bytes(b"x" * 40 * 1024)
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as raised:
        read_settings(path)
    assert str(raised.value).startswith(f"{path}: {message}")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml: cannot be read"):
        read_settings(tmp_path / "nothing.toml")


@pytest.mark.parametrize("accent", ["#0b625b", "#1a237e", "#000000", "#7a1f1f"])
def test_the_accent_can_be_read_in_the_dark(accent: str) -> None:
    dark = Settings(accent=accent).accent_dark
    assert all(contrast(dark, ground) >= ENOUGH_CONTRAST for ground in ("#10181b", "#1c4742"))


def test_every_language_has_every_text_with_the_same_places() -> None:
    def places(language: str) -> dict[str, set[str]]:
        texts = strings(language).items()
        return {name: set(re.findall(r"\{\w+\}", text)) for name, text in texts}

    assert languages() == ["en", "fr", "es"]
    for language in languages():
        assert places(language) == places("en"), language


def test_only_english_leaves_texts_to_the_answer_itself() -> None:
    empty = {name for name, text in strings("en").items() if not text}
    assert empty == {"disclaimer", "urgent_means"}
    for language in languages()[1:]:
        assert all(strings(language).values()), language
