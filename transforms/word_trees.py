"""Lists of words as one pattern that the regex engine walks letter by letter, instead of trying word after word."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

# Latin words end where the letters end, 5GW的 but not 5Gbit, or where YoY is written on: -1.5pctYoY
EDGE = "(?!(?!(?:[Yy]o[Yy]|[Qq]o[Qq]|YOY|QOQ)(?![A-Za-z]))[A-Za-z])"
_END = ""


def match_words(words: Iterable[str], ends: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a pattern that matches what the alternation of the words, longest first, would; Latin words end at a word's end.

    `ends` has the pattern of what has to follow a word, a Latin one too.

    元, 元/吨 and 美元 become (?:元(?:/吨|)|美元): Python tries the branches of an alternation one by one, 400 units at every number.
    """
    spelled = [([re.escape(char) for char in word], ends.get(word, EDGE if word[-1].isascii() and word[-1].isalpha() else "")) for word in words]
    firsts = sorted({tokens[0] for tokens, _ in spelled})
    # one look at the next letter spares the branches where none of them begins
    return (f"(?=[{''.join(firsts)}])" if len(firsts) > 1 else "") + match_tokens(spelled)


def match_all(letter: str) -> str:
    """Return the pattern of as many of `letter` (the pattern of one letter) as there are, none given back.

    The possessive (?:letter)++ means the same, but before Python 3.11.5 it keeps letters that fail when tried again
    (https://github.com/python/cpython/issues/106052): 39.49万兆瓦时 was read as 39.49万兆.
    """
    return f"(?:{letter})+(?!{letter})"


def match_tokens(spelled: Iterable[tuple[Sequence[str], str]]) -> str:
    """Return one pattern for words given as (patterns of their letters, pattern of what has to follow), longer words first.

    第[1-4]季 and 第[1-4]季度 become 第[1-4]季(?:度|).
    """
    tree: dict = {}
    for tokens, end in spelled:
        node = tree
        for token in tokens:
            node = node.setdefault(token, {})
        node[_END] = end
    return _branches(tree)


def _branches(node: dict) -> str:
    """Return the pattern of what may follow in the tree: longer words before the one that ends here."""
    ends = [node[_END]] if _END in node else []
    children = {token: _branches(child) for token, child in sorted(node.items()) if token != _END}
    single = [token for token, rest in children.items() if not rest and len(token.removeprefix("\\")) == 1]
    branches = [f"[{''.join(single)}]"] if len(single) > 1 else single
    branches += [token + rest for token, rest in children.items() if token not in single]
    if not branches:
        return ends[0]
    return f"(?:{'|'.join([*branches, *ends])})"
