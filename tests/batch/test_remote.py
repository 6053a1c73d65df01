"""Videos and results that lie elsewhere: on web servers, on object stores, and on those that fail."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_scene import GOOD, noted, published, run, save_clip, save_mask, write_list

from command import mobilevos
from mobilevos.batch.fetch import Fetcher, FetchError
from mobilevos.batch.history import History, entries
from mobilevos.batch.remote import RemoteStore
from mobilevos.errors import InputError, OutputError
from mobilevos.video.address import bare

fsspec = pytest.importorskip("fsspec")


class Flaky:
    """A file system that fails some times before it works."""

    def __init__(self, failures: list[Exception]) -> None:
        self.failures, self.asked = failures, 0

    def get_file(self, path: str, target: str, callback: Any) -> None:
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        callback.relative_update(3)
        Path(target).write_bytes(b"abc")


def fetch(folder: Path, system: Flaky, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[int]]:
    beats: list[int] = []
    monkeypatch.setattr("mobilevos.batch.fetch.file_system", lambda url: (system, "path"))
    return Fetcher(folder, lambda: beats.append(1), pauses=(0, 0, 0))("s3://b/a%20b.mp4?secret=1"), beats


def test_a_network_that_fails_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, beats = fetch(tmp_path, system := Flaky([OSError("reset"), TimeoutError()]), monkeypatch)
    assert (path.read_bytes(), system.asked) == (b"abc", 3)
    assert len(beats) == 4


def test_a_network_that_fails_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FetchError, match=r"^s3://b/a%20b.mp4 could not be reached: ConnectionResetError\.$"):
        fetch(tmp_path, Flaky([ConnectionResetError()] * 4), monkeypatch)
    system = Flaky([FileNotFoundError("x")] * 4)
    with pytest.raises(InputError, match="does not exist"):
        fetch(tmp_path, system, monkeypatch)
    assert system.asked == 1


def test_secrets_are_not_told() -> None:
    assert bare("https://me:word@host:8/a.mp4?token=1#x") == "https://host:8/a.mp4"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server over the folder ``www``."""
    (tmp_path / "www").mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path / "www"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def test_videos_from_a_web_server(tmp_path: Path, server: str) -> None:
    pytest.importorskip("aiohttp")
    save_clip(tmp_path / "www" / "a.mp4")
    save_mask(tmp_path / "www" / "a.png", GOOD)
    (tmp_path / "www" / "text.mp4").write_text("no video")
    names = {"good": "a.mp4?key=1", "none": "none.mp4", "text": "text.mp4"}
    lines = [{"id": i, "video": f"{server}/{name}", "mask": f"{server}/a.png"} for i, name in names.items()]
    counts = run(write_list(tmp_path, lines), tmp_path / "out", workers=1)
    assert (counts.done, counts.failed) == (1, 2)
    last = {i: found[-1] for i, found in noted(tmp_path / "out").items()}
    assert (last["none"]["kind"], last["text"]["kind"]) == ("input", "input")
    assert last["none"]["reason"] == f"{server}/none.mp4 cannot be fetched: it does not exist."
    assert last["text"]["reason"].startswith(f"{server}/text.mp4 cannot be read as a video")
    assert published(tmp_path / "out") == {"good"}


def test_a_package_that_is_missing(tmp_path: Path) -> None:
    path = write_list(tmp_path, [{"video": "https://host/a.mp4", "mask": "a.png"}])
    done = mobilevos("batch", path, "-o", "memory://x/out", without="fsspec")
    assert done.returncode == 2
    assert "pip install 'mobilevos[batch]'" in done.stderr
    done = mobilevos("batch", path, "-o", "nosuch://x/out")
    assert done.returncode == 2
    assert "nosuch://x/out is of a kind that fsspec does not know" in done.stderr


def test_results_that_cannot_be_reached_now_are_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("aiohttp")
    from mobilevos.commands.batch import batch

    path = write_list(tmp_path, [{"video": "a.mp4", "mask": "a.png"}])
    monkeypatch.setattr("mobilevos.batch.fetch._PAUSES", ())
    with pytest.raises(SystemExit) as ended:
        batch(path, out="http://127.0.0.1:1/out")
    assert ended.value.code == 3
    assert "could not be reached" in capsys.readouterr().err


def test_an_upload_that_fails_at_the_end_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_list(tmp_path, [{"id": "a", "video": "clip.mp4", "mask": "mask.png"}])
    save_clip(tmp_path / "clip.mp4")
    save_mask(tmp_path / "mask.png")

    def fails(store: RemoteStore) -> None:
        raise OutputError("The store is away.")

    monkeypatch.setattr(RemoteStore, "flush", fails)
    counts = run(path, "memory://away/out", workers=1)
    assert (counts.stopped, counts.exit_code(0)) == ("The store is away.", 3)


def part_of(store: RemoteStore, job_id: str, **summary: Any) -> Path:
    part = store.part(job_id)
    for name in ("zebra.zip", "masks.json"):
        (part / name).write_text(name)
    (part / "summary.json").write_text(json.dumps({"frames": 3, **summary}))
    return part


def test_the_summary_is_uploaded_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = fsspec.filesystem("memory")
    store = RemoteStore("memory://upload/out", tmp_path)
    put, order = system.put_file, []

    def put_file(source: str, target: str, **more: Any) -> None:
        order.append(Path(target).name)
        put(source, target, **more)

    monkeypatch.setattr(type(system), "put_file", staticmethod(put_file))
    part = part_of(store, "a")
    store.publish("a", part)
    assert (order[-1], len(order)) == ("summary.json", 3)
    assert not part.exists()
    assert store.summary("a") == {"frames": 3}

    def fails(source: str, target: str, **more: Any) -> None:
        if target.endswith("zebra.zip"):
            raise PermissionError("denied")
        put(source, target, **more)

    monkeypatch.setattr(type(system), "put_file", staticmethod(fails))
    with pytest.raises(OutputError, match=r"zebra\.zip could not be written: access is denied"):
        store.publish("b", part_of(store, "b"))
    assert store.summary("b") is None


def test_manifests_and_options(tmp_path: Path) -> None:
    store = RemoteStore("memory://notes/out", tmp_path)
    assert store.options() is None
    assert list(store.manifests()) == []
    store.keep_options("{}")
    assert store.options() == "{}"
    for number in range(2500):
        store.append("0-of-1", json.dumps({"id": str(number), "status": "done", "time": number}))
    store.flush()
    assert len(list(entries(store.manifests()))) == 2500
    assert len(History(store.manifests()).done) == 2500
    assert len(fsspec.filesystem("memory").glob("notes/out/manifest/*")) == 3


@pytest.mark.extras
def test_an_object_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Videos, masks and results on one that speaks S3, and a run that is cut short."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    try:
        _, port = server.get_host_and_port()
        for name, value in {
            "AWS_ACCESS_KEY_ID": "me",
            "AWS_SECRET_ACCESS_KEY": "word",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "FSSPEC_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        }.items():
            monkeypatch.setenv(name, value)
        system = fsspec.filesystem("s3", endpoint_url=f"http://127.0.0.1:{port}")
        system.mkdir("bucket")
        system.put_file(str(save_clip(tmp_path / "a.mp4")), "bucket/a.mp4")
        system.put_file(str(save_mask(tmp_path / "a.png", GOOD)), "bucket/a.png")
        lines = [{"id": f"j{i}", "video": "s3://bucket/a.mp4", "mask": "s3://bucket/a.png"} for i in range(3)]
        lines += [{"id": "none", "video": "s3://bucket/none.mp4", "mask": "s3://bucket/a.png"}]
        path = write_list(tmp_path, lines)
        counts = run(path, "s3://bucket/out", workers=1)
        assert (counts.done, counts.failed) == (3, 1)
        found = list(entries(RemoteStore("s3://bucket/out", tmp_path).manifests()))
        assert sorted(entry["id"] for entry in found) == ["j0", "j1", "j2", "none"]
        system.rm(system.glob("bucket/out/jobs/*/j1/summary.json")[0])
        again = run(path, "s3://bucket/out", workers=1, verify=True)
        assert (again.done, again.frames) == (3, 8)
        assert not list(tmp_path.glob("mobilevos-*"))
    finally:
        server.stop()
