"""Files and arguments of the command line: formats, folders, streams, names, and choices without effect."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idphoto.errors import InvalidJob, printable
from idphoto.job import Job


def run(folder: Path, *arguments: object, given: bytes = b"", **environment: str) -> tuple[int, bytes, str]:
    """Run the command line in a process of its own; return exit code, standard output and standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "idphoto", *(item if isinstance(item, bytes) else str(item) for item in arguments)],
        cwd=folder,
        input=given,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **environment},
    )
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "backslashreplace")


@pytest.fixture
def folders(sample, tmp_path):
    """Return a folder with a.jpg, one/IMG_1.jpg and two/img_1.JPG."""
    for name in ("a.jpg", "one/IMG_1.jpg", "two/img_1.JPG"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(sample.read_bytes())
    return tmp_path


LIGHT = (
    "import sys, time; from idphoto.cli import main; start = time.perf_counter()\n"
    "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
    "loaded = [name for name in ('mediapipe', 'onnxruntime') if name in sys.modules]\n"
    "print(code, loaded, file=sys.stderr)"
)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--spec", "nowhere-passport"], ["spec.unknown"]),
        (["--spec", "cn-1inch,nowhere-passport"], ["spec.unknown"]),
        (["--spec", "cn-1inch", "--sheet", "A99"], ["--sheet:", "spec.unknown"]),
        (["--spec", "cn-1inch", "--background", "bluish"], ["--background:"]),
        (["--spec", "cn-1inch", "--matter", "magic"], ["--matter:", "backend.unknown"]),
        (["--spec", "cn-1inch", "--detector", "magic"], ["--detector:", "backend.unknown"]),
        (["--spec", "cn-1inch", "--lang", "xx"], ["--lang:"]),
        (["--spec", "cn-1inch", "--face", "both"], ["--face cannot be 'both'"]),
        (["--spec", "cn-1inch", "--copies", "4"], ["--copies has no effect", "paper"]),
        (["--spec", "cn-1inch", "--sheet", "4x6in", "--sheet-dpi", "600"], ["--sheet-dpi has no effect"]),
        (["--spec", "us-visa-digital", "--dpi", "600"], ["--dpi has no effect"]),
        (["--spec", "cn-1inch", "--sheet", "20x20mm"], ["--sheet:", "input.does-not-fit"]),
        (["--spec", "cn-1inch", "--allow-editing", "for a club card"], ["--allow-editing has no effect"]),
    ],
)
def test_what_is_typed_is_looked_up_before_a_model_is_loaded(sample, tmp_path, arguments, words):
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, "make", str(sample), *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert all(word in done.stderr for word in words), done.stderr
    assert done.stderr.rstrip().endswith("[]")
    assert "default.yaml" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_choices_on_originals_are_refused_or_warned_of(sample, tmp_path):
    from idphoto.spec import Submission, all_specs

    original = next(spec.id for spec in all_specs() if spec.submit is Submission.ORIGINAL)
    for choice in (["--format", "jpeg"], ["--sheet", "4x6in"], ["--dpi", "600"], ["--background", "white"]):
        code, _, err = run(tmp_path, "make", sample, "--spec", original, *choice)
        assert (code, f"{choice[0]} has no effect" in err) == (2, True), err
    code, _, err = run(tmp_path, "make", sample, "--spec", f"{original},cn-1inch", "--sheet", "4x6in")
    assert code in (0, 1)
    assert f"--sheet has no effect for {original}" in err
    assert list((tmp_path / "out").glob("*.cn-1inch.sheet.pdf"))


def test_files_that_exist_are_refused_before_any_work(sample, tmp_path):
    for command, name in (
        (["check", "a.jpg", "--spec", "cn-1inch", "--annotate"], "out/a.cn-1inch.annotated.png"),
        (["check", "a.jpg", "--spec", "cn-1inch", "--ofiq-csv", "q.csv"], "q.csv"),
        (["make", "a.jpg", "--spec", "cn-1inch", "--sheet", "4x6in"], "out/a.cn-1inch.sheet.pdf"),
        (["make", "a.jpg", "--spec", "cn-1inch"], "out/a.cn-1inch.jpg"),
        (["run", "cutout", "a.jpg"], "out/a.png"),
    ):
        folder = tmp_path / name.replace("/", "-")
        (folder / "out").mkdir(parents=True)
        # Nothing but its name is looked at: the picture is damaged, and an open file would be told of.
        (folder / "a.jpg").write_bytes(b"")
        (folder / name).write_bytes(b"mine")
        code, _, err = run(folder, *command)
        assert (code, "input.file-exists" in err) == (2, True), err
        assert (folder / name).read_bytes() == b"mine"


def test_errors_name_the_line_of_a_pipeline_of_ones_own(sample, tmp_path):
    pipeline = Path(__file__).parents[1] / "samples/pipeline.yaml"
    (tmp_path / "mine.yaml").write_text(pipeline.read_text().replace("background: blue", "background: bluish"))
    code, _, err = run(tmp_path, "run", "mine.yaml", "missing.jpg")
    assert (code, "mine.yaml:9: background: 'bluish' is not a colour" in err) == (2, True), err
    code, _, err = run(tmp_path, "run", "default", "missing.jpg")
    assert (code, "none was named" in err) == (4, True), err


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_two_inputs_of_one_output_are_refused_before_any_work(folders, force):
    for command in (["make", "--spec", "cn-1inch,us-passport"], ["cutout"]):
        code, _, err = run(folders, *command, "one/IMG_1.jpg", "two/img_1.JPG", *force)
        assert code == 2
        assert "one/IMG_1.jpg" in err and "two/img_1.JPG" in err
        assert not (folders / "out").exists()


@pytest.mark.parametrize(("suffix", "form"), [("webp", "WEBP"), ("tif", "TIFF"), ("tiff", "TIFF"), ("png", "PNG")])
def test_a_cutout_is_what_its_name_says(folders, suffix, form):
    assert run(folders, "cutout", "a.jpg", "-o", f"x.{suffix}")[0] == 0
    run(folders, "cutout", "a.jpg", "-o", "y.png")
    with Image.open(folders / f"x.{suffix}") as made, Image.open(folders / "y.png") as expected:
        assert (made.format, made.mode) == (form, "RGBA")
        assert np.array_equal(np.asarray(made), np.asarray(expected))


@pytest.mark.parametrize("name", ["x.gif", "x", "x.bmp", "x.jpg", "x.heic"])
def test_a_cutout_that_its_name_cannot_hold_is_refused(folders, name):
    code, _, err = run(folders, "cutout", "a.jpg", "-o", name)
    assert (code, "input.invalid" in err) == (2, True)
    assert not (folders / name).exists()


def test_a_sheet_is_what_its_name_says(folders):
    for name, start in (("s.png", b"\x89PNG"), ("s.jpg", b"\xff\xd8"), ("s.pdf", b"%PDF")):
        assert run(folders, "sheet", "a.jpg:2", "--size", "40x40mm", "--paper", "4x6in", "-o", name)[0] == 0
        assert (folders / name).read_bytes().startswith(start)
    assert run(folders, "sheet", "a.jpg", "--size", "40x40mm", "--paper", "4x6in", "-o", "s.webp")[0] == 2


def test_what_a_sheet_should_know_is_told(folders):
    words = ["sheet", "a.jpg", "--size", "2x2inch", "--paper", "4x6in"]
    assert "print-sheet.borderless" in run(folders, *words, "-o", "s.pdf")[1].decode()
    code, out, err = run(folders, *words, "-o", "-", "--margin", "5", "--lang", "de")
    assert (code, out[:4], "print-sheet.fuller" in err) == (0, b"%PDF", True), err
    out = run(folders, "make", "a.jpg", "--spec", "us-passport", "--sheet", "4x6in", "--json")[1]
    (report,) = json.loads(out)
    assert [note["code"] for note in report["sheet"]["notes"]] == ["print-sheet.borderless"]
    assert report["sheet"]["photos"] == 6


def test_streams(folders, sample):
    picture = sample.read_bytes()
    code, out, err = run(folders, "cutout", "-", "-o", "-", given=picture)
    assert (code, Image.open(io.BytesIO(out)).format) == (0, "PNG"), err
    code, out, err = run(folders, "make", "-", "--spec", "cn-1inch", "--out", "-", given=picture)
    assert (code, Image.open(io.BytesIO(out)).size) == (0, (295, 413)), err
    code, made, err = run(folders, "sheet", "-", "--paper", "4x6in", "-o", "-", given=out)
    assert (code, made[:4]) == (0, b"%PDF"), err
    assert b"cn-1inch" in run(folders, "check", "-", "--spec", "cn-1inch", "--json", given=picture)[1]
    assert run(folders, "make", "-", "-", "--spec", "cn-1inch", given=picture)[0] == 2


def test_folders_and_patterns(folders):
    (folders / "one" / ".hidden.jpg").write_bytes(b"")
    assert run(folders, "cutout", "one", "--form", "mask")[0] == 0
    assert (folders / "out/IMG_1.png").is_file()
    assert run(folders, "cutout", ".", "--recursive", "--form", "mask", "--out", "all")[0] in (0, 2)
    assert (folders / "all/one/IMG_1.png").is_file() and (folders / "all/two/img_1.png").is_file()
    assert run(folders, "cutout", "*.jpg", "--form", "mask", "--out", "few")[0] == 0
    assert [path.name for path in (folders / "few").iterdir()] == ["a.png"]
    (folders / "empty").mkdir()
    assert run(folders, "cutout", "empty")[0] == run(folders, "cutout", "*.heic")[0] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 exist on Linux")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_names_and_pipes_of_other_encodings(folders, sample, encoding):
    name = b"caf\xe9\x1b[31m.jpg"
    (folders / os.fsdecode(name)).write_bytes(sample.read_bytes())
    command = ["make", name, "a.jpg", "--spec", "cn-1inch", "--lang", "hi", "--verbose"]
    code, out, err = run(folders, *command, PYTHONIOENCODING=encoding)
    assert code in (0, 1), err
    assert b"\x1b[31m" not in out and rb"\xe9\x1b[31m" in out
    assert (folders / os.fsdecode(b"out/caf\xe9\x1b[31m.cn-1inch.json")).is_file()
    assert (folders / "out/a.cn-1inch.jpg").is_file()


@pytest.mark.skipif(os.name != "posix", reason="pipes are closed in another way")
@pytest.mark.parametrize(
    "command",
    [["specs", "list"], ["specs", "list", "--json"], ["specs", "show", "us-passport"], ["papers"]],
)
def test_a_closed_pipe_ends_quietly(tmp_path, command):
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "idphoto", *command],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_names_are_no_formulas_and_no_control_characters(folders):
    for name in ("=cmd()", "+1", "-2", "@x", "a\tb", "\r=x"):
        (folders / "odd").mkdir(exist_ok=True)
        (folders / "odd" / f"{name}.jpg").write_bytes((folders / "a.jpg").read_bytes())
    run(folders, "check", "odd", "--spec", "cn-1inch", "--ofiq-csv", "q.csv")
    names = [line.split(";")[0] for line in (folders / "q.csv").read_text().splitlines()[1:]]
    assert sorted(names) == sorted(["'=cmd().jpg", "'+1.jpg", "'-2.jpg", "'@x.jpg", "a\\x09b.jpg", "\\x0d=x.jpg"])


def test_patterns_of_a_sheet_may_have_copies_and_brackets_are_letters(folders):
    (folders / "IMG[1].jpg").write_bytes((folders / "a.jpg").read_bytes())
    code, _, err = run(folders, "sheet", "?.jpg:2", "IMG[*.jpg:1", "--size", "40x40", "--paper", "4x6in", "-o", "s.pdf")
    assert code == 0, err


def test_printable():
    assert printable("caf\udce9\n\x1b") == "caf\\xe9\\x0a\\x1b"
    assert printable("Łukasz 王\n", keep="\n") == "Łukasz 王\n"


@pytest.mark.parametrize(
    "text",
    ["background: #438EDB", "background:   #fff  # blue", "spec: cn-1inch\nbackground: vertical(white, #438EDB)"],
)
def test_a_colour_without_quotes_is_refused(tmp_path, text):
    path = tmp_path / "job.yaml"
    path.write_text(text)
    with pytest.raises(InvalidJob, match=rf"job\.yaml:{text.count(chr(10)) + 1}: .*comment") as caught:
        Job.load(path)
    assert "quotes" in caught.value.advice
    path.write_text("background: white  # or '#438EDB'\n# background: #438EDB\nlanguage: de #fff")
    assert Job.load(path).background == "white"


def test_a_job_file_takes_every_option_of_the_command(folders):
    (folders / "job.yaml").write_text("spec: cn-1inch\nout: made\nforce: true\njson: true\n")
    for _ in range(2):
        code, out, err = run(folders, "make", "a.jpg", "--job", "job.yaml")
        assert (code, out[:1]) == (0, b"["), err
    assert (folders / "made/a.cn-1inch.jpg").is_file()
    (folders / "job.yaml").write_text("size: 40x40mm\npaper: 4x6in\noutput: s.pdf\nturn: true\n")
    assert run(folders, "sheet", "a.jpg", "--job", "job.yaml")[0] == 0
    (folders / "job.yaml").write_text("spec: cn-1inch\n\nmatter: magic\n")
    assert "job.yaml:3: matter" in run(folders, "make", "a.jpg", "--job", "job.yaml")[2]
    (folders / "job.yaml").write_text("language: de\njson: true\nwords: [china, studio]\n")
    code, out, err = run(folders, "specs", "match", "a.jpg", "--job", "job.yaml")
    assert (code, b"cn-1inch" in out, b"schengen" in out) == (0, True, False), err
    (folders / "job.yaml").write_text("form: rgba\n")
    assert "cannot be transparent" in run(folders, "cutout", "a.jpg", "-o", "x.jpg", "--job", "job.yaml")[2]
    (folders / "job.yaml").write_text("sheet: 4x6in\n")
    assert "no such option" in run(folders, "cutout", "a.jpg", "--job", "job.yaml")[2]


def test_a_photo_of_everybody_has_the_number_of_the_person_in_its_name(sample, tmp_path):
    one = Image.open(sample)
    group = Image.new("RGB", (2 * one.width, one.height))
    group.paste(one, (0, 0)), group.paste(one, (one.width, 0))
    group.save(tmp_path / "class.jpg")
    code, out, _ = run(tmp_path, "make", "class.jpg", "--spec", "cn-1inch", "--face", "all")
    assert code in (0, 1)
    assert b"class.jpg (2)" in out
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"class-{person}.cn-1inch.{suffix}" for person in (1, 2) for suffix in ("jpg", "json")}
    group.save(tmp_path / "class-2.jpg")
    code, _, err = run(tmp_path, "make", "class.jpg", "class-2.jpg", "--spec", "cn-1inch", "--face", "all", "--force")
    assert code == 2
    assert "person 2 of" in err
