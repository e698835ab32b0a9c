"""What lines of a page look like, as the cards of page_forms tell it."""

import functools
import re
from collections.abc import Mapping

from transforms.lexicon import Lexicon

Forms = Mapping[str, re.Pattern[str]]


@functools.lru_cache(maxsize=8)
def read_forms(lexicon: Lexicon) -> Forms:
    """Return the pattern of each form, which is found where any of its cards is; its text serves polars as well."""
    patterns: dict[str, list[str]] = {}
    for form_id, pattern in lexicon["page_forms"].select("form_id", "pattern").iter_rows():
        patterns.setdefault(form_id.partition(".")[0], []).append(pattern)
    return {form: re.compile("|".join(found)) for form, found in patterns.items()}
