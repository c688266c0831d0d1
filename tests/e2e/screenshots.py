"""Write the pictures of the documents: python -m tests.e2e.screenshots docs."""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.e2e.browser import FLAGS, find_chromium
from tests.e2e.conftest import DESKTOP, PHONE, Visit, opened, serving

SETTINGS = '[emergency]\nnumber = "112"\n'


@dataclass(frozen=True, slots=True)
class Shot:
    """What is asked, or only typed, and how the page looks then."""

    asked: str = ""
    typed: str = ""
    size: tuple[int, int] = PHONE
    scheme: str = "light"


SHOTS = {
    "page": Shot("is heat good for my back?", size=DESKTOP),
    "phone-suggestions": Shot(typed="sleep"),
    "phone": Shot("how do i lie down with this"),
    "phone-urgent": Shot("is heat ok? i cant pee since this morning", scheme="dark"),
    "phone-dark-not-covered": Shot("what is the capital of france", scheme="dark"),
}


def main(folder: Path) -> None:
    """Serve the default FAQ and take each picture of a fresh visit."""
    with TemporaryDirectory() as home, sync_playwright() as player:
        settings = Path(home) / "medfaq.toml"
        settings.write_text(SETTINGS, encoding="utf-8")
        with serving(Path(home), "--config", settings) as served:
            browser = player.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            for name, shot in SHOTS.items():
                with opened(browser, served, shot.size, scheme=shot.scheme) as visit:
                    take(visit, shot)
                    visit.page.screenshot(path=folder / f"{name}.png")
            browser.close()


def take(visit: Visit, shot: Shot) -> None:
    """Bring the page to where the picture is taken."""
    visit.gradio.wait_for()
    if shot.asked:
        visit.ask(shot.asked)
    visit.page.keyboard.type(shot.typed)
    visit.page.wait_for_timeout(700)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
