"""Run the command line as users type it: results, exit codes, and the files that remain."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from idphoto.cli import app
from idphoto.spec import spec_ids


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line in an empty folder; returns exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["idphoto", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            app.main()
        said = capsys.readouterr()
        return int(caught.value.code or 0), said.out, said.err

    return call


@pytest.fixture(scope="module")
def wall(tmp_path_factory):
    path = tmp_path_factory.mktemp("wall") / "wall.png"
    Image.new("RGB", (300, 300), "#88AACC").save(path)
    return path


def opened(path: Path) -> Image.Image:
    """Read a picture and close its file."""
    with Image.open(path) as picture:
        picture.load()
    return picture


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_make_writes_photo_sheet_and_report(run, sample, tmp_path):
    code, out, _ = run("make", sample, "--spec", "schengen-visa", "--sheet", "10x15cm", "--out", "out/")
    assert code == 0
    assert names(tmp_path) == [
        "out/astronaut.schengen-visa.jpg",
        "out/astronaut.schengen-visa.json",
        "out/astronaut.schengen-visa.sheet.pdf",
    ]
    assert "Schengen" in out


def test_make_takes_several_photos_and_documents(run, sample, tmp_path):
    second = tmp_path / "copy.jpg"
    second.write_bytes(sample.read_bytes())
    code, _, err = run("make", sample, second, "--spec", "us-passport,cn-visa-digital", "--spec", "fr-passport")
    assert code in (0, 1)
    assert err == ""
    made = [name for name in names(tmp_path) if name.endswith(".jpg") and name.startswith("out/")]
    assert len(made) == 6


def test_an_existing_file_is_kept_without_force(run, sample, tmp_path):
    assert run("make", sample, "--spec", "cn-1inch")[0] == 0
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in names(tmp_path)}
    code, _, err = run("make", sample, "--spec", "cn-1inch")
    assert code == 2
    assert "input.file-exists" in err
    assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in names(tmp_path)}
    assert run("make", sample, "--spec", "cn-1inch", "--force")[0] == 0


def test_one_bad_photo_does_not_cost_the_others(run, sample, wall, tmp_path):
    code, _, err = run("make", wall, "missing.jpg", sample, "--spec", "cn-1inch")
    assert code == 2
    assert "input.no-face" in err and "input.unreadable" in err
    assert "out/astronaut.cn-1inch.jpg" in names(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["make", "missing.jpg", "--spec", "cn-1inch"], 2, "input.unreadable"),
        (["make", "WALL", "--spec", "cn-1inch"], 2, "input.no-face"),
        (["make", "SAMPLE", "--spec", "nowhere-passport"], 3, "spec.unknown"),
        (["make", "SAMPLE", "--spec", "no-passport-visa"], 3, "spec.no-photo-taken"),
        (["make", "SAMPLE", "--spec", "cn-1inch", "--sheet", "A99"], 3, "spec.unknown"),
        (["make", "SAMPLE", "--spec", "cn-1inch", "--sheet", "20x20mm"], 2, "input.does-not-fit"),
        (["make", "SAMPLE"], 4, "pipeline.invalid"),
        (["make", "SAMPLE", "--spec", "cn-1inch", "--background", "bluish"], 2, "input.invalid"),
        (["make", "SAMPLE", "--spec", "cn-1inch", "--matter", "magic"], 5, "backend.unknown"),
        (["make", "SAMPLE", "--spec", "cn-1inch", "--detector", "mediapipe-tasks"], 5, "backend.missing-model"),
        (["make", "SAMPLE", "--spec", "cn-1inch", "--face", "both"], 2, "input.invalid"),
        (["run", "missing.yaml", "SAMPLE"], 4, "pipeline.invalid"),
        (["run", "nothing", "SAMPLE"], 4, "pipeline.invalid"),
        (["check", "SAMPLE"], 2, "input.invalid"),
        (["cutout", "missing.jpg", "-o", "x.png"], 2, "input.unreadable"),
        (["cutout", "SAMPLE", "-o", "x.jpg"], 2, "input.invalid"),
        (["cutout", "SAMPLE", "SAMPLE", "-o", "x.png"], 2, "input.invalid"),
        (["sheet", "SAMPLE:4", "--paper", "4x6in", "-o", "s.pdf"], 2, "input.invalid"),
        (["specs", "show", "nowhere-passport"], 3, "spec.unknown"),
        (["specs", "validate", "missing.yaml"], 3, "spec.invalid"),
    ],
)
def test_errors_have_a_code_an_exit_code_and_leave_nothing(
    run, sample, wall, tmp_path, monkeypatch, arguments, code, word
):
    monkeypatch.delenv("IDPHOTO_MODELS", raising=False)
    given = [argument.replace("SAMPLE", str(sample)).replace("WALL", str(wall)) for argument in arguments]
    got, _, err = run(*given)
    assert (got, word in err) == (code, True), err
    assert "Traceback" not in err
    assert err.rstrip().endswith(".")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", b"GIF89a", b"%PDF-1.4 nothing", b"\x89PNG\r\n\x1a\n" + b"\0" * 50]
)
def test_files_that_are_no_pictures(run, tmp_path, data):
    (tmp_path / "bad.jpg").write_bytes(data)
    code, _, err = run("make", "bad.jpg", "--spec", "cn-1inch")
    assert code == 2
    assert "[input." in err


def test_usage_errors_are_bad_input(run):
    assert run("make")[0] == 2
    assert run("make", "x.jpg", "--no-such-flag")[0] == 2
    assert run("no-such-command")[0] == 2


def test_debug_shows_the_traceback_wherever_it_stands(sample):
    for arguments in (["--debug", "make", "missing.jpg"], ["make", "missing.jpg", "--debug"]):
        done = subprocess.run(
            [sys.executable, "-m", "idphoto", *arguments, "--spec", "cn-1inch"], capture_output=True, text=True
        )
        assert "Traceback" in done.stderr
        assert "UnreadableImage" in done.stderr


def test_a_failing_photo_is_made_and_exits_with_1(run, sample, tmp_path):
    code, out, _ = run("make", sample, "--spec", "us-passport")
    assert code == 1
    assert "FAIL" in out
    assert "out/astronaut.us-passport.jpg" in names(tmp_path)


def test_check_prints_json_and_writes_nothing(run, sample, tmp_path):
    code, out, _ = run("check", sample, "--spec", "uk-passport-print", "--json")
    (report,) = json.loads(out)
    assert report["spec"] == "uk-passport-print"
    assert code == (1 if any(finding["status"] == "fail" for finding in report["findings"]) else 0)
    assert names(tmp_path) == []


@pytest.mark.parametrize("command", ["make", "check", "run"])
def test_json_of_one_photo_and_document_is_a_list_of_one(run, sample, tmp_path, command):
    pipeline = ["default"] if command == "run" else []
    _, out, _ = run(command, *pipeline, sample, "--spec", "cn-1inch", "--json")
    assert [report["spec"] for report in json.loads(out)] == ["cn-1inch"]
    code, out, err = run(command, *pipeline, "missing.jpg", "--spec", "cn-1inch", "--json")
    assert (code, json.loads(out)) == (2, [])
    assert "input.unreadable" in err


@pytest.mark.parametrize("text", ["spce: cn-1inch\n", "spec: [\n", "dpi: many\n", "3"])
def test_a_bad_job_file_is_bad_input(run, sample, tmp_path, text):
    (tmp_path / "job.yaml").write_text(text)
    code, _, err = run("make", sample, "--job", "job.yaml")
    assert (code, "input.invalid-job" in err) == (2, True), err
    assert run("make", sample, "--job", "no-such.yaml")[0] == 2


def test_flags_win_over_the_job_file(run, sample, tmp_path):
    (tmp_path / "job.yaml").write_text("spec: cn-1inch,us-passport\nannotate: true\n")
    run("make", sample, "--job", "job.yaml", "--spec", "cn-1inch", "--no-annotate")
    assert names(tmp_path / "out") == ["astronaut.cn-1inch.jpg", "astronaut.cn-1inch.json"]


def test_json_of_several_is_a_list(run, sample):
    _, out, _ = run("check", sample, sample, "--spec", "uk-passport-print,schengen-visa", "--json")
    assert [report["spec"] for report in json.loads(out)] == ["uk-passport-print", "schengen-visa"] * 2


def test_cutout_of_one_and_of_many(run, sample, tmp_path):
    assert run("cutout", sample, "-o", "cut.png", "--form", "rgba")[0] == 0
    assert opened(tmp_path / "cut.png").mode == "RGBA"
    second = tmp_path / "second.jpg"
    second.write_bytes(sample.read_bytes())
    assert run("cutout", sample, second, "--form", "mask", "--out", "cuts/")[0] == 0
    assert opened(tmp_path / "cuts/astronaut.png").mode == "L"
    assert (tmp_path / "cuts/second.png").is_file()
    assert run("cutout", sample, "-o", "white.jpg", "--form", "white", "--background", "#FFEEDD")[0] == 0
    white = opened(tmp_path / "white.jpg")
    assert white.format == "JPEG"
    assert all(abs(a - b) <= 3 for a, b in zip(white.getpixel((250, 5)), (255, 238, 221), strict=True))


def test_sheets_of_mixed_people_and_sizes(run, sample, tmp_path):
    run("make", sample, "--spec", "schengen-visa,cn-1inch")
    first, second = "out/astronaut.schengen-visa.jpg", "out/astronaut.cn-1inch.jpg"
    code, _, err = run("sheet", f"{first}:4", f"{second}:2", "--paper", "4x6in", "-o", "sheet.pdf")
    assert (code, err) == (0, "")
    from pypdf import PdfReader

    page = PdfReader(tmp_path / "sheet.pdf").pages[0]
    assert sorted(float(side) for side in page.mediabox[2:]) == pytest.approx([288, 432], abs=0.01)
    assert run("sheet", f"{first}:4", "--paper", "4x6in", "-o", "sheet.jpg")[0] == 0
    assert sorted(opened(tmp_path / "sheet.jpg").size) == [1200, 1800]
    # A file that states no size can be told one.
    Image.new("RGB", (350, 450), "grey").save(tmp_path / "plain.png")
    assert run("sheet", "plain.png:2", "--size", "35x45mm", "--paper", "A6", "-o", "plain.pdf")[0] == 0


def test_run_with_a_pipeline_of_ones_own(run, sample, tmp_path):
    pipeline = Path(__file__).parents[1] / "samples/pipeline.yaml"
    assert run("run", pipeline, sample, "--out", "out/")[0] == 0
    picture = opened(tmp_path / "out/astronaut.cn-1inch.jpg")
    assert all(abs(a - b) <= 4 for a, b in zip(picture.getpixel((3, 3)), (0x62, 0x8B, 0xCE), strict=True))


def test_specs_are_listed_shown_and_validated(run, tmp_path):
    code, out, _ = run("specs", "list")
    assert code == 0
    known = len(spec_ids(variants=False))
    assert len(out.splitlines()) == known + 2  # with the headings, and what the documents rest on
    assert re.search(r"\d+ official, \d+ reported, \d+ secondary, \d+ memory", out.splitlines()[-1])
    assert "schengen-visa" in out
    assert re.search(r"ke-passport .* secondary, disputed", out)
    assert "nl-passport:child" in run("specs", "list", "--variants")[1]
    found = run("specs", "list", "france")[1].splitlines()[1:-1]
    assert [line.split()[0] for line in found] == ["fr-passport", "schengen-visa"]
    assert len(json.loads(run("specs", "list", "--json")[1])) == known
    code, out, _ = run("specs", "show", "fr-passport")
    assert code == 0
    assert "passeport.ants.gouv.fr" in out
    country = Path(__file__).parents[1] / "specs/countries/fr.yaml"
    code, out, _ = run("specs", "validate", country)
    assert (code, out.startswith("ok")) == (0, True)
    broken = tmp_path / "fr.yaml"
    broken.write_text(country.read_text().replace("head_height:", "head_hight:", 1))
    code, _, err = run("specs", "validate", broken)
    assert code == 3
    assert "did you mean head_height?" in err


def test_papers_are_listed(run):
    assert "4x6in" in run("papers")[1]


def test_a_fresh_process_starts_light(sample):
    """Listing documents loads neither OpenCV nor MediaPipe nor other heavy packages."""
    program = (
        "import sys; sys.argv = ['idphoto', 'specs', 'list']\n"
        "from idphoto.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = ('cv2', 'mediapipe', 'matplotlib', 'reportlab', 'PIL')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_standard_error_is_quiet(sample, tmp_path):
    """MediaPipe's native log does not reach the user."""
    done = subprocess.run(
        [sys.executable, "-m", "idphoto", "make", str(sample), "--spec", "cn-1inch", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stderr == ""
