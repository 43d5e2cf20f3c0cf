"""The plan of a batch: photos found, names settled and clashes refused before any work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from idphoto.batch.job import BatchJob
from idphoto.batch.names import NameTemplate, as_file_name
from idphoto.batch.plan import plan_batch
from idphoto.batch.record import Order
from idphoto.errors import IdPhotoError, InputError, InvalidJob, UnknownSpec


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder of empty photos; the plan opens none of them."""
    for name in ("in/a.jpg", "in/b.JPG", "in/7/p.jpg", "in/8/p.jpg", "in/8/p-2.png", "in/.hidden.jpg", "in/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def plan_of(folder: Path, roster: str = "", **fields: object):
    if roster:
        (folder / "roster.csv").write_text(roster, encoding="utf-8")
        fields["roster"] = folder / "roster.csv"
    fields = {"documents": "cn-1inch", "photos": str(folder / "in"), "out": str(folder / "out"), **fields}
    return plan_batch(BatchJob.model_validate(fields))


def test_a_folder_is_taken_as_a_tree(folder) -> None:
    (folder / "in/out").mkdir()
    (folder / "in/out/old.jpg").touch()
    plan = plan_of(folder, documents="cn-1inch,us-passport", out=str(folder / "in/out"))
    stems = [order.stem for task in plan.tasks for order in task.orders]
    assert stems[::2] == ["7/p.cn-1inch", "8/p-2.cn-1inch", "8/p.cn-1inch", "a.cn-1inch", "b.cn-1inch"]
    assert plan.count == 10


def test_photos_are_found_by_name_ending_pattern_and_id(folder) -> None:
    plan = plan_of(folder, "id,file\n1,a\n2,B.jpg\n3,8/P.jpg\n4,*-2*\na,\n")
    assert [task.shown for task in plan.tasks] == ["a.jpg", "b.JPG", "8/p.jpg", "8/p-2.png", "a.jpg"]
    assert any("Rows 2 and 6" in note for note in plan.notes)
    assert any("7/p.jpg" in note for note in plan.notes)


def test_a_photo_that_is_missing_or_not_settled_is_a_fault_of_its_row(folder) -> None:
    plan = plan_of(folder, "id,file\n1,a.jpg\n2,nobody.jpg\n3,p.jpg\n")
    assert [task.fault is None for task in plan.tasks] == [True, False, False]
    assert "2 photos" in plan.tasks[2].fault.message
    with pytest.raises(InputError, match="None of the 2 photos"):
        plan_of(folder, "id,file\n1,x.jpg\n2,y.jpg\n")


def test_rows_win_over_the_job(folder) -> None:
    job = {"documents": [{"spec": "cn-1inch", "copies": 8}, "us-passport"]}
    plan = plan_of(folder, "id,file,document,copies\n1,a,,\n2,b,fr-passport,0\n3,7/p,,2\n", **job)
    orders = [[(order.spec, order.copies) for order in task.orders] for task in plan.tasks]
    assert orders == [
        [("cn-1inch", 8), ("us-passport", 1)],
        [("fr-passport", 0)],
        [("cn-1inch", 2), ("us-passport", 2)],
    ]


REFUSED = {
    "clash": ({"names": "{id}"}, "id\n1\n", {"documents": "cn-1inch,us-passport"}, "would be written to the same file"),
    "capitals": ({"names": "{name}_{spec}"}, "id,name,file\n1,Bo,a\n2,BO,b\n", {}, "would be written to the same file"),
    "unknown": ({"names": "{nam}_{spec}"}, "id,name,file\n1,Bo,a\n", {}, "did you mean {name}"),
    "braces": ({"names": "{id_{spec}"}, "id,file\n1,a\n", {}, "is not a template|no column"),
    "slash": ({"names": "{name}"}, "id,name,file\n1,A/B,a\n", {}, "Row 2 .* has a slash"),
    "colon": ({"names": "{name}"}, "id,name,file\n1,A:B,a\n", {}, "some file systems"),
    "device": ({"names": "{name}"}, "id,name,file\n1,CON,a\n", {}, "Windows"),
    "long": ({"names": "{name}"}, f"id,name,file\n1,{'x' * 250},a\n", {}, "too long"),
    "empty": ({"names": "{name}"}, "id,name,file\n1,,a\n", {}, "no value for {name}"),
    "dots": ({"names": "../{id}"}, "id,file\n1,a\n", {}, "refused"),
    "absolute": ({"names": "/tmp/{id}"}, "id,file\n1,a\n", {}, "not a name below"),
    "ending": ({"names": "{id}.png"}, "id,file\n1,a\n", {}, "are .jpg files"),
    "own": ({"names": "quarantine/{id}"}, "id,file\n1,a\n", {}, "files of the batch itself"),
    "no document": ({}, "id,file\n1,a\n", {"documents": ""}, "names no document"),
}


@pytest.mark.parametrize(("names", "roster", "fields", "says"), REFUSED.values(), ids=REFUSED)
def test_names_are_refused_before_any_work(folder, names, roster, fields, says) -> None:
    with pytest.raises(IdPhotoError, match=says):
        plan_of(folder, roster, **names, **fields)
    assert not (folder / "out").exists()


def test_an_unknown_document_names_its_row(folder) -> None:
    with pytest.raises(UnknownSpec, match="Row 3 of"):
        plan_of(folder, "id,file,document\n1,a,\n2,b,no-such\n")


def test_templates_take_further_columns_and_drop_the_ending() -> None:
    template = NameTemplate("{Class}/{id}_{spec}.jpg", ("id", "spec", "class"))
    assert template.fill({"id": "1.5", "spec": "cn-1inch", "class": "7b"}) == ("7b/1.5_cn-1inch", 9)
    assert Order("cn-1inch", "7b/1.5_cn-1inch", 1, tail=9).stem_of(2) == "7b/1.5-2_cn-1inch"
    assert as_file_name('a/b:"c"..') == "a%2Fb%3A%22c%22.%2E"


def test_a_job_file_is_relative_to_its_folder_and_strict(folder) -> None:
    path = folder / "job.yaml"
    path.write_text("photos: in\ndocuments: [cn-1inch]\noptions: {language: de}\n", encoding="utf-8")
    job = BatchJob.load(path, workers=3)
    assert (job.photos, job.out, job.workers, job.options.language) == (
        str(folder / "in"),
        str(folder / "out"),
        3,
        "de",
    )
    for text in ("photos: in\nsheet: A4\n", "photos: in\noptions: {spec: cn-1inch}\n", "roster: x.csv\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InvalidJob):
            BatchJob.load(path)


def test_the_settings_of_a_document_have_one_digest_in_every_process(folder) -> None:
    program = (
        "import sys; from idphoto.batch.job import BatchJob; from idphoto.batch.plan import plan_batch;"
        "job = BatchJob(photos=sys.argv[1], documents='cn-1inch');"
        "plan = plan_batch(job); print(plan.tasks[0].orders[0].settings, plan.specs['cn-1inch'].version)"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", program, str(folder / "in")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert digests[0] == digests[1] != b""
    assert digests[0].decode().split()[0] != plan_of(folder, options={"background": "keep"}).tasks[0].orders[0].settings
