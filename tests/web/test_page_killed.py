"""A tab that is killed while something is edited: when the video is opened again, almost nothing is gone."""

import random
from contextlib import suppress

import pytest
from page_driver import PageDriver
from PIL import Image
from playwright.sync_api import Error

from scale import WHOLE

ROUNDS = 20 if WHOLE else 8
EVERY_MS = 50
EDITS = (50, 100)
"""Before a kill: all of them would be too many to lose."""
MOST_LOST_MS = 2000
"""Counted in edits."""
LATE = ROUNDS // 4
"""Kills before which the disk may have been busy for longer."""

EDIT = """() => {
    const {project, player, source} = mobilevos;
    globalThis.edits = [];
    let number = Number(project.about(1).name.split(" ")[1]);
    setInterval(() => {
        const labels = new Uint8Array(source.width * source.height).fill(1, 0, ++number);
        player.labels.set(labels);
        player.commit();
        project.describe(1, {name: `Edit ${number}`});
        edits.push(number);
    }, EVERY_MS);
}""".replace("EVERY_MS", str(EVERY_MS))
"""One edit after the other, each with one pixel more."""


@pytest.mark.slow
def test_at_most_two_seconds_of_edits_are_gone_after_the_tab_is_killed(browser, address, tmp_path):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    picture = tmp_path / "picture.png"
    Image.new("RGB", (128, 96), (90, 60, 30)).save(picture)
    context = browser.new_context()
    before: list[int] = []
    lost = []
    for count in range(ROUNDS + 1):
        page = PageDriver(context.new_page(), address)
        page.visit(engine=False)
        page.open_files(picture, chooser="#image-files")
        kept, painted = page.page.evaluate(
            "[Number(mobilevos.project.about(1).name.split(' ')[1]), mobilevos.player.labels.filter(Boolean).length]"
        )
        lost.append(EVERY_MS * sum(number > min(kept, painted) for number in before))
        if count == ROUNDS:
            break
        page.page.evaluate(EDIT)
        page.page.wait_for_function(f"edits.length > {chance.randrange(*EDITS)}")
        before = page.page.evaluate("edits")
        with page.page.expect_event("crash"), suppress(Error):
            page.page.goto("chrome://crash")
        assert not page.problems
    context.close()
    assert sum(each >= MOST_LOST_MS for each in lost) <= LATE, (seed, lost)
