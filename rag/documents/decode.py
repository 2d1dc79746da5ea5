"""From bytes to clean text: which encoding, whether it was garbled on the way, and what does not belong in a text.

A byte order mark decides, then strict UTF-8, then UTF-16 by its pattern of zeros, then how much the bytes look like
Russian in each of the encodings that Russian was written in. Nothing is guessed silently: what was not plain UTF-8 is
named in a note, and bytes that look like nothing are refused.
"""

from __future__ import annotations

import codecs
import contextlib
import re
import unicodedata

from rag.documents.content import MOST_CHARACTERS, Content
from rag.text.words import CYRILLIC, LATIN, WORD

_BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_RUSSIAN = ("cp1251", "koi8-r", "cp866")
# Percent of each letter in Russian news, rounded.
_FREQUENCY = dict(
    zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (11, 8.5, 8, 7.4, 6.7, 6.3, 5.5, 4.7, 4.5, 4.4, 3.5, 3.2, 3, 2.8, 2.6, 2, 1.9, 1.7, 1.7, 1.6, 1.6, 1.4, 1.2,
         1, 0.9, 0.7, 0.6, 0.5, 0.4, 0.3, 0.3, 0.05, 0.1), strict=True)
)  # fmt: skip
_LOOKS_RUSSIAN = 3.2  # mean frequency of the letters of Russian text is 5.5; of the wrong encoding's, about 2
_SAMPLE = 200_000

# Characters that show nothing but steer a reader or hide a message: tags, variation selectors, zero-width and bidi
# controls, the soft hyphen; and controls other than tab and line feed.
_INVISIBLE = re.compile(
    "[\U000e0000-\U000e007f\U000e0100-\U000e01ef\ufe00-\ufe0f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad\u180e"
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)
# UTF-8 that was read as cp1251 («РџСЂРµ»), as cp1252 («ÐŸÑ€Ðµ»), or as cp866 («╨Я╤А╨╡») and saved again.
_GARBLED = re.compile(
    r"(?:[РС][\u0080-\u00bf\u0402-\u040f\u0452-\u045f\u2013-\u203a\u20ac\u2116\u2122°±µ¶·»Ѓѓ‚„…†‡€‰‹‘’“”•–—™›њќћџЎўЈ¤Ґ¦§Ё©Є«¬®Ї"
    r"Ііґё№єјЅѕї]){3}|(?:[ÐÑ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122\u02c6\u02dc\u0192]){3}|(?:[╨╤].){3}"
)
_GARBLERS = ("cp1251", "cp1252", "latin-1", "cp866")
_LOST = re.compile("\ufffd")


def decode(data: bytes) -> Content:
    """The text of `data`, cleaned, with a note on anything out of the ordinary; or a `problem`."""
    encoding = _encoding(data)
    if encoding is None:
        return Content("", problem="binary" if b"\0" in data else "encoding")
    bom = next((bom for bom, name in _BOMS if data.startswith(bom)), b"")
    text = data[len(bom) :].decode(encoding, "replace")
    if text.isspace():
        return Content("")
    if len(text) > MOST_CHARACTERS:
        return Content("", problem="too_long")  # before anything is made of it
    notes = [] if encoding == "utf-8" else [("encoding", encoding)]
    if _GARBLED.search(text):
        mended = _mend(text)
        if mended is None:
            return Content("", problem="garbled")
        text = mended
        notes.append(("mended", ""))
    if lost := len(_LOST.findall(text)):
        notes.append(("lost", str(lost)))
    return Content(clean(text), notes=tuple(notes))


def clean(text: str) -> str:
    """Text as it is stored: NFC, line ends as \\n, no invisible characters. Cleaning twice changes nothing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


# Somewhere in a word of both scripts a letter of one follows one of the other, with none of either between them.
_NEITHER = rf"(?:(?!{CYRILLIC.pattern}|{LATIN.pattern})[^\W\d_]|['’ʼ])*"
_MIXED = re.compile(rf"{CYRILLIC.pattern}{_NEITHER}{LATIN.pattern}|{LATIN.pattern}{_NEITHER}{CYRILLIC.pattern}")


def mixed_script(text: str) -> list[str]:
    """Words with letters of both scripts: look-alikes put in by a trick or by a slip. They are left as they stand."""
    if not (CYRILLIC.search(text) and LATIN.search(text) and _MIXED.search(text)):
        return []  # most texts have letters of one only, and that is soon seen
    found = (m.group() for m in WORD.finditer(text))
    return list(dict.fromkeys(word for word in found if CYRILLIC.search(word) and LATIN.search(word)))


def _encoding(data: bytes) -> str | None:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    if wide := _wide(data):
        return wide
    if b"\0" in data:
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _nearly_utf8(data[:_SAMPLE]) else _single_byte(data[:_SAMPLE])
    return "utf-8"


def _nearly_utf8(data: bytes) -> bool:
    """UTF-8 with a few bytes broken, cut off within a character, or with half characters that are not allowed in it."""
    with contextlib.suppress(UnicodeDecodeError):
        data.decode("utf-8", "surrogatepass")
        return True
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(c >= "\x80" for c in text) - broken > 20 * broken


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte is 0 (Latin, spaces) or 4 (Cyrillic), the rest are not."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return None
    for name, high, low in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if sum(b in (0, 4) for b in high) >= 0.95 * len(high) and sum(b in (0, 4) for b in low) <= 0.3 * len(low):
            return name
    return None


def _single_byte(data: bytes) -> str | None:
    high = sum(b >= 0x80 for b in data)
    ascii_letters = sum(65 <= b <= 90 or 97 <= b <= 122 for b in data)
    if high * 8 <= ascii_letters:
        return "cp1252"  # mostly English, with a few quotation marks, dashes or accents
    scores = {name: _russian(data.decode(name, "replace")) for name in _RUSSIAN}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= _LOOKS_RUSSIAN else None


def _russian(text: str) -> float:
    """How much a text looks like Russian: the mean frequency of its letters, less for what Russian does not do."""
    letters = strange = 0
    total = 0.0
    before = " "
    for c in text:
        frequency = _FREQUENCY.get(c.lower())
        if frequency is not None:
            letters += 1
            total += frequency
            strange += c.isupper() and before.islower()  # kOI8 and cp1251 have the cases the other way round
        elif c >= "\x80" and not c.isspace() and c not in "«»—–“”„…№’‘":
            strange += 1
        before = c
    return (total - 8 * strange) / letters if letters else 0.0


def _mend(text: str) -> str | None:
    """A text whose encoding was mistaken once, set right; None where that can't be done without loss."""
    for name in _GARBLERS:
        try:
            # 0x98 has no character in cp1251; decoders that pass it through leave U+0098 behind.
            data = b"".join(b"\x98" if c == "\x98" else c.encode(name) for c in text)
            mended = data.decode("utf-8")
        except UnicodeError:
            continue
        if CYRILLIC.search(mended):
            return mended
    return None
