"""Turns bytes into text: which encoding it is, or why it is none."""

import codecs
import contextlib
import functools
import re
import traceback
from pathlib import Path

from charset_normalizer import from_bytes

from warehouse.mojibake import recognise_mojibake


class Unreadable(ValueError):
    """An input that cannot be read; `check` names what failed, the message says what is wrong and what to do."""

    def __init__(self, check: str, reason: str):
        super().__init__(reason)
        self.check = check


def describe_defect(error: BaseException) -> tuple[str, str]:
    """Return check and reason of an input on which caibao itself failed: the error, and the place in our code."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((frame for frame in reversed(frames) if {"transforms", "warehouse"} & set(Path(frame.filename).parts)), frames[-1])
    said = (str(error).strip().splitlines() or ["no message"])[0]
    return type(error).__name__, f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}: {said}. This is a defect of caibao: report it with the file."


# The longest mark first: UTF-32-LE begins with the mark of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_DAMAGE_PER_BYTE = 0.002  # a page cut in the middle of a character, or a few bytes lost on the way, is still UTF-8
_CONTROL_SHARE = 0.01  # above this the bytes are not a text
# Measured over 2,000 articles cut to 20, 60 and 2,000 characters: the right encoding never falls below 0.82 (0.91, 0.94), the
# wrong one reaches 0.82 in one of 1,100 lines of 20 characters and 0.73 at 60; the higher share wins in all but one.
_CHINESE_SHARE = 0.75
_DECLARED_BONUS = 0.05  # what a page claims decides between two readings that are nearly as good
# What Hong Kong writes and neither standard's first level has: 公司嘅業績, 喺深水埗, 仲有啲.
_CANTONESE = "嘅喺啲咗冇嚟嗰咁唔係佢哋睇俾畀乜嘢噉㗎喇吖仲話咩嗎呢嘥攞掟咪嘞囉咯噃啱曬晒嬲孖揾搵瞓靚閂郁埗邨舖樽簕埔嶼涌"
# Lists of names (boards, analysts of a call) have little else in common.
_SURNAMES = "李王张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾丁魏薛叶葉阎余潘杜戴夏钟鍾汪姜范方石姚谭譚廖邹鄒熊陆陸郝孔崔邱秦江顾顧侯邵孟龙龍段钱錢汤湯尹黎乔喬贺賀赖賴龚"
# The 400 most frequent hanzi of news, essays and encyclopaedias, in both scripts: 70 to 80 % of a Chinese text.
FREQUENT = frozenset(
    _CANTONESE + _SURNAMES +
    "的年国國一在中公为為是大有业業人元司同上了和比产產不发發利成增长長以下现現亿億于於地新能行个個市会會主收来來资資时時入期要到分高出用后後对對日方月生力实實多家度动動化全经經这這前务務进進工品持加民營营部政万萬率股量也提最"
    "其金合电電作本及机機开開内內学學过過与與体體自价價等面之建平区區预預場场可数數净淨定计計制目理外重展就代至我所通台臺法升位三润潤东東性关關而美续續但将將交报報基投他当當因设設流南都并並第事北们們海军軍应應系表间間天总總文"
    "斯西得单單由保据據值费費相统統被向车車销銷明子布水战戰共速立从從较較次近看达達说說説推季降名还還道心此世者管点點特已联聯物小两兩员員原领領归歸强強运運级級正好项項别別如母受情商技权權科城半然更议議口标標教线線步非种種占佔"
    "式去规規二集华華改信额額府路格低结結社售州件研亚亞十影网網里裡裏安尔爾导導源調调企造治求少环環需起克各接显顯拉山党黨超示整程供均马馬常约約球局院德称稱使户戶术術今变變义義认認告很势勢组組任回没沒维維模料题題解果财財响響团"
    "團毛指放构構济濟转轉备備估省带帶消域问問意型星游遊创創優优复復望些只份类類手支或反空给給四快争爭罗羅益直传傳广廣门門际際客绩績未风風始界活质質无無处處先融包效完服积積选選该該药藥气氣几幾首稳穩控决決属屬史光易评評周"
)
# Beyond the first eight hanzi a quarter are frequent even in lists of names and chemicals; Korean, Russian, Thai and Japanese
# bytes that read as hanzi reach 0.02 to 0.18.
_FREQUENT_SHARE, _SPARED_HANZI = 0.25, 8


def decode(content: bytes, declared: str | None = None) -> tuple[str, str]:
    """Return (text, encoding), such that the bytes after a byte order mark decode to the text; line ends stay as they are.

    `declared` is what an HTML page claims: believed after UTF-8 and only if the bytes agree. Raises Unreadable.
    """
    if not content.strip(b" \t\r\n"):
        raise Unreadable("empty_file", "The file holds no text. Delete it, or fetch the page again.")
    text, encoding = _decode_marked(content) or _decode_utf8(content) or _decode_chinese(content, declared)
    if not text.strip():
        raise Unreadable("empty_file", "The file holds nothing but blanks. Delete it, or fetch the page again.")
    if _control_share(text) > _CONTROL_SHARE:
        raise Unreadable("binary_file", "The bytes are not a text (an image, an archive, an Office file?). Convert it to text or leave it out.")
    if damage := recognise_mojibake(text, FREQUENT):
        raise Unreadable("mojibake", damage)
    return text, encoding


def _decode_marked(content: bytes) -> tuple[str, str] | None:
    """Return what a byte order mark announces; the mark is part of the encoding and not of the text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace"), encoding
    return None


def _decode_utf8(content: bytes) -> tuple[str, str] | None:
    """Return the text if it is UTF-8, with U+FFFD for the few characters that were cut or lost."""
    if content.count(0) > _CONTROL_SHARE * len(content):
        return None  # UTF-16 that is mostly ASCII is valid UTF-8, with a NUL beside each letter
    try:
        text = content.decode("utf-8")
        return None if _is_gb_by_chance(content, text) else (text, "utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", errors="replace")
    if _is_gb_by_chance(content, text.replace("\ufffd", "")):
        return None
    lost = text.count("\ufffd")
    is_multibyte = len(content) - len(text) > 2 * lost  # three bytes a hanzi: the sound ones outnumber the lost ones
    places = len(re.findall("\ufffd+", text))  # half of a surrogate pair is three lost bytes in one place
    return (text, "utf-8") if is_multibyte and places <= max(1, _DAMAGE_PER_BYTE * len(content)) else None


def _is_gb_by_chance(content: bytes, text: str) -> bool:
    """Return whether few hanzi in GB18030 happen to be valid UTF-8: the bytes of 为0.45元 also are Ϊ0.45Ԫ, those of 公司 ˾."""
    if text.isascii() or any("\u3000" <= character <= "\u9fff" for character in text):
        return False
    hanzi = [character for character in content.decode("gb18030", errors="replace") if character > "\x7f"]
    return len(hanzi) > 2 and sum(character in FREQUENT for character in hanzi) >= len(hanzi) * 2 / 3


def _decode_chinese(content: bytes, declared: str | None) -> tuple[str, str]:
    """Return the best of GB18030, Big5-HKSCS and UTF-16 without a mark; Unreadable if none reads like Chinese.

    U+FFFD stands for the few characters that were cut or lost.
    """
    is_binary = _control_share(content.decode("latin-1")) > _CONTROL_SHARE
    encodings = ([] if is_binary else ["gb18030", "big5hkscs"]) + ["utf-16-le", "utf-16-be"]
    readings = []
    for encoding in encodings:
        text = content.decode(encoding, errors="replace")
        if text.count("\ufffd") <= max(1, _DAMAGE_PER_BYTE * len(content)) and _control_share(text) <= _CONTROL_SHARE:
            readings.append((_chinese_share(text) + _DECLARED_BONUS * (_canonical(declared) == encoding), encoding, text))
    share, encoding, text = max(readings, default=(0.0, "", ""))
    if share >= _CHINESE_SHARE:
        return text, encoding
    if is_binary:
        raise Unreadable("binary_file", "The bytes are not a text (an image, an archive, an Office file?). Convert it to text or leave it out.")
    guess = from_bytes(content[:100_000]).best()
    seems = f"; it may be {guess.encoding}" if guess else ""
    raise Unreadable("unknown_encoding", f"Neither UTF-8, UTF-16, GB18030 nor Big5 reads as Chinese{seems}. Save the file as UTF-8.")


def _chinese_share(text: str) -> float:
    """Return how much of the text beyond ASCII is common hanzi or punctuation; 0 if the most frequent hanzi are missing.

    Chinese-specific evidence that statistics over byte values lack: 中 is D6D0 in GB and A4A4 in Big5, and a text read by
    the other standard is full of rare characters. Korean bytes read as common hanzi (매출 as 概免) but never as 的, 是, 年.
    """
    foreign = [character for character in text[:50_000] if ord(character) > 0x7F]
    hanzi = [character for character in foreign if "\u4e00" <= character <= "\u9fff"]
    if sum(character in FREQUENT for character in hanzi) < _FREQUENT_SHARE * (len(hanzi) - _SPARED_HANZI):
        return 0.0
    return sum(character in _common_characters() for character in foreign) / len(foreign) if foreign else 0.0


@functools.cache
def _common_characters() -> frozenset[str]:
    """Return the hanzi of the first level (by frequency of use) of GB2312 or Big5, and the punctuation around them."""
    common = set(_CANTONESE + "\u3000\u00b7、。，；：？！“”‘’（）《》〈〉「」『』【】〔〕…—─│～％＋－＝．／￥＄※→↑↓°′″℃▲△▼▽●○◎◆◇■□★☆①②③④⑤⑥⑦⑧⑨⑩・" + "".join(chr(code) for code in range(0xFF10, 0xFF5B)))
    for encoding, leads in (("gb2312", range(0xB0, 0xD8)), ("big5", range(0xA4, 0xC7))):
        for lead in leads:
            for trail in range(0x40, 0xFF):
                with contextlib.suppress(UnicodeDecodeError):
                    common.add(bytes([lead, trail]).decode(encoding))
    return frozenset(character for character in common if not "\u3040" <= character <= "\u30fa")  # kana is Japanese, ・ is not


def _canonical(encoding: str | None) -> str | None:
    """Return the superset that an encoding's name stands for in practice: a page that says gb2312 uses all of GB18030."""
    name = (encoding or "").lower().replace("-", "").replace("_", "")
    if name in {"gb2312", "gbk", "gb18030", "cp936", "hzgb2312"}:
        return "gb18030"
    return "big5hkscs" if name in {"big5", "big5hkscs", "cp950", "big5tw"} else encoding


def _control_share(text: str) -> float:
    """Return the share of characters that no text contains: C0 controls but line ends, tabs, form feeds."""
    head = text[:100_000]
    controls = sum(head.count(chr(code)) for code in range(32) if code not in (9, 10, 11, 12, 13, 27))
    return controls / len(head) if head else 0.0
