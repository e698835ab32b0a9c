"""What tests share: the lexicon, the samples as inputs, and the tables they give."""

from pathlib import Path

import pytest

from transforms.pipeline import process
from warehouse.lexicon import read_lexicon
from warehouse.readers import find_sources, list_files, read_sources

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what the samples give now")


@pytest.fixture(scope="session")
def lexicon():
    return read_lexicon()


@pytest.fixture(scope="session")
def sample_inputs():
    files, rejected, _ = list_files([str(ROOT / "seeds" / "documents")])
    reading = read_sources(source for file in files for source in find_sources(file, target_bytes=10**6))
    assert not rejected
    assert not reading.rejected
    return reading.inputs


@pytest.fixture(scope="session")
def sample_tables(sample_inputs, lexicon):
    return process(sample_inputs, lexicon, "samples")


@pytest.fixture(scope="session")
def shared():
    """The folder of real articles and labels, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("no folder of real articles beside the project")
    return SHARED


