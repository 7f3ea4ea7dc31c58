"""The pictures of the user's guide, taken of the running product: `make pictures`.

A Kith of its own is filled with the sample company in a temporary folder, served, and photographed in a headless Chromium.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
KITH = Path(sys.executable).parent / "kith"
TO = ROOT / "docs" / "users" / "pictures"
PORT = 8393
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# name: (address, what of the page, size of the window)
SHOTS = {
    "today": ("/", "#main", (1280, 820)),
    "process": ("/settings/process/lead-to-loyalty/onboard/", "#main", (1280, 900)),
    "gate": ("{onboarding}", "#main", (1280, 760)),
    "map": ("/process/map", "#main", (1280, 900)),
    "review": ("/process/reviews/2", "#main", (1280, 1000)),
    "workflows": ("/settings/automation/", "#main", (1280, 760)),
}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="kith-pictures-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - the embedded server runs as somebody else and only passes through
        environment = {**os.environ, "KITH_DATA": folder}
        told = subprocess.run([KITH, "demo"], env=environment, check=True, capture_output=True, text=True).stdout
        email, password = re.search(r"(\S+@\S+) with the password (\S+)", told).groups()  # type: ignore[union-attr]
        server = subprocess.Popen([KITH, "serve", "--port", str(PORT)], env=environment, stdout=subprocess.DEVNULL)
        try:
            wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
                page = browser.new_page(locale="en-GB", color_scheme="light")
                sign_in(page, email, password)
                take(page)
        finally:
            server.terminate()
            server.wait()
    return 0


def wait() -> None:
    """Until it answers, a minute at most."""
    for _try in range(120):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/accounts/login/", timeout=2)
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("Kith did not answer within a minute.")


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto(f"http://127.0.0.1:{PORT}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def take(page: Page) -> None:
    TO.mkdir(exist_ok=True)
    site = f"http://127.0.0.1:{PORT}"
    page.goto(f"{site}/journeys/?filter=stage.is:onboard,closed_at.empty")
    row = page.locator("table a[href^='/journeys/']").first.get_attribute("href") or "/journeys/1"
    for name, (address, what, (width, height)) in SHOTS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site + address.format(onboarding=row))
        page.wait_for_load_state("networkidle")
        box = page.locator(what).bounding_box()
        assert box is not None
        clip = {**box, "height": min(box["height"], height)}
        page.screenshot(path=TO / f"{name}.png", clip=clip)  # type: ignore[arg-type]
        print(f"{name}.png: {(TO / f'{name}.png').stat().st_size // 1000} kB of {address}")


if __name__ == "__main__":
    raise SystemExit(main())
