"""OBS Studio script (Tools > Scripts): an image source shows the newest cut-out of a folder, with its transparency.

    mobilevos segment clip.mp4 --mask first.png --outputs rgba -o out

fills out/rgba while it runs; so may a program of your own around `mobilevos.Tracker`. docs/formats.md has other ways
into OBS: the page as a browser source, a virtual camera, and finished cut-outs as media.
"""

from pathlib import Path

import obspython as obs  # OBS gives this module to its scripts

EVERY = 0.1  # seconds
source_name, folder, shown, waited = "", "", "", 0.0


def script_description() -> str:
    """What the list of scripts says."""
    return "Shows the newest picture of a folder in an image source."


def script_properties():  # type: ignore[no-untyped-def]
    """The two fields of the script's page."""
    properties = obs.obs_properties_create()
    obs.obs_properties_add_text(properties, "source", "Image source", obs.OBS_TEXT_DEFAULT)
    obs.obs_properties_add_path(properties, "folder", "Folder of cut-outs", obs.OBS_PATH_DIRECTORY, "", None)
    return properties


def script_update(settings) -> None:  # type: ignore[no-untyped-def]
    """Take over what was typed."""
    global source_name, folder, shown
    source_name = obs.obs_data_get_string(settings, "source")
    folder = obs.obs_data_get_string(settings, "folder")
    shown = ""


def script_tick(seconds: float) -> None:
    """Show the newest picture, if there is a new one; unfinished ones have hidden names."""
    global shown, waited
    waited += seconds
    if waited < EVERY or not folder:
        return
    waited = 0.0
    pictures = [path for path in Path(folder).glob("*.png") if not path.name.startswith(".")]
    newest = str(max(pictures, key=lambda path: path.stat().st_mtime_ns, default=""))
    source = obs.obs_get_source_by_name(source_name) if newest and newest != shown else None
    if source is None:
        return
    shown = newest
    settings = obs.obs_data_create()
    obs.obs_data_set_string(settings, "file", newest)
    obs.obs_source_update(source, settings)
    obs.obs_data_release(settings)
    obs.obs_source_release(source)
