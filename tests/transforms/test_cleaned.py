"""Cleaned text in its three forms."""

import json

import polars as pl
import pytest

from schemas.blocks import Blocks
from transforms.cleaned import render_clean

BLOCKS = Blocks.frame([
    {"doc_id": "a", "block_no": 0, "start_char": 0, "end_char": 4, "text": "公司财报", "kind": "title", "is_kept": True},
    {"doc_id": "a", "block_no": 1, "start_char": 5, "end_char": 9, "text": "登录注册", "kind": "site_boilerplate", "is_kept": False},
    {"doc_id": "a", "block_no": 2, "start_char": 10, "end_char": 15, "text": "营收增长。", "kind": "body", "is_kept": True},
])  # fmt: skip


def test_text_and_markdown():
    assert render_clean(BLOCKS) == {"a": "公司财报\n营收增长。\n"}
    assert render_clean(BLOCKS, "markdown") == {"a": "# 公司财报\n\n营收增长。\n"}


def test_jsonl_carries_the_spans():
    rows = [json.loads(line) for line in render_clean(BLOCKS, "jsonl")["a"].splitlines()]
    assert [(row["start_char"], row["end_char"], row["kind"]) for row in rows] == [(0, 4, "title"), (10, 15, "body")]


def test_unknown_format_and_nothing_kept():
    with pytest.raises(ValueError, match="none of text"):
        render_clean(BLOCKS, "pdf")
    assert render_clean(BLOCKS.filter(~pl.col("is_kept"))) == {}
