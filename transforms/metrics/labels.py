"""Names of metrics in a clause: known ones, shortened ones in lists, unknown ones, and the noun phrases that limit them."""

import functools
import re
from dataclasses import dataclass

from transforms.metrics.tokens import Token
from transforms.metrics.vocabulary import Label, Vocabulary, fits

# GMV, ROE
_ABBREVIATION = re.compile("[A-Z]{2}$")
_LIST_MARKS = re.compile("[/、和与及]")
_JOINTS = re.compile("[/、]|以及|和|与|及")
# 厨柜/衣柜及配套品/木门 are three names: where strokes or marks set them apart, 及 joins none
_SLASHES, _COMMAS = re.compile("/"), re.compile("、")
_LONGEST_NAME = 16
# What two names of two characters share their second one with: 产销量 is 产量 and 销量.
_JOINED_HEADS = "产存"
# A name of a thing has letters, digits or Han characters; quotation marks and dashes around it do not belong to it.
_NAME = re.compile(r"[/\w\u4e00-\u9fff·&+.《》()-]*[\w\u4e00-\u9fff》)]")
# 11.期末總資產: the number of an item is no part of a name
_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.、)]\s?(?!\d)|\((?:[一二三四五六七八九十]{1,3}|[ivx]{1,4})\)\s?)")
# (笑), before what is said
_GESTURE = re.compile(r"^\s*\([\u4e00-\u9fff]{1,3}\)")
_EDGES = " 、/\"'“”‘’「」『』[]【】<>—-·*#•|"


@dataclass(frozen=True, slots=True)
class LabelUse:
    """A label where it stands: known by code, or unknown and named as found."""

    label: Label
    start: int
    end: int
    is_known: bool = True

    def as_variant(self, kind: str, vocabulary: Vocabulary) -> "LabelUse":
        """Return the label that this one means for a figure of another unit kind: 回购63.88万股 counts shares."""
        variant = vocabulary.variants.get((self.label.metric, kind))
        if variant is None:
            return self
        meant = Label(variant.metric, variant.unit_kind, variant.period_type, self.label.accounting, self.label.is_loss)
        return LabelUse(meant, self.start, self.end)


def read_labels(run: Token, text: str, left: int, vocabulary: Vocabulary) -> list[LabelUse]:
    """Return the labels of a run; names shortened to their first half are completed: 销售/管理/研发费用率."""
    uses = [_extend(LabelUse(member.data, member.start, member.end), text, vocabulary) for member in run.members]
    return _complete(uses[0], text[left : uses[0].start], left, text, vocabulary) + uses


def _extend(use: LabelUse, text: str, vocabulary: Vocabulary) -> LabelUse:
    """Return the label with the noun that makes another metric of it: 门店面积 counts no shops, 存款利率 is no deposit."""
    match = vocabulary.extensions.match(text, use.end)
    if match is None:
        return use
    return LabelUse(unknown_label(text[use.start : match.end()], "any"), use.start, match.end(), is_known=False)


def _complete(last: LabelUse, before: str, left: int, text: str, vocabulary: Vocabulary) -> list[LabelUse]:
    """Return the shortened labels that stand before a full one, joined to it by / or 、."""
    name = text[last.start : last.end]
    if before and before[-1] in _JOINED_HEADS:
        # 产销量, 存贷款
        label = vocabulary.labels.get(before[-1] + name[-1])
        return [LabelUse(label, last.start - 1, last.start)] if label and label.metric != last.label.metric and fits(label, last.label.unit_kind) else []
    if not before or before[-1] not in "/、和与及":
        return []
    uses: list[LabelUse] = []
    end = left + len(before) - 1
    for piece in reversed(_LIST_MARKS.split(before[:-1])):
        stem = piece.strip()
        found = next(
            (
                (head, label)
                for head in (stem[-size:] for size in range(min(len(stem), 6), 0, -1))
                for cut in range(1, len(name))
                if (label := vocabulary.labels.get(head + name[cut:])) and fits(label, last.label.unit_kind)
            ),
            None,
        )
        if found is None:
            break
        uses.insert(0, LabelUse(found[1], end - len(found[0]), end))
        if found[0] != stem:
            break
        end -= len(piece) + 1
    return uses


def unknown_label(name: str, kind: str) -> Label:
    """Return a label for a metric the lexicon does not know, named as the text does."""
    return Label(f"x:{name}", "any" if kind == "scaled" else kind, "duration")


@functools.lru_cache(maxsize=1 << 16)
def clean_phrase(phrase: str, vocabulary: Vocabulary) -> str:
    """Return a noun phrase without the verbs, adverbs and hedges at its ends; empty where nothing is left."""
    phrase = _NUMBERED.sub("", _GESTURE.sub("", phrase)).strip(_EDGES)
    while True:
        # 性能 ends in a noun; the 能 of it is no verb
        is_whole = _ends_in_head(phrase, vocabulary) or not phrase.endswith(vocabulary.tail_words)
        shorter = phrase if is_whole else vocabulary.tails.sub("", phrase)
        lead = vocabulary.leads.match(shorter)
        shorter = shorter[lead.end() if lead else 0 :].strip(_EDGES)
        if shorter == phrase:
            break
        phrase = shorter
    match = _NAME.search(phrase)
    return match[0] if match and len(match[0]) == len(phrase) else ""


def name_part(written: str, vocabulary: Vocabulary) -> str:
    """Return the part of a whole that a noun phrase names; 国内 stands alone too, though it is cut from longer names."""
    return clean_phrase(written, vocabulary) or (written.strip() if written.strip() in vocabulary.regions else "")


def is_label_like(phrase: str, vocabulary: Vocabulary) -> bool:
    """Return whether a noun phrase can name a metric: it ends in a noun such as 量, 额, 率 or 规模."""
    return 2 <= len(phrase) <= _LONGEST_NAME and _ends_in_head(phrase, vocabulary)


def _ends_in_head(phrase: str, vocabulary: Vocabulary) -> bool:
    """Return whether a noun phrase ends in a noun that names a metric, or in an abbreviation."""
    return phrase.endswith(vocabulary.heads) or _ABBREVIATION.search(phrase[-2:]) is not None


def split_names(phrase: str, count: int, vocabulary: Vocabulary) -> list[str] | None:
    """Return the `count` names a phrase lists (中南、华东、华北地区), or None if it lists another number."""
    for joints in (_JOINTS, _SLASHES, _COMMAS):
        names = [name_part(name, vocabulary) for name in joints.split(phrase)]
        if len(names) == count and all(names):
            return names
    return None
