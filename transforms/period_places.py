"""Where a document's periods stand, and the document as what resolves them sees it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from transforms.calendars import CALENDAR, FiscalCalendar
from transforms.period_grammar import Cues
from transforms.period_meaning import Moment

HEAD = 300  # characters within which an article says what it is about
SENTENCE_END = re.compile("[。!?;\n]")
_LOOK_BACK, _LOOK_AHEAD = 120, 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a period stands, what the groups of its rule took and say, what stands before it in its sentence, and whose calendar it follows."""

    block_no: int
    start_char: int
    end_char: int
    text: str
    offset: int
    groups: Mapping[str, str]
    moments: tuple[Moment, ...]
    before: str
    fiscal: FiscalCalendar = CALENDAR

    @property
    def after(self) -> str:
        """The next characters, within the block."""
        end = self.offset + self.end_char - self.start_char
        return self.text[end : end + _LOOK_AHEAD]


@dataclass(frozen=True)
class Article:
    """A document's dates and periods in order, and what they lean on."""

    doc_id: str
    places: tuple[Place, ...]
    published: date | None
    fiscal: FiscalCalendar
    cues: Cues
    is_hong_kong: bool = False


def sentence_before(text: str, offset: int) -> str:
    """Return the characters before a place, within the sentence; most of a long one is left out."""
    return SENTENCE_END.split(text[max(0, offset - _LOOK_BACK) : offset])[-1]


def named_years(article: Article) -> dict[str, dict[int, int]]:
    """Return part -> year -> the first block that names it with that year; comparisons (较2023年一季度) do not count."""
    named: dict[str, dict[int, int]] = {}
    for place in article.places:
        moment = place.moments[0]
        if moment.year and moment.part and not article.cues.comparison.search(place.before):
            named.setdefault(moment.part, {}).setdefault(moment.year, place.block_no)
    return named
