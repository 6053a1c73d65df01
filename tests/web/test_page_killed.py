"""A tab that is killed while something is edited: when the video is opened again, almost nothing is gone."""

import random
from contextlib import suppress

import pytest
from page_driver import PageDriver
from PIL import Image
from playwright.sync_api import Error

ROUNDS = 20
LONGEST_MS = 3000
MOST_LOST_MS = 2000

EDIT = """() => {
    const {project, player, source} = mobilevos;
    globalThis.edits = [];
    let number = Number(project.about(1).name.split(" ")[1]);
    setInterval(() => {
        const labels = new Uint8Array(source.width * source.height).fill(1, 0, ++number);
        player.labels.set(labels);
        player.commit();
        project.describe(1, {name: `Edit ${number}`});
        edits.push([number, performance.now()]);
    }, 50);
}"""
"""One edit after the other, each with one pixel more; when each was made."""


@pytest.mark.slow
def test_at_most_two_seconds_of_edits_are_gone_after_the_tab_is_killed(browser, address, tmp_path):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    picture = tmp_path / "picture.png"
    Image.new("RGB", (128, 96), (90, 60, 30)).save(picture)
    context = browser.new_context()
    before: list[tuple[int, float]] = [(1, 0.0)]
    killed_at = 0.0
    for count in range(ROUNDS + 1):
        page = PageDriver(context.new_page(), address)
        page.visit(engine=False)
        page.open_files(picture, chooser="#image-files")
        kept, painted = page.page.evaluate(
            "[Number(mobilevos.project.about(1).name.split(' ')[1]), mobilevos.player.labels.filter(Boolean).length]"
        )
        for found in (kept, painted):
            gone = [made for number, made in before if number > found]
            assert not gone or killed_at - gone[0] < MOST_LOST_MS, (seed, count, found, before[-1], killed_at)
        if count == ROUNDS:
            break
        assert count == 0 or kept > 1, "nothing was kept"
        page.page.evaluate(EDIT)
        page.page.wait_for_timeout(1000 + chance.uniform(0, LONGEST_MS))
        before, killed_at = page.page.evaluate("[edits, performance.now()]")
        with page.page.expect_event("crash"), suppress(Error):
            page.page.goto("chrome://crash")
        assert not page.problems
    context.close()
