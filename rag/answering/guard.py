"""What a model may not put in front of a reader, whatever it was talked into: addresses, links, images and markup that
are not in what it cites, and sentences in another language than the answer's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.text.words import CYRILLIC, LATIN, STOP_EN, words

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]")
_TAG = re.compile(r"<(?:!--.*?(?:-->|$)|[/!?]?[a-zA-Z][^<>]*(?:>|$))", re.S)
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)?|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)?")
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|~~|`{1,3})(?=\S)(.+?)(?<=\S)\1")
_LINE_START = re.compile(r"^\s*(?:#{1,6}\s+|[-*+•]\s+|>\s*)")

_TLD = (
    "com|org|net|info|biz|edu|gov|mil|int|io|ai|app|dev|xyz|top|site|online|shop|club|live|link|click|page|pro|me|tv|cc"
    "|co|su|ru|kg|kz|uz|tj|tm|cn|us|uk|eu|de|fr|by|ua|example|test|invalid|localhost|onion|рф|рус|онлайн|сайт|кг|қаз"
)
_HOST = r"(?:[\w-]+\.)+"
_DOT = r"\s?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[точка\]|\(точка\))\s?"
_ADDRESS = re.compile(
    rf"(?:"
    rf"[a-z][a-z0-9+.-]{{1,20}}:\s?//\S+"  # any scheme
    rf"|h[tx]{{2}}ps?\s?:\s?/?\s?/?\S+"  # and what it is disguised as
    rf"|(?:javascript|data|vbscript|mailto|tel|file|blob|magnet):\s?\S+"
    rf"|(?<![\w:/])//[\w-]+\.\S+"
    rf"|www\d?\.\S+"
    rf"|[\w.+-]+@{_HOST}\w{{2,}}"
    rf"|(?:[\w-]+(?:{_DOT}))+\w{{2,}}\S*"
    rf"|\b(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?::\d+|/)\S*"
    rf"|\b{_HOST}(?:[a-z]{{2,24}}|[A-Z]{{2,24}}|xn--[\w-]+)(?::\d+|[/?#])\S*"  # a host with something after it
    rf"|\b{_HOST}(?:{_TLD})\b(?![.\w])"  # or under a domain that there is
    rf")",
    re.I,
)
_TRAILING = ".,;:!?»”\"')]}"
LEFT_OUT = "…"

_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|„[^“”]*[“”]|\"[^\"]*\"")
_OTHER_CYRILLIC = frozenset("ңөүұқғһәіїєґўјљњћђџҷҳӣӯ")
# Small words of French, German, Spanish, Italian, Portuguese and Turkish.
_OTHER_LATIN = (
    frozenset(
        """
        le la les des du et est une dans qui pour avec sur sont ont été der die das und ist nicht ein eine mit von zu
        den im auf el los las del es en y que por con una se il lo gli della di che per sono os um uma não ve bir bu
        """.split()
    )
    - STOP_EN
)


def addresses(text: str) -> list[str]:
    """What in `text` is, or stands for, an address on a network.

    >>> addresses("See http://a.example/x?y=1, or write to me@b.org. It cost 2.5 million.")
    ['http://a.example/x?y=1', 'me@b.org']
    """
    return [m.group().rstrip(_TRAILING) for m in _ADDRESS.finditer(text)]


def without_markup(text: str) -> str:
    """`text` as plain words: no tags, no images, of links their words and address, no emphasis, headings or bullets.

    >>> without_markup("**See** <b>[this](http://a.example)</b> ![x](http://b.example/p.png)")
    'See this (http://a.example)'
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text) if _disguised(text) else text)
    text = _LINE_START.sub("", _TAG.sub("", text))
    text = _LINK.sub(lambda m: f"{m[1]} ({m[2].split(' ')[0]})" if m[2].strip() else m[1], _IMAGE.sub("", text))
    for _ in range(3):
        text = _EMPHASIS.sub(r"\2", text)
    return " ".join(text.split())


def without_addresses(text: str, cited: Sequence[str]) -> tuple[str, bool]:
    """`text` with `LEFT_OUT` in place of each address that is not in one of the `cited` texts; and whether one was."""
    allowed = {a.casefold() for quote in cited for a in addresses(quote)}
    taken = False

    def judge(m: re.Match[str]) -> str:
        nonlocal taken
        address = m.group().rstrip(_TRAILING)
        if address.casefold() in allowed:
            return m.group()
        taken = True
        return LEFT_OUT + m.group()[len(address) :]

    return _ADDRESS.sub(judge, text), taken


def in_language(text: str, language: str) -> bool:
    """Whether `text`, apart from what it quotes, can be a sentence of an answer in `language` ("en", "ru")."""
    own = _QUOTED.sub(" ", text)
    letters = sum(c.isalpha() for c in own)
    cyrillic, latin = len(CYRILLIC.findall(own)), len(LATIN.findall(own))
    mine, other = (cyrillic, latin) if language == "ru" else (latin, cyrillic)
    if letters < 4:
        return True
    if mine < other or letters - cyrillic - latin > 0.3 * letters:
        return False
    if language == "ru":
        return sum(c in _OTHER_CYRILLIC for c in own.lower()) <= 0.06 * cyrillic
    lower = [w.lower for w in words(own)]
    foreign = sum(w in _OTHER_LATIN for w in lower)
    return foreign < 2 or foreign <= sum(w in STOP_EN for w in lower)


def _disguised(text: str) -> bool:
    """Whether `text` has the wide or mathematical letters that look like others and normalise to them."""
    return any("\uff01" <= c <= "\uff5e" or "\U0001d400" <= c <= "\U0001d7ff" or c in "․。．∕⁄" for c in text)
