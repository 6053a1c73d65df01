"""The systems we know, and what ``--peer NAME=PATH`` means."""

from dataclasses import dataclass
from pathlib import Path

from mobilevos.errors import InputError


@dataclass(frozen=True)
class _System:
    adapter: str
    """``file:Class`` beside this one."""
    repository: str
    """On GitHub."""
    landmark: str
    """A file by which a clone is recognised."""


_SYSTEMS = {
    "stcn": _System("stcn:STCN", "hkchengrex/STCN", "inference_memory_bank.py"),
    "xmem": _System("xmem:XMem", "hkchengrex/XMem", "inference/inference_core.py"),
    "cutie-small": _System("cutie:CutieSmall", "hkchengrex/Cutie", "cutie/model/cutie.py"),
    "cutie-base": _System("cutie:CutieBase", "hkchengrex/Cutie", "cutie/model/cutie.py"),
    "rde-vos": _System("rde_vos:RDEVOS", "Limingxing00/RDE-VOS-CVPR2022", "inference_memory_bank.py"),
    "afb-urr": _System("afb_urr:AFBURR", "xmlyqing00/AFB-URR", "model/AFB_URR.py"),
    "gsfm": _System("gsfm:GSFM", "workforai/GSFM", "inference_memory_bank.py"),
    "stm": _System("stm:STM", "seoungwugoh/STM", "model.py"),
    "aott": _System("aot:AOTT", "yoxu515/aot-benchmark", "networks/models/aot.py"),
    "r50-aotl": _System("aot:R50AOTL", "yoxu515/aot-benchmark", "networks/models/aot.py"),
    "deaott": _System("aot:DeAOTT", "yoxu515/aot-benchmark", "networks/models/deaot.py"),
    "r50-deaotl": _System("aot:R50DeAOTL", "yoxu515/aot-benchmark", "networks/models/deaot.py"),
    "edgetam": _System("sam2:EdgeTAM", "facebookresearch/EdgeTAM", "sam2/configs/edgetam.yaml"),
    "efficienttam-s": _System("sam2:EfficientTAMS", "yformer/EfficientTAM", "efficient_track_anything/__init__.py"),
    "efficienttam-ti": _System("sam2:EfficientTAMTi", "yformer/EfficientTAM", "efficient_track_anything/__init__.py"),
    "sam2-tiny": _System("sam2:SAM2Tiny", "facebookresearch/sam2", "sam2/configs/sam2.1/sam2.1_hiera_t.yaml"),
}


@dataclass(frozen=True)
class Entry:
    """A system that is to take part."""

    name: str
    """As the user wrote it."""
    adapter: str
    """``module:Class``."""
    path: Path
    """The clone, absolute."""


def known_peers() -> list[str]:
    """Names that ``parse_peer`` knows."""
    return list(_SYSTEMS)


def parse_peer(text: str) -> Entry:
    """Read ``NAME=PATH``, NAME being one of ``known_peers()`` or ``module:Class`` of the user's own adapter.

    Raises:
        InputError: not of this form, an unknown name, or a path that is no folder or no clone of that system.
    """
    name, _, folder = text.partition("=")
    if not name or not folder:
        raise InputError(f"{text!r} is no peer; write NAME=PATH, such as stcn=clones/STCN.")
    path = Path(folder).absolute()
    if not path.is_dir():
        raise InputError(f"{folder} is not a folder; give the folder that holds the code of {name}.")
    if ":" in name:
        return Entry(name, name, path)
    system = _SYSTEMS.get(name.lower())
    if system is None:
        raise InputError(
            f"There is no peer {name!r}; the known ones are {', '.join(_SYSTEMS)}, "
            "and your own is given as module:Class=PATH."
        )
    if not (path / system.landmark).is_file():
        raise InputError(
            f"{folder} has no {system.landmark}, so it is not the code of {name}; "
            f"give a clone of https://github.com/{system.repository}."
        )
    return Entry(name, f"{__package__}.{system.adapter}", path)
