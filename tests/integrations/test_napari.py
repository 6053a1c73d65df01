"""Masks in napari, without a window; napari itself is in the readers extra."""

from pathlib import Path

import numpy as np
import pytest

from mobilevos.errors import InputError
from mobilevos.integrations import napari as ours
from mobilevos.video.masks import load_mask, save_palette_png


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "masks").mkdir()
    (tmp_path / "summary.json").write_text("{}")
    for index in range(6):
        labels = np.zeros((20, 30), np.uint8)
        labels[4:9, index : index + 8] = 2
        save_palette_png(tmp_path / "masks" / f"{index:05d}.png", labels)
    return tmp_path


@pytest.mark.extras
def test_a_layer_reads_what_it_shows(folder: Path) -> None:
    from napari.components import ViewerModel
    from napari.layers import Labels

    ((data, options, kind),) = ours.get_reader(str(folder))(str(folder))
    assert kind == "labels"
    layer = Labels(data, **options)
    viewer = ViewerModel()
    viewer.add_layer(layer)
    viewer.dims.set_point(0, 4)
    assert layer.data.shape == (6, 20, 30)
    np.testing.assert_array_equal(np.asarray(layer.data[4]) == 2, load_mask(folder / "masks" / "00004.png") == 2)
    assert layer.get_value((4, 5, 6)) == 2
    assert layer.features["name"].tolist() == ["background", "object 2"]


def test_what_is_painted_becomes_a_correction(folder: Path, tmp_path: Path) -> None:
    planes = ours.Planes(folder)
    with pytest.raises(InputError, match="nothing was painted"):
        planes.save_corrections(tmp_path / "none")
    painted = (np.array([3, 3]), np.array([15, 16]), np.array([20, 21]))
    assert planes[painted].tolist() == [0, 0]
    planes[painted] = 7
    assert planes[painted].tolist() == [7, 7]
    planes[1] = np.full((20, 30), 5, np.uint8)
    assert planes.save_corrections(tmp_path / "given") == [1, 3]
    corrected = load_mask(tmp_path / "given" / "00003.png")
    assert corrected[15, 20] == corrected[16, 21] == 7
    assert (load_mask(tmp_path / "given" / "00001.png") == 5).all()


def test_other_folders_are_not_ours(tmp_path: Path) -> None:
    assert ours.get_reader(str(tmp_path)) is None
    assert ours.get_reader([str(tmp_path)]) is None


@pytest.mark.extras
def test_napari_paints(folder: Path) -> None:
    from napari.layers import Labels

    planes = ours.Planes(folder)
    Labels(planes).data_setitem((np.array([3, 3]), np.array([15, 16]), np.array([20, 21])), 7)
    assert planes[3, 15, 20] == 7


@pytest.mark.extras
def test_the_manifest_is_valid() -> None:
    from npe2 import PluginManifest

    manifest = PluginManifest.from_file(Path(ours.__file__).with_suffix(".yaml"))
    assert manifest.contributions.readers[0].command == "mobilevos.get_reader"
