"""Signs of an emergency in a message: what patterns find, and what a small model reads.

The patterns of `urgent.toml` know words; people find others, and use these for other things. The
model is a sentence encoder tuned on messages that need urgent care and on others that sound like it
(`training/urgent.py`). It finds what no pattern has, and overrules a pattern where it is sure that
there is nothing. Where either of the two fails, nobody is left without a notice.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.classifier import Classifier
from index.exported import TOKENIZER
from qa.urgent import FALLBACK, Urgent, check_patterns, notice_for, read_file

MODEL = Path(__file__).with_name("models") / "signs.onnx"
NOTICES_FILE = Path(__file__).with_name("triage.toml")

NO_SIGN = ""
SIGNS = (
    "allergic_reaction",
    "bleeding_or_collapse",
    "breathing",
    "cancer_new_pain",
    "cauda_equina",
    "chest_pain",
    "fever_with_back_pain",
    "major_trauma",
    "meningitis",
    "new_weakness",
    "overdose",
    "pregnancy_bleeding",
    "self_harm",
    "stroke",
    "tearing_pain",
)
"""The signs in the order in which the model gives them, after `NO_SIGN`."""

LONGEST = 128
"""Word pieces that are read at once; a longer message is read in parts that overlap by half.

What stands in the middle of a longer part is overlooked."""

PARTS = 24
"""Parts of a message that are read, about 6,000 characters, so that none takes more than a second
of one core. The patterns look through all of it."""

ALARM = 0.75
"""How likely a message must describe an emergency to be taken for one."""

POSSIBLE = 0.1
"""How likely it must be where a pattern has found one. Both were chosen on messages of writers from
whom the model has not learned (`python -m training.urgent`) and on our development split."""

_log = logging.getLogger(__name__)


@cache
def load_triage() -> Classifier:
    """Load the model, once.

    Raises:
        ModelError: it is missing or damaged.
    """
    return Classifier(MODEL, MODEL.with_name(TOKENIZER), LONGEST, overlap=LONGEST // 2, parts=PARTS)


def read(messages: Sequence[str]) -> list[NDArray[np.float32]]:
    """Return how likely the parts of each message describe each sign: shape (parts, signs).

    Raises:
        ValueError: the model gives something that is no number.
    """
    found = [_softmax(parts)[:, 1:] for parts in load_triage().read(messages)]
    if not all(np.isfinite(parts).all() for parts in found):
        raise ValueError("not a number")
    return found


def most_likely(parts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how likely the part of a message that most likely describes a sign does so."""
    most: NDArray[np.float32] = parts[parts.sum(axis=1).argmax()]
    return most


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def check(messages: Sequence[str]) -> list[Urgent | None]:
    """Return what needs urgent care in each message, or None; FALLBACK where looking fails."""
    by_pattern = [check_patterns(message) for message in messages]
    try:
        by_model = read(messages)
        return [_judged(found, parts) for found, parts in zip(by_pattern, by_model, strict=True)]
    except Exception as error:
        # Not the message of the error: it may hold what a person typed.
        _log.error("the model that reads urgent signs failed (%s)", type(error).__name__)
        return [found or FALLBACK for found in by_pattern]


def _judged(found: Urgent | None, parts: NDArray[np.float32]) -> Urgent | None:
    """Return what a pattern found if the model does not rule it out, or what the model reads."""
    by_sign = most_likely(parts)
    likelihood = by_sign.sum()
    if found is None or found is FALLBACK:
        sign = SIGNS[int(by_sign.argmax())]
        return load_notices()[sign] if likelihood >= ALARM else found
    # A pattern may match words far apart, which the model sees together in one part alone.
    ruled_out = len(parts) == 1 and likelihood < POSSIBLE
    return None if ruled_out else found


@cache
def load_notices(path: Path = NOTICES_FILE) -> Mapping[str, Urgent]:
    """Read what to show for each of the signs, once.

    Raises:
        SignsError: names the file and the sign at fault.
    """
    return read_file(
        path, lambda data: {sign: notice_for(data.get(sign, {}), f"[{sign}]") for sign in SIGNS}
    )
