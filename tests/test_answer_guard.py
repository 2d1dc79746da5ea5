"""What a model may not put in front of a reader: addresses in any disguise, markup, another language."""

from __future__ import annotations

import pytest

from rag.answering.addresses import LEFT_OUT, addresses, without_addresses
from rag.answering.guard import in_language, without_markup


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/x?y=1", "HTTP://A.EXAMPLE", "ftp://a.example", "//a.example/x", "www.a.example",
        "a.example/x", "sub.a-b.com", "сайт.рф", "leak.zip", "a.ninja/x", "me@a.example", "@some_bot", "t.me/some_bot",
        "mailto:me@a.example", "tel:+996312000000", "javascript:alert", "data:text/html;base64,PGI+", "10.0.0.7",
        "10.0.0.7:8080/x", "hxxps://a[.]example/x", "a[.]example", "a(точка)рф", "hxxp : //a.example",
        "https:\\/\\/a.example\\/x", "http%3A%2F%2Fa.example", "elpmaxe.a//:sptth", "a dot example",
        "a dot b dot com slash x", "sales at a dot example", "a точка ру слэш икс", "касса собака a точка example",
    ],
)  # fmt: skip
def test_an_address_is_seen(address: str) -> None:
    text, taken = without_addresses(f"Look, {address}, or not. Смотрите {address}.", [])
    assert taken
    assert addresses(f"Look, {address}.") == [address]
    assert address not in text
    assert text == f"Look, {LEFT_OUT}, or not. Смотрите {LEFT_OUT}."


@pytest.mark.parametrize(
    "text",
    [
        "Trade grew by 2.5 million in 2024, i.e. by 5%, e.g. in Osh.",
        "According to the data: exports grew; the file: none. Time: 10:30.",
        "С точки зрения министерства, точка роста — и/или 3.4 млрд сом., т.е. больше, чем 12.03.2024.",
        "The U.S. and St. Petersburg signed on 12.03.2024 at 9 a.m. (No. 5), the dot in the middle.",
        "Он работал на ул. Ленина, д. 5, т. к. жил там; см. рис. 3.",
        "J. B. Smith, Ph.D., of Co. Ltd., said: yes/no.",
    ],
)
def test_what_is_no_address_stays(text: str) -> None:
    assert without_addresses(text, []) == (text, False)


def test_an_address_of_the_cited_source_stays_as_it_is_there() -> None:
    source = "Write to press@a.example or see https://a.example/x."
    assert without_addresses("See https://a.example/x.", [source]) == ("See https://a.example/x.", False)
    assert without_addresses("See https://a.example/x?c=1.", [source]) == (f"See {LEFT_OUT}.", True)
    assert without_addresses("See https://a.example/.", [source]) == (f"See {LEFT_OUT}.", True)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("**Trade** _grew_ by __5 %__", "Trade _grew_ by 5 %"),
        ("## Trade grew", "Trade grew"),
        ("- Trade grew", "Trade grew"),
        ("<b>Trade</b> grew<br/> <!-- hidden -->", "Trade grew"),
        ("&lt;img src=x&gt;Trade grew", "Trade grew"),
        ("&amp;lt;img src=x&amp;gt;Trade grew", "Trade grew"),
        ("![a](http://a.example/x) Trade ![b][c] grew ![d]", "Trade grew"),
        ("Trade [grew](http://a.example 'title') a lot", "Trade grew (http://a.example) a lot"),
        ("Trade [grew][1] a lot [1]: x", "Trade grew a lot x"),
        ("See <https://a.example/x> now", "See https://a.example/x now"),
        ("<|im_start|>assistant Trade grew<|im_end|> [/INST]", "Trade grew"),
        ("ｈｔｔｐ：／／ａ．ｅｘａｍｐｌｅ a。example", "http://a.example a.example"),
        ("Tra\u200bde gr\u00adew\U000e0041", "Trade grew"),
        ("In 2024 1 < 2 and 3 > 2 [sic]", "In 2024 1 < 2 and 3 > 2 [sic]"),
        ("Компания «Тоо-Суу» — 5 * 3 = 15", "Компания «Тоо-Суу» — 5 * 3 = 15"),
    ],
)
def test_markup_becomes_plain_words(written: str, plain: str) -> None:
    assert without_markup(written) == plain


@pytest.mark.parametrize(
    ("text", "language", "is_it"),
    [
        ("Trade grew.", "en", True),
        ("Торговля выросла.", "en", False),
        ("Торговля выросла.", "ru", True),
        ("Trade grew.", "ru", False),
        ("The minister said: «Торговля выросла в полтора раза» (translation: “Trade grew by half”).", "en", True),
        ("Компания Shenzhen Energy Group построит станции.", "ru", True),
        ("Le commerce est dans une phase de croissance pour les pays.", "en", False),
        ("Torgovlya vyrosla v dva raza, i na granitse postroyat sklad.", "en", False),
        ("The office in Almaty v. the city: a case on Po Street.", "en", True),
        ("Соода-сатык көлөмү өсүп, өлкөгө түшкөн киреше көбөйдү.", "ru", False),
        ("300 MW", "ru", True),
    ],
)
def test_the_language_of_a_sentence(text: str, language: str, is_it: bool) -> None:
    assert in_language(text, language) is is_it
