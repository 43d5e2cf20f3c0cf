"""Networks of others, each a row of a manifest: what the file is, its licence, and how it wants the picture.

The manifest is ``networks.yaml`` beside this file; rows of the user's own stand in a file of that
name in the folder of model files (:func:`idphoto.backends.model_files.folder`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from idphoto import yamlfile
from idphoto.backends import model_files
from idphoto.backends.download import digest, fetch
from idphoto.errors import BackendError, InvalidNetwork, LicenceNotAccepted, MissingModel, UnknownBackend
from idphoto.matting.onnxfile import session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from idphoto.matting.base import Matter
    from idphoto.portrait import Alpha, Rgb

__all__ = ["Network", "accepted", "all_networks", "find", "load", "obtain"]

MANIFEST = "networks.yaml"
MULTIPLE = 32  # sides of a picture that keeps its shape are multiples of this; the usual stride of such networks
LEVELS = (0.02, 0.98)  # a sigmoid never reaches its ends: below is background, above is person

Channels = tuple[float, float, float]


class Network(BaseModel):
    """One row: a file, its licence, and what stands between pictures and its tensors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(description="What it is called by its authors.")
    file: str = Field(description="Name in the folder of model files, or a path.")
    url: str | None = Field(default=None, description="Where it can be fetched, if it can.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None, description="What the file must be; always given where there is an address."
    )
    bytes: int | None = Field(default=None, gt=0, description="Size of the file.")
    licence: str = Field(description="Its name.")
    licence_url: str = Field(default="", description="Where it can be read.")
    commercial: bool = Field(default=True, description="Whether the licence allows commercial use.")
    note: str = Field(default="", description="What else to know before using it.")
    side: int = Field(gt=0, le=4096, description="Pixels of the square that it sees.")
    keeps_shape: bool = Field(default=False, description="The shorter side has `side` pixels, the other as it comes.")
    mean: Channels = Field(description="Of the channels, where white is 1.")
    std: Channels = Field(description="Of the channels, where white is 1.")
    output: Literal["alpha", "logits", "relative"] = Field(description="What its values are.")

    @model_validator(mode="after")
    def _verifiable(self) -> Network:
        if self.url is not None and (self.sha256 is None or self.bytes is None):
            raise ValueError("an address needs sha256 and bytes: what is fetched must be verified")
        return self

    @property
    def path(self) -> Path:
        """Where the file lies, or would."""
        return model_files.folder() / self.file  # a path of its own, if absolute, wins

    @property
    def ready(self) -> bool:
        """Whether it can be used as things are."""
        return self.path.is_file() and (self.commercial or accepted(self))

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Columns and rows that a picture is brought to."""
        if not self.keeps_shape:
            return self.side, self.side
        zoom = self.side / min(height, width)
        return tuple(max(1, round(extent * zoom / MULTIPLE)) * MULTIPLE for extent in (width, height))  # type: ignore[return-value]

    def tensor(self, rgb: Rgb) -> NDArray[np.float32]:
        """Picture as the network wants it: ``(1, 3, H, W)``."""
        size = self.size(*rgb.shape[:2])
        shrinks = size[0] * size[1] < rgb.shape[0] * rgb.shape[1]
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        values = (small.astype(np.float32) / 255 - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(values.transpose(2, 0, 1)[None])

    def alpha(self, answer: NDArray[np.float32], height: int, width: int) -> Alpha:
        """What the network says as alpha of the picture's size."""
        values = np.asarray(answer, dtype=np.float32)
        if values.ndim < 2 or values.size != values.shape[-2] * values.shape[-1]:
            raise BackendError(
                f"The network {self.title} returned a tensor of shape {values.shape}, not one map.",
                "Correct its row in the manifest, or choose another with --matter.",
            )
        values = values.reshape(values.shape[-2:])
        if self.output == "logits":
            values = 0.5 + 0.5 * np.tanh(0.5 * values)
        elif self.output == "relative":
            low, high = float(values.min()), float(values.max())
            values = (values - low) / max(high - low, 1e-6)
        values = cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR)
        low, high = LEVELS
        return np.clip((values - low) / (high - low), 0.0, 1.0).astype(np.float32)


_Manifest = TypeAdapter(dict[str, Network])


def all_networks() -> Mapping[str, Network]:
    """Every row, by name: the package's, then the user's own.

    Raises
    ------
    InvalidNetwork
        If a manifest breaks the schema, or the user's has a name of the package's.
    """
    found = dict(_rows(Path(__file__).with_name(MANIFEST)))
    own = model_files.folder() / MANIFEST
    if own.is_file():
        for name, network in _rows(own).items():
            if name in found:
                raise InvalidNetwork(f"{own}: the package has a network '{name}' already.", "Choose another name.")
            found[name] = network
    return found


def _rows(path: Path) -> dict[str, Network]:
    data = yamlfile.load(path, InvalidNetwork)
    try:
        return _Manifest.validate_python(data or {})
    except ValidationError as cause:
        raise InvalidNetwork(yamlfile.explain(cause, Network, path), "Correct the file and try again.") from cause


def find(name: str) -> Network:
    """The row of that name.

    Raises
    ------
    UnknownBackend
        If there is none.
    """
    rows = all_networks()
    if name not in rows:
        raise UnknownBackend(f"There is no network '{name}'.", f"Choose one of {', '.join(rows)}.")
    return rows[name]


def accepted(network: Network) -> bool:
    """Whether the user has accepted the licence on this machine."""
    return _consent(network).is_file()


def _consent(network: Network) -> Path:
    return network.path.with_name(network.path.name + ".licence")


def obtain(
    network: Network,
    *,
    accept_licence: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _size: None,
) -> Path:
    """Fetch the file of a network, on the user's order.

    Parameters
    ----------
    network : Network
        Which.
    accept_licence : bool
        Whether the user accepts a licence that forbids commercial use.
    progress : callable
        Told the bytes that are there and those of the whole, now and then.

    Raises
    ------
    LicenceNotAccepted
        If the licence forbids commercial use and has not been accepted.
    FetchFailed
        If the file cannot be fetched, or is not what was expected.
    MissingModel
        If nobody offers the file and it is not there.
    """
    if not network.commercial and not (accept_licence or accepted(network)):
        raise _refusal(network)
    if network.url is None or network.sha256 is None or network.bytes is None:
        if not network.path.is_file():
            raise MissingModel(f"{network.path} is not there, and its row has no address.", "Put the file there.")
    else:
        fetch(network.url, network.path, network.sha256, network.bytes, progress)
    if not network.commercial:
        _consent(network).write_text(
            f"Accepted by the user of this machine: {network.licence} {network.licence_url}\n", encoding="utf-8"
        )
    return network.path


def _refusal(network: Network) -> LicenceNotAccepted:
    name = next((name for name, row in all_networks().items() if row == network), network.title)
    return LicenceNotAccepted(
        f"{network.title} may not be used commercially: {network.licence} {network.licence_url}".strip(),
        f"If your use is allowed, accept it with 'idphoto models fetch {name} --accept-licence'.",
    )


def load(name: str) -> Matter:
    """Open the network of that name as a matter.

    It sees the whole picture and needs no coarse mask.

    Raises
    ------
    MissingModel
        If its file is not there, or is another.
    LicenceNotAccepted
        If the licence forbids commercial use and has not been accepted.
    MissingExtra
        If onnxruntime is not installed.
    """
    network = find(name)
    if not network.commercial and not accepted(network):
        raise _refusal(network)
    if not network.path.is_file():
        advice = f"Fetch it with 'idphoto models fetch {name}'." if network.url else "Put the file there."
        raise MissingModel(f"The network '{name}' needs the file {network.path}.", advice)
    if network.sha256 is not None and digest(network.path) != network.sha256:
        raise MissingModel(
            f"{network.path} is not {network.title}: its SHA-256 is another.", "Remove it and fetch it again."
        )
    run = session(network.path)

    def matter(rgb: Rgb, coarse: Alpha) -> Alpha:  # noqa: ARG001 - it finds the person by itself
        """Alpha of the whole picture; see :class:`idphoto.matting.base.Matter`."""
        return network.alpha(run(network.tensor(rgb))[0], *rgb.shape[:2])

    return matter
