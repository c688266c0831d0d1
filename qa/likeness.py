"""How like an emergency a message is, by its vector: a second look beside the patterns.

The patterns of `urgent.toml` know words; people find others. A ridge regression on a Gaussian
kernel, over some of the messages that it was made from (Williams and Seeger, 2001), tells how like
those that need urgent care a message is, and which sign they have. It is made for the default
model, by `training/urgent.py`; with another model there are the patterns alone.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.coverage import kernel
from index.encoder import Vectors
from qa.urgent import Urgent, notice_for

LIKENESS_FILE = Path(__file__).with_name("likeness.npz")

ALARM = 0.6
"""How like an emergency a message must be, 0 to about 1, to be taken for one."""

NOTICED = {
    "allergic_reaction": ("a severe allergic reaction", "emergency"),
    "bleeding_or_collapse": ("bleeding inside, fainting or collapse", "emergency"),
    "breathing": ("trouble breathing", "emergency"),
    "cancer_new_pain": ("new pain in somebody who has or had cancer", "today"),
    "cauda_equina": ("loss of bladder or bowel control, or numbness between the legs", "emergency"),
    "chest_pain": ("chest pain or pressure", "emergency"),
    "fever_with_back_pain": ("fever or chills with pain", "emergency"),
    "major_trauma": ("a serious fall, crash or blow", "emergency"),
    "meningitis": ("meningitis or another serious infection", "emergency"),
    "new_weakness": ("sudden weakness or numbness", "emergency"),
    "overdose": ("too much medicine taken", "poison"),
    "pregnancy_bleeding": ("bleeding or other warning signs in pregnancy", "emergency"),
    "self_harm": ("thoughts of suicide or self-harm", "crisis"),
    "stroke": ("a stroke or another sudden problem of the brain", "emergency"),
    "tearing_pain": ("sudden tearing or ripping pain", "emergency"),
}
"""For each sign, what it is called, and which notice of `urgent.toml` it gets."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Landmarks, shape (landmarks, dimension), and their weights, (landmarks, signs)."""

    signs: tuple[str, ...]
    landmarks: Vectors
    weights: NDArray[np.float32]

    def of(self, vectors: Vectors) -> NDArray[np.float32]:
        """Return for each text and sign how like it is: shape (texts, signs)."""
        return kernel(vectors, self.landmarks) @ self.weights

    def check(self, vector: Vectors) -> Urgent | None:
        """Return the notice for a message that is like those that need urgent care, or None."""
        by_sign = self.of(vector[None, :])[0]
        if by_sign.sum() < ALARM:
            return None
        noticed, notice = NOTICED[self.signs[int(by_sign.argmax())]]
        return notice_for(f"something that sounds like {noticed}", notice)


@cache
def likeness_for(model_sha256: str) -> Likeness | None:
    """Return what was made for the model with these weights, or None for another model."""
    with np.load(LIKENESS_FILE, allow_pickle=False) as stored:
        if str(stored["model"]) != model_sha256:
            return None
        return Likeness(
            signs=tuple(stored["signs"].tolist()),
            landmarks=stored["landmarks"].astype(np.float32),
            weights=stored["weights"].astype(np.float32),
        )
