"""What the owner sets for the page, in one TOML file."""

import colorsys
import re
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import MedfaqError
from ui.strings import Strings, languages, strings

ENOUGH_CONTRAST = 4.5
"""What WCAG 2.2 asks for between text and its ground, at level AA."""

_LIGHT_GROUNDS = ("#ffffff", "#f4f7f7", "#d9eeea")
_DARK_GROUNDS = ("#10181b", "#192428", "#1c4742")
_DEFAULT_ACCENT = "#0b625b"
_LOGO_LIMIT = 32 * 1024
_LOGO_KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


class SettingsError(MedfaqError):
    """The owner's file cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class Settings:
    """How the page looks and speaks.

    `logo` is an image as a `data:` address; `accent` and `accent_dark` are colours (`#rrggbb`)
    that can be read on every ground of the light and of the dark page. Without a `number` the
    page says to call the local emergency number. `titles` are what FAQs are called, by the name of
    their bundle's folder.
    """

    name: str | None = None
    logo: str | None = None
    accent: str = _DEFAULT_ACCENT
    language: str = "en"
    number: str | None = None
    emergency_text: str | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def strings(self) -> Strings:
        """The texts of the page in its language."""
        return strings(self.language)

    @cached_property
    def accent_dark(self) -> str:
        """The accent colour, lightened until it can be read in the dark."""
        colour, share = self.accent, 0
        while _worst_contrast(colour, _DARK_GROUNDS) < ENOUGH_CONTRAST:
            share += 5
            colour = _lightened(self.accent, share)
        return colour


def read_settings(path: Path) -> Settings:
    """Read the owner's file.

    Raises:
        SettingsError: names file and key, and what to change.
    """
    try:
        with path.open("rb") as stream:
            file = _File.model_validate(tomllib.load(stream))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML ({error}); fix the file") from error
    except ValidationError as error:
        raise SettingsError(f"{path}: {_first_problem(error)}") from error
    page, emergency = file.page, file.emergency
    return Settings(
        name=page.name,
        logo=_logo(path, page.logo) if page.logo else None,
        accent=page.accent,
        language=page.language,
        number=emergency.number,
        emergency_text=emergency.text,
        titles=file.titles,
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2).

    >>> round(contrast("#ffffff", "#000000"))
    21
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _readable_accent(colour: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError("not a colour; write it as #rrggbb, for example #0b625b")
    worst = _worst_contrast(colour, _LIGHT_GROUNDS)
    if worst < ENOUGH_CONTRAST:
        raise ValueError(
            f"too pale to read, its contrast is {worst:.1f} and {ENOUGH_CONTRAST} is needed; "
            "choose a darker colour"
        )
    return colour.lower()


def _known_language(language: str) -> str:
    if language not in languages():
        raise ValueError(f"no texts in {language!r}; choose one of {', '.join(languages())}")
    return language


def _telephone_number(number: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 ()-]{1,19}", number):
        raise ValueError("not a telephone number; write for example 112 or +33 1 40 05 48 48")
    return number


_Text = Annotated[str, Field(min_length=1, max_length=300)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _PageTable(_Table):
    name: _Text | None = None
    logo: _Text | None = None
    accent: Annotated[str, AfterValidator(_readable_accent)] = _DEFAULT_ACCENT
    language: Annotated[str, AfterValidator(_known_language)] = "en"


class _EmergencyTable(_Table):
    number: Annotated[str, AfterValidator(_telephone_number)] | None = None
    text: _Text | None = None


class _File(_Table):
    page: _PageTable = _PageTable()
    emergency: _EmergencyTable = _EmergencyTable()
    titles: dict[str, _Text] = {}


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{key}: there is no such key; see docs/page.md for those there are"
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}"


def _logo(file: Path, name: str) -> str:
    path = file.parent / name
    kind = _LOGO_KINDS.get(path.suffix.lower())
    if kind is None:
        known = " ".join(_LOGO_KINDS)
        raise SettingsError(f"{file}: page.logo: {name} is no image; use one of {known}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{file}: page.logo: {path} cannot be read ({error.strerror}); check the path"
        ) from error
    if len(data) > _LOGO_LIMIT:
        raise SettingsError(
            f"{file}: page.logo: {name} has {len(data) // 1024} KB; every visit loads it, "
            f"so use at most {_LOGO_LIMIT // 1024} KB"
        )
    return f"data:{kind};base64,{b64encode(data).decode()}"


def _worst_contrast(colour: str, grounds: tuple[str, ...]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lightened(colour: str, percent: int) -> str:
    """Raise the lightness of a colour, as a share of what is left of it to white."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    lightness += (1 - lightness) * percent / 100
    parts = colorsys.hls_to_rgb(hue, lightness, saturation * 0.7)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)
