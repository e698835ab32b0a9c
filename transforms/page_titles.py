"""Which line of a page is the title of its article."""

import itertools
import operator

import polars as pl

from schemas.blocks import Marks
from transforms.lexicon import Lexicon
from transforms.page_classes import BUTTON_REPEATS, SENTENCE_CHARS, SURE
from transforms.page_forms import read_forms
from transforms.page_parts import find_contents
from transforms.title_choice import HEADER_STEPS, TITLE_CHARS, Candidate, Page, choose_title

# With less text than this a page is a form or a table: its title is told by all of its lines.
_BODY_CHARS, _BUTTON_CHARS = 60, 4
_ENTRY_CHARS = 2  # an entry of an encyclopaedia may be named so shortly
_WINDOW_MARKS = (" - ", " – ", " — ", " | ", "_", "|")  # before the site's name in the window's title
# 首页>家常菜>素菜>酸菜烧芋艿的做法
_TRAIL = r"^[^>»›]{1,12}(?:[>»›][^>»›]{1,16})*[>»›]\s?([^>»›]+)$"
_DEFINING = 2  # so many first paragraphs may begin with the title of an entry


def find_titles(lines: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return the line that is the title of each document that has one.

    It is the first line of the head that no card claims. On a page with menus it is the candidate whose character pairs
    recur most in the paragraphs: headlines of other pages stand there too. An article that begins with its lead sentence
    has none, nor has one whose first line is a short label (事件, 投资要点).
    """
    text, forms = pl.col("text"), {form: pattern.pattern for form, pattern in read_forms(lexicon).items()}
    opening = pl.when("is_head").then(text)
    is_labelled = (opening.str.contains(forms["title_label"]).shift(1).over("doc_id") | opening.str.contains(forms["title_kind"])).fill_null(False)
    is_over_header = pl.any_horizontal(pl.col("class").shift(-step).over("doc_id") == "header" for step in HEADER_STEPS).fill_null(False)
    # 首页 / 青榆视点 / 基金经理手记 / 正文
    is_channel = text.shift(-1).over("doc_id").str.contains(forms["trail_end"]).fill_null(False)
    # Skip to main content may stand above all
    is_first = (~pl.col("class").is_in(SURE)).cast(pl.Int32).cum_sum().over("doc_id") == 1
    number = opening.str.extract(forms["counted"]).cast(pl.Int64)
    is_counted = pl.any_horizontal(number.shift(step).over("doc_id") + step == number for step in (1, -1)).fill_null(False)
    lines = lines.with_columns(is_channel=is_channel, is_defined=_is_defined(forms["defines"]), window=text.first().over("doc_id"), is_counted=is_counted, next_class=pl.col("class").shift(-1).over("doc_id"), is_labelled=is_labelled, is_over_header=is_over_header, is_first=is_first)
    lines = lines.join(_find_entries(lines, lexicon), on=["doc_id", "block_no"], how="anti", maintain_order="left")
    free = _marked_titles(lines.filter("is_head", pl.col("class").is_in(["link", "stamped", "remark", "sentence", "outcry", "summary", "scrap", "label", "table", "browser_title"])))
    # 日评:现货价格走强(6月19日) is a link by its date, and a title where the date of its own text follows
    is_dated = (pl.col("class") == "stamped") & pl.col("is_over_header") & ~is_in_run(pl.col("class") == "stamped")
    # 柳浦渡, an entry's name, below 柳浦渡 - 水乡维基
    is_of_window = pl.any_horizontal(pl.col("window").str.starts_with(text + mark) for mark in _WINDOW_MARKS).fill_null(False)
    is_sized = pl.col("char_count").is_between(4, 80) | ((is_of_window | pl.col("is_defined")) & (pl.col("char_count") >= _ENTRY_CHARS))
    is_candidate = ((pl.col("class") != "stamped") | is_dated) & is_sized & ~text.str.contains(r"[。;:,、]$|^[“「『].*[”」』]$") & ~text.str.contains(forms["no_title"]) & ~_follows_text()
    is_candidate &= ~pl.col("is_channel")
    has_menu = lines.filter("is_head", pl.col("class").is_in([*SURE, "browser_title"])).select("doc_id").unique()
    plain = free.join(has_menu, on="doc_id", how="anti", maintain_order="left").unique("doc_id", keep="first", maintain_order=True)
    plain = plain.filter(pl.col("char_count") >= TITLE_CHARS)
    is_row = pl.col("is_row").fill_null(False) | pl.col("is_counted") | pl.any_horizontal(text.str.contains(forms[form]) for form in ("caption", "numbered", "number_row"))
    paged = free.join(has_menu, on="doc_id", how="semi", maintain_order="left").filter(is_candidate & ~is_row)
    paged = paged.filter(pl.len().over("doc_id", "text") <= BUTTON_REPEATS)
    return pl.concat([plain.filter(is_candidate), _best_candidates(paged, lines)])


def _is_defined(defines: str) -> pl.Expr:
    """Return whether a line is what one of the first paragraphs begins with, and says the meaning of: 潮汐磨坊, of 潮汐磨坊(英文:tide mill)是…."""
    openings = pl.col("text").filter(pl.col("class") == "paragraph")
    told = (openings.slice(number, 1).first().over("doc_id") for number in range(_DEFINING))
    return pl.any_horizontal(
        opening.str.starts_with(pl.col("text")) & opening.str.slice(pl.col("char_count")).str.contains(defines) for opening in told
    ).fill_null(False)


def is_in_run(is_alike: pl.Expr) -> pl.Expr:
    """Return whether a line is one of three such lines, or more: 14:52 德法股指期货微升 / 14:47 港汇跌至7.78兑一美元 / 14:31 内房股尾市受压."""
    around = {step: is_alike.shift(step, fill_value=False).over("doc_id") for step in (-2, -1, 1, 2)}
    return is_alike & ((around[-2] & around[-1]) | (around[-1] & around[1]) | (around[1] & around[2]))


def _find_entries(lines: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Return doc_id and block_no of the lines of a table of contents, which are the article's headings and none its title."""
    forms = read_forms(lexicon)
    has_contents = (pl.col("is_head") & pl.col("text").str.contains(forms["contents"].pattern)).any().over("doc_id")
    pages = lines.filter(has_contents).group_by("doc_id").agg("block_no", "text")
    rows = [(doc_id, numbers[row]) for doc_id, numbers, texts in pages.iter_rows() for row in find_contents(texts, forms)]
    return pl.DataFrame(rows, schema=lines.select("doc_id", "block_no").schema, orient="row")


def _marked_titles(free: pl.DataFrame) -> pl.DataFrame:
    """Return the lines, of documents that mark a headline above their text only the first such line: # 三季报出炉, below 标题, or what says that it is a record (…投资者关系活动记录表)."""
    is_marked = pl.col("text").str.contains(r"^#{1,2}\s+\S") | (pl.col("is_labelled") & (pl.col("char_count") >= TITLE_CHARS))
    marked = free.filter(is_marked & ~_follows_text()).unique("doc_id", keep="first", maintain_order=True)
    return pl.concat([marked, free.join(marked, on="doc_id", how="anti")]) if not marked.is_empty() else free


def _follows_text() -> pl.Expr:
    """Return whether a line of the head stands after a sentence, which no menu has (外婆的做法,不用炒糖色。) but a blog's card of its author above one (程序员,偶尔修自行车。)."""
    is_in_menu = (pl.col("next_class") == "menu").fill_null(False)
    is_text = pl.col("class").is_in(["sentence", "remark"]) & pl.col("text").str.contains("。$") & (pl.col("char_count") >= SENTENCE_CHARS) & ~is_in_menu
    return is_text.cast(pl.Int32).cum_sum().over("doc_id") - is_text.cast(pl.Int32) > 0


def _best_candidates(candidates: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return one candidate per document: the first that shares nearly as much with the paragraphs as any."""
    if candidates.is_empty():
        return candidates
    text, is_body = pl.col("text"), pl.col("class").is_in(["paragraph", "sentence", "outcry", "remark"])
    has_body = pl.when(is_body).then("char_count").sum().over("doc_id") >= _BODY_CHARS
    bodies = lines.join(candidates.select("doc_id").unique(), on="doc_id", how="semi")
    bodies = bodies.filter(is_body | (~has_body & pl.col("class").is_in(["link", "table", "stamped"])))
    texts = dict(bodies.group_by("doc_id").agg(pl.col("text").str.join("")).iter_rows())
    trails = dict(lines.filter(pl.col("is_head") & text.str.contains(_TRAIL)).group_by("doc_id").agg(text.str.extract(_TRAIL).first()).iter_rows())
    forms = set(lines.filter(~has_body | pl.col("is_figured").any().over("doc_id"))["doc_id"])
    # [编辑] beside the headings of an encyclopaedia is no credit
    is_told = (pl.col("class") == "header") | ((pl.col("class") == "credit") & (pl.col("char_count") > _BUTTON_CHARS))
    headers = dict(lines.filter(is_told).group_by("doc_id").agg("block_no").iter_rows())
    found = candidates.with_row_index("row").select(
        "doc_id", "row", "block_no", "text", pl.col("class") == "browser_title", is_stamped=pl.col("class") == "stamped",
        is_opening=pl.col("is_first") & pl.col("next_class").is_in(SURE), is_defined="is_defined",
    )  # fmt: skip
    titles = []
    for doc_id, rows in itertools.groupby(found.iter_rows(), key=operator.itemgetter(0)):
        page = Page(texts.get(doc_id, ""), trails.get(doc_id, ""), headers.get(doc_id, ()), doc_id in forms)
        titles.append(choose_title([Candidate(*row) for _, *row in rows], page))
    return candidates[sorted(title.row for title in titles if title)]


def mark_titles(titles: pl.DataFrame) -> pl.DataFrame:
    """Return a mark for each title."""
    reason = "First line before the text that is no header or site line."
    return Marks.select(titles.with_columns(
        rule_id=pl.lit("marks.title"), label=pl.lit("title"), score=pl.lit(1.0), is_dropping=pl.lit(False), reason=pl.lit(reason)
    ))  # fmt: skip
