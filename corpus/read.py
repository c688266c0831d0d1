"""Paths of an owner's files in, a `Corpus` out."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from corpus.companion import SUFFIX, Companion, companion_path, parse_companion
from corpus.errors import CorpusError
from corpus.passage import (
    Corpus,
    Entry,
    Passage,
    Source,
    SourceText,
    derived_ids,
    has_words,
    same_question,
)
from corpus.readers.jsonl import read_jsonl
from corpus.readers.markdown import read_markdown
from corpus.readers.plain import read_plain
from corpus.readers.table import read_table

Reader = Callable[[SourceText], list[Entry]]

READERS: Mapping[str, Reader] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".jsonl": read_jsonl,
    ".csv": read_table,
    ".tsv": read_table,
}

DEFAULT_FAQ = Path(__file__).parent / "data" / "000_212b76eef31812ee.txt"

_log = logging.getLogger(__name__)


def read_corpus(paths: Sequence[Path], *, allow_empty_answers: bool = False) -> Corpus:
    """Read FAQ files, and all of them below a folder, with their companions.

    A file is named by its path below the folder that holds them all, with `/` between the parts.

    Raises:
        CorpusError: nothing to read, or a file that cannot be used; names file and line.
    """
    files = _faq_files(paths)
    root = Path(os.path.commonpath([file.parent for file in files]))
    texts: dict[str, SourceText] = {}
    found: list[tuple[str, Entry]] = []
    companions: dict[Path, tuple[Companion, list[Entry]]] = {}
    for file in files:
        text = read_text(file, _name(file, root))
        texts[text.name] = text
        entries = READERS[file.suffix.lower()](text)
        if not entries:
            raise CorpusError(f"{text.name}: no entry in it; add a question and its answer")
        for entry in entries:
            _check(entry, text.name, allow_empty_answers=allow_empty_answers)
        beside = companion_path(file)
        if beside not in companions and beside.exists():
            name = beside.relative_to(root).as_posix()
            companions[beside] = (parse_companion(read_text(beside, name)), [])
        if beside in companions:
            companions[beside][1].extend(entries)
        found.extend((text.name, entry) for entry in entries)
    alternates: dict[tuple[str, str], tuple[str, ...]] = {}
    for companion, entries in companions.values():
        _check_companion(companion, entries)
        for entry in entries:
            key = same_question(entry.question)
            alternates[_stem(companion.name), key] = companion.alternates.get(key, ())
    ids = derived_ids([entry for _, entry in found])
    _check_ids(ids, found)
    passages = tuple(
        _passage(
            passage_id,
            entry,
            texts[name],
            alternates.get((_stem(name), same_question(entry.question)), ()),
        )
        for passage_id, (name, entry) in zip(ids, found, strict=True)
    )
    _check_not_covered([companion for companion, _ in companions.values()], passages)
    return Corpus(
        passages=passages,
        files=texts,
        not_covered=tuple(
            dict.fromkeys(
                example for companion, _ in companions.values() for example in companion.not_covered
            )
        ),
        unasked=frozenset(
            passage_id for passage_id, (_, entry) in zip(ids, found, strict=True) if not entry.asked
        ),
    )


def _name(file: Path, root: Path) -> str:
    name = file.relative_to(root).as_posix()
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise CorpusError(f"{name!a}: a file name that is not UTF-8; rename it") from error
    return name


def read_text(path: Path, name: str) -> SourceText:
    """Read a UTF-8 file, with or without a byte-order mark, with any line ends.

    Raises:
        CorpusError: it cannot be read, is not UTF-8 or not text; names the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    return SourceText.decoded(name, data)


def _stem(name: str) -> str:
    return name.removesuffix(SUFFIX) if name.endswith(SUFFIX) else name.rpartition(".")[0]


def _is_read(path: Path) -> bool:
    return path.suffix.lower() in READERS


def _faq_files(paths: Iterable[Path]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            below = _files_below(path)
            if not below:
                raise CorpusError(f"{path}: no FAQ file in this folder ({', '.join(READERS)})")
            files.update(dict.fromkeys(below))
        elif not path.exists():
            raise CorpusError(f"{path}: no such file or folder; check the path")
        elif path.name.endswith(SUFFIX):
            raise CorpusError(f"{path}: a companion file; name the FAQ file beside it instead")
        elif not _is_read(path):
            raise CorpusError(f"{path}: not a kind that medfaq reads ({', '.join(READERS)})")
        else:
            files[path.resolve()] = None
    if not files:
        raise CorpusError("no FAQ file given; name at least one file or folder")
    return list(files)


def _files_below(folder: Path) -> list[Path]:
    files = []
    for path in _walk(folder.resolve()):
        if _is_read(path):
            files.append(path)
        elif path.name.endswith(SUFFIX):
            beside = {each.stem for each in path.parent.iterdir() if _is_read(each)}
            if _stem(path.name) not in beside:
                raise CorpusError(f"{path}: no FAQ file of this name beside it; rename it")
        else:
            _log.info("%s: skipped, not a kind that medfaq reads", path)
    return files


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder by name, but for hidden ones and those of bundles."""
    below = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    if (folder / "manifest.json").is_file() and any(path.match("data-*") for path in below):
        return
    for path in below:
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink():  # a link may lead back up
            yield from _walk(path)


def _check(entry: Entry, name: str, *, allow_empty_answers: bool) -> None:
    where = f"{name}:{entry.first_line}"
    if not has_words(entry.question):
        raise CorpusError(f"{where}: the question has no word in it; write it out")
    if not entry.answer and not allow_empty_answers:
        question = entry.question[:60]
        raise CorpusError(f"{where}: {question!r} has no answer; add it, or delete the question")


def _check_companion(companion: Companion, entries: Sequence[Entry]) -> None:
    known = {same_question(entry.question) for entry in entries}
    for key, where in companion.questions.items():
        if key not in known:
            raise CorpusError(f"{where} is not a question of the FAQ; copy it from there")


def _check_not_covered(companions: Iterable[Companion], passages: Iterable[Passage]) -> None:
    asked = {
        same_question(text): passage.question
        for passage in passages
        for text in (passage.question, *passage.alternates)
    }
    for companion in companions:
        for example in companion.not_covered:
            if question := asked.get(same_question(example)):
                raise CorpusError(
                    f"{companion.name}: {example!r} is not covered, and a way to ask "
                    f"{question[:60]!r}; delete it in one of the two places"
                )


def _check_ids(ids: Sequence[str], found: Sequence[tuple[str, Entry]]) -> None:
    first: dict[str, str] = {}
    for passage_id, (name, entry) in zip(ids, found, strict=True):
        where = f"{name}:{entry.first_line}"
        if passage_id in first:
            raise CorpusError(
                f"{where}: the id {passage_id!r} stands at {first[passage_id]} already; change one"
            )
        first[passage_id] = where


def _passage(
    passage_id: str, entry: Entry, text: SourceText, alternates: tuple[str, ...]
) -> Passage:
    return Passage(
        id=passage_id,
        question=entry.question,
        alternates=tuple(dict.fromkeys(entry.alternates + alternates)),
        answer=entry.answer,
        key_phrases=entry.key_phrases,
        source=Source(
            file=text.name,
            first_line=entry.first_line,
            last_line=entry.last_line,
            url=entry.url,
            title=entry.title,
            reviewed_on=entry.reviewed_on,
        ),
        source_sha256=text.sha256(entry.first_line, entry.last_line),
    )
