"""The layers that the benchmark speaks of hold every stage of process()."""

from bench.layers import LAYERS, group
from bench.pipeline import list_stages


def test_each_stage_is_in_one_layer():
    named = [stage for stages in LAYERS.values() for stage in stages]
    assert sorted(named) == sorted(list_stages())
    assert sum(group(dict.fromkeys(named, 1.0)).values()) == len(named)
