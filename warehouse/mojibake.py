"""Recognises texts that some program once decoded by the wrong encoding and saved again: valid UTF-8, but not what was written."""

import contextlib

# Written as -> read as: UTF-8 and GBK pages opened as Western European, UTF-8 opened as GBK, GBK opened as Big5 and the reverse.
_DETOURS = (
    ("utf-8", "cp1252"), ("gb18030", "cp1252"), ("big5hkscs", "cp1252"), ("utf-8", "latin-1"), ("gb18030", "latin-1"), ("big5hkscs", "latin-1"),
    ("utf-8", "gb18030"), ("utf-8", "big5hkscs"), ("gb18030", "big5hkscs"), ("big5hkscs", "gb18030"),
)  # fmt: skip
_HEAD = 3000  # characters: enough to tell
_LOST_SHARE = 0.03  # 锟斤拷 and U+FFFD stand where characters are gone for good
_ENOUGH = 10  # characters beyond ASCII below which nothing is claimed
_SOUND_SHARE = 0.3  # of the characters of a Chinese text, so many at least are among the most frequent; damaged ones reach 0.2
_UNDONE_SHARE = 0.35
_LEAST_GAIN = 2.0
# Different ones among them, or chance will do: ten accented letters or no-break spaces become five hanzi, two of them frequent. Of
# 20,000 lines of random accented letters 104 were taken for Chinese without this, 1 is with it; of damaged lines of 20 hanzi 1 % less.
_LEAST_FREQUENT = 4
_BROKEN_SHARE = 0.3  # of the undone text: each byte that the detour lost breaks a character
# Windows-1252 leaves five bytes undefined, which browsers and editors keep as control characters.
_FROM_1252 = {ord(bytes([byte]).decode("cp1252")): byte for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def recognise_mojibake(text: str, frequent: frozenset[str]) -> str | None:
    """Return what happened to the text and what to do; None if it is sound, whatever its language.

    璐㈡姤 is 财报 written as UTF-8 and read as GBK; è´¢æŠ¥ is the same read as Western European. Undoing the detour has to give
    Chinese, and much more of it than there was: frequent hanzi (的 是 年) decide, as for undeclared encodings.
    """
    head = text[:_HEAD]
    foreign = sum(character > "\x7f" for character in head)
    if foreign < _ENOUGH:
        return None
    lost = head.count("\ufffd") + 3 * head.count("锟斤拷")
    if lost > _LOST_SHARE * len(head) and lost > _ENOUGH:
        return "Many characters were lost when the text was converted (\ufffd or 锟斤拷 stand in their place). Fetch the page again and save it as UTF-8."
    share = _frequent_share(head, frequent)
    if share >= _SOUND_SHARE:
        return None
    for written, read in _DETOURS:
        undone = _undo(head, written, read)
        if undone and len(frequent.intersection(undone)) >= _LEAST_FREQUENT and _frequent_share(undone, frequent) >= max(_UNDONE_SHARE, _LEAST_GAIN * share):
            return f"The text was written as {written} and once read as {read} ({head.strip()[:8]} for {undone.strip()[:6]}). Fetch it again, or undo it: text.encode('{read}').decode('{written}')."
    return None


def _undo(text: str, written: str, read: str) -> str | None:
    """Return the text before it was read wrongly; None if it cannot have been so."""
    with contextlib.suppress(UnicodeError):
        content = text.translate(_FROM_1252).encode("latin-1", errors="ignore") if read == "cp1252" else text.encode(read, errors="ignore" if read != "latin-1" else "strict")
        undone = content.decode(written, errors="replace")
        return undone if undone.count("\ufffd") <= _BROKEN_SHARE * len(undone) else None
    return None


def _frequent_share(text: str, frequent: frozenset[str]) -> float:
    """Return the share of frequent hanzi among the characters beyond ASCII, full-width punctuation aside."""
    foreign = [character for character in text if character > "\x7f" and not "\u3000" <= character <= "\u303f" and not "\uff00" <= character <= "\uffef"]
    return sum(character in frequent for character in foreign) / len(foreign) if len(foreign) >= _ENOUGH // 2 else 0.0
