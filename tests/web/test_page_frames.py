"""Without a graphics processor, as here, frames are bitmaps of the same pixels: no copy is kept of what is drawn."""

import pytest

MAKE = """async ([colours, shown]) => {
    const {BitmapMaker} = await import(new URL("source/frames.js", location).href);
    const [width, height] = [320, 180];
    const bytes = Uint8Array.from({length: 1.5 * width * height}, (_, at) => 16 + ((at * 48271) % 2147483647) % 220);
    const frame = new VideoFrame(bytes, {
        format: "I420", codedWidth: width, codedHeight: height, displayWidth: shown, displayHeight: height,
        timestamp: 0, colorSpace: colours,
    });
    const context = new OffscreenCanvas(shown, height).getContext("2d", {willReadFrequently: true});
    const drawn = (picture) => {
        context.clearRect(0, 0, shown, height);
        context.drawImage(picture, 0, 0, shown, height);
        return context.getImageData(0, 0, shown, height).data;
    };
    const before = drawn(frame);
    const made = await new BitmapMaker().make(frame);
    const after = drawn(made);
    const isSame = after.every((value, at) => value === before[at]);
    return {kind: made.constructor.name, isSame, isGone: !frame.format};
}"""
BT709 = {"matrix": "bt709", "primaries": "bt709", "transfer": "bt709", "fullRange": False}
BT601 = {"matrix": "smpte170m", "primaries": "smpte170m", "transfer": "smpte170m", "fullRange": False}


@pytest.mark.parametrize("colours", [BT709, BT601, BT709 | {"fullRange": True}], ids=["709", "601", "full"])
def test_a_bitmap_has_the_pixels_of_its_frame(tab, colours):
    answer = tab.page.evaluate(MAKE, [colours, 320])
    assert answer == {"kind": "ImageBitmap", "isSame": True, "isGone": True}


def test_a_frame_that_is_shown_wider_stays_as_it_is(tab):
    answer = tab.page.evaluate(MAKE, [BT709, 427])
    assert answer == {"kind": "VideoFrame", "isSame": True, "isGone": False}
