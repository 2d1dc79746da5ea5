"""Page furniture in plain text: share buttons, invitations, cookie banners, menus. Whole lines go, never part of one.

A line goes only where it is nothing but furniture: it matches one of the phrases below from end to end, or it is an
invitation that names what it invites to. What is left of an article are its own sentences, unchanged.
"""

from __future__ import annotations

import re

_PHRASE = re.compile(
    r"""
    share|share\ this(?:\ (?:article|post|page|story))?|share\ (?:on|via|with|to)\ [\w\ +,/]{2,40}|tweet|print
    |e-?mail|copy\ link|leave\ a\ (?:reply|comment)|(?:\d+\ |no\ )?comments?(?:\ \(?\d+\)?)?|add\ a\ comment
    |post\ a\ comment|cancel\ reply|related\ (?:posts?|articles?|news|stories|topics)|read\ (?:more|also|next)
    |see\ also|you\ may\ also\ like|more\ (?:news|stories)|recommended(?:\ for\ you)?|trending(?:\ now)?
    |most\ (?:read|popular)|latest\ news|menu|search|log\ ?in|sign\ (?:in|up)|register|subscribe(?:\ now)?
    |skip\ to\ (?:main\ )?content|back\ to\ top|go\ back|(?:next|previous)\ (?:article|post)
    |advertis(?:ement|ing)|sponsored(?:\ content)?|close|loading\.{0,3}|accept(?:\ all)?(?:\ cookies)?
    |(?:©|\(c\)|copyright)\ .{0,80}|all\ rights\ reserved.{0,40}|.{0,60}\ all\ rights\ reserved|поделиться
    |поделиться\ (?:в|с|через)\ [\w\ ,/]{2,40}
    |поделитесь(?:\ (?:с\ друзьями|новостью|статьей|этой\ (?:новостью|статьей)))?|оставить\ комментарий
    |добавить\ комментарий|комментарии(?:\ \(?\d+\)?)?|комментариев\ (?:нет|пока\ нет|\d+)|обсудить
    |читайте\ (?:также|еще|далее)|читать\ (?:далее|дальше|также|полностью)|смотрите\ также|по\ теме
    |материалы\ по\ теме|похожие\ (?:новости|статьи|материалы)|другие\ новости|ещ[её]\ новости
    |последние\ новости|самое\ (?:читаемое|популярное)|популярное|меню|поиск|войти|вход|регистрация
    |подписаться|на\ главную|наверх|вверх|назад|в\ начало|реклама|на\ правах\ рекламы|распечатать
    |версия\ для\ печати|скопировать\ ссылку|отправить|закрыть|принять(?:\ вс[её])?|согласен
    |все\ права\ защищены.{0,60}
    |при\ (?:полном\ или\ частичном\ )?использовании\ материалов\ .{0,120}ссылка\ .{0,60}обязательна
    """,
    re.I | re.X,
)
_NETWORK = (
    r"facebook|twitter|x|google\+?|google news|pinterest|linkedin|tumblr|telegram|whats\s?app|viber|vk|vkontakte|"
    r"instagram|"
    r"youtube|reddit|messenger|odnoklassniki|tik\s?tok|email|e-mail|rss|вконтакте|вк|одноклассники|ок|фейсбук|твиттер|"
    r"телеграм|ватсап|вайбер|инстаграм|дзен|ютуб|livejournal|skype|flipboard|pocket|print"
)
_NETWORKS = re.compile(rf"(?:(?:{_NETWORK})[\s,|/·•+]*){{2,}}", re.I)
_INVITATION = re.compile(
    r"(?:подпи(?:сывайтесь|шитесь|ситесь)|присоединяйтесь|читайте нас|следите за (?:нами|нашими)|смотрите нас"
    r"|оформите подписку|хотите (?:узнавать|получать|быть)|больше новостей"
    r"|subscribe|follow (?:us|our)|join (?:us|our)|sign up|get (?:the )?(?:latest|our)|like us"
    r"|stay (?:tuned|up to date))\b.{0,160}"
    r"\b(?:канал|телеграм|telegram|инстаграм|instagram|facebook|фейсбук|youtube|ютуб|whatsapp|ватсап|newsletter|рассылк|"
    r"twitter|соцсет|социальн|google news|дзен|группу|channel|inbox|mailing|страниц)",
    re.I,
)
_COOKIES = re.compile(
    r"(?:\b(?:we|this|our|the)\b.{0,40}\buses?\b|используе[тм]|использовани[ея]|обрабатыва|продолжая|by continuing)"
    r".{0,120}(?:cookie|куки)",
    re.I,
)
_MENU_WORDS = frozenset(
    """
    home news about contact contacts politics economy sport sports society culture world business opinion video photo
    archive tags rss en ru kg ru/en language русский english кыргызча главная новости контакты политика экономика спорт
    общество культура мир бизнес мнения видео фото архив теги рубрики происшествия реклама редакция погода
    """.split()
)
_SEPARATORS = re.compile(r"\s*[|•·»/>]\s*|\s{3,}|\t")
_WEEKDAY_LINE = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+(?:[a-z]{3,9}\.?\s+\d{1,2}|\d{1,2}\s+[a-z]{3,9})"
    r"|(?:понедельник|вторник|среда|четверг|пятница|суббота|воскресенье),?\s+\d{1,2}\s+[а-яё]{3,9})(?:,?\s+\d{1,2}:\d\d)?",
    re.I,
)
LONGEST = 250  # no line of furniture is longer
_LONG_LINE = 80  # a line of an article's body, as opposed to a menu's item


def without_furniture(text: str) -> str:
    """`text` without the lines that are page furniture; the rest as it stands.

    >>> without_furniture("Ministers met.\\nShare.\\nFacebook Twitter +\\nThey will share the costs.")
    'Ministers met.\\nThey will share the costs.'
    """
    lines = text.split("\n")
    drop = {i for i, line in enumerate(lines) if is_furniture(line)}
    drop |= _menu(lines)
    if not drop:
        return text
    kept = "\n".join(line for i, line in enumerate(lines) if i not in drop)
    return re.sub(r"\n{3,}", "\n\n", kept).strip("\n") + ("\n" if text.endswith("\n") and kept.strip() else "")


def is_furniture(line: str) -> bool:
    """Whether a line is nothing but page furniture."""
    bare = line.strip().strip(".:!»«>›→|-–—•*#").strip()
    if not bare or len(bare) > LONGEST:
        return False
    if _PHRASE.fullmatch(bare) or _NETWORKS.fullmatch(line.strip()) or _WEEKDAY_LINE.fullmatch(bare):
        return True
    if _INVITATION.match(bare) or _COOKIES.search(bare):
        return True
    parts = [part for part in _SEPARATORS.split(bare) if part]
    return len(parts) >= 4 and sum(part.lower() in _MENU_WORDS for part in parts) >= len(parts) / 2


def _menu(lines: list[str]) -> set[int]:
    """Short lines above the first and below the last long one, where half of them are what menus say.

    The line right above the body is its headline and stays.
    """
    long = [i for i, line in enumerate(lines) if len(line.strip()) >= _LONG_LINE]
    if not long:
        return set()
    drop: set[int] = set()
    above = [i for i in range(long[0]) if lines[i].strip()]
    below = [i for i in range(long[-1] + 1, len(lines)) if lines[i].strip()]
    for block in (above[:-1], below):
        items = [i for i in block if lines[i].strip().strip("•-–*> ").lower() in _MENU_WORDS]
        if len(items) >= 3 and len(items) >= len(block) / 2:
            drop |= set(items)
    return drop
