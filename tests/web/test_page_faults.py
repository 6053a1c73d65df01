"""Faults that users met: keys, the end of a clip, blocked storage, a cut network, other times and codecs."""

import av
import numpy as np
import pytest
from clips import beeps_of, times_of, write_clip
from page_driver import PageDriver

from mobilevos.video.reader import open_frames

CUT = ("**/models/lite0/card.json", "**/mediabunny*")
"""What of the page a cut network keeps away."""


SECONDS = 10
"""Of the long export."""


@pytest.fixture
def page(tab):
    tab.problems.clear()
    yield tab
    assert not tab.problems


def mark_all(page) -> None:
    """Give every frame a mask, without the engine."""
    page.page.evaluate(
        """() => {
            const {project, source, player} = mobilevos;
            const labels = new Uint8Array(source.width * source.height).fill(1, 700, 1900);
            project.give(new Map(Array.from({length: source.count}, (_, index) => [index, labels])));
            player.refresh();
        }"""
    )


def test_space_plays_whatever_button_was_pressed_before_and_the_end_begins_anew(page, tmp_path):
    page.open_files(write_clip(tmp_path / "clip.mp4", [40 * n for n in range(400)]))
    mark_all(page)
    page.page.click("#mode-fast")
    page.page.click("#tool-eraser")
    page.press("End")
    assert page.index == 399
    page.page.keyboard.press("Space")
    page.page.wait_for_function("mobilevos.player.playing && mobilevos.player.index < 390")
    assert page.page.get_attribute("#tool-eraser", "aria-pressed") == "true"
    page.page.keyboard.press("k")
    page.settle()
    page.press("End")
    page.page.keyboard.press("j")
    page.page.wait_for_function("mobilevos.player.index < 390")
    page.page.keyboard.press("k")
    page.settle()


@pytest.mark.parametrize("sound", ["aac", "libopus"])
def test_exports_keep_frame_times_and_sound(page, tmp_path, sound):
    uneven = [0, 40, 60, 160, 170, 300, 333, 420, 500, 620, 640, 800, 900, 960]
    clip = write_clip(tmp_path / "uneven.mp4", uneven, seconds=1.0, sound=sound)
    page.open_files(clip)
    mark_all(page)
    before, heard = times_of(clip)
    for kind in ("overlay", "cutout"):
        after, still = times_of(page.export(kind, tmp_path))
        assert np.allclose(after, before, atol=0.002), kind
        assert still == pytest.approx(heard, abs=0.06), kind


@pytest.mark.slow
def test_ten_seconds_of_1080p_with_sound_are_exported_as_they_were(page, tmp_path):
    """Frame times, length and sound within one frame."""
    times = [round(1000 * number / 30) for number in range(30 * SECONDS)]
    clip = write_clip(tmp_path / "long.mp4", times, seconds=SECONDS, size=(1920, 1080), beeps=True)
    page.open_files(clip)
    mark_all(page)
    film = page.export("overlay", tmp_path)
    (before, heard), (after, still) = times_of(clip), times_of(film)
    assert len(after) == len(before) == 30 * SECONDS
    assert np.allclose(after, before, atol=0.002)
    assert still == pytest.approx(heard, abs=1 / 30)
    assert len(beeps_of(clip)) == SECONDS
    assert np.allclose(beeps_of(film), beeps_of(clip), atol=1 / 30)


def test_an_export_can_be_cancelled(page, tmp_path):
    page.open_files(write_clip(tmp_path / "clip.mp4", [33 * n for n in range(60)], size=(640, 480)))
    mark_all(page)
    page.page.click("#save")
    page.page.click("#save-overlay")
    page.page.wait_for_function("document.querySelector('#save-dialog progress').value > 0")
    assert "%" in page.page.inner_text("#save-title")
    page.page.click("#save-dialog >> text=Cancel")
    page.settle()
    assert page.page.evaluate("mobilevos.player.playing") is False


def test_fragmented_files_have_every_frame(page, tmp_path):
    path = write_clip(tmp_path / "whole.mp4", [40 * n for n in range(20)])
    fragmented = tmp_path / "live.mp4"
    with av.open(path) as source, av.open(fragmented, "w", options={"movflags": "frag_keyframe+empty_moov"}) as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    page.open_files(fragmented)
    assert page.page.evaluate("[mobilevos.source.exact, mobilevos.source.count]") == [
        True,
        len(list(open_frames(fragmented))),
    ]


def test_what_cannot_be_decoded_is_called_by_its_name(page, tmp_path):
    path = tmp_path / "film.mov"
    with av.open(path, "w") as container:
        stream = container.add_stream("prores_ks", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv422p10le"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame.reformat(format="yuv422p10le")))
        container.mux(stream.encode())
    page.page.set_input_files("#video-file", str(path))
    page.page.wait_for_selector("#message.problem")
    assert page.message().startswith("film.mov is ProRes video, which this browser cannot decode; Safari can on a Mac")


def test_the_page_works_where_nothing_may_be_stored(browser, address):
    context = browser.new_context()
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, {get() { throw new DOMException("blocked", "SecurityError"); }});
        }
        delete StorageManager.prototype.getDirectory;"""
    )
    page = PageDriver(context.new_page(), address)
    page.visit(engine=False)
    page.open_sample()
    page.page.click("#theme")
    page.press("b")
    page.drag((20, 20), (60, 30))
    page.page.wait_for_function("document.querySelector('#kept').textContent.startsWith('Not kept')")
    context.close()
    assert not page.problems


def test_going_home_asks_where_nothing_is_kept(browser, address):
    context = browser.new_context()
    context.add_init_script("delete StorageManager.prototype.getDirectory;")
    page = PageDriver(context.new_page(), address)
    page.visit(engine=False)
    page.open_sample()
    page.press("b")
    page.drag((20, 20), (60, 30))
    page.page.wait_for_function("mobilevos.keeper.state === 'off'")
    painted = page.labels()
    page.page.click("#home")
    page.page.click("#ask-dialog >> text=Cancel")
    assert page.page.is_visible("#work")
    assert np.array_equal(page.labels(), painted)
    page.page.click("#home")
    page.page.click("#ask-dialog button >> text=Leave")
    page.page.wait_for_selector("#welcome:not([hidden])")
    context.close()
    assert not page.problems


def test_an_empty_file_is_called_so(page, tmp_path):
    path = tmp_path / "film.mp4"
    path.touch()
    page.page.set_input_files("#video-file", str(path))
    page.page.wait_for_selector("#message.problem >> text=film.mp4 is empty")


def test_track_says_that_nothing_is_left_to_find(page, tmp_path):
    page.open_files(write_clip(tmp_path / "clip.mp4", [40 * n for n in range(4)]))
    mark_all(page)
    page.page.click("#track")
    assert page.message().startswith("Every frame has its masks")
    page.page.click("#track-back")
    page.page.wait_for_selector("#message >> text=no frames to find backwards from here")


def test_that_nothing_is_marked_is_said_only_as_long_as_it_is_so(page, tmp_path):
    page.open_files(write_clip(tmp_path / "clip.mp4", [40 * n for n in range(200)]))
    page.page.keyboard.press("Space")
    assert page.message().startswith("No object is marked yet")
    page.page.keyboard.press("Space")
    page.page.wait_for_selector("#message", state="hidden")
    page.settle()
    page.open_files(write_clip(tmp_path / "other.mp4", [40 * n for n in range(200)]))
    page.page.keyboard.press("Space")
    page.message()
    mark_all(page)
    page.page.wait_for_selector("#message", state="hidden")
    page.page.evaluate("mobilevos.player.pause()")
    page.settle()


@pytest.fixture
def cut_off(browser, address):
    """A page whose network is cut before the engine and the parts that are fetched when needed."""
    context = browser.new_context(service_workers="block")
    page = PageDriver(context.new_page(), address)
    for part in CUT:
        page.page.route(part, lambda route: route.abort())
    page.visit(engine=False)
    assert "check the connection" in page.message()
    yield page
    context.close()
    assert not page.problems


def mend_network(page) -> None:
    for part in CUT:
        page.page.unroute(part)


def test_a_cut_network_says_so_and_all_of_the_page_can_be_tried_again(cut_off):
    page = cut_off.page
    page.click("#open-sample")
    page.wait_for_function("document.querySelector('#message').textContent.startsWith('A part of the page')")
    mend_network(cut_off)
    page.click('#message >> text="Try again"')
    page.wait_for_function("globalThis.mobilevos?.player.frame")
    page.wait_for_selector("#modes button", state="attached")


def test_the_engine_loads_when_the_network_comes_back(cut_off):
    mend_network(cut_off)
    cut_off.page.evaluate("dispatchEvent(new Event('online'))")
    cut_off.page.wait_for_selector("#modes button", state="attached")
