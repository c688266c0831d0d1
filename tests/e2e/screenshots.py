"""Write the pictures of the documents: python -m tests.e2e.screenshots docs."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.e2e.browser import FLAGS, find_chromium
from tests.e2e.conftest import Visit, serving

SHOTS = {
    "page": ((1280, 800), "light", "is heat good for my back?"),
    "phone": ((390, 844), "light", "how do i lie down with this"),
    "phone-urgent": ((390, 844), "light", "is heat ok? i cant pee since this morning"),
    "phone-dark-not-covered": ((390, 844), "dark", "what is the capital of france"),
}


def main(folder: Path) -> None:
    """Serve the default FAQ and take each picture of a fresh visit."""
    with TemporaryDirectory() as home, serving(Path(home)) as served, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for name, ((width, height), scheme, question) in SHOTS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            visit = Visit(context.new_page())
            visit.page.goto(served.url)
            visit.ask(question)
            visit.page.wait_for_timeout(500)
            visit.page.screenshot(path=folder / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
