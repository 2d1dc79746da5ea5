"""Every format, every encoding that Russian was written in, page furniture, and what a text says of its own date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.documents import parse
from rag.documents.content import Content
from rag.documents.dateline import with_dateline
from rag.documents.decode import decode, mixed_script
from rag.documents.furniture import is_furniture, without_furniture
from rag.documents.pdf import unwrap, without_running_heads
from rag.documents.readers import READERS, format_of
from rag.documents.sandbox import Sandbox
from rag.errors import Unreadable
from rag.types import Document
from tests.make_files import PARAGRAPH, RUSSIAN, docx, html, pdf, rtf

TEXTS = {
    "ru": "Переговоры прошли в Бишкеке. Стороны подписали протокол о торговле, сообщила пресс-служба президента.",
    "en": "The talks were held in Bishkek. The parties “signed” a protocol on trade — the president’s office said.",
}
LENGTHS = {"word": 1, "headline": 3, "sentence": 5, "paragraph": 40, "article": 2000}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox()
    yield opened
    opened.close()


def read(sandbox: Sandbox, name: str, data: bytes | str) -> Document:
    return parse(Path("/library") / name, data.encode() if isinstance(data, str) else data, sandbox).document


# ---- encodings


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_at_every_length(encoding: str, length: str, language: str) -> None:
    words = (TEXTS[language].split() * 200)[: LENGTHS[length]]
    # Quotation marks and dashes are not in all of these encodings; letters are.
    text = (
        " ".join(words)
        if encoding.startswith(("utf", "cp1251"))
        else " ".join(words).translate(str.maketrans("“”—’", '""-\''))
    )
    content = decode(text.encode(encoding))
    assert content.text == text
    plain = encoding in ("utf-8", "utf-8-sig") or (text.isascii() and not encoding.startswith("utf-16"))
    assert bool(content.notes) != plain


@pytest.mark.parametrize("wrong", ["cp1251", "cp1252", "latin-1", "cp866"])
def test_letters_garbled_by_a_wrong_encoding_are_set_right(wrong: str) -> None:
    text = "Президент подписал указ о выборах в парламент"
    garbled = text.encode().decode(wrong, "surrogateescape").encode("utf-8", "surrogatepass")
    if wrong == "latin-1":
        garbled = text.encode().decode("latin-1").encode()
    content = decode(garbled if wrong != "cp1252" else "Ð¿Ð¾Ð´Ð²ÐµÐ»".encode())
    assert content.text == (text if wrong != "cp1252" else "подвел")
    assert ("mended", "") in content.notes


def test_letters_that_are_lost_are_not_guessed() -> None:
    assert decode("РџСЂРµР·РёРґРµРЅС‚ РїРѕРґРїРёС?Р°Р» СѓРєР°Р·".encode()).problem == "garbled"


def test_utf8_that_was_cut_off_is_still_utf8() -> None:
    content = decode((RUSSIAN * 3)[:-30].encode() + b"\xd0")
    assert content.text.startswith(RUSSIAN)
    assert content.notes == (("lost", "1"),)


def test_mixed_scripts_are_flagged_and_left_alone(sandbox: Sandbox) -> None:
    slip = "Прeзидент Кыргызстана и COVID-19. " + RUSSIAN
    result = parse(Path("/library/slip.txt"), slip.encode(), sandbox)
    assert result.document.text == slip
    assert result.notes == (("mixed_script", "Прeзидент (1)"),)
    assert mixed_script("Kyrgyz и русский") == []


# ---- formats


def test_every_reader_survives_anything() -> None:
    for format, reader in READERS.items():
        for data in (
            b"",
            b"\0",
            b"{",
            b"<",
            b"%PDF-1.7",
            b"PK\x03\x04",
            bytes(range(256)) * 4,
            RUSSIAN.encode("koi8-r"),
        ):
            content = reader(data)
            assert isinstance(content, Content), format


def test_html(sandbox: Sandbox) -> None:
    head = (
        '<meta property="og:title" content="Talks in Bishkek">'
        '<meta property="article:published_time" content="2024-05-04">'
        '<meta property="og:site_name" content="The News">'
    )
    page = html(
        [PARAGRAPH * 3, "A bridge of 1 June 2019 was mentioned. " * 6], title="Talks in Bishkek — The News", head=head
    )
    document = read(sandbox, "talks.html", page)
    assert document.text.count(PARAGRAPH) == 3
    assert (document.title, document.date, document.language) == ("Talks in Bishkek", "2024-05-04", "en")
    assert "News" in (document.source or "")
    for furniture in ("cookies", "Facebook", "Leave a Reply", "All rights", "Home"):
        assert furniture not in document.text


def test_a_date_that_is_merely_mentioned_is_not_the_pages(sandbox: Sandbox) -> None:
    assert read(sandbox, "a.html", html([PARAGRAPH * 3, "It was 3 May 2024. " * 9])).date is None


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r"])
def test_html_says_its_encoding(sandbox: Sandbox, encoding: str) -> None:
    page = html([RUSSIAN * 3], title="Переговоры", head=f'<meta charset="{encoding}">').replace("©", "(c)")
    document = read(sandbox, "a.htm", page.encode(encoding))
    assert document.text.count(RUSSIAN) == 3
    assert document.title == "Переговоры"


def test_pdf(sandbox: Sandbox) -> None:
    body = [
        line
        for text in (RUSSIAN, PARAGRAPH)
        for line in (text[: text.rfind(" ", 0, 60)], text[text.rfind(" ", 0, 60) + 1 :], "")
    ]
    ends = [("A dam was", "and a road."), ("The sea is", "so far away."), ("No news of", "the delegation.")]
    pages = [
        ["The News", a, b, "", *body, "", *end, f"page {n}"] for n, (a, b) in enumerate(ends) for end in [ends[n - 1]]
    ]
    document = read(sandbox, "talks.pdf", pdf(pages, title="Переговоры", created="D:20240504120000Z"))
    assert (document.title, document.date) == ("Переговоры", "2024-05-04")
    assert document.text.count(RUSSIAN) == 3
    assert document.text.count(PARAGRAPH) == 3
    assert "page" not in document.text
    assert "The News" not in document.text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf([[PARAGRAPH]], encrypt=True), "encrypted"),
        (pdf([[]], content=b"0 0 100 100 re f"), "scanned"),
        (pdf([[PARAGRAPH]])[:200], "damaged"),
        (b"plain text", "damaged"),
    ],
)
def test_a_pdf_without_text_says_why(sandbox: Sandbox, data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(sandbox, "a.pdf", data)
    assert caught.value.reason == reason


def test_lines_of_a_page_are_joined() -> None:
    lines = [
        "The ministers met in Bish-",
        "kek and spoke at length of",
        "trade.",
        "They parted.",
        "",
        "A new paragraph.",
    ]
    assert (
        unwrap(lines) == "The ministers met in Bishkek and spoke at length of trade.\nThey parted.\n\nA new paragraph."
    )
    assert unwrap([]) == ""
    assert without_running_heads([["Head 1", "text one"], ["Head 2", "text two"]]) == [
        ["Head 1", "text one"],
        ["Head 2", "text two"],
    ]


def test_docx(sandbox: Sandbox) -> None:
    data = docx([RUSSIAN, PARAGRAPH], heading="Переговоры", items=("дорога", "мост"))
    document = read(sandbox, "talks.docx", data)
    assert document.text == f"Переговоры\n\n{RUSSIAN}\n\n{PARAGRAPH}\n\n• дорога\n\n• мост\n\nOsh | 300,000"
    assert (document.title, document.date) == ("Переговоры", None)
    assert read(sandbox, "b.docx", docx([PARAGRAPH], title="The title")).title == "The title"


def test_rtf(sandbox: Sandbox) -> None:
    document = read(sandbox, "talks.rtf", rtf(RUSSIAN, title="Переговоры"))
    assert (document.text.strip(), document.title, document.language) == (RUSSIAN, "Переговоры", "ru")


@pytest.mark.parametrize(
    ("name", "data", "format"),
    [
        ("a.txt", pdf([[PARAGRAPH]]), ".pdf"),
        ("a.pdf", docx([PARAGRAPH]), ".docx"),
        ("a.txt", html([PARAGRAPH * 3]).encode(), ".html"),
        ("a.docx", rtf(PARAGRAPH), ".rtf"),
    ],
)
def test_a_wrong_suffix_does_no_harm(sandbox: Sandbox, name: str, data: bytes, format: str) -> None:
    assert format_of(Path(name).suffix, data) == format
    result = parse(Path("/library") / name, data, sandbox)
    assert PARAGRAPH in result.document.text
    assert ("format", format) in result.notes


# ---- furniture and datelines


FURNITURE = [
    "Share", "Share.", "Share this article", "Share on Facebook", "Leave A Reply", "Leave a comment", "No comments",
    "Google+ Pinterest LinkedIn Tumblr +", "Facebook | Twitter | Telegram", "Facebook Вконтакте Одноклассники",
    "Read also:", "Related posts", "© 2024 The News. All rights reserved.", "Wednesday, April 24", "Среда, 24 апреля",
    "Subscribe to our Telegram channel", "Follow us on Facebook and Instagram for the latest news!",
    "Подписывайтесь на наш телеграм-канал.", "Подпишитесь на наш канал в Telegram — и будьте в курсе событий",
    "Читайте нас в Telegram, чтобы быть в курсе", "Поделиться", "Поделиться в Telegram", "Комментарии (12)",
    "Читайте также:", "Все права защищены. При использовании материалов ссылка обязательна",
    "We use cookies to improve your experience on our website.", "Мы используем файлы cookie для анализа трафика.",
    "Home | News | Politics | Economy | Contact", "Главная / Новости / Политика / Экономика",
]  # fmt: skip
ARTICLE = [
    "Ministers will share the costs of the new road.", "Share prices fell by 3 percent on Monday.",
    "Leave a reply to the ministry's letter until Friday, the note says.", "He commented on the results.",
    "The company uses a channel to bring water to the fields.", "Подписывайтесь под обращением, призвал он жителей.",
    "Комментарий министра: переговоры продолжатся.", "Читайте Айтматова, советовал президент школьникам.",
    "В среду, 24 апреля, стороны подписали протокол.", "On Wednesday, April 24, the parties signed a protocol.",
    "Telegram was founded in 2013.", "Follow the river and you will reach the dam.", "Новости", "Home",
    "Президент напомнил: поделиться опытом готовы все области.", "Реклама алкоголя запрещена с 1 июля.",
    "The search for survivors goes on.", "Меню школьных столовых изменится.", "",
]  # fmt: skip


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_goes(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize("line", ARTICLE)
def test_sentences_stay(line: str) -> None:
    assert not is_furniture(line)


def test_a_menu_goes_and_the_headline_stays() -> None:
    text = f"Home\nNews\nPolitics\nEconomy\nTalks in Bishkek\n{PARAGRAPH}\n\nShare\nNews\nSport\nVideo\n"
    assert without_furniture(text) == f"Talks in Bishkek\n{PARAGRAPH}\n"
    assert without_furniture("Osh\nNaryn\nTalas\n" + PARAGRAPH) == "Osh\nNaryn\nTalas\n" + PARAGRAPH


@pytest.mark.parametrize(
    ("text", "date", "left"),
    [
        ("4 May 2024\nTalks\nThey met.", "2024-05-04", "Talks\nThey met."),
        ("Talks\nPublished: Saturday, 4 May 2024, 12:30\nThey met.", "2024-05-04", "Talks\n\nThey met."),
        ("Переговоры\n04.05.2024 12:30\nОни встретились.", "2024-05-04", "Переговоры\n\nОни встретились."),
        ("Опубликовано: 4 мая 2024 г.\nОни встретились.", "2024-05-04", "Они встретились."),
        (" date 2024-05-04 They met.", "2024-05-04", "They met."),
        ("BISHKEK, 4 May 2024 (Kabar) — They met.", "2024-05-04", None),
        ("Бишкек, 4 мая 2024 года. /Кабар/. Они встретились.", "2024-05-04", None),
        ("They met. ///nCa, 4 May 2024 [photo: Kabar]", "2024-05-04", None),
        ("They met on 4 May 2024.", None, None),
        ("From 5 to 7 February 2025 he was in China.", None, None),
        ("On 4 May 2024, they met. It rained.", None, None),
        ("Talks of 4 May 2024\nThey met.", None, None),
        ("Wednesday, April 24\nThey met.", None, None),
        ("4 мая министры встретились.", None, None),
    ],
)
def test_datelines(text: str, date: str | None, left: str | None) -> None:
    content = with_dateline(Content(text))
    assert content.date == date
    assert content.text == (text if left is None else left)


def test_a_source_line_is_the_source() -> None:
    content = with_dateline(Content("They met.\n\nSource: https://example.org/news/1\n"))
    assert (content.text, content.source) == ("They met.", "https://example.org/news/1")
    assert with_dateline(Content("Source: unknown")).source is None


def test_what_is_known_already_wins() -> None:
    content = with_dateline(Content("4 May 2024\nThey met.", date="2024-05-05"))
    assert content.date == "2024-05-05"


def test_a_text_without_a_headline_is_titled_by_its_first_words(sandbox: Sandbox) -> None:
    assert read(sandbox, "000_2a73d6fa.txt", PARAGRAPH + " " + PARAGRAPH).title == (
        "The two ministers met in Bishkek on 3 May 2024 and signed an agreement on trade worth $40…"
    )
