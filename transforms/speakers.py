"""Who a speaker label names: 黄仁勋:, Q3:, 分析师(中信证券):, Jensen Huang -- President and CEO."""

import functools
import re
from dataclasses import dataclass, replace

import polars as pl

from transforms.aliases import known_names
from transforms.lexicon import Lexicon
from transforms.script import simplify

_NUMBER = {digit: value for value, digit in enumerate("零一二三四五六七八九十")}
# 1、问 (2)提问 第3个问题 Q12 问题一 A 4
_NUMBERED = re.compile(
    r"^(?:\(?(?P<ahead>\d{1,3}|[一二三四五六七八九十](?=、))[)、.]\s*)?(?:第(?P<ordinal>\d{1,2}|[一二三四五六七八九十])个?)?(?P<word>[^\d]*?)\s?(?P<behind>\d{1,3}|[一二三四五六七八九十])?$"
)
# Only a question or an answer is counted: 投资者1 is the first investor.
_COUNTED = re.compile(r"^(?:q|a|question|answer|.*[问答题复])$", re.IGNORECASE)
# Q1 中信证券 张三, A1-黄仁勋
_LED_BY_ROLE = re.compile(r"^(?P<role>(?:Q|A|问|答|问题|提问|回答)\s?(?:\d{1,3})?)[\s.、\-–—]+(?P<name>.{2,40})$")
# @价值老韭菜: writes under that name
_HANDLE = re.compile(r"[\w\-·]{2,20}$")
# A sign that a name may follow: 记者:黄江 is a credit.
_SIGN = re.compile(r"^(?:Q|A|Question|Answer|问|答|问题|提问|回答|回复|答复)\s?(?:\d{1,3}|[一二三四五六七八九十])?$", re.IGNORECASE)
_SECOND = re.compile(r"\s*(?P<name>[^:。!?;,\n]{2,40}?)\s*(?::|$)")
# 投资者A, 机构甲
_LETTERED = re.compile(r"(?<=[\u4e00-\u9fff]{2})[A-Z甲乙丙丁]$")
# 段永平回复网友
_REPLYING = re.compile(r"\s?(?:回复|回应|答)@?[^()]{0,12}$")
# 罗硕瀚补充道
_ADDING = re.compile(r"(?:进一步)?补充(?:道|说|称|表示|回答)?$|(?<=[总董])答$")
# 苏姿丰(Lisa Su,董事长兼首席执行官): the comma of a title is none of prose
_INNER = re.compile(r"\([^()]*\)$")
# 来自瑞银的分析师
_FROM = re.compile(r"^来自([^的]{2,12})的")
_WITH_BRACKETS = re.compile(r"^(?P<name>[^()\[\]]{1,30}?)\s?[(\[](?P<inner>[^()\[\]]{1,40})[)\]]$")
_WITH_DASH = re.compile(r"^(?P<name>[^,|]{2,30}?)\s?(?:--+|—+|–|\s-\s|\||,|/)\s?(?P<inner>.{2,60})$")
_HAN_NAME = r"[\u4e00-\u9fff]"
_SHORT_LABEL = 8  # characters of a label that may be a name alone
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]{2,4}")
_FOREIGN = re.compile(r"^[\u4e00-\u9fff]{1,6}(?:[·•・][\u4e00-\u9fff]{1,8}){1,3}$")
_ENGLISH = re.compile(r"^[A-Z](?:[A-Za-z'’-]+|\.)(?:[ .]{1,2}[A-Z](?:[A-Za-z'’-]+|\.)?){0,3}$")


# Commas, quotation marks and full sentences stand in prose before a colon, not in a label; 《财经》: is a label.
_PROSE = re.compile(r"[\u4e00-\u9fff]{5}[^()]*,|,[^()]*[\u4e00-\u9fff]{5}|[“”\"]|《[^》]*$|.《|[◎/].*/")


@dataclass(frozen=True)
class Speaker:
    """What a label says: the role it opens (null where the exchange decides), who speaks, and how sure the label is one."""

    role: str | None
    name: str
    title: str | None = None
    number: str | None = None
    # a name that nothing but its shape shows to be a person's counts only beside other evidence
    is_sure: bool = True
    is_asker: bool = False
    is_named: bool = False


@dataclass(frozen=True)
class _Words:
    """The lexicon's words for labels, compiled."""

    labels: dict[str, tuple[str | None, str | None]]
    telling: tuple[str, ...]
    endings: tuple[str, ...]
    people: dict[str, tuple[str, str | None, bool, str | None]]
    person_ends: re.Pattern[str]
    title: re.Pattern[str]
    analyst: re.Pattern[str]
    titled: re.Pattern[str]
    titled_first: re.Pattern[str]
    titled_behind: re.Pattern[str]
    honoured: re.Pattern[str]
    plain: re.Pattern[str]
    narrated: re.Pattern[str]
    narrating: re.Pattern[str]
    not_person: frozenset[str]


@functools.lru_cache(maxsize=4)
def _words(lexicon: Lexicon) -> _Words:
    """Return the words of speaker_labels, entity_cues and the lexicon's people, compiled."""
    cues: dict[str, list[str]] = {}
    table = lexicon["entity_cues"].with_columns(word=simplify(pl.col("word")))
    for word, kind in table.select("word", "kind").iter_rows():
        cues.setdefault(kind, []).append(word)
    either = {kind: "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) for kind, words in cues.items()}
    labels = {
        label.lower(): (role, speaker)
        for label, role, speaker, _ in lexicon["speaker_labels"].with_columns(label=simplify(pl.col("label"))).iter_rows()
    }
    either["narration_verb"] = "|".join(re.escape(word) for word in cues["narration"] if word not in labels)
    houses = known_names(lexicon).filter(
        pl.col("entity").is_in(cues["broker"]) | pl.col("alias").str.ends_with("证券") | (pl.col("type") == "institution"), ~pl.col("is_ambiguous")
    )
    either["analyst_title"] += "|" + "|".join(re.escape(alias) for alias in sorted(houses["alias"].unique(), key=lambda alias: (-len(alias), alias)))
    titles = dict(lexicon["entities"].filter(pl.col("type") == "person").select("entity", "title").iter_rows())
    people = {
        alias.lower(): (entity, titles[entity], is_ambiguous, parent)
        for alias, entity, is_ambiguous, parent in known_names(lexicon)
        .filter(pl.col("type") == "person").select("alias", "entity", "is_ambiguous", "parent").iter_rows()
    }  # fmt: skip
    surname, titles_either = f"(?:{either['surname']})", f"(?:{either['title']})"
    name = f"{surname}{_HAN_NAME}{{1,2}}"
    any_name = rf"(?:{name}|[A-Z][A-Za-z.'’-]*(?:\s[A-Z][A-Za-z.'’-]*){{0,3}}|{_HAN_NAME}{{1,6}}(?:·{_HAN_NAME}{{1,8}}){{1,2}})"
    endings = tuple(sorted(lexicon["speaker_labels"].filter("is_ending")["label"], key=len, reverse=True))
    return _Words(
        labels=labels,
        telling=tuple(sorted({*cues["title"], *cues["analyst_title"], *houses["alias"], *endings, *(label for label in labels if len(label) > _SHORT_LABEL)})),
        endings=endings,
        people=people,
        person_ends=re.compile("(?:" + "|".join(re.escape(alias) for alias in sorted(people, key=len, reverse=True) if len(alias) > 2) + ")$"),
        title=re.compile(titles_either),
        analyst=re.compile(f"(?:{either['analyst_title']})"),
        titled=re.compile(rf"^(?P<title>.{{0,24}}?(?:{either['title']}|{either['analyst_title']}))的?[\s:、]*(?P<name>{any_name})(?:先生|女士)?$"),
        titled_first=re.compile(
            rf"^(?P<name>{any_name})(?:[\s、,]+(?P<after>.{{0,24}}(?:{either['title']}|{either['analyst_title']}).{{0,12}})|(?P<title>(?:{either['title']}).{{0,12}}))$"
        ),
        # 科莱特·克雷斯,执行副总裁兼首席财务官 has the comma of prose
        titled_behind=re.compile(rf"[^,。;!?]{{2,30}},[^,。;!?]{{0,20}}(?:{either['title']})"),
        honoured=re.compile(rf"^(?P<name>{surname}{_HAN_NAME}{{0,2}}(?:{either['honorific']}|{either['title']}))$"),
        plain=re.compile(rf"^{name}$"),
        narrated=re.compile(f"..(?:{either['narration_verb']})$"),
        narrating=re.compile(f"\\s*(?P<name>[^:。!?;,\\s]{{2,20}}?)(?:{either['narration_verb']})[,:]"),
        not_person=frozenset(cues["not_person"]),
    )


def may_name(line: pl.Expr, lexicon: Lexicon) -> pl.Expr:
    """Return whether a line may be nothing but a label: short ones, and those with a title, a house, a role or what no other name has.

    Of an essay's broken lines four in ten are left for read_label. In the others of 58,000 lines it finds one speaker, in 路过,欢迎回访~~~.
    """
    words = [*_words(lexicon).telling]
    return (line.str.len_chars() <= _SHORT_LABEL) | line.str.contains(r"[A-Za-z0-9·•・《(\[\-—–|/@]") | line.str.contains_any(words)


@functools.lru_cache(maxsize=100_000)
def read_label(label: str, lexicon: Lexicon) -> Speaker | None:
    """Return whom a label names; null where it names nobody (来源, 风险提示, 毛利率)."""
    words = _words(lexicon)
    is_handle = label.lstrip(" *#>-•【[「").startswith("@")
    label = _FROM.sub(r"\1", _ADDING.sub("", label.strip(" *#@>-•:、【】[]「」")))
    if not label or (_PROSE.search(_INNER.sub("()", label)) and not words.titled_behind.fullmatch(label)) or words.narrated.search(label) or is_not_speaker(label, lexicon):
        return None
    return (
        _role_word(label, words)
        or _person(label, words)
        or _led_by_role(label, words, lexicon)
        or _with_inner(label, words, lexicon)
        or _titled(label, words)
        or _housed(label, words)
        or _ends_in_role(label, words)
        or _shaped_like_name(label, words)
        or (Speaker("comment", label, is_named=True) if is_handle and _HANDLE.match(label) else None)
    )


def _role_word(label: str, words: _Words) -> Speaker | None:
    """Return the speaker of a label of the table, with its number: Q3, 问题一, 1、问, 评论区."""
    match = _NUMBERED.match(label)
    for word, number in ((label, None), (match["word"].strip(" .、:") if match else label, _number(match)), (_LETTERED.sub("", label), None)):
        role, speaker = words.labels.get(word.lower(), (None, None))
        if role:
            counted = number if _COUNTED.match(word) else None
            return Speaker(role, speaker, None if len(word) < 2 or word.isascii() else word, counted, is_asker=role == "question")
    return None


def _led_by_role(label: str, words: _Words, lexicon: Lexicon) -> Speaker | None:
    """Return the person that follows a question or answer sign: Q1 中信证券 张三."""
    match = _LED_BY_ROLE.match(label)
    outer, within = (_role_word(match["role"], words), read_label(match["name"], lexicon)) if match else (None, None)
    return _in_role(within, outer) if outer and within else None


def _in_role(person: Speaker, outer: Speaker) -> Speaker:
    """Return a person in the role, and under the number, of the label around or before the name."""
    return replace(person, role=outer.role, title=person.title or outer.title, number=outer.number, is_asker=outer.is_asker, is_sure=True)


def read_second_label(speaker: Speaker, label: str, speech: str, lexicon: Lexicon) -> Speaker:
    """Return the person whom the text after a question or answer sign names, in that role; else the speaker as it is.

    speech: what follows the colon. Q:花旗 Jeff Chung:四季度…, A2:何小鹏 alone on its line, 答:魏哲家表示,….
    """
    if speaker.is_named or speaker.role not in ("question", "answer") or not _SIGN.match(label.strip(" *#>-•【】[]")):
        return speaker
    words = _words(lexicon)
    for pattern, needs_evidence in ((_SECOND, False), (words.narrating, True)):
        match = pattern.match(speech)
        person = read_label(match["name"], lexicon) if match else None
        if person and person.is_named and (person.is_sure or not needs_evidence):
            return _in_role(person, speaker)
    return speaker


def _number(match: re.Match[str] | None) -> str | None:
    """Return the number a label carries, in digits."""
    number = match and (match["ahead"] or match["ordinal"] or match["behind"])
    return str(_NUMBER.get(number, number)) if number else None


def is_not_speaker(label: str, lexicon: Lexicon) -> bool:
    """Return whether the table says of a label that it opens no turn: 来源, 图, 风险提示."""
    label = label.strip(" *#>-•:【】[]").lower()
    return words_of(label, lexicon) == (None, None)


def words_of(label: str, lexicon: Lexicon) -> tuple[str | None, str | None] | None:
    """Return role and speaker of a label in the table; null where the table does not have it."""
    return _words(lexicon).labels.get(label)


def _person(label: str, words: _Words) -> Speaker | None:
    """Return the lexicon's person for a label that is a name, or ends in one after a title: 英伟达CEO黄仁勋."""
    name, title = label, None
    found = words.people.get(label.lower()) or words.people.get(_REPLYING.sub("", label).lower())
    if not found:
        end = words.person_ends.search(label.lower())
        if not end or not (words.title.search(label[: end.start()]) or words.analyst.search(label[: end.start()])):
            return None
        name, title = label[end.start() :], label[: end.start()].strip()
        found = words.people[name.lower()]
    entity, known_title, _, _ = found
    title = title or known_title
    return Speaker(None, entity, title, is_asker=bool(title and words.analyst.search(title)), is_named=True)


def namesake(speaker: Speaker, label: str, lexicon: Lexicon) -> tuple[str, Speaker] | None:
    """Return, for a name that many share (王宁), the company beside which it is the lexicon's person, and who speaks elsewhere."""
    name = label.strip(" *#@>-•:【】[]")
    found = _words(lexicon).people.get(name.lower())
    if not found or not found[2] or not found[3] or found[0] != speaker.name:
        return None
    return found[3], replace(speaker, name=name, title=None, is_sure=False)


def _with_inner(label: str, words: _Words, lexicon: Lexicon) -> Speaker | None:
    """Return the speaker of a label with a second part: 分析师(中信证券), A(黄仁勋), Jensen Huang -- President and CEO."""
    match = _WITH_BRACKETS.match(label) or _WITH_DASH.match(label)
    if not match:
        return None
    name, inner = match["name"].strip(), match["inner"].strip()
    outer = read_label(name, lexicon)
    if outer is None:
        return None
    asks = bool(words.analyst.search(inner)) and not words.title.search(inner)
    # New Street Research has the shape of a name and is a house
    within = None if outer.is_named and asks and inner.isascii() else read_label(inner, lexicon)
    if within and within.is_named and outer.is_named:
        # 苏姿丰(Lisa Su)
        return outer
    if within and within.is_named:
        return _in_role(within, outer)
    has_title = asks or bool(words.title.search(inner))
    return replace(outer, title=inner, is_asker=outer.is_asker or asks, is_sure=outer.is_sure or has_title)


def _titled(label: str, words: _Words) -> Speaker | None:
    """Return the speaker of a label that joins title or house and name: 董事会秘书李四, 中信证券张三, 李四 首席财务官, 王总."""
    match = words.titled.match(label) or words.titled_first.match(label)
    if match and match["name"] not in words.not_person:
        title = (match.groupdict().get("after") or match["title"]).strip()
        name, _, is_shared, _ = words.people.get(match["name"].lower(), (match["name"], None, False, None))
        return Speaker(None, match["name"] if is_shared else name, title, is_asker=bool(words.analyst.search(title)) and not words.title.search(title), is_named=True)
    match = words.honoured.match(label)
    if match and label not in words.not_person and len(label) <= 5:
        return Speaker(None, label, None, is_named=True, is_sure=len(label) > 2 and bool(words.title.search(label)))
    return None


def _housed(label: str, words: _Words) -> Speaker | None:
    """Return the analyst of a label that sets a name apart from its house, also a name of no known shape: 摩根大通 哥库尔."""
    house, _, name = label.replace("-", " ", 1).partition(" ")
    if words.analyst.fullmatch(house) and _HAN_WORD.fullmatch(name) and name not in words.not_person and not words.analyst.search(name):
        return Speaker(None, name, house, is_asker=True, is_named=True, is_sure=False)
    return None


def _ends_in_role(label: str, words: _Words) -> Speaker | None:
    """Return the speaker of a label that ends in a role word, or is a house of analysts: 中科信息董秘, 某投资者, 摩根士丹利分析师."""
    if re.search(r"[,。;!?是的了]", label) or len(label) > 20:
        return None
    ending = next((word for word in words.endings if label.endswith(word)), None) if label.endswith(words.endings) else None
    if ending:
        role, speaker = words.labels[ending]
        return Speaker(role, speaker, label, is_asker=role == "question")
    houses = list(words.analyst.finditer(label))
    if (houses and houses[-1].end() == len(label)) or re.fullmatch("《[^》]+》(?:记者)?", label):
        return Speaker("question", "analyst", label, is_asker=True, is_sure=False)
    return None


def _shaped_like_name(label: str, words: _Words) -> Speaker | None:
    """Return the speaker of a label that has but the shape of a name: 李明, 蒂姆·库克, Toshiya Hari."""
    if label in words.not_person or label.lower() in words.labels:
        return None
    if words.plain.match(label) or _FOREIGN.match(label) or _ENGLISH.match(label):
        return Speaker(None, label, is_named=True, is_sure=False)
    return None
