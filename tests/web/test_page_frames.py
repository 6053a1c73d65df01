"""Without a graphics processor, as here, large frames are bitmaps of the same pixels, of which no copies are kept."""

import pytest

MAKE = """async ([colours, width, shown]) => {
    const {BitmapMaker} = await import(new URL("source/frames.js", location).href);
    const height = width * 9 / 16;
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
    answer = tab.page.evaluate(MAKE, [colours, 1920, 1920])
    assert answer == {"kind": "ImageBitmap", "isSame": True, "isGone": True}


@pytest.mark.parametrize(("width", "shown"), [(1920, 2560), (1280, 1280)], ids=["shown wider", "small"])
def test_others_stay_as_they_are(tab, width, shown):
    answer = tab.page.evaluate(MAKE, [BT709, width, shown])
    assert answer == {"kind": "VideoFrame", "isSame": True, "isGone": False}
