"""The installed command, run as a person would."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from qa.disclaimer import DISCLAIMER
from tests.conftest import Medfaq
from tests.contract import ANSWER_FIELDS

pytestmark = pytest.mark.model

CALIBRATE = ["calibrate", "--index", "/missing", "--queries", "/dev/null", "--qrels", "/dev/null"]


def one_line(process: "subprocess.CompletedProcess[str]") -> str:
    """Return the one line on standard error of a command that refused its input."""
    assert process.returncode == 2, process
    assert process.stdout == ""
    (line,) = process.stderr.splitlines()
    assert line.startswith("medfaq: ")
    return line


@pytest.fixture(scope="session")
def bundle(medfaq: Medfaq, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "faq.md").write_text(
        "# Is heat good?\n\nYes, it is.\n\n# Is <b>ice</b> good?\n\nNo.\n"
    )
    process = medfaq("index", folder, "--out", folder.with_name("bundle"))
    assert process.returncode == 0, process.stderr
    assert "2 entries" in process.stdout
    return folder.with_name("bundle")


def test_ask_prints_the_object_of_the_contract(medfaq: Medfaq) -> None:
    process = medfaq("ask", "how should I sleep with a back spasm", "--json")
    assert process.returncode == 0
    answer = json.loads(process.stdout)
    assert list(answer) == ANSWER_FIELDS
    assert answer["status"] == "answered"
    assert answer["passage"]["question"] == "How should I sleep with back spasms?"
    assert answer["passage"]["source"]["first_line"] == 45


def test_ask_prints_for_a_person(medfaq: Medfaq) -> None:
    shown = medfaq("ask", "is heat good for my back?").stdout
    assert "heating pad in the area for 15-20 minutes" in shown
    assert "lines 53 to 57" in shown
    assert DISCLAIMER in shown


def test_not_covered_is_a_success_that_says_so(medfaq: Medfaq) -> None:
    process = medfaq("ask", "what is the capital of france", "--top-k", "2", "--json")
    answer = json.loads(process.stdout)
    assert process.returncode == 0
    assert (answer["status"], answer["answer"], answer["passage"]) == ("not_covered", None, None)
    assert len(answer["hits"]) == 2
    assert answer["disclaimer"] == DISCLAIMER


def test_a_red_flag_is_answered_with_what_to_do(medfaq: Medfaq) -> None:
    process = medfaq("ask", "is heat ok? i cant pee since this morning")
    assert process.returncode == 0
    assert process.stdout.startswith("THIS MAY NEED URGENT CARE")
    assert "emergency number" in process.stdout
    assert "heating pad" not in process.stdout
    assert DISCLAIMER in process.stdout


def test_a_red_flag_is_answered_however_long_the_message(medfaq: Medfaq) -> None:
    process = medfaq("ask", "crushing chest pain since an hour. " + "is heat good? " * 400)
    assert process.returncode == 0
    assert process.stdout.startswith("THIS MAY NEED URGENT CARE")


def test_a_bundle_of_ones_own_answers(medfaq: Medfaq, bundle: Path) -> None:
    answer = json.loads(medfaq("ask", "is heat good", "--index", bundle, "--json").stdout)
    assert answer["answer"] == "Yes, it is."
    assert answer["passage"]["source"]["file"] == "faq.md"


def test_entries_that_lie_close_together_get_a_second_look_unless_told_not_to(
    medfaq: Medfaq, tmp_path: Path
) -> None:
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes, warm it.\nIs heat bad?\nNo, it helps.\n")
    medfaq("index", tmp_path / "faq.txt", "--out", tmp_path / "out")
    ask = ("ask", "heat?", "--index", tmp_path / "out", "--json")
    looked, not_looked = (
        [hit["score"] for hit in json.loads(medfaq(*ask, option).stdout)["hits"]]
        for option in ("--rerank", "--no-rerank")
    )
    assert len(looked) == len(not_looked) == 2
    assert max(looked) < max(not_looked)


def test_text_that_steers_a_terminal_is_not_passed_on(medfaq: Medfaq, tmp_path: Path) -> None:
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes \x1b[2J\x07it is.\n")
    assert medfaq("index", tmp_path / "faq.txt", "--out", tmp_path / "out").returncode == 0
    shown = medfaq("ask", "Is heat good?", "--index", tmp_path / "out").stdout
    assert "Yes [2Jit is." in shown
    (tmp_path / "faq.txt").write_text("Is heat good?\n- \x1b]0;owned\x07x\n")
    assert "(]0;ownedx)" in medfaq("lint", tmp_path / "faq.txt").stdout


def test_a_console_that_cannot_show_a_character_is_shown_the_rest(
    medfaq: Medfaq, tmp_path: Path
) -> None:
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes – up to 40 °C.\n")
    assert medfaq("index", tmp_path / "faq.txt", "--out", tmp_path / "out").returncode == 0
    asked = medfaq("ask", "Is heat good?", "--index", tmp_path / "out", PYTHONIOENCODING="ascii")
    assert "Yes ? up to 40 ?C." in asked.stdout
    assert asked.returncode == 0


def test_many_questions_are_answered_line_by_line_in_order(
    medfaq: Medfaq, bundle: Path, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    texts = ["is heat good?", "", "<script>", "x" * 100_000, "ice ok", "🙂"] * 30
    questions.write_text(
        "".join(json.dumps({"_id": f"q{n}", "text": t}) + "\n\n" for n, t in enumerate(texts))
    )
    shown = medfaq("ask", "--input", questions, "--index", bundle)
    assert shown.returncode == 0, shown.stderr
    answers = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [answer["_id"] for answer in answers] == [f"q{n}" for n in range(len(texts))]
    assert [answer["question"] for answer in answers] == texts
    assert all(list(answer) == ["_id", *ANSWER_FIELDS] for answer in answers)
    output = tmp_path / "answers.jsonl"
    medfaq("ask", "--input", questions, "--index", bundle, "--output", output)
    assert output.read_text() == shown.stdout


def test_what_is_no_file_is_written_to_and_not_replaced(
    medfaq: Medfaq, bundle: Path, tmp_path: Path
) -> None:
    questions, target, link = (tmp_path / name for name in ("q.jsonl", "target", "link"))
    questions.write_text('{"_id": "a", "text": "heat?"}\n')
    link.symlink_to(target)
    for output in (Path("/dev/null"), link):
        process = medfaq("ask", "--input", questions, "--index", bundle, "--output", output)
        assert process.returncode == 0, process.stderr
    assert Path("/dev/null").is_char_device()
    assert link.is_symlink()
    assert json.loads(target.read_text())["_id"] == "a"


def test_questions_that_can_be_read_only_once_are_refused(medfaq: Medfaq, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "can be read only once" in one_line(medfaq("ask", "--input", tmp_path / "pipe"))
    (tmp_path / "q.jsonl").write_text('{"_id": "a", "text": "heat?"}\n')
    line = one_line(medfaq("ask", "--input", tmp_path / "q.jsonl", "--output", tmp_path))
    assert "cannot be written" in line


def test_a_bad_line_of_questions_is_named_before_any_answer(medfaq: Medfaq, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"_id": "a", "text": "heat?"}\n{"_id": "b"}\n')
    output = tmp_path / "answers.jsonl"
    output.write_text("old")
    line = one_line(medfaq("ask", "--input", questions, "--output", output))
    assert "questions.jsonl:2: no 'text'" in line
    assert output.read_text() == "old"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask"], "give one QUESTION"),
        (["ask", "x", "--input", "y"], "give one QUESTION"),
        (["ask", "x", "--output", "y"], "--output goes with --input"),
        (["ask", ""], "the question is empty"),
        (["ask", "\x01 \x1b"], "the question is empty"),
        (["ask", "heat " * 20_000], "100,000|99,999"),
        (["ask", "x", "--top-k", "0"], "top-k"),
        (["ask", "--input", "/missing.jsonl"], "/missing.jsonl: cannot be read"),
        (["ask", "--input", "/"], "/: cannot be read"),
        (["ask", "--input", "/" + "x" * 300], "File name too long"),
        (["lint", "/" + "x" * 300], "File name too long"),
        (["ask", "x", "--index", "/missing"], "not a bundle"),
        (["serve", "--port", "99999"], "port"),
        (CALIBRATE, "not a bundle"),
        ([*CALIBRATE, "--max-wrong", "5"], "--max-wrong is a share between 0 and 1"),
        (["serve", "--config", "/missing.toml"], "/missing.toml: cannot be read"),
        (["index", "/missing.txt", "--out", "/tmp"], "no such file"),
        (["index"], "sources"),
        (["lint", "/missing.txt"], "no such file"),
        (["speak"], "No such command 'speak'"),
    ],
)
def test_bad_usage_and_bad_input_are_one_line_and_status_2(
    medfaq: Medfaq, arguments: list[str], message: str
) -> None:
    assert any(part in one_line(medfaq(*arguments)) for part in message.split("|"))


def test_a_bad_faq_file_is_named_with_its_line(medfaq: Medfaq, tmp_path: Path) -> None:
    (tmp_path / "faq.jsonl").write_text('{"question": "A?", "answer": "b"}\n{"question": "C?"}\n')
    line = one_line(medfaq("index", tmp_path / "faq.jsonl", "--out", tmp_path / "out"))
    assert "faq.jsonl:2: 'C?' has no answer" in line
    assert not (tmp_path / "out").exists()
    allowed = medfaq(
        "index", tmp_path / "faq.jsonl", "--out", tmp_path / "out", "--allow-empty-answers"
    )
    assert allowed.returncode == 0


def test_lint_lists_what_to_look_at(medfaq: Medfaq, tmp_path: Path) -> None:
    (tmp_path / "faq.txt").write_text(
        "How do I get rid of back spasms?\n- Rest. …\nHow do you get rid of back spasms?\nRest.\n"
    )
    process = medfaq("lint", tmp_path / "faq.txt")
    assert process.returncode == 0
    assert "faq.txt:2: cut off" in process.stdout
    assert "is much like" in process.stdout
    assert "2 entries" in process.stdout


def test_help_and_version_are_quick_to_read(medfaq: Medfaq) -> None:
    assert medfaq("--version").stdout.startswith("medfaq ")
    shown = medfaq("--help").stdout
    for command in ("serve", "index", "ask", "lint"):
        assert command in shown


def test_progress_is_plain_text_when_not_on_a_terminal(medfaq: Medfaq, tmp_path: Path) -> None:
    (tmp_path / "faq.txt").write_text("Is heat good?\nYes.\n")
    process = medfaq("index", tmp_path / "faq.txt", "--out", tmp_path / "out")
    assert process.stderr == "Embedding: 3 texts …\nEmbedding: done\n"


def test_a_reader_that_goes_away_gets_no_traceback(cache_home: Path, bundle: Path) -> None:
    command = Path(sys.executable).parent / "medfaq"
    process = subprocess.run(
        f"{command} ask 'is heat good' --index {bundle} | true",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stderr == ""


def test_a_port_in_use_is_one_line(medfaq: Medfaq) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_line(medfaq("serve", "--port", str(port)))
    assert f"{port}: the port is in use; choose another with --port" in line


@pytest.fixture
def labelled(tmp_path: Path) -> list[str | Path]:
    """The options that name labelled questions about the bundle: 60 right, 3 not answerable."""
    heat = "".join(f'{{"_id": "q{n}", "text": "Is heat good?"}}\n' for n in range(60))
    (tmp_path / "queries.jsonl").write_text(heat)
    (tmp_path / "far.jsonl").write_text('{"_id": 1, "text": "who won the cup in 1998"}\n' * 3)
    grades = "".join(f"q{n}\theat\t1\n" for n in range(60))
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + grades)
    files = {"--queries": "queries.jsonl", "--qrels": "qrels.tsv", "--unanswerable": "far.jsonl"}
    return [part for name, file in files.items() for part in (name, tmp_path / file)]


def heat_bundle(medfaq: Medfaq, folder: Path, answer: str = "Yes.") -> Path:
    (folder / "faq.jsonl").write_text(
        json.dumps({"id": "heat", "question": "Is heat good?", "answer": answer}) + "\n"
    )
    process = medfaq("index", folder / "faq.jsonl", "--out", folder / "bundle")
    assert process.returncode == 0, process.stderr
    return folder / "bundle"


def test_calibrate_chooses_the_threshold_that_ask_then_uses(
    medfaq: Medfaq, tmp_path: Path, labelled: list[str | Path]
) -> None:
    bundle = heat_bundle(medfaq, tmp_path)
    process = medfaq("calibrate", "--index", bundle, *labelled)
    assert process.returncode == 0, process.stderr
    assert "at most 5% of the answers shown are wrong" in process.stdout
    threshold = json.loads((bundle / "manifest.json").read_text())["calibration"]["threshold"]
    assert str(threshold) in process.stdout
    asked = json.loads(medfaq("ask", "warmth?", "--index", bundle, "--json").stdout)
    assert asked["confidence"] < threshold
    assert asked["status"] == "not_covered"


def test_a_rebuilt_bundle_says_that_its_threshold_is_gone(
    medfaq: Medfaq, tmp_path: Path, labelled: list[str | Path]
) -> None:
    bundle = heat_bundle(medfaq, tmp_path)
    medfaq("calibrate", "--index", bundle, *labelled)
    (tmp_path / "faq.jsonl").write_text('{"question": "Is ice good?", "answer": "No."}\n')
    process = medfaq("index", tmp_path / "faq.jsonl", "--out", bundle)
    assert "run medfaq calibrate again" in process.stdout


def test_a_sample_too_small_to_calibrate_with_changes_nothing(
    medfaq: Medfaq, tmp_path: Path, labelled: list[str | Path]
) -> None:
    bundle = heat_bundle(medfaq, tmp_path)
    before = (bundle / "manifest.json").read_bytes()
    line = one_line(medfaq("calibrate", "--index", bundle, *labelled, "--max-wrong", "0.01"))
    assert "add questions" in line
    assert (bundle / "manifest.json").read_bytes() == before


def test_eval_prints_what_a_threshold_costs_and_writes_plots(
    medfaq: Medfaq, tmp_path: Path, labelled: list[str | Path]
) -> None:
    bundle = heat_bundle(medfaq, tmp_path)
    shown = medfaq("eval", "--index", bundle, *labelled, "--plots", tmp_path / "plots")
    assert "AUROC, far" in shown.stdout, shown.stderr
    plots = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert plots == ["reliability.svg", "risk-coverage.svg"]
    measures = json.loads(medfaq("eval", "--index", bundle, *labelled, "--json").stdout)
    assert measures["P@1"] == 1
    assert measures["AUROC"]["far"] == 1
