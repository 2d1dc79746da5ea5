"""What is said to Suroo itself: a greeting, thanks, or a question about the library rather than about its subject.

Recognised by words alone, and only where every word of the text belongs to it: "Hello, when did he visit?" and "Which
documents did they sign?" are questions to the documents.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from rag.text.words import Word, fold, words

MISSPELT = 4  # letters, from which on a word may have one wrong
_FILLER = """
    there everyone everybody all dear friend friends bot suroo assistant again and ok okay well so please oh good great
    nice cool to you too very much lot a so for your the help answer answers that this it was helped helpful perfect
    wonderful is are indeed really
    всем всех еще раз и а ну друг друзья коллеги дорогой дорогие бот суроо ассистент помощник пожалуйста вам тебе вы ты
    мне за помощь ответ ответы очень большое огромное помог помогла помогли помогло это было все отлично супер хорошо
    понятно ясно окей ок да прекрасно здорово полезно
"""
_HELLO = """
    hello hi hey hiya howdy greetings hallo welcome salam
    здравствуй здравствуйте привет приветик приветствую приветствуем салам саламатсызбы здрасте здрасьте хай
"""
_HELLO_PAIRS = {
    *((a, b) for a in ("good",) for b in ("morning", "afternoon", "evening", "day")),
    *((a, b) for a in ("доброе", "добрый", "доброго") for b in ("утро", "день", "вечер", "дня", "утра", "вечера")),
    ("доброго", "времени"), ("времени", "суток"),
}  # fmt: skip
_THANKS = "thanks thank thx ty cheers спасибо спасибочки благодарю благодарим спс"
_BYE = "bye goodbye пока прощай прощайте"
_BYE_PAIRS = {("до", "свидания"), ("до", "встречи"), ("see", "you"), ("good", "night"), ("спокойной", "ночи")}

_DOCS_EN = r"(?:documents?|docs?|files?|texts?|articles?|sources?|materials?|papers?)"
_YOU_EN = r"(?:can|could|do|will|would) you"
_DOCS_RU = r"(?:документ\w*|файл\w*|текст\w*|стат(?:ья|ьи|ей|ьях)|источник\w*|материал\w*)"
_PHRASES: list[tuple[str, str]] = [
    (
        "who",
        r"(?:and )?(?:who|what)(?: exactly)? are you(?: exactly)?|(?:what|who) is suroo|what(?: is|'s) your name"
        r"|are you (?:a |an )?(?:real |live )?(?:bot|robot|human|person|program|machine|ai|chatgpt)"
        r"|who (?:made|created|built|wrote|developed) you|(?:please )?(?:introduce yourself|tell me about yourself)"
        r"|(?:а )?(?:кто|что) (?:ты|вы)(?: такое| такой| такая| такие)?|(?:а )?(?:ты|вы) кто(?: такой| такая| такие)?"
        r"|(?:кто|что) такое? (?:suroo|суроо)|как (?:тебя|вас) зовут"
        r"|(?:ты|вы) (?:бот|робот|человек|программа|нейросеть|живой|живая)"
        r"|кто (?:тебя|вас) (?:создал|сделал|написал|разработал)|представ(?:ься|ьтесь)|расскажите? о себе",
    ),
    (
        "can_do",
        r"what (?:else )?can you do(?: for me| here)?|what (?:are you able to do|do you do|do you know)"
        rf"|(?:what|how) {_YOU_EN} help(?: me| us)?(?: with)?|{_YOU_EN} help(?: me| us)?(?: please)?"
        r"|what can (?:i|we|one) ask(?: you)?(?: about| here)?|what can you (?:tell me|answer|tell us)(?: about)?"
        r"|(?:what|which|what kind of|what sort of) (?:questions|topics) (?:can|do) (?:i|we|you) (?:ask|answer|cover)"
        r"(?: you)?(?: about)?|(?:i need )?help(?: me| us)?(?: please)?|what are your (?:capabilities|features)"
        r"|how (?:do|can|should) i use (?:you|this|suroo)|(?:what|which) languages (?:do|can) you (?:speak|understand)"
        r"|do you (?:speak|understand|know) (?:english|russian)|(?:can|may) i ask(?: you)?(?: a question| something)?"
        r"|how are you(?: doing| today)?|how do you do"
        r"|(?:а )?что (?:еще )?(?:ты|вы) (?:еще )?(?:умеешь|умеете|можешь|можете|знаешь|знаете)(?: делать| сделать)?"
        r"|(?:а )?чем (?:ты |вы )?(?:можешь|можете|сможешь|сможете)(?: ты| вы)?(?: мне| нам)? "
        r"(?:помочь|быть (?:полезен|полезна|полезны))"
        r"|(?:о чем|про что|что) (?:можно|я могу)(?: у)?(?: тебя| вас)?(?: здесь| тут)? (?:спросить|спрашивать)"
        r"(?: у)?(?: тебя| вас)?|какие вопросы (?:можно|я могу)(?: тебе| вам)? (?:задать|задавать)(?: тебе| вам)?"
        r"|(?:мне нужна )?помощь|помоги(?:те)?(?: мне)?(?: пожалуйста)?|(?:ты |вы )?(?:можешь|можете)(?: мне)? помочь"
        r"|как (?:тобой|вами|suroo) пользоваться|(?:можно )?(?:задать |у тебя |у вас )?(?:спросить|вопрос)"
        r"|на каких языках (?:ты|вы) (?:говоришь|говорите|понимаешь|понимаете|отвечаешь|отвечаете)"
        r"|(?:ты|вы) (?:говоришь|говорите|понимаешь|понимаете) по (?:русски|английски)|как (?:у тебя )?дела",
    ),
]
_OF_PHRASES = [(kind, re.compile(rf"(?:{pattern})")) for kind, pattern in _PHRASES]

# A question about what the library holds is any order of these, a word for documents or for the library among them.
_HOLDINGS = re.compile(
    rf"{_DOCS_EN}|what|which|how|many|much|big|large|old|recent|fresh|new|up|to|date|dates?|do|does|have|has|you|your"
    r"|are|is|there|here|in|of|from|the|this|these|a|an|any|all|list|show|name|tell|give|me|us|about|know|hold|contain"
    r"|contains|holds|use|read|see|access|cover|covers|covered|library|collection|database|languages?|written|years?"
    r"|period|time|span|range|loaded|indexed|available|stored|latest|newest|oldest|english|russian|can|please|and|total"
    rf"|{_DOCS_RU}|как(?:ие|ой|ая|их|ого|ом)|сколько|у|тебя|вас|есть|имеется|имеются|в|на|с|за|от|по|из|и|а|всего|все"
    r"|список|мне|тебе|вам|твои|ваши|твоих|ваших|твоей|вашей|твоя|ваша|эти|эта|этой|о|об|чем|что|здесь|тут|библиотек\w*"
    r"|баз[аеу]|коллекци\w*|язык(?:и|ах|е|ов)?|написан\w*|составлен\w*|загружен\w*|доступн\w*|хран\w*|содерж\w*|год\w*"
    r"|лет|период\w*|врем\w*|дат(?:ы|а|ами|ой|ированы)|охватыва\w*|покаж\w*|перечисл\w*|выведи(?:те)?|назови(?:те)?|дай"
    r"|дайте|расскаж\w*|знаешь|знаете|чита\w*|использу\w*|пользу\w*|берешь|берете|свежи\w*|стар\w*|нов(?:ые|ых|ый)"
    r"|последн\w*|насколько|русск\w*|английск\w*|пожалуйста|можно|какому|каким|каком"
)
_DOCS = re.compile(rf"{_DOCS_EN}|{_DOCS_RU}|library|collection|database|библиотек\w*|коллекци\w*")
_OURS = re.compile(
    r"you|your|here|library|collection|database|loaded|indexed|available|stored|list|show"
    r"|тебя|вас|твои|ваши|твоих|ваших|твоей|вашей|твоя|ваша|ты|вы|знаешь|знаете|берешь|берете|здесь|тут|библиотек\w*"
    r"|коллекци\w*|загружен\w*|доступн\w*|список|покаж\w*|перечисл\w*"
)
_DIGIT = re.compile(r"\d")
_ASKS_DOCS = re.compile(r"what|which|how|list|show|как\w+|сколько|на|список|покаж\w*|перечисл\w*|из|о|что|do|is|есть")


def asked_about(text: str, follows: bool = False) -> str | None:
    """What a text says to Suroo or asks about its library: "hello", "thanks", "bye", "who", "can_do", "documents".

    None for a question to the documents. `follows`: there are turns before, which "Which documents?" would lean on.

    >>> asked_about("Привт! 👋"), asked_about("What documents do you have?"), asked_about("Hello, when did he visit?")
    ('hello', 'documents', None)
    """
    found = words(text)
    if not found:
        return "hello" if any(unicodedata.category(c) == "So" for c in text) else None
    lower = [_respelled(word.lower) for word in found]
    kind, rest = _courtesy(found, lower, names="?" not in text)
    if not rest:
        return kind
    asked = " ".join(rest).replace("’", "'")
    for name, phrase in _OF_PHRASES:
        if phrase.fullmatch(asked):
            return name
    return "documents" if not _DIGIT.search(text) and _asks_for_holdings(rest, follows) else None


def _courtesy(found: list[Word], lower: list[str], names: bool) -> tuple[str | None, list[str]]:
    """Which courtesy a text begins with, and the words after it: none where it says nothing else.

    `names`: a capitalised word or two after it are whom it is said to.
    """
    vocabulary = _courtesies()
    pairs = set(pairwise(lower))
    kind = next(
        (
            name
            for name, single, double in (
                ("thanks", _THANKS, set[tuple[str, str]]()),
                ("bye", _BYE, _BYE_PAIRS),
                ("hello", _HELLO, _HELLO_PAIRS),
            )
            if not set(single.split()).isdisjoint(lower) or pairs & double
        ),
        None,
    )
    if kind is None:
        return None, lower
    others = [i for i, word in enumerate(lower) if word not in vocabulary]
    if not others:
        return kind, []
    if names and len(others) <= 2 and all(i and found[i].capitalised for i in others) and len(lower) <= 5:
        return kind, []
    first = next((i for i, word in enumerate(lower) if word not in vocabulary or word in _BEGINS), len(lower))
    return kind, lower[first:]


_BEGINS = frozenset(fold("are is all a the и а у вы ты за это все").split())  # of a question, after a courtesy


def _asks_for_holdings(rest: list[str], follows: bool) -> bool:
    if "old" in rest and "library" in rest:
        return False  # of a house with books in it
    return (
        all(_HOLDINGS.fullmatch(word) for word in rest)
        and any(_DOCS.fullmatch(word) for word in rest)
        and any(_ASKS_DOCS.fullmatch(word) for word in rest)
        and (not follows or any(_OURS.fullmatch(word) for word in rest))
    )


@lru_cache(maxsize=1)
def _courtesies() -> frozenset[str]:
    pairs = {word for pair in _HELLO_PAIRS | _BYE_PAIRS for word in pair}
    return frozenset(f"{_FILLER} {_HELLO} {_THANKS} {_BYE}".split()) | pairs


@lru_cache(maxsize=1)
def _spelt() -> frozenset[str]:
    """The words that are known here, as they are to be spelt."""
    of_phrases = {word for _, pattern in _PHRASES for word in re.findall(r"[^\W\d_]{5,}", pattern)}
    more = "documents document articles sources library collection languages language документы документов библиотеке"
    return _courtesies() | of_phrases | frozenset(more.split())


@lru_cache(maxsize=1000)
def _respelled(lower: str) -> str:
    """A word with one letter wrong, missing, extra or swapped as it is to be spelt."""
    if lower in _spelt() or len(lower) < MISSPELT or _HOLDINGS.fullmatch(lower):
        return lower
    near = [
        word for word in _spelt()
        if word[0] == lower[0] and len(word) > MISSPELT and OSA.distance(word, lower, score_cutoff=1) <= 1
    ]  # fmt: skip
    return min(near, default=lower)
