"""The owner sets the risk: the lowest threshold at which few enough of the shown answers are wrong.

"Of the answers shown, more than `max_wrong` are wrong" is tested by the exact binomial test, whose
bound is that of Clopper and Pearson (1934), for the k surest answers, then k + 1, and so on. Who
tries many thresholds on the same questions finds one by luck; therefore the order is fixed before
any answer is looked at, from strict to lax, and the first test that fails ends it. This is
fixed-sequence testing in Learn then Test (Angelopoulos et al., 2021, arXiv:2110.01052), and keeps
the level over all tests without a correction. The first k is the smallest that could pass.

Here the k surest are counted, not those above a threshold fixed beforehand, so that the owner of
few questions gets an answer too. Given how many questions lie above the threshold where the share
of wrong ones first exceeds `max_wrong`, those are independent draws and the test there is exact;
that no laxer threshold is reached by skipping it takes for granted that answers do not get better
the less sure medfaq is of them.
"""

import hashlib
import logging
import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import index
from corpus.errors import QuestionError
from index.bundle import Calibration
from qa.answers import MODEL
from qa.confidence import COEFFICIENTS, THRESHOLD
from qa.selective import Outcome
from qa.topics import TOPICS_FILE

_log = logging.getLogger(__name__)

_QA, _INDEX = Path(__file__), Path(index.__file__)
_CODE = (
    *map(_QA.with_name, ("confidence.py", "hit.py", "mismatch.py", "rerank.py", "retriever.py")),
    *map(_QA.with_name, ("question.py", "topics.py")),
    *map(_INDEX.with_name, ("coverage.py", "lexical.py", "tokens.py", "views.py")),
)
"""What makes a confidence of a bundle and a question, beside the numbers it goes by."""

_STEPS = 10_000
"""Confidences are told apart by this many steps, so that a threshold holds on every machine."""


def choose_threshold(
    outcomes: Sequence[Outcome], *, max_wrong: float, confidence: float, reads: bool
) -> Calibration:
    """Return the lowest threshold that keeps the promise.

    Args:
        outcomes: of questions as people ask them, those that the FAQ does not answer included.
        max_wrong: how much of what is shown may be wrong, 0 to 1.
        confidence: how sure the promise has to be, 0 to 1.
        reads: whether question and entry were read together for it (`Answerer.reads`).

    Raises:
        QuestionError: no threshold keeps it as far as these questions can tell.
    """
    from scipy.stats import binom

    sure = Counter[float]()
    wrong = Counter[float]()
    for each in outcomes:
        if each.open:
            threshold = math.floor(each.confidence * _STEPS) / _STEPS
            sure[threshold] += 1
            wrong[threshold] += not each.right
    level = 1 - confidence
    least = math.ceil(math.log(level) / math.log1p(-max_wrong))
    chosen: Calibration | None = None
    shown = mistaken = 0
    for threshold in sorted(sure, reverse=True):
        shown += sure[threshold]
        mistaken += wrong[threshold]
        if shown < least:
            continue
        if binom.cdf(mistaken, shown, max_wrong) > level:
            break
        chosen = Calibration(
            threshold=threshold,
            max_wrong=max_wrong,
            confidence=confidence,
            questions=len(outcomes),
            shown=shown,
            wrong=mistaken,
            confidence_sha256=_confidence_sha256(reads=reads),
        )
    if chosen is None:
        raise QuestionError(
            f"these {len(outcomes)} questions cannot promise at most {max_wrong:.0%} wrong with "
            f"{confidence:.0%} confidence: it takes {least} answers shown without a wrong one, or "
            f"more with few, and of the {shown} surest {mistaken} are wrong; add questions, or "
            "allow more with --max-wrong (nothing was changed)"
        )
    return chosen


def threshold_of(calibration: Calibration | None, *, reads: bool) -> float:
    """Return the threshold that an owner's questions gave, or the default one.

    The default, too, where the probabilities are others now: medfaq has got another model of
    confidence since, or one of both reads question and entry together (`Answerer.reads`).
    """
    if calibration is None:
        return THRESHOLD
    if calibration.confidence_sha256 != _confidence_sha256(reads=reads):
        _log.warning(
            "the threshold from medfaq calibrate was chosen with another version of medfaq, or not "
            "with the same --rerank or --no-rerank, and is not used; run medfaq calibrate again"
        )
        return THRESHOLD
    return calibration.threshold


@cache
def _confidence_sha256(*, reads: bool) -> str:
    digest = hashlib.sha256()
    for file in (COEFFICIENTS, TOPICS_FILE, *_CODE, *([MODEL] if reads else [])):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
