"""Take the pictures of the papers: a demo of its own in a folder that goes away, a real browser, real pages."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from galen.demo import PASSWORD

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
SCREEN, PHONE = (1366, 768), (390, 844)
PATIENCE = 120
"""Seconds that the demo may need from nothing to its first page."""

LIMIT = 200_000
"""Bytes that a picture may have, so that the papers stay light."""


def main() -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not browser:
        sys.exit("No browser was found. Install Chromium (on Debian: apt install chromium) and run bin/pictures again.")
    PICTURES.mkdir(exist_ok=True)
    with demo() as address, sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
        )
        for person, size, picture in (
            ("ada", SCREEN, prescribing),
            ("ben", SCREEN, dispensing),
            ("ruth", PHONE, phone),
        ):
            page = sign_in(chromium, address, person, size)
            picture(page)
            keep(page, picture.__name__)
        chromium.close()


@contextmanager
def demo() -> Iterator[str]:
    """Galen with its demo organisations on a free port, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="galen-pictures-", ignore_cleanup_errors=True) as folder:
        place = {"GALEN_VAR": f"{folder}/var", "GALEN_PORT": str(free_port()), "GALEN_URL": ""}
        env = {name: word for name, word in os.environ.items() if not name.startswith("GALEN_")} | place
        log = Path(folder, "log")
        with log.open("w") as said:
            galen = subprocess.Popen([sys.executable, "-m", "galen", "run"], env=env, stdout=said, stderr=said)
        try:
            address = f"http://127.0.0.1:{place['GALEN_PORT']}"
            wait_until_ready(address, galen, log)
            yield address
        finally:
            galen.send_signal(signal.SIGINT)
            try:
                galen.wait(60)
            except subprocess.TimeoutExpired:
                galen.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(address: str, galen: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and galen.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"The demo did not start:\n{log.read_text()}")


def sign_in(browser: Browser, address: str, username: str, size: tuple[int, int]) -> Page:
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, base_url=address, locale="en-AU", reduced_motion="reduce"
    ).new_page()
    page.goto("/login")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    return page


def prescribing(page: Page) -> None:
    """Amoxicillin for Mara, who is allergic to penicillins: the warning stands before the signature."""
    page.goto("/patients?q=Quill")
    page.get_by_role("link", name="QUILL, Mara").click()
    page.get_by_role("link", name="Prescribe").click()
    form = page.locator("#main")
    form.get_by_role("combobox", name="Medicine").fill("amoxicillin 500 mg cap")
    form.get_by_role("option").first.click()
    form.get_by_role("textbox", name="Directions").fill("1 cap tds x5/7")
    page.locator("#main .warning").first.wait_for()
    page.mouse.move(0, 0)


def dispensing(page: Page) -> None:
    """The pharmacist's desk: the prescription, its checks, and what comes next."""
    page.goto("/dispensing?stage=waiting")
    page.get_by_role("link", name="BRIGHT, Tom").click()
    page.get_by_role("button", name="Take", exact=True).click()
    page.get_by_role("button", name="Leave to a colleague").wait_for()
    page.mouse.move(0, 0)


def phone(page: Page) -> None:
    """The queue, on a receptionist's telephone."""
    page.goto("/queue")
    page.get_by_role("heading", name="Waiting").wait_for()


def keep(page: Page, name: str) -> None:
    """The page as it is, without the notices that go by."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    if path.stat().st_size > LIMIT:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes; at most {LIMIT} keep the papers light.")
    print(path.relative_to(HERE.parent))


if __name__ == "__main__":
    main()
