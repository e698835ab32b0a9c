"""Lists of words as one pattern that the regex engine walks letter by letter, instead of trying word after word."""

import re
from collections.abc import Iterable

# Latin words end where the letters end: 5GW的 but not 5Gbit
EDGE = "(?![A-Za-z])"
_END = ""


def match_words(words: Iterable[str]) -> str:
    """Return a pattern that matches what the alternation of the words, longest first, would; Latin words end at a word's end.

    元, 元/吨 and 美元 become (?:元(?:/吨|)|美元): Python tries the branches of an alternation one by one, 400 units at every number.
    """
    tree: dict = {}
    for word in words:
        node = tree
        for char in word:
            node = node.setdefault(char, {})
        node[_END] = EDGE if word[-1].isascii() and word[-1].isalpha() else ""
    branches = _branches(tree)
    # one look at the next letter spares the branches where none of them begins
    return branches if len(tree) < 2 else f"(?=[{''.join(map(re.escape, sorted(tree)))}]){branches}"


def _branches(node: dict) -> str:
    """Return the pattern of what may follow in the tree: longer words before the one that ends here."""
    ends = [node[_END]] if _END in node else []
    children = {char: _branches(child) for char, child in sorted(node.items()) if char != _END}
    single = [char for char, rest in children.items() if not rest]
    branches = [f"[{''.join(map(re.escape, single))}]"] if len(single) > 1 else [re.escape(char) for char in single]
    branches += [re.escape(char) + rest for char, rest in children.items() if rest]
    if not branches:
        return ends[0]
    return f"(?:{'|'.join([*branches, *ends])})"
