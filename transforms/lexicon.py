"""The lexicon as the transforms see it: frames by name, already read and validated."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Knowledge that the transforms are given: rules, labels, units, entities, and the weights of trained models.

    Compared and hashed by identity, so that what is compiled from it (automata, regexes, trees) can be kept in an
    `functools.lru_cache` keyed by the lexicon.

    tables: table name -> frame, shaped by the models of schemas.reference.
    rules_version: 12 hex digits over the lexicon, the models and the transforms' code: the lineage of every row.
    models: file name -> bytes of seeds/models.
    """

    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    rules_version: str
    models: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Return the reference table `name`; KeyError names the tables there are."""
        if name not in self.tables:
            raise KeyError(f"the lexicon has no table {name!r}; it has {', '.join(sorted(self.tables))}")
        return self.tables[name]
