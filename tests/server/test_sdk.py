"""The official Python SDK against a real server: nothing but its base address is changed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from ailabtools import AILabClient
from ailabtools.errors import AILabApiError
from PIL import Image

from idphoto.server.ledger import KeyStore, open_database
from tests.server.conftest import jpeg
from tests.server.serving import Running, create_key, wait_for

PORTRAIT = "/api/cutout/portrait/portrait-background-removal"


def call(server: Running, method: str, params: dict[str, Any], key: str | None = None) -> Any:
    """Call a method of the SDK by its dotted name."""

    async def run() -> Any:
        client = AILabClient(api_key=server.key if key is None else key, base_url=server.url, timeout=300)
        try:
            part: Any = client
            for name in method.split("."):
                part = getattr(part, name)
            return await part(params)
        finally:
            await client.aclose()

    return asyncio.run(run())


def request(server: Running, method: str, path: str, **options: Any) -> Any:
    """Requests of the SDK for paths and forms that its own methods refuse to send."""

    async def run() -> Any:
        client = AILabClient(api_key=server.key, base_url=server.url, timeout=300)
        try:
            return await client._requester.request(method, path, **options)
        finally:
            await client.aclose()

    return asyncio.run(run())


def refused(send: Callable[[], Any]) -> AILabApiError:
    with pytest.raises(AILabApiError) as caught:
        send()
    error = caught.value
    assert error.request_id
    assert error.log_id
    assert error.raw["error_code"] == error.detail.status_code
    assert error.raw["error_code_str"] == error.detail.code
    assert str(error) == error.detail.message != ""
    assert error.detail.code_message
    return error


def cutout(server: Running, image: bytes, form: str | None = None) -> Any:
    return call(server, "cutout.cutoutHumanBackgroundRemoval", {"image": image, "returnForm": form})


def fetched(answer: Any) -> Image.Image:
    assert answer["error_code"] == 0
    got = httpx.get(answer["data"]["image_url"], timeout=60)
    assert got.status_code == 200
    assert got.headers["content-type"] == "image/png"
    return Image.open(BytesIO(got.content))


def test_no_form_gives_the_person_with_transparency(server, portrait):
    made = fetched(cutout(server, portrait))
    assert made.mode == "RGBA"
    assert made.size == Image.open(BytesIO(portrait)).size
    alpha = np.asarray(made)[..., 3]
    assert alpha[150, 220] == 255  # the astronaut's face
    assert alpha[20, 20] == 0
    assert 0.2 < (alpha > 128).mean() < 0.9


def test_mask_is_the_alpha_alone(server, portrait):
    alpha = np.asarray(fetched(cutout(server, portrait)))[..., 3]
    mask = fetched(cutout(server, portrait, "mask"))
    assert mask.mode == "L"
    assert (np.asarray(mask) == alpha).all()


def test_white_is_the_person_on_white(server, portrait):
    made = fetched(cutout(server, portrait, "whiteBK"))
    source = np.asarray(Image.open(BytesIO(portrait)))
    assert made.mode == "RGB"
    assert made.size == source.shape[1::-1]
    pixels = np.asarray(made)
    assert (pixels[:40, :40] == 255).all()
    assert np.abs(pixels[150, 220].astype(int) - source[150, 220]).max() <= 2


def test_crop_is_cut_to_the_person(server, portrait):
    whole = np.asarray(fetched(cutout(server, portrait)))
    made = np.asarray(fetched(cutout(server, portrait, "crop")))
    assert made.shape[2] == 4
    rows, columns = np.flatnonzero(whole[..., 3].any(axis=1)), np.flatnonzero(whole[..., 3].any(axis=0))
    assert (made == whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]).all()
    for edge in (made[0], made[-1], made[:, 0], made[:, -1]):
        assert edge[..., 3].any()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP"])
def test_every_format_is_read(server, small, kind):
    file = BytesIO()
    Image.open(BytesIO(small)).save(file, kind)
    assert fetched(cutout(server, file.getvalue())).size == (160, 160)


def test_an_open_file_is_sent_as_well(server, sample):
    with sample.open("rb") as file:
        answer = call(server, "cutout.cutoutHumanBackgroundRemoval", {"image": file})
    assert fetched(answer).mode == "RGBA"


@pytest.fixture(scope="module")
def couple(portrait) -> bytes:
    """Two people side by side, of different sizes."""
    one = Image.open(BytesIO(portrait)).convert("RGB")
    other = one.resize((384, 384))
    both = Image.new("RGB", (896, 512), (190, 185, 180))
    both.paste(one, (0, 0))
    both.paste(other.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (512, 128))
    return jpeg(both)


def test_hd_keeps_everybody_at_full_size(server, couple):
    answer = call(server, "cutout.cutoutHdHumanBodyBackgroundRemoval", {"image": couple})
    assert answer["data"]["elements"] == [{"image_url": answer["data"]["image_url"]}]
    made = fetched(answer)
    assert made.mode == "RGBA"
    assert made.size == (896, 512)
    alpha = np.asarray(made)[..., 3]
    assert alpha[150, 220] == 255  # the face on the left
    assert alpha[128 + 112, 512 + 384 - 165] == 255  # the face on the right
    assert alpha[20, 20] == alpha[60, 700] == 0


def test_hd_takes_what_the_plain_one_refuses(server, portrait):
    image = jpeg(Image.open(BytesIO(portrait)).resize((2100, 2100)))
    assert refused(lambda: cutout(server, image)).detail.code == "FILE_RESOLUTION_EXCEEDS_LIMITS"
    before = server.balance()
    made = fetched(call(server, "cutout.cutoutHdHumanBodyBackgroundRemoval", {"image": image}))
    assert made.size == (2100, 2100)
    wait_for(lambda: server.balance() == before - 2)
    large = big(6100, 6000)
    error = refused(lambda: call(server, "cutout.cutoutHdHumanBodyBackgroundRemoval", {"image": large}))
    assert error.detail.code == "FILE_RESOLUTION_EXCEEDS_LIMITS"


def elements(answer: Any) -> list[tuple[dict[str, Any], Image.Image]]:
    found = []
    for element in answer["data"]["elements"]:
        assert set(element) == {"image_url", "width", "height", "x", "y"}
        made = Image.open(BytesIO(httpx.get(element["image_url"]).content))
        assert made.size == (element["width"], element["height"])
        found.append((element, made))
    return found


def test_every_head_is_extracted_with_its_place(server, couple):
    heads = elements(call(server, "cutout.cutoutAvatarExtraction", {"image": couple}))
    source = np.asarray(Image.open(BytesIO(couple)))
    assert len(heads) == 2
    for (element, made), eyes in zip(heads, ((224, 118), (512 + 384 - 168, 128 + 88)), strict=True):
        pixels = np.asarray(made)
        x, y = eyes[0] - element["x"], eyes[1] - element["y"]
        assert pixels[y, x, 3] == 255
        assert np.abs(pixels[y, x, :3].astype(int) - source[eyes[1], eyes[0]]).max() <= 2
        # From the top of the hair to the chin, and nothing of the suit.
        assert 1.0 < element["height"] / element["width"] < 1.7
    assert heads[0][0]["height"] > 1.2 * heads[1][0]["height"]


def test_a_head_as_a_mask(server, portrait):
    ((element, made),) = elements(call(server, "cutout.cutoutAvatarExtraction", {"image": portrait}))
    answer = call(server, "cutout.cutoutAvatarExtraction", {"image": portrait, "returnForm": "mask"})
    ((same, mask),) = elements(answer)
    assert mask.mode == "L"
    assert (np.asarray(mask) == np.asarray(made)[..., 3]).all()
    assert {**same, "image_url": ""} == {**element, "image_url": ""}


def test_hair_is_extracted_without_the_face(server, couple):
    hair = elements(call(server, "cutout.cutoutHairExtraction", {"image": couple}))
    assert len(hair) == 2
    (element, made), _ = hair
    alpha = np.asarray(made)[..., 3]

    def at(x: int, y: int) -> int:
        return int(alpha[y - element["y"], x - element["x"]])

    assert at(224, 45) == 255  # hair over the forehead
    assert at(224, 118) == 0  # between the eyes
    assert element["y"] + element["height"] < 260  # ends above the collar


def test_a_success_costs_its_credits_and_a_failure_none(server, small, nobody):
    key = create_key(server, "costs", 5)

    def balance() -> dict[str, Any]:
        (row,) = call(server, "common.commonQueryCredits", {}, key)["data"]
        return row

    assert balance()["balance"] == 5
    call(server, "cutout.cutoutHumanBackgroundRemoval", {"image": small}, key)
    wait_for(lambda: balance()["balance"] == 4)
    refused(lambda: call(server, "cutout.cutoutHumanBackgroundRemoval", {"image": nobody}, key))
    refused(lambda: call(server, "cutout.cutoutHumanBackgroundRemoval", {"image": b"GIF89a"}, key))
    row = balance()
    assert row["balance"] == 4
    assert set(row) == {
        "unique_sign", "name", "balance", "total", "last_recharge_balance", "balance_warning",
        "first_buy_time", "last_update_time",
    }  # fmt: skip
    assert row["unique_sign"] == "common"
    assert row["total"] == row["last_recharge_balance"] == 5
    assert abs(row["first_buy_time"] - time.time()) < 60


def big(width: int, height: int) -> bytes:
    return jpeg(Image.new("RGB", (width, height), (120, 130, 140)))


def form(server: Running, **body: Any) -> Any:
    return request(server, "POST", PORTRAIT, body=body, multipart=True)


def result(server: Running, seconds: int) -> Any:
    """Ask for what ends, or ended, so many seconds from now."""
    return request(server, "GET", f"/results/{int(time.time()) + seconds}-{'A' * 43}.png")


CASES: list[tuple[int, str, Callable[[Running, bytes, bytes], Any]]] = [
    (400, "MISSING_PARAMETERS", lambda s, p, n: form(s, return_form="mask")),
    (400, "MISSING_PARAMETERS", lambda s, p, n: form(s, photo=p)),
    (400, "MISSING_PARAMETERS", lambda s, p, n: request(s, "POST", PORTRAIT, body={"image": "x"})),
    (400, "ERROR_INVALID_PARAMETER", lambda s, p, n: form(s, image=p, a=p, b=p)),
    (400, "UNSUPPORTED_PARAMETER_VALUES", lambda s, p, n: cutout(s, p, "hologram")),
    (401, "ERROR_USER_NOT_EXISTS", lambda s, p, n: call(s, "common.commonQueryCredits", {}, "nobody")),
    (401, "ERROR_USER_NOT_EXISTS", lambda s, p, n: call(s, "common.commonQueryCredits", {}, s.key[:-1] + "?")),
    (404, "ERROR_AI_NOT_EXISTS", lambda s, p, n: call(s, "cutout.cutoutFoodBackgroundRemoval", {"image": p})),
    (404, "ERROR_FILE_NOT_FOUND", lambda s, p, n: result(s, 999)),
    (410, "ERROR_RESOURCE_RECLAIMED", lambda s, p, n: result(s, -1)),
    (413, "FILE_SIZE_EXCEEDS_LIMIT", lambda s, p, n: cutout(s, p + bytes(3 * 2**20))),
    (413, "ERROR_REQUEST_BODY_TOO_LARGE", lambda s, p, n: cutout(s, p + bytes(8 * 2**20))),
    (413, "FILE_RESOLUTION_EXCEEDS_LIMITS", lambda s, p, n: cutout(s, big(2001, 400))),
    (415, "UNSUPPORTED_FILE_TYPES", lambda s, p, n: cutout(s, b"GIF89a" + bytes(100))),
    (415, "UNSUPPORTED_FILE_TYPES", lambda s, p, n: cutout(s, b"%PDF-1.7" + p)),
    (422, "FILE_DECODING_FAILURE", lambda s, p, n: cutout(s, p[: len(p) // 2])),
    (422, "ERROR_LOW_RESOLUTION", lambda s, p, n: cutout(s, big(31, 40))),
    (422, "ERROR_NO_FACE_IN_FILE", lambda s, p, n: call(s, "cutout.cutoutAvatarExtraction", {"image": n})),
    (422, "ERROR_NO_FACE_IN_FILE", lambda s, p, n: call(s, "cutout.cutoutHairExtraction", {"image": n})),
    (422, "ERROR_NO_RECOGNITION_TARGET_DETECTED", lambda s, p, n: cutout(s, n)),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "send"), CASES, ids=[f"{code}-{i}" for i, (_, code, _) in enumerate(CASES)])
def test_each_error_as_the_sdk_raises_it(server, small, nobody, status, code, send):
    error = refused(lambda: send(server, small, nobody))
    assert (error.detail.status_code, error.detail.code) == (status, code)


def test_a_locked_key_is_refused(server, small):
    key = create_key(server, "locked", 5)
    engine = open_database(f"sqlite:///{server.settings['data']}/ledger.db")
    KeyStore(engine).disable("locked")
    engine.dispose()
    error = refused(lambda: call(server, "cutout.cutoutHumanBackgroundRemoval", {"image": small}, key))
    assert (error.detail.status_code, error.detail.code) == (403, "ERROR_USER_LOCKED")


def test_a_balance_that_is_too_low_is_refused(server, small):
    key = create_key(server, "too poor", 0)
    error = refused(lambda: call(server, "cutout.cutoutHumanBackgroundRemoval", {"image": small}, key))
    assert (error.detail.status_code, error.detail.code) == (429, "ERROR_NOT_ENOUGH_CREDITS")


def test_a_worker_that_dies_costs_one_failure_and_no_credits(server, small):
    before = server.balance()
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)  # so that it dies while it has the picture

    async def run() -> Any:
        client = AILabClient(api_key=server.key, base_url=server.url, timeout=300)
        sent = asyncio.ensure_future(client.cutout.cutoutHumanBackgroundRemoval({"image": small}))
        while not await asyncio.to_thread(server.metric, "idphoto_jobs_running"):
            await asyncio.sleep(0.05)
        os.kill(worker, signal.SIGKILL)
        try:
            return await sent
        finally:
            await client.aclose()

    error = refused(lambda: asyncio.run(run()))
    assert (error.detail.status_code, error.detail.code) == (500, "PROCESSING_FAILURE")
    assert server.balance() == before
    assert fetched(cutout(server, small)).mode == "RGBA"  # a new worker has taken its place


def test_a_full_queue_and_too_many_requests(strict, small):
    key = create_key(strict, "crowd", 5)
    wait_for(lambda: strict.metric("idphoto_workers_ready") == 1)
    (worker,) = strict.workers()
    os.kill(worker, signal.SIGSTOP)
    files = {"image": ("image.jpg", small)}
    other = create_key(strict, "busy", 5)
    with pytest.raises(httpx.ReadTimeout):  # the one worker is busy with this
        httpx.post(strict.url + PORTRAIT, headers={"ailabapi-api-key": other}, files=files, timeout=0.7)

    def send() -> Any:
        return call(strict, "cutout.cutoutHumanBackgroundRemoval", {"image": small}, key)

    error = refused(send)
    assert (error.detail.status_code, error.detail.code) == (503, "ERROR_INSUFFICIENT_RESOURCES")
    for _ in range(4):
        call(strict, "common.commonQueryCredits", {}, key)
    error = refused(send)
    assert (error.detail.status_code, error.detail.code) == (429, "EXCEEDING_LIMITS")
