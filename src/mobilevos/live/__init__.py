"""Live video: from a camera, a stream, the screen or a played file to masks on display, with the latency measured."""
