"""Companies the lexicon does not know, from how a text introduces them."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from transforms.lexicon import Lexicon

# Characters of a company's name in Simplified, half-width text: *ST天成, TCL科技, 渝三峡A, 中租-KY.
_NAME = r"[\u4e00-\u9fffA-Za-z0-9*·&\-]"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LEGAL_END = r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司)"
_QUOTES = "\"'“”‘’「」『』《》"
_BRACKETED = re.compile(r"\(([^()]{1,40})\)")
_BEFORE_BRACKET = re.compile(rf"({_NAME}{{2,24}})\s?\Z")
# (2454-TW) 联发科,上涨3.58% and (3388)华晶电-公告本公司…: Taiwan's papers and its exchange put the listing first
_LED_BY_TICKER = re.compile(
    r"\((\d{4}-TW|[A-Z]{1,5}-US|\d{4,5}-HK|\d{4}(?=\)\s?[\u4e00-\u9fffA-Za-z*]{2,8}-?(?:公告|更正|补充|代子公司)))\)"
    r"\s?([\u4e00-\u9fffA-Za-z*\-]{2,8}?)(?=[,、。:\s]|上涨|下跌|今日|今天|开盘|收盘|-?(?:公告|更正|补充|代子公司))"
)
_CALLED = re.compile(rf"({_NAME}{{2,30}})\s?\([^()]{{0,30}}?(?:简称|下称|统称)[为:]?\s?[{_QUOTES}]?([^{_QUOTES},;、()]{{2,12}})")
_LEGAL = re.compile(rf"({_NAME}{{2,12}}?(?:\([\u4e00-\u9fff]{{2,4}}\))?{_NAME}{{0,16}}?){_LEGAL_END}")
# 混凝土机械、工起、建起三大优势板块: what a company makes may end as companies do
_PRODUCTS = r"(?:、[^、,，。;；]{1,8}){1,6}等?[一二两三四五六七八九十\d]*大?(?:优势|核心|主要|主力|传统|新兴|重点)?(?:板块|业务|产品|品类|事业部)"
_LISTED = re.compile(r"((?:[\u4e00-\u9fffA-Z]{2,8}、)+[\u4e00-\u9fffA-Z]{2,8})等(?:[近超]?[\d一二三四五六七八九十数多几]{0,3}(?:余|多)?家)?(?:上市公司|公司|个股|股票|企业|标的)")
# 苏岳龙杰:股东拟减持2%: the head of an item, of the length of a listed name; with at least so many that are surely companies
_ITEM = re.compile(r"\n(?:\d{1,2}[.、)]\s?|[◆●•▶■]\s?)?([\u4e00-\u9fffA-Z]{3,5})(?:\([^()\n]{1,30}\))?:(?=[^\n]{8})")
_LEAST_ITEMS = 3
# Names are weighed by what is repeated around them. Of a text as long as a shelf so many characters count as one document: each
# name would be counted through all of it, which took 20 of 24 s for a line of 1.2 MB.
_WHOLE_CHARS = 100_000
# So many characters at the beginning of two names tell that they are one company's: 康霈生医 is 康霈, 华晶电 is not 崇越电
_COMMON_START = 2
# The longest name before a bracket, and a blank.
_LONGEST_RUN = 25
# The longest name that stands on a line of its own above its listing
_LONGEST_ALONE = 8
# A legal name may begin with so many characters of a province and a city: 江苏无锡
_PLACE_CHARS = 4
_LEGAL_TAILS = ("控股", "集团", "集团控股", "控股集团", "国际控股")
# 【某某证券】恒力液压2024年三季报点评, 某某证券:恒力液压(601100)2024Q3业绩…: the title of a note names the company before its period
_TITLED = re.compile(
    rf"^(?:【[^】]{{2,16}}】|[^:,。]{{2,10}}(?:证券|研究|国际|资本)[:])?\s*({_NAME}{{2,8}}?)\s?(?:\([^()]{{1,30}}\))?[: ]?(?:20)?\d\d(?:年|[QH]\d)[^,。:]{{0,12}}?(?:[季年中]报|财报|业绩|点评)"
)
# 博川医疗投资者关系活动记录表, 某某股份2024年度业绩说明会
_RECORDED = re.compile(rf"^(?:证券代码[^\u4e00-\u9fff]*证券简称[: ]*)?({_NAME}{{2,8}}?)\s?(?:\([^()]{{1,30}}\))?[: ]?(?:(?:20)?\d\d年?[^,。:]{{0,8}})?(?:投资者关系|投资者调研|投资者交流|机构调研|业绩说明会|业绩交流会|业绩发布会|电话会议?|股东大会|法说会|法人说明会)")
# 对话栖云酒店CFO林若川, 专访某某股份董事长: whoever is interviewed is of a company
_INTERVIEWED = re.compile(rf"(?:对话|专访|访谈|对谈|访)[:|丨 ]*({_NAME}{{2,10}}?)(?:集团|公司)?(?:联合|联席|副)?(?:C[EFOTM]O|董事长|创始人|总裁|总经理|首席|财务总监|执行董事|董秘|掌门|执行长|财务长)")
# *ST华远:2024年亏损…, ST天成(600112): a listing under special treatment, as the exchange names it
_SPECIAL = re.compile(r"(?<![\u4e00-\u9fffA-Za-z])(\*?S?ST[\u4e00-\u9fff]{1,2}[\u4e00-\u9fffAB]?)(?=[:(,、。\s]|公告|披露|发布|晚间|今日|\d|股价|股票|收到|及|和|等|涨停|跌停|预计)")
# What the exchange of Hong Kong hangs on the names of companies without profit, with weighted votes, with a second listing
_EXCHANGE_MARK = re.compile("(?<=[\u4e00-\u9fff])-(?:BW?|S?W|SB?|P|Z|R)$")
# What a text calls the company that is bought
_TARGETS = ("标的公司", "目标公司")
# What a name may stand behind. Texts are searched with a line feed before them, so that their beginning needs no alternative of its own:
# a pattern that begins with a class skips to the next of its characters.
_BOUNDARY = rf"[,。;!?:、()\s{_QUOTES}]"


@dataclass(frozen=True)
class Introduction:
    """A name that a document gives to a company, with the rule that read it there."""

    doc_id: str
    name: str
    entity: str
    ticker: str | None
    rule_id: str


# name, entity, ticker, rule
_Found = tuple[str, str, str | None, str]


@dataclass(frozen=True)
class _Cues:
    """The cue words of the lexicon, compiled."""

    reporting: re.Pattern[str]
    performing: re.Pattern[str]
    leading: re.Pattern[str]
    last_break: re.Pattern[str]
    word_break: re.Pattern[str]
    inside_other: re.Pattern[str]
    acting: str
    earning: str
    prefix: re.Pattern[str]
    verb_end: re.Pattern[str]
    endings: tuple[str, ...]
    not_names: frozenset[str]
    not_endings: tuple[str, ...]
    results: str
    dealt: re.Pattern[str]
    affiliate_end: re.Pattern[str]
    affiliated: re.Pattern[str]


@functools.lru_cache(maxsize=4)
def _cues(lexicon: Lexicon) -> _Cues:
    """Return the cue words compiled; alternatives longest first."""
    words: dict[str, list[str]] = {}
    for word, kind in lexicon["entity_cues"].select("word", "kind").iter_rows():
        words.setdefault(kind, []).append(word)
    by_length = {kind: tuple(sorted(of_kind, key=lambda word: (-len(word), word))) for kind, of_kind in words.items()}
    alternatives = {kind: "|".join(map(re.escape, of_kind)) for kind, of_kind in by_length.items()}
    # tried behind each of the characters that a name may have: one look at the first letter spares most words
    noun, after = (_by_first_letter(by_length[kind]) for kind in ("report_noun", "company_after"))
    verb, period = (_behind_name(by_length[kind]) for kind in ("report_verb", "report_period"))
    reports = f"(?=[^。]{{0,20}}?{noun})"
    return _Cues(
        reporting=re.compile(rf"{_BOUNDARY}({_NAME}{{2,14}}?){verb}{reports}"),
        performing=re.compile(rf"{_BOUNDARY}({_NAME}{{2,14}}?){period}"),
        leading=re.compile(rf"\s(?:\d{{1,2}}[.、)]\s?)?({_NAME}{{2,12}})(?:\([^()]{{1,30}}\))?:(?=[^:]{{0,30}}?{after})"),
        last_break=re.compile(rf".*(?:{alternatives['name_break']}|\d[年月日号晚])(?={_NAME}{{2}})"),
        # 包装板块岭泉股份; a single character (及, 由) may be the name's own
        word_break=re.compile(f".*(?:{'|'.join(re.escape(word) for word in by_length['name_break'] if len(word) > 1)})(?=.{{3}})"),
        inside_other=re.compile(alternatives["not_in_company"]),
        acting=f"(?:{alternatives['actor_after']})",
        earning=f"[^。,]{{0,12}}?{noun}",
        prefix=re.compile(f"(?:{alternatives['name_prefix']})(?=..)"),
        # 海岚科技公布2025年业绩: the verb before the period is no part of the name
        verb_end=re.compile(rf"(?<=..)(?:(?:今日|今天|昨日|近日|日前|晚间|已|将)?(?:{alternatives['report_verb']})|今日|晚间|近日|昨日|召开|举行)+$"),
        endings=by_length.get("company_ending", ()),
        not_names=frozenset(words.get("not_company", ())),
        not_endings=by_length.get("not_company_ending", ()),
        results=f"{noun}|{period}",
        # 收购其持有的京瀚禹51%股权
        dealt=re.compile(rf"(?:{alternatives['deal_verb']})了?(?:[^,。;:()\d]{{0,12}}?的)?({_NAME}{{2,16}}?)\s?(?:合计|约)?\d[\d.]{{0,6}}\s?%的?(?:股权|股份|权益)"),
        affiliate_end=re.compile(f"(?:{alternatives['affiliate']})({_NAME}{{2,10}})$"),
        # 全资子公司时间互联的主营业务, 公司持股48%的雅砻江水电贡献的投资收益
        affiliated=re.compile(rf"(?:{alternatives['affiliate']}|(持股?有?(?:比例)?约?\d[\d.]{{0,6}}\s?%(?:股权|股份)?的))({_NAME}{{2,10}}?)(?:[,、(]|的|为|系|是|于|拟|与|贡献|{period})"),
    )


def _by_first_letter(words: tuple[str, ...]) -> str:
    """Return a pattern of the words that looks at their first letters before it tries them one by one."""
    return f"(?=[{_first_letters(words)}])(?:{'|'.join(map(_written, words))})"


def _behind_name(words: tuple[str, ...]) -> str:
    """Return a pattern of the words behind a name and what explains it in brackets, with one look at the next character first."""
    return rf"(?=[({_first_letters(words)}])(?:\([^()]{{1,30}}\))?{_by_first_letter(words)}"


def _first_letters(words: tuple[str, ...]) -> str:
    """Return the first letters of the words, for a class of characters."""
    letters = {word[0] for word in words}
    return "".join(re.escape(letter) for letter in sorted(letters - {"{"})) + ("0-9" if "{" in letters else "")


def _written(word: str) -> str:
    """Return the pattern of a word; {y} is a year in four digits or two, {m} a month."""
    return re.escape(word).replace(r"\{y\}", "(?:20[0-9]{2}|(?<![0-9])[12][0-9])").replace(r"\{m\}", "(?<![0-9])1?[0-9]")


@functools.lru_cache(maxsize=4)
def ticker_forms(lexicon: Lexicon) -> list[tuple[re.Pattern[str], str, bool]]:
    """Return the forms of tickers: pattern, exchange suffix, whether it stands alone in brackets."""
    edge = r"(?<![0-9A-Za-z.]){}(?![0-9A-Za-z])"
    return [
        (re.compile(edge.format(f"(?:{pattern})")), suffix, is_bare)
        for pattern, suffix, is_bare in lexicon["ticker_forms"].select("pattern", "suffix", "is_bare").iter_rows()
    ]


def read_ticker(bracketed: str, lexicon: Lexicon) -> str | None:
    """Return the first ticker in the content of brackets, as the lexicon writes it; null if there is none."""
    for form, suffix, is_bare in ticker_forms(lexicon):
        match = form.fullmatch(bracketed.strip()) if is_bare else form.search(bracketed)
        if match and not (is_bare and suffix == "TW" and _is_year(match.group(1))):
            return _ticker(match.group(1), suffix)
    return None


def _is_year(code: str) -> bool:
    """Return whether four digits are more likely a year than a Taiwan listing: (2024)."""
    return 1990 <= int(code) <= 2035


def _ticker(code: str, suffix: str) -> str:
    """Return code and exchange as entities.ticker has them: 600519.SH, 0700.HK, BRK.B.US."""
    if suffix == "HK":
        return f"{int(code):04d}.HK"
    if suffix == "CN":
        suffix = "BJ" if code[0] in "48" or code.startswith("92") else "SH" if code[0] in "69" else "SZ"
    return f"{code}.{suffix}"


@functools.lru_cache(maxsize=4)
def _known_tickers(lexicon: Lexicon) -> dict[str, str]:
    """Return ticker -> entity, secondary listings included."""
    primary = lexicon["entities"].filter(pl.col("ticker").is_not_null(), pl.col("type") == "company").select("ticker", "entity")
    further = lexicon["entity_aliases"].filter(pl.col("kind") == "ticker").select("alias", "entity")
    return dict([*further.iter_rows(), *primary.iter_rows()])


def _listed_as(name: str, ticker: str, lexicon: Lexicon) -> str:
    """Return the entity of a listing, if a name it is known by begins as `name` does or is in it; else `name`: companies are renamed, and codes mistyped."""
    entity = _known_tickers(lexicon).get(ticker)
    is_alike = entity and any(alias[:_COMMON_START] == name[:_COMMON_START] or alias in name or name in alias for alias in _names_of(lexicon).get(entity, ()))
    return entity if entity and is_alike else name


@functools.lru_cache(maxsize=4)
def _names_of(lexicon: Lexicon) -> dict[str, list[str]]:
    """Return all names of each company."""
    names = lexicon["entity_aliases"].group_by("entity").agg("alias").iter_rows()
    return {entity: [entity, *aliases] for entity, aliases in names}


def find_introductions(texts: pl.DataFrame, known: pl.DataFrame, lexicon: Lexicon) -> list[Introduction]:
    """Return the names that documents give to companies themselves, one per document and name.

    texts: doc_id and text of kept blocks and titles. known: doc_id and surface of the lexicon's names found there.
    """
    surfaces = {doc_id: set(found) for doc_id, found in known.group_by("doc_id").agg("surface").iter_rows()}
    hinted = texts.select("doc_id", "text", *(hint.alias(kind) for kind, hint in _hints(lexicon).items()))
    before = pl.col("text").str.len_chars().cum_sum().over("doc_id") - pl.col("text").str.len_chars()
    # 全新⏎(2455-TW): the listing may stand on the next line
    is_listed_below = (pl.col("text").str.len_chars() <= _LONGEST_ALONE) & pl.col("text").shift(-1).over("doc_id").str.contains(r"^\s?\(\d[^()]*\)(?:[,、:。\s]|$)").fill_null(False)
    hinted = hinted.with_columns(reports=pl.col("reports").any().over("doc_id"), brackets=pl.col("brackets") | is_listed_below, part=before // _WHOLE_CHARS)
    documents = (
        hinted.group_by("doc_id", "part", maintain_order=True)
        .agg(pl.col("text").str.join("\n").alias("whole"), *(pl.col("text").filter(kind).str.join("\n").alias(kind) for kind in _hints(lexicon)))
        .filter(pl.any_horizontal(pl.col(kind) != "" for kind in _hints(lexicon)))
    )  # fmt: skip
    found: dict[tuple[str, str], Introduction] = {}
    for document in documents.iter_rows(named=True):
        for introduction in _introduce(document, surfaces.get(document["doc_id"], set()), lexicon):
            found.setdefault((introduction.doc_id, introduction.name), introduction)
    return list(found.values())


@functools.lru_cache(maxsize=4)
def _hints(lexicon: Lexicon) -> dict[str, pl.Expr]:
    """Return, for each kind of evidence, whether a text can hold it at all: most texts need no closer look."""
    text = pl.col("text")
    signs = [word for word, kind in lexicon["entity_cues"].select("word", "kind").iter_rows() if kind in ("report_noun", "report_sign")]
    return {
        "brackets": text.str.contains(r"\([^()]{0,30}(?:\d{4,6}|[A-Z]{1,5})[^()]{0,12}\)"),
        "called": text.str.contains_any(["简称", "下称", "统称"]),
        "legal": text.str.contains("有限公司|有限责任公司"),
        "listed": text.str.contains("、[^、]{2,8}等.{0,8}(?:公司|个股|股票|企业|标的)"),
        "reports": text.str.contains_any(signs),
        "deals": text.str.contains(r"\d\s?%的?(?:股|权益)|持股|[子孙]公司|(?:参股|联营|合营|旗下|下属)公司"),
    }


def _introduce(document: dict[str, str], known: set[str], lexicon: Lexicon) -> Iterator[Introduction]:
    """Yield the introductions of one document: the surest kind of evidence names a company first.

    document: doc_id, whole (its text), and under each kind of evidence the blocks that can hold it.
    """
    cues, taken, whole = _cues(lexicon), dict.fromkeys(known), document["whole"]
    short_names: list[str] = []
    for name, entity, ticker, rule_id in (
        *_by_ticker(document["brackets"], whole, cues, known, lexicon), *_by_short_name(document["called"], cues),
        *_by_position(document["reports"], whole, cues, known), *_by_list(document["listed"], whole, cues),
        *_by_legal_name(document["legal"], whole, cues), *_by_deal(document["deals"], whole, cues, known),
    ):  # fmt: skip
        if name in taken or (name in cues.not_names and rule_id != "mentions.deal"):
            continue
        taken[name] = None
        if rule_id == "mentions.legal_name":
            entity = next((short for short in short_names if _is_short_for(short, name)), entity)
            entity = next((short for short in (*known, *taken, *_shortened(name, whole)) if name == short + name[len(short) :] and name[len(short) :] in _LEGAL_TAILS), entity)
        elif name == entity:
            short_names.append(name)
        yield Introduction(document["doc_id"], name, entity, ticker, rule_id)


def _shortened(legal: str, whole: str) -> list[str]:
    """Return the name without the 控股 or 集团 of its legal form where the text uses it so: 新城发展控股 and 新城发展:."""
    shorter = [legal.removesuffix(tail) for tail in _LEGAL_TAILS if legal.endswith(tail)]
    return [name for name in shorter if len(name) >= 3 and len(re.findall(re.escape(name) + f"(?!{'|'.join(_LEGAL_TAILS)})", whole)) > 0]


def _is_short_for(short: str, legal: str) -> bool:
    """Return whether a legal name is a place before the short name: 无锡和晶科技 and 和晶科技."""
    return legal.endswith(short) and 0 < len(legal) - len(short) <= _PLACE_CHARS


def _by_ticker(text: str, whole: str, cues: _Cues, known: set[str], lexicon: Lexicon) -> Iterator[_Found]:
    """Yield names before a listing in brackets: 宁远新材(688321.SH)."""
    for match in _LED_BY_TICKER.finditer(text):
        name = _trim(match.group(2), whole, cues)
        if (ticker := read_ticker(match.group(1), lexicon)) and name:
            yield name, _listed_as(name, ticker, lexicon), ticker, "mentions.ticker"
    for bracket in _BRACKETED.finditer(text):
        ticker = read_ticker(bracket.group(1), lexicon)
        before = _BEFORE_BRACKET.search(text[max(0, bracket.start() - _LONGEST_RUN) : bracket.start()]) if ticker else None
        if before is None:
            continue
        legal = _LEGAL.fullmatch(before.group(1))
        name = _trim(cues.last_break.sub("", legal.group(1) if legal else before.group(1)), whole, cues)
        entity = _listed_as(name, ticker, lexicon) if name else _known_tickers(lexicon).get(ticker)
        # 买超则以华邦电(2344)居冠: the lexicon's own name for the listing stands there
        is_known = ticker in _known_tickers(lexicon) and any(name != surface and name.endswith(surface) for surface in known) if name else True
        if not is_known:
            yield name, entity, ticker, "mentions.ticker"


def _by_short_name(text: str, cues: _Cues) -> Iterator[_Found]:
    """Yield names a text gives itself: 宁远新材料股份有限公司(以下简称“宁远新材”)."""
    for match in _CALLED.finditer(text):
        name = match.group(2).strip()
        if len(name) >= 2 and name not in cues.not_names and re.search(r"公司|集团|股份|科技|控股", match.group(1)):
            yield name, name, None, "mentions.called"
            legal = cues.last_break.sub("", match.group(1))
            if _LEGAL.fullmatch(legal):
                yield legal, name, None, "mentions.called"


def _by_legal_name(text: str, whole: str, cues: _Cues) -> Iterator[_Found]:
    """Yield the part of a legal name before 股份有限公司, where the text has no shorter name for it."""
    for match in _LEGAL.finditer(text):
        name = _trim(cues.last_break.sub("", match.group(1)), whole, cues)
        # 投资管理有限公司 is the rest of a name whose brackets broke it
        is_broken = text[max(match.start() - 1, 0) : match.start()] == ")"
        if name and len(name) >= 4 and not is_broken and not cues.inside_other.search(name):
            yield name, name, None, "mentions.legal_name"


def _by_position(text: str, whole: str, cues: _Cues, known: set[str]) -> Iterator[_Found]:
    """Yield names that stand where a company does: before 发布年报, 前三季度, 实现营收; at the head of an item of a digest."""
    headline = whole.lstrip().split("\n", 1)[0]
    title = _TITLED.match(headline) or _RECORDED.match(headline)
    if title and (name := _trim(cues.last_break.sub("", title[1]), whole, cues)) and _may_be_company(name, cues) and not any(alias in name for alias in known):
        yield name, name, None, "mentions.title"
    interviewed = _INTERVIEWED.search(headline)
    if interviewed and (name := _trim(interviewed[1], whole, cues)) and _may_be_company(name, cues) and whole.count(name) > 1 and not any(alias in name for alias in known):
        yield name, name, None, "mentions.title"
    for name in dict.fromkeys(_SPECIAL.findall(whole) if "ST" in whole else ()):
        yield name, name, None, "mentions.special_treatment"
    aliases = tuple(known)
    yield from ((name, name, None, "mentions.item") for name in _listed_items(whole, cues, known))
    for pattern, rule_id in ((cues.leading, "mentions.item"), (cues.reporting, "mentions.reporter"), (cues.performing, "mentions.subject")):
        for run in dict.fromkeys(pattern.findall(f"\n{text}")):
            name = _trim(run, whole, cues)
            if not name or not _may_be_company(name, cues) or name.endswith(aliases):
                continue
            is_named = name.endswith(cues.endings) and not name.endswith(cues.not_endings) and not re.search(re.escape(name) + _PRODUCTS, whole)
            # 控股子公司京瀚禹2019年实现营收1.9亿元
            is_affiliate = (ends := cues.affiliate_end.search(run)) is not None and ends[1] == name
            is_reporter = rule_id == "mentions.reporter" and whole.count(name) >= 2
            # 高端酒 has sales too, but only a company announces, answers, closes at a price
            is_actor = whole.count(name) >= 3 and re.search(re.escape(name) + cues.acting, whole) and re.search(re.escape(name) + cues.earning, whole)
            if is_named or is_affiliate or is_reporter or is_actor:
                yield name, name, None, "mentions.affiliate" if is_affiliate and not is_named else rule_id


def _listed_items(whole: str, cues: _Cues, known: set[str]) -> Iterator[str]:
    """Yield the names that head the items of a digest: where most items of a text begin with a company, they all do."""
    heads = [name for run in dict.fromkeys(_ITEM.findall(whole.lstrip())) if (name := _trim(run, whole, cues)) and name not in cues.not_names]
    sure = [name in known or (name.endswith(cues.endings) and not name.endswith(cues.not_endings)) for name in heads]
    if sum(sure) >= _LEAST_ITEMS and 2 * sum(sure) > len(heads):
        # 辰衡芯片: among such items a name that ends as companies do is one, though its end alone is a thing's
        is_named = [name not in known and (is_sure or (_may_be_company(name, cues) and not name.endswith(cues.not_endings))) for name, is_sure in zip(heads, sure, strict=True)]
        yield from (name for name, told in zip(heads, is_named, strict=True) if told)


def _by_list(text: str, whole: str, cues: _Cues) -> Iterator[_Found]:
    """Yield names listed as companies: 秦安股份、新泉股份等公司."""
    for match in _LISTED.finditer(text):
        for item in match.group(1).split("、"):
            name = _trim(item, whole, cues)
            if name and _may_be_company(name, cues) and name.endswith(cues.endings) and not name.endswith(cues.not_endings):
                yield name, name, None, "mentions.list"


def _by_deal(text: str, whole: str, cues: _Cues, known: set[str]) -> Iterator[_Found]:
    """Yield names of companies whose shares change hands, and 标的公司 as the one of them: 收购京瀚禹51%股权."""
    for held, run in dict.fromkeys(cues.affiliated.findall(text)):
        name = _trim(run, whole, cues)
        if not name or not _may_be_company(name, cues) or name.endswith(tuple(known)):
            continue
        # 子公司经营的业务: what is no name has no results, and nobody holds shares of it
        if (held and whole.count(name) > 1) or re.search(rf"{re.escape(name)}的?(?:{cues.results})", whole):
            yield name, name, None, "mentions.affiliate"
    dealt, is_called = [], any(word in whole for word in _TARGETS)
    for run in dict.fromkeys(cues.dealt.findall(text)):
        legal = _LEGAL.fullmatch(run)
        name = _trim(legal[1] if legal else run, whole, cues)
        # what is told of again is a company: 收购剩余49%股权 names none
        if name and _may_be_company(name, cues) and not name.endswith(tuple(known)) and (is_called or whole.count(name) > 1):
            dealt.append(name)
    yield from ((name, name, None, "mentions.deal") for name in dealt)
    if is_called and dealt:
        # of several bought at a time it is none of them, and not the buyer
        yield from ((word, dealt[0] if len(dealt) == 1 else word, None, "mentions.deal") for word in _TARGETS if word in whole)


def _may_be_company(name: str, cues: _Cues) -> bool:
    """Return whether nothing speaks against a name before a cue being a company's."""
    return (
        3 <= len(name) <= 10 and name not in cues.not_names and bool(_HAN.search(name))
        and not cues.inside_other.search(name) and not re.search(r"\d", name)
    )  # fmt: skip


def _trim(run: str, whole: str, cues: _Cues) -> str | None:
    """Return the name at the end of a run of characters: 今日晚间同程旅行 -> 同程旅行; null where it cannot be told.

    What the document repeats decides first, words that are no part of a name second.
    """
    # 岚曦生物-B carries a mark of its exchange, 料卓悦百货 the verb of a Hong Kong paper
    name = _EXCHANGE_MARK.sub("", re.sub(r"^(?:XD|XR|DR|\d{1,2}[年月日]|料)+(?=[\u4e00-\u9fff])", "", run.strip("-·&")))
    while True:
        prefix = cues.prefix.match(name)
        if not prefix or not _is_apart(prefix.group(), name, whole):
            break
        name = name[prefix.end() :]
    name = cues.word_break.sub("", cues.verb_end.sub("", name))
    if len(name) > 4:
        name = _repeated_end(name, whole)
    return name if 2 <= len(name) <= 12 and (_HAN.search(name) or name.isupper()) else None


def _is_apart(prefix: str, name: str, whole: str) -> bool:
    """Return whether `prefix` is a word before the name and not its beginning: 中 belongs to 中际旭创."""
    with_it, without_it = whole.count(name), whole.count(name[len(prefix) :])
    if len(prefix) == 1:
        return len(name) > 4 and without_it > with_it
    return without_it > with_it or with_it < 2


def _repeated_end(run: str, whole: str) -> str:
    """Return the longest end of `run` that the document names about as often as its shorter ends, else all of it."""
    for start in range(len(run) - 3):
        end = run[start:]
        count = whole.count(end)
        if count >= 2 and all(count * 2 > whole.count(run[shorter:]) for shorter in range(start + 1, len(run) - 2)):
            return end
    # 连锁通路美廉商: a name of three characters that the text uses without what stands before it here
    return run[-3:] if whole.count(run[-3:]) >= max(3, 2 * whole.count(run[-4:]) + 1) else run


def find_tickers(texts: pl.DataFrame, introductions: list[Introduction], lexicon: Lexicon) -> pl.DataFrame:
    """Return the places where a listing of a known or introduced company is written: doc_id, span, surface, entity, type, rule_id."""
    introduced = {(found.doc_id, found.ticker): found.entity for found in introductions if found.ticker}
    forms = [(form, suffix) for form, suffix, is_bare in ticker_forms(lexicon) if not is_bare]
    any_form = "|".join(f"(?:{pattern})" for pattern in lexicon["ticker_forms"].filter(~pl.col("is_bare"))["pattern"])
    rows = []
    for doc_id, at, text in texts.filter(pl.col("text").str.contains(any_form)).select("doc_id", "at", "text").iter_rows():
        for form, suffix in forms:
            for match in form.finditer(text):
                if text[match.end() : match.end() + 1] == "年" and _is_year(match.group(1)):
                    # 港股2025年11月 names no listing
                    continue
                ticker = _ticker(match.group(1), suffix)
                entity = introduced.get((doc_id, ticker)) or _known_tickers(lexicon).get(ticker)
                if entity:
                    rows.append((doc_id, at + match.start(), at + match.end(), match.group(), entity, "company", "mentions.listing"))
    names = ("doc_id", "start_char", "end_char", "surface", "entity", "type", "rule_id")
    types = (pl.String, pl.Int64, pl.Int64, pl.String, pl.String, pl.String, pl.String)
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
