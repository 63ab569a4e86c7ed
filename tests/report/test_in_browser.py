"""The page in headless Chromium: no error, the 3D view draws, buttons work, the screenshot is not blank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.report.chromium import Tab, chromium

pytestmark = pytest.mark.browser
DRAWN = "document.documentElement.dataset.scene === 'drawn'"


@pytest.fixture(scope="module")
def tab(browser: str) -> Iterator[Tab]:
    with chromium(browser) as opened:
        yield opened


@pytest.fixture
def page(tab: Tab, report: Path) -> Tab:
    """The report, drawn; opened once for all tests of this file."""
    if not tab.evaluate(f"location.href === {report.as_uri()!r}"):
        tab.errors.clear()
        tab.open(report, DRAWN)
    return tab


def test_a_broken_page_would_be_noticed(tab: Tab, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text("<img src='missing.png'><script>console.error('first'); nothing.here</script>")
    tab.open(broken, "true")
    tab.evaluate("0")
    for text in ("first", "nothing is not defined", "missing.png"):
        assert any(text in error for error in tab.errors), tab.errors


def test_the_3d_view_draws(page: Tab) -> None:
    image = page.screenshot("#scene canvas").astype(int)
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    skin = (red > green + 4) & (green > blue + 4) & (red < 250)
    layout = (green > red + 60) & (green > blue + 20)
    assert skin.mean() > 0.05, "the head must show"
    assert layout.mean() > 0.001, "the green layout's cameras must show"
    assert len(np.unique(image[skin] // 8, axis=0)) > 20, "the head must be shaded"


def test_buttons_change_the_view(page: Tab) -> None:
    before = page.screenshot("#scene")
    page.evaluate("document.querySelector('[data-layout=refa_red]').click()")
    page.evaluate("document.querySelector('[data-view=front]').click()")
    page.evaluate(
        "(() => { const s = document.getElementById('face-colour'); s.value = 'refa_green/mouth_left';"
        " s.dispatchEvent(new Event('change')); })()"
    )
    after = page.screenshot("#scene")
    assert (np.abs(after.astype(int) - before).max(axis=-1) > 30).mean() > 0.05
    purple = (after[..., 2].astype(int) > after[..., 1].astype(int) + 30) & (after[..., 0] < 110)
    assert purple.mean() > 0.01, "skin that the camera never sees must be dark purple"
    page.evaluate("document.querySelectorAll('[data-set]')[1].click()")
    assert page.evaluate("[...document.querySelectorAll('.set')].map(e => getComputedStyle(e).display)") == [
        "none",
        "block",
        *["none"] * 4,
    ]


def test_every_picture_loads(page: Tab) -> None:
    assert page.evaluate("document.images.length") > 100
    broken = "[...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.alt)"
    assert page.evaluate(broken) == []


@pytest.mark.parametrize("width", [1280, 420])
def test_no_section_is_blank_or_too_wide(page: Tab, width: int) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=1600, deviceScaleFactor=1, mobile=False)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sections = page.evaluate("[...document.querySelectorAll('main > section')].map(e => e.id)")
    assert len(sections) >= 8
    for section in sections:
        assert page.screenshot(f"#{section}").std() > 10, section


def test_the_console_is_free_of_errors(page: Tab) -> None:
    """Last: whatever the tests above did is in it."""
    page.evaluate("0")
    assert page.errors == []
