"""Turns bytes into text: which encoding it is, or why it is none."""

import codecs

from charset_normalizer import from_bytes


class Unreadable(ValueError):
    """An input that cannot be read; `check` names what failed, the message says what is wrong and what to do."""

    def __init__(self, check: str, reason: str):
        super().__init__(reason)
        self.check = check


# The longest mark first: UTF-32-LE begins with the mark of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_DAMAGE_PER_BYTE = 0.002  # a page cut in the middle of a character, or a few bytes lost on the way, is still UTF-8
_UTF16_SHARE = 0.9  # a third of the values of a byte: what the low bytes of hanzi reach by chance
_CONTROL_SHARE = 0.01  # above this the bytes are not a text
_CHINESE_SHARE = 0.75  # of the double bytes that are level-1 hanzi or punctuation; the wrong one of GB and Big5 stays below 0.6
_SURE_ENOUGH = 0.92  # real prose reaches this in its own encoding, and the second opinion is not asked


def decode(content: bytes, declared: str | None = None) -> tuple[str, str]:
    """Return (text, encoding), such that the bytes after a byte order mark decode to the text; line ends stay as they are.

    `declared` is what an HTML page claims: believed after UTF-8 and only if the bytes agree. Raises Unreadable.
    """
    if not content.strip(b" \t\r\n"):
        raise Unreadable("empty_file", "The file holds no text. Delete it, or fetch the page again.")
    text, encoding = _decode_marked(content) or _decode_utf8(content) or _decode_utf16(content) or _decode_chinese(content, declared)
    if not text.strip():
        raise Unreadable("empty_file", "The file holds nothing but blanks. Delete it, or fetch the page again.")
    if _control_share(text) > _CONTROL_SHARE:
        raise Unreadable("binary_file", "The bytes are not a text (an image, an archive, an Office file?). Convert it to text or leave it out.")
    return text, encoding


def _decode_marked(content: bytes) -> tuple[str, str] | None:
    """Return what a byte order mark announces; the mark is part of the encoding and not of the text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace"), encoding
    return None


def _decode_utf8(content: bytes) -> tuple[str, str] | None:
    """Return the text if it is UTF-8, with U+FFFD for the few characters that were cut or lost."""
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = content.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    is_multibyte = len(content) - len(text) > 2 * lost  # three bytes a hanzi: the sound ones outnumber the lost ones
    return (text, "utf-8") if is_multibyte and lost <= max(1, _DAMAGE_PER_BYTE * len(content)) else None


def _decode_utf16(content: bytes) -> tuple[str, str] | None:
    """Return the text if it is UTF-16 without a mark: nearly all high bytes are those of hanzi, ASCII or CJK punctuation."""
    if len(content) % 2 or 0 not in content:
        return None
    for encoding, high in (("utf-16-le", content[1::2]), ("utf-16-be", content[0::2])):
        usual = sum(0x4E <= byte <= 0x9F or byte in (0x00, 0x20, 0x30, 0xFF) for byte in high)
        if usual > _UTF16_SHARE * len(high) and any(0x4E <= byte <= 0x9F for byte in high):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError:
                return None
    return None


def _decode_chinese(content: bytes, declared: str | None) -> tuple[str, str]:
    """Return the better of GB18030 and Big5-HKSCS; Unreadable if neither reads like Chinese."""
    if _control_share(content.decode("latin-1")) > _CONTROL_SHARE:
        raise Unreadable("binary_file", "The bytes are not a text (an image, an archive, an Office file?). Convert it to text or leave it out.")
    readings = [
        (_level1_share(content, encoding) + 0.05 * (_canonical(declared) == encoding), encoding)
        for encoding in ("gb18030", "big5hkscs") if _can_decode(content, encoding)
    ]  # fmt: skip
    share, encoding = max(readings, default=(0.0, ""))
    if share < _SURE_ENOUGH:
        guess = from_bytes(content[:100_000], cp_isolation=["gb18030", "big5hkscs", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1251"]).best()
        if share < _CHINESE_SHARE or guess is None or _canonical(guess.encoding) != encoding:
            seems = f"; it may be {guess.encoding}" if guess else ""
            raise Unreadable("unknown_encoding", f"Neither UTF-8, UTF-16, GB18030 nor Big5 reads as Chinese{seems}. Save the file as UTF-8.")
    return content.decode(encoding), encoding


def _level1_share(content: bytes, encoding: str) -> float:
    """Return how many of the double bytes are hanzi of the standard's first level (by frequency of use) or punctuation.

    Chinese-specific evidence that statistics over byte values lack: 中 is D6D0 in GB and A4A4 in Big5; each standard
    puts its common characters in one range (GB2312 B0-D7, Big5 A4-C6), and text read by the other leaves that range.
    """
    common, pairs, at = 0, 0, 0
    sample = content[:200_000]
    while at < len(sample) - 1:
        lead, trail = sample[at], sample[at + 1]
        if lead < 0x80:
            at += 1
            continue
        if encoding == "gb18030" and 0x30 <= trail <= 0x39:
            at += 4
            pairs += 1
            continue
        is_common = (0xA1 <= lead <= 0xA3 or 0xB0 <= lead <= 0xD7) and trail >= 0xA1 if encoding == "gb18030" else 0xA1 <= lead <= 0xC6
        common += is_common
        pairs += 1
        at += 2
    return common / pairs if pairs else 0.0


def _can_decode(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


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
