"""Throw changed files at everything that reads what strangers send, for as long as is wanted.

    python -m tests.fuzzing --seconds 3600 [--target decode] [--seed 7]

Each target reads the files of its folder in ``tests/fuzz_corpus`` as they are, and then changed ones: bytes flipped,
numbers replaced by extreme ones, parts doubled, cut out or taken from another file. Only an error of the package itself
may come of it, and soon. An input that breaks this is written beside the corpus, to be kept there once it is mended.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

from idphoto.decode import Source
from idphoto.errors import IdPhotoError, InvalidSpec
from idphoto.output.xmp import find_xmp, read_xmp
from idphoto.server.capabilities import load_capabilities
from idphoto.server.refusals import RequestRefused
from idphoto.server.upload_memory import UploadMemory
from idphoto.server.web.body import read_form
from idphoto.spec import Spec
from idphoto.yamlfile import load, parse

CORPUS = Path(__file__).with_name("fuzz_corpus")
MAX_SECONDS = 3.0  # of computing time for one input
PIXEL_CAP = 4_000_000

NUMBERS = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\0\0\0\1",
    b"\xff\xff\xff\x7f",
    b"\1\0\0\0",
)


def read_picture(data: bytes, _: Path) -> None:
    """Open and decode a picture."""
    source = Source.open(data, pixel_cap=PIXEL_CAP)
    source.pixels(0.25)
    source.alpha(0.25)


def read_spec(data: bytes, folder: Path) -> None:
    """Read a file of a document."""
    path = folder / "spec.yaml"
    path.write_bytes(data)
    parse(Spec, load(path, InvalidSpec), path, InvalidSpec)


def read_note(data: bytes, _: Path) -> None:
    """Read the note in a finished photo."""
    read_xmp(find_xmp(data) or data)


def read_body(data: bytes, _: Path) -> None:
    """Read a multipart body that arrives in pieces."""
    memory = UploadMemory(2**20)

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 97):
            yield data[start : start + 97]

    async def run() -> None:
        with memory.allocate() as allocation:
            kind = "multipart/form-data; boundary=x"
            await read_form(stream(), kind, "", load_capabilities()["cutouts"], allocation, seconds=MAX_SECONDS)

    try:
        asyncio.run(run())
    finally:
        assert memory.used == 0


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    "decode": read_picture,
    "spec": read_spec,
    "xmp": read_note,
    "multipart": read_body,
}
"""Name of a target, which is that of its folder, to its function."""


def corpus(target: str) -> list[bytes]:
    """Return the files of a target."""
    return [path.read_bytes() for path in sorted((CORPUS / target).iterdir())]


def change(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return a changed copy of a file."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(len(made) + 1)
        length = chance.choice((1, 2, 4, 8, 64, 1000))
        kind = chance.randrange(6)
        if kind == 0 and place < len(made):
            made[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            made[place : place + 4] = chance.choice(NUMBERS)
        elif kind == 2:
            del made[place : place + length]
        elif kind == 3:
            made[place:place] = made[place : place + length] * chance.choice((1, 2, 50))
        elif kind == 4:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            made[place : place + length] = other[start : start + length]
        else:
            made[place:place] = chance.randbytes(length)
    return bytes(made)


def attempt(target: str, data: bytes, folder: Path) -> None:
    """Read one input. Any error but the package's own, and much computing time, is a failure."""
    begun = time.thread_time()
    with suppress(IdPhotoError, RequestRefused):
        TARGETS[target](data, folder)
    taken = time.thread_time() - begun
    if taken > MAX_SECONDS:
        raise TimeoutError(f"it took {taken:.1f} s")


def inputs(target: str, seed: int) -> Iterator[bytes]:
    """Yield the files of a target, and then changed ones without end; equal seeds give equal files."""
    files = corpus(target)
    yield from files
    chance = random.Random(f"{target} {seed}")
    while True:
        yield change(chance.choice(files), files, chance)


def fuzz(target: str, seconds: float, seed: int, folder: Path) -> int:
    """Read inputs for some time, and return their number. An input that fails is written, and its error raised."""
    end, count = time.monotonic() + seconds, 0
    least = len(corpus(target))
    for data in inputs(target, seed):
        if time.monotonic() > end and count >= least:
            break
        count += 1
        try:
            attempt(target, data, folder)
        except BaseException:
            found = folder / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
            found.write_bytes(data)
            sys.stderr.write(f"{target}: {found} fails\n")
            raise
    return count


def main() -> None:
    """Run the targets that the command line names, one after another."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60, help="for all targets together")
    parser.add_argument("--target", choices=TARGETS, help="all if not given")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--out", type=Path, default=Path("fuzz-out"), help="folder for inputs that fail")
    given = parser.parse_args()
    given.out.mkdir(exist_ok=True)
    targets = [given.target] if given.target else list(TARGETS)
    for target in targets:
        count = fuzz(target, given.seconds / len(targets), given.seed, given.out)
        sys.stdout.write(f"{target}: {count} inputs, seed {given.seed}, no failure\n")


if __name__ == "__main__":
    main()
