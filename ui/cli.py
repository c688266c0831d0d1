"""The command `medfaq`.

Heavy modules are imported inside the command that needs them, so that help and errors are quick.
"""

import gc
import json
import logging
import os
import sys
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import Abort, TyperException

from corpus.errors import MedfaqError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.bundle import Bundle
    from index.encoder import Encoder
    from qa.answerer import Answerer

app = typer.Typer(
    help="Answers health questions from a FAQ of vetted answers, word for word.",
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_DEFAULT_TITLE = "Back spasms"
"""What the FAQ that medfaq ships with is about."""

IndexOption = Annotated[
    Path | None,
    typer.Option(
        "--index", help="The bundle to answer from; without it, the FAQ that medfaq ships with."
    ),
]
IndexesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--index", help="A bundle to answer from; give it again for each further FAQ to offer."
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(help="The owner's TOML file: name, logo, colour, language, emergency number."),
]
SourcesArgument = Annotated[
    list[Path],
    typer.Argument(help="FAQ files (.txt .md .jsonl .csv .tsv) or folders of them."),
]
AllowEmptyOption = Annotated[
    bool,
    typer.Option("--allow-empty-answers", help="Accept entries that have no answer text."),
]
HostOption = Annotated[str, typer.Option(help="The address to listen at.")]
PortOption = Annotated[
    int, typer.Option(help="The port to listen at; 0 takes a free one.", min=0, max=65535)
]

RerankOption = Annotated[
    bool,
    typer.Option(
        "--rerank/--no-rerank",
        help="Whether entries are read together with the question, to tell which of several like "
        "ones answers, and how surely. It takes most of the time of an answer. A FAQ with "
        "examples of what it does not cover does without.",
    ),
]
QueriesOption = Annotated[Path, typer.Option(help="Questions, JSONL with `_id` and `text`.")]
QrelsOption = Annotated[
    Path, typer.Option(help="Which entries answer them: query-id, corpus-id, score (TSV).")
]
UnanswerableOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="Questions that the FAQ does not answer (JSONL); may be given once for each kind."
    ),
]


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it
    if value:
        from importlib.metadata import version

        print(f"medfaq {version('medfaq')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        serve()


@app.command()
def serve(
    *,
    index: IndexesOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 7860,
    config: ConfigOption = None,
    rerank: RerankOption = True,
) -> None:
    """Open the web page (what `medfaq` alone does, too)."""
    from ui.settings import Settings, read_settings

    settings = read_settings(config) if config else Settings()
    named = [(path.resolve().name, _answerer(path, rerank=rerank)) for path in index or []]
    named = named or [(_DEFAULT_TITLE, _answerer(None, rerank=rerank))]
    from platformdirs import user_cache_path

    from ui.faq import named_faqs
    from ui.server import serve as run

    faqs = named_faqs(named, settings.titles)
    run(faqs, host=host, port=port, settings=settings, cache=user_cache_path("medfaq"))


@app.command("index")
def build(
    sources: SourcesArgument,
    out: Annotated[Path, typer.Option(help="The folder of the bundle.")],
    *,
    allow_empty_answers: AllowEmptyOption = False,
    model: Annotated[
        str | None, typer.Option(help="A sentence-transformers model, by name or folder.")
    ] = None,
) -> None:
    """Build a bundle from FAQ files, or bring it up to date."""
    from corpus.read import read_corpus

    corpus = read_corpus(sources, allow_empty_answers=allow_empty_answers)
    from index.build import build_bundle, prepare_folder
    from ui.terminal import progress_bar

    prepare_folder(out)
    encoder = _encoder(model)
    with progress_bar("Embedding") as progress:
        report = build_bundle(corpus, out, encoder, progress)
    if report.written:
        print(
            f"{out}: {report.passages} entries, {report.embedded} of {report.texts} texts embedded"
        )
    else:
        print(f"{out}: up to date with {report.passages} entries")
    if report.threshold_dropped:
        print(
            f"{out}: the threshold from medfaq calibrate was chosen for other entries and is gone, "
            "the default holds; run medfaq calibrate again"
        )


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in quotes.")] = None,
    *,
    index: IndexOption = None,
    top_k: Annotated[
        int, typer.Option("--top-k", help="How many of the closest entries to list.", min=1)
    ] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    questions: Annotated[
        Path | None,
        typer.Option("--input", help="A JSONL file of questions with `_id` and `text`."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Where to write the answers to --input (JSONL).")
    ] = None,
    rerank: RerankOption = True,
) -> None:
    """Answer one question, or a file of them."""
    if (question is None) == (questions is None):
        raise typer.BadParameter("give one QUESTION, or a file of them with --input")
    if output and not questions:
        raise typer.BadParameter("--output goes with --input")
    if question is not None:
        _refuse_empty(question)
        answer = _answerer(index, rerank=rerank).answer(question, top_k=top_k)
        if not answer.urgent:
            _refuse_too_long(question)
        from ui.terminal import answer_text

        print(json.dumps(answer.to_json()) if as_json else answer_text(answer))
    if questions:
        from qa.labels import check_questions
        from ui.batch import answer_file

        check_questions(questions)
        answer_file(_answerer(index, rerank=rerank), questions, output, top_k=top_k)


@app.command("eval")
def evaluate(
    *,
    index: IndexOption = None,
    queries: QueriesOption,
    qrels: QrelsOption,
    unanswerable: UnanswerableOption = None,
    run: Annotated[
        Path | None, typer.Option(help="Where to write the ranking as a TREC run file.")
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(help="A folder to write the risk-coverage curve and reliability as SVG to."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON.")] = False,
    rerank: RerankOption = True,
) -> None:
    """Measure a bundle against labelled questions."""
    from qa.labels import read_qrels, read_questions, read_unanswerable
    from qa.selective import curve, reliability
    from ui.plots import write_plots
    from ui.report import judge, measure, report_text

    asked = list(read_questions(queries))
    grades = read_qrels(qrels)
    others = read_unanswerable(unanswerable or [])
    answerer = _answerer(index, rerank=rerank)
    judged = judge(answerer, asked, grades, others)
    measures = measure(judged, grades, answerer.threshold, run)
    if plots:
        write_plots(plots, curve(judged.everything), reliability(judged.everything))
    print(json.dumps(measures) if as_json else report_text(measures))


@app.command()
def calibrate(
    *,
    index: Annotated[Path, typer.Option("--index", help="The bundle to choose a threshold for.")],
    queries: QueriesOption,
    qrels: QrelsOption,
    unanswerable: UnanswerableOption = None,
    max_wrong: Annotated[
        float, typer.Option("--max-wrong", help="How many of the answers shown may be wrong.")
    ] = 0.05,
    confidence: Annotated[
        float, typer.Option("--confidence", help="How sure it has to be that no more are.")
    ] = 0.9,
    rerank: RerankOption = True,
) -> None:
    """Choose how sure medfaq must be, from how many wrong answers you allow."""
    for name, share in (("--max-wrong", max_wrong), ("--confidence", confidence)):
        if not 0 < share < 1:
            raise typer.BadParameter(f"{name} is a share between 0 and 1, such as 0.05")
    from index.build import write_calibration
    from qa.calibrate import choose_threshold
    from qa.labels import read_qrels, read_questions, read_unanswerable
    from ui.report import calibration_text, judge

    asked = list(read_questions(queries))
    grades = read_qrels(qrels)
    others = read_unanswerable(unanswerable or [])
    answerer = _answerer(index, rerank=rerank)
    judged = judge(answerer, asked, grades, others)
    chosen = choose_threshold(
        judged.everything, max_wrong=max_wrong, confidence=confidence, reads=answerer.reads
    )
    write_calibration(index, answerer.bundle.manifest, chosen)
    print(calibration_text(chosen, index))


@app.command()
def lint(sources: SourcesArgument) -> None:
    """List what an owner should look at before publishing a FAQ."""
    from corpus.lint import lint as findings_of
    from corpus.read import read_corpus
    from ui.terminal import harmless

    corpus = read_corpus(sources, allow_empty_answers=True)
    encoder = _encoder()

    def similarities(texts: "Sequence[str]") -> "NDArray[np.float32]":
        vectors = encoder.encode(texts)
        return vectors @ vectors.T

    findings = findings_of(corpus, similarities)
    for finding in findings:
        print(harmless(str(finding)))
    print(f"{len(corpus.passages)} entries, {len(findings)} to look at")


def _refuse_empty(question: str) -> None:
    from corpus.errors import QuestionError
    from qa.question import clean_question

    if not clean_question(question):
        raise QuestionError("the question is empty; type one, in quotes")


def _refuse_too_long(question: str) -> None:
    from corpus.errors import QuestionError
    from qa.question import MAX_CHARACTERS, clean_question

    length = len(clean_question(question))
    if length > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {length:,} characters; ask in at most {MAX_CHARACTERS:,}"
        )


def _encoder(name: str | None = None) -> "Encoder":
    """Load a model by its name, or the default one."""
    from index.encoder import DEFAULT_MODEL, load_encoder

    return load_encoder(name or DEFAULT_MODEL)


def _answerer(index: Path | None, *, rerank: bool) -> "Answerer":
    """Return what answers from a bundle, or from the default FAQ, built on first use."""
    with _staying():
        bundle = _loaded(index)
        from qa.answerer import Answerer
        from qa.rerank import rerank as second_look
    if bundle is None:
        # Not in the worker, for which Ctrl-C would have to wait to the end.
        from ui.own_faq import build_own_bundle

        bundle = build_own_bundle()
    return Answerer(*bundle, rerank=second_look if rerank else None)


@contextmanager
def _staying() -> "Iterator[None]":
    """Have what is loaded meanwhile stay to the end.

    To look through it for garbage, now, while answering and on the way out, takes longer than an
    answer.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _loaded(index: Path | None) -> "tuple[Bundle, Encoder] | None":
    """Open a bundle, and load beside it what every answer needs."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as worker:
        opened = worker.submit(_open, index)
        # All of them take a while, and most of it is spent outside of Python.
        from qa.triage import load_triage
        from qa.urgent import load_signs

        triage = worker.submit(load_triage)
        load_signs()
        triage.result()
        return opened.result()


def _open(index: Path | None) -> "tuple[Bundle, Encoder] | None":
    from index.bundle import open_bundle

    if index is not None:
        return open_bundle(index)
    from ui.own_faq import open_own_bundle

    return open_own_bundle()


def main() -> None:
    """Run the command; a person's mistake is one line on standard error and exit status 2."""
    # A question's matrices are too small to share among cores: threads that wait for each other
    # make them several times as slow on a busy machine. numpy reads this while it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    logging.basicConfig(level=logging.WARNING, format="medfaq: %(message)s")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # some consoles cannot show every character
            stream.reconfigure(errors="replace")
    try:
        status = app(standalone_mode=False)
    except MedfaqError as error:
        _fail(str(error), 2)
    except TyperException as error:
        _fail(f"{error.format_message()} (see medfaq --help)", error.exit_code)
    except (KeyboardInterrupt, Abort):
        _fail("stopped", 130)
    except Exception as error:
        if os.environ.get("MEDFAQ_DEBUG"):
            raise
        if isinstance(error, OSError) and error.filename:
            _fail(f"{error.filename}: {error.strerror}; check the path", 2)
        _fail(f"internal error ({type(error).__name__}); set MEDFAQ_DEBUG=1 to see it whole", 1)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, status: int) -> None:
    print("medfaq:", " ".join(message.split()), file=sys.stderr)
    sys.exit(status)
