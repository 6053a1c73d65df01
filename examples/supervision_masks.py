"""Draw the masks of a video with supervision's annotators: python supervision_masks.py clip.mp4 first.png out.mp4"""

import sys

import supervision as sv

import mobilevos
from mobilevos.integrations.supervision import to_detections

video, mask, out = sys.argv[1:]
tracker, painter = mobilevos.Tracker(), sv.MaskAnnotator(color_lookup=sv.ColorLookup.TRACK)
with sv.VideoSink(out, sv.VideoInfo.from_video_path(video)) as sink:
    for index, frame in enumerate(mobilevos.open_frames(video)):
        labels = tracker.step(frame) if index else tracker.start(frame, mobilevos.load_mask(mask))
        detections = to_detections(labels, tracker.objects, index=index)
        sink.write_frame(painter.annotate(frame[..., ::-1].copy(), detections))
