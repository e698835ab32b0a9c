"""The splice detector's weights: term weights, term vectors and two sets of trees, read from seeds/models."""

import functools
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transforms.lexicon import Lexicon
from transforms.splice_terms import BUCKET_BITS

if TYPE_CHECKING:
    import lightgbm

WEIGHT_SCALE = 16  # steps of a stored term weight; whole numbers add up the same in any order and on any machine
TERMS_FILE = "splice_terms.npz"
# So many trainings on cases drawn apart: what one calls foreign by chance the other seldom does.
TRAININGS = 4
FIRST_FILES = tuple(f"splice_first_{number}.txt.xz" for number in range(1, TRAININGS + 1))
SECOND_FILES = tuple(f"splice_second_{number}.txt.xz" for number in range(1, TRAININGS + 1))


class ModelError(RuntimeError):
    """The detector cannot run; the message names the next step."""


@dataclass(frozen=True, eq=False)
class TermWeights:
    """What is known of terms before any document is read.

    idf: rarity of each bucket in the background corpus, in steps of 1 / WEIGHT_SCALE.
    row: row of each bucket in `vectors`, -1 where it has none.
    vectors: meaning of the commoner terms, as small whole numbers.
    """

    idf: np.ndarray
    row: np.ndarray
    vectors: np.ndarray


@functools.lru_cache(maxsize=4)
def read_term_weights(lexicon: Lexicon) -> TermWeights:
    """Return the term weights of the lexicon's models."""
    return parse_term_weights(content_of(lexicon, TERMS_FILE))


def parse_term_weights(content: bytes) -> TermWeights:
    """Return the term weights that a file holds."""
    stored = np.load(io.BytesIO(content))
    row = np.full(1 << BUCKET_BITS, -1, np.int32)
    row[stored["buckets"]] = np.arange(len(stored["buckets"]), dtype=np.int32)
    return TermWeights(idf=stored["idf"].astype(np.int32), row=row, vectors=stored["vectors"].astype(np.float32))


@functools.lru_cache(maxsize=4 * TRAININGS)
def read_trees(lexicon: Lexicon, name: str) -> "lightgbm.Booster":
    """Return one set of trees."""
    import lzma

    try:
        import lightgbm
    except OSError as error:  # the wheel links to a system library that slim images leave out
        raise ModelError(f"lightgbm cannot start ({error}): install OpenMP, on Debian `apt-get install libgomp1`") from error
    return lightgbm.Booster(model_str=lzma.decompress(content_of(lexicon, name)).decode())


def content_of(lexicon: Lexicon, name: str) -> bytes:
    """Return a file of seeds/models."""
    if name not in lexicon.models:
        raise ModelError(f"seeds/models has no {name}: check out the whole repository, or make it with `make train`")
    return lexicon.models[name]
