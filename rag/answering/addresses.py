"""Addresses in a text, disguised ones too: what of an answer somebody, or a program, could be led to.

The net is wide. What is caught without need is lost only where no cited source has it; what slips through could carry
words of a document to whoever planted it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LEFT_OUT = "…"

_TLD = (
    "com|org|net|info|biz|edu|gov|mil|int|io|ai|app|dev|xyz|top|site|online|shop|club|live|link|click|page|pro|me|tv|cc"
    "|co|su|ru|kg|kz|uz|tj|tm|cn|us|uk|eu|de|fr|by|ua|example|test|invalid|localhost|onion|рф|рус|онлайн|сайт|кг|қаз"
)
_HOST = r"(?:[\w-]+\.)+"
_DOT = r"\s?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[точка\]|\(точка\))\s?"
# Spelt out, a dot is a common word: what follows must be a domain that there is, or a slash spelt out too.
_SAID_TLD = rf"(?:{_TLD}|ком|орг|ру|инфо|кейджи|экзампл)"
_SAID_SLASH = r"\s+(?:(?:forward\s+)?slash|слэш|слеш|косая(?:\s+черта)?)\s+[\w-]+"
_SAID = (
    r"(?:[\w.+-]+\s+(?:at|собака)\s+)?[\w-]+(?:\s+(?:dot|точка)\s+[\w-]+)*?"
    rf"\s+(?:dot|точка)\s+(?:{_SAID_TLD}\b(?:{_SAID_SLASH})*|[\w-]+(?:{_SAID_SLASH})+)"
)
_ADDRESS = re.compile(
    rf"(?:"
    rf"[a-z][a-z0-9+.-]{{1,20}}:\s?[\\/]{{2,4}}\S+"  # any scheme
    rf"|h[tx]{{2}}ps?\s?:\s?/?\s?/?\S+"  # and what it is disguised as
    rf"|\S*%(?:25)*(?:3a|2f)\S*"
    rf"|\S*//:s?ptth\S*"
    rf"|(?:javascript|vbscript|mailto|tel|magnet|blob):\s?\S+|data:\s?[\w-]+/[\w.+-]+\S*|file:/\S+"
    rf"|(?<![\w:/])//[\w-]+\.\S+"
    rf"|www\d?\.\S+"
    rf"|[\w.+-]+@{_HOST}\w{{2,}}"
    rf"|(?<![\w.])@\w{{3,}}"  # a name on a messenger
    rf"|(?:[\w-]+(?:{_DOT}))+\w{{2,}}\S*"
    rf"|\b(?:\d{{1,3}}\.){{3}}\d{{1,3}}\b(?:[:/]\S*)?"
    rf"|\b{_HOST}(?:[a-z]{{2,24}}|[A-Z]{{2,24}}|xn--[\w-]+)(?::\d+|[/?#])\S*"  # a host with something after it
    rf"|\b{_HOST}(?:{_TLD})\b(?!\.?\w)"  # or under a domain that there is
    rf"|\b(?:[\w-]+\.)*[\w-]*[^\W\d][\w-]+\.(?-i:[a-z]{{2,24}})\b(?!\.?\w)"  # or that there may be
    rf"|\b{_SAID}"
    rf")",
    re.I,
)
_TRAILING = ".,;:!?»”\"')]}"


def addresses(text: str) -> list[str]:
    """What in `text` is, or stands for, an address on a network.

    >>> addresses("See http://a.example/x?y=1, or write to me@b.org. It cost 2.5 million.")
    ['http://a.example/x?y=1', 'me@b.org']
    >>> addresses("It is at collect dot example slash a. From the point of view of the data: all is well.")
    ['collect dot example slash a']
    """
    return [m.group().rstrip(_TRAILING) for m in _ADDRESS.finditer(text)]


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
