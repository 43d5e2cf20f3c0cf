"""Use matting networks of other projects, each described by a row of a manifest.

A row names the file, its licence, and the size and scale of the network's input. The manifest is
``networks.yaml`` beside this file. Users add rows of their own in a file of the same name in the
folder of model files (:func:`idphoto.backends.model_files.folder`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from idphoto import yamlfile
from idphoto.backends import model_files
from idphoto.backends.download import compute_sha256, fetch_file
from idphoto.errors import BackendError, InvalidNetwork, LicenceNotAccepted, MissingModel, UnknownBackend
from idphoto.matting.onnxfile import open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from idphoto.matting.base import MattingBackend
    from idphoto.portrait import Alpha, Rgb

__all__ = ["Network", "all_networks", "fetch_network", "find_network", "is_licence_accepted", "load"]

MANIFEST = "networks.yaml"
STRIDE_PX = 32  # sides of a picture that keeps its shape are multiples of this, the usual stride of such networks
ALPHA_LEVELS = (0.02, 0.98)  # a sigmoid never reaches 0 and 1: below the first is background, above the second person

Channels = tuple[float, float, float]


class Network(BaseModel):
    """A row of the manifest: a file, its licence, and how pictures become tensors and tensors alpha."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(description="The name that its authors give it.")
    file: str = Field(description="Name in the folder of model files, or a path.")
    url: str | None = Field(default=None, description="Address of the file, if it is offered.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None, description="SHA-256 of the file; required with an address."
    )
    bytes: int | None = Field(default=None, gt=0, description="Size of the file.")
    licence: str = Field(description="Name of the licence.")
    licence_url: str = Field(default="", description="Address of the text of the licence.")
    commercial: bool = Field(default=True, description="Whether the licence allows commercial use.")
    note: str = Field(default="", description="Anything else to know before using it.")
    side: int = Field(gt=0, le=4096, description="Side of the square input, in pixels.")
    keeps_shape: bool = Field(default=False, description="Keep the proportions: the shorter side gets `side` pixels.")
    mean: Channels = Field(description="Mean that is subtracted from each channel, where white is 1.")
    std: Channels = Field(description="Standard deviation that each channel is divided by, where white is 1.")
    output: Literal["alpha", "logits", "relative"] = Field(
        description="alpha: as it is; logits: through a sigmoid; relative: stretched from least to greatest value."
    )

    @model_validator(mode="after")
    def _verifiable(self) -> Network:
        if self.url is not None and (self.sha256 is None or self.bytes is None):
            raise ValueError("an address needs sha256 and bytes: what is fetched must be verified")
        return self

    @property
    def path(self) -> Path:
        """Path of the file, whether it exists or not."""
        return model_files.models_folder() / self.file  # an absolute path replaces the folder

    @property
    def ready(self) -> bool:
        """True if the file is there and its licence needs no acceptance or is accepted."""
        return self.path.is_file() and (self.commercial or is_licence_accepted(self))

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the columns and rows to which a picture of that size is scaled."""
        if not self.keeps_shape:
            return self.side, self.side
        zoom = self.side / min(height, width)
        return tuple(max(1, round(extent * zoom / STRIDE_PX)) * STRIDE_PX for extent in (width, height))  # type: ignore[return-value]

    def tensor(self, rgb: Rgb) -> NDArray[np.float32]:
        """Return a picture as input of the network, float32 of shape (1, 3, H, W)."""
        size = self.size(*rgb.shape[:2])
        shrinks = size[0] * size[1] < rgb.shape[0] * rgb.shape[1]
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        values = (small.astype(np.float32) / 255 - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(values.transpose(2, 0, 1)[None])

    def alpha(self, answer: NDArray[np.float32], height: int, width: int) -> Alpha:
        """Return the output of the network as alpha of the picture's size.

        Raises
        ------
        BackendError
            If the output is not a single map.
        """
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
        low, high = ALPHA_LEVELS
        return np.clip((values - low) / (high - low), 0.0, 1.0).astype(np.float32)


_Manifest = TypeAdapter(dict[str, Network])


def all_networks() -> Mapping[str, Network]:
    """Return every row by name: those of the package, then those of the user.

    Raises
    ------
    InvalidNetwork
        If a manifest breaks the schema, or a row of the user has the name of a row of the package.
    """
    found = dict(_rows(Path(__file__).with_name(MANIFEST)))
    own = model_files.models_folder() / MANIFEST
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


def find_network(name: str) -> Network:
    """Return the row of that name.

    Raises
    ------
    UnknownBackend
        If there is none.
    """
    rows = all_networks()
    if name not in rows:
        raise UnknownBackend(f"There is no network '{name}'.", f"Choose one of {', '.join(rows)}.")
    return rows[name]


def is_licence_accepted(network: Network) -> bool:
    """Return True if the user has accepted the licence on this machine."""
    return _consent(network).is_file()


def _consent(network: Network) -> Path:
    return network.path.with_name(network.path.name + ".licence")


def fetch_network(
    network: Network,
    *,
    accept_licence: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _size: None,
) -> Path:
    """Download the file of a network unless it is there, and return its path.

    Parameters
    ----------
    network : Network
        The network.
    accept_licence : bool
        True if the user accepts a licence that forbids commercial use.
    progress : callable
        Called now and then with the number of bytes that are there, and of all bytes.

    Raises
    ------
    LicenceNotAccepted
        If the licence forbids commercial use and has not been accepted.
    FetchFailed
        If the file cannot be downloaded, or its hash is another.
    MissingModel
        If the row has no address and the file is not there.
    """
    if not network.commercial and not (accept_licence or is_licence_accepted(network)):
        raise _refusal(network)
    if network.url is None or network.sha256 is None or network.bytes is None:
        if not network.path.is_file():
            raise MissingModel(f"{network.path} is not there, and its row has no address.", "Put the file there.")
    else:
        fetch_file(network.url, network.path, network.sha256, network.bytes, progress)
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


def load(name: str) -> MattingBackend:
    """Open the network of that name as a matting backend.

    It sees the whole picture and ignores the person mask.

    Raises
    ------
    MissingModel
        If its file is not there, or its hash is another.
    LicenceNotAccepted
        If the licence forbids commercial use and has not been accepted.
    MissingExtra
        If onnxruntime is not installed.
    """
    network = find_network(name)
    if not network.commercial and not is_licence_accepted(network):
        raise _refusal(network)
    if not network.path.is_file():
        advice = f"Fetch it with 'idphoto models fetch {name}'." if network.url else "Put the file there."
        raise MissingModel(f"The network '{name}' needs the file {network.path}.", advice)
    if network.sha256 is not None and compute_sha256(network.path) != network.sha256:
        raise MissingModel(
            f"{network.path} is not {network.title}: its SHA-256 is another.", "Remove it and fetch it again."
        )
    run = open_session(network.path)

    def matter(rgb: Rgb, coarse: Alpha) -> Alpha:  # noqa: ARG001 - the network finds the person itself
        """Estimate the alpha of the whole picture; see :class:`idphoto.matting.base.MattingBackend`."""
        return network.alpha(run(network.tensor(rgb))[0], *rgb.shape[:2])

    return matter
