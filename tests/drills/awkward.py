"""Awkward files, and what must become of each: the table of the files drill.

`FILES` is name → (how to make it, the outcome, the key of the reason where it matters). A file made by a function of
its path may be a link, a pipe, a folder.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Container
from pathlib import Path

from tests.make_files import PARAGRAPH, RUSSIAN, docx, html, pdf, rtf

Make = bytes | Callable[[Path], None]
_random = random.Random(20_26)
NOISE = bytes(_random.randrange(256) for _ in range(20_000))
LONG_NAME = "д" * 120 + ".txt"  # 244 bytes of 255


def zip_of(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def docx_with(document_xml: bytes) -> bytes:
    """A Word document whose main part is replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx([PARAGRAPH]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in source.infolist():
            target.writestr(item, document_xml if item.filename == "word/document.xml" else source.read(item))
    return out.getvalue()


def word_xml(body: str, prolog: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
        f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    ).encode()


LAUGHS = "<!DOCTYPE d [<!ENTITY a0 'ha ha ha ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
) + "]>"  # fmt: skip
SECRET = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
YAML_LAUGHS = "---\na: &a [ha, ha, ha, ha, ha]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
) + f"title: *j\n---\n{PARAGRAPH}\n"  # fmt: skip


def pdf_bomb() -> bytes:
    """A page whose contents unpack to half a gigabyte."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"(bomb) Tj " * 100_000) for _ in range(500)) + packer.flush()
    page = pdf([["text"]])
    start = page.index(b"/FlateDecode")
    stream = page.index(b"stream\n", start) + len(b"stream\n")
    end = page.index(b"\nendstream", stream)
    return page[:stream] + packed + page[end:]


def pdf_loop() -> bytes:
    """A page tree that is its own child."""
    page = pdf([[PARAGRAPH]])
    return page.replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")


def docx_bomb() -> bytes:
    """A small Word document that unpacks to gigabytes of text."""
    body = "<w:p><w:r><w:t>" + "ha " * 1_000_000 + "</w:t></w:r></w:p>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        with zipfile.ZipFile(io.BytesIO(docx([PARAGRAPH]))) as source:
            for item in source.infolist():
                if item.filename != "word/document.xml":
                    package.writestr(item, source.read(item))
        with package.open("word/document.xml", "w", force_zip64=True) as part:
            head, tail = word_xml("|").split(b"|")
            part.write(head)
            for _ in range(300):
                part.write(body.encode())
            part.write(tail)
    return out.getvalue()


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0\0" * 2)) + chunk(b"IEND", b"")


def database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table t (words text)")
    connection.execute("insert into t values (?)", (PARAGRAPH * 50,))
    connection.commit()
    connection.close()


def outside_link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def dangling_link(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere.txt")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def named_pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()
    (path / "inside.txt").write_text(PARAGRAPH)


_CASES: dict[str, bytes | tuple[Make, str, str | None]] = {
    # nothing in them
    "empty.txt": (b"", "failed", "empty"),
    "empty.md": (b"", "failed", "empty"),
    "empty.html": (b"", "failed", "empty"),
    "empty.pdf": (b"", "failed", "damaged"),
    "empty.docx": (b"", "failed", "damaged"),
    "empty.rtf": (b"", "failed", "damaged"),
    "spaces.txt": (b" \n\t\r\n " * 100, "failed", "empty"),
    "newlines.txt": (b"\n" * 20_000_000, "failed", "empty"),
    "only-a-mark.txt": (b"\xef\xbb\xbf", "failed", "empty"),
    "only-invisible.txt": (("\u200b\u200d\u2060" * 50).encode(), "failed", "empty"),
    "only-scripts.html": (b"<html><body><script>var words = 'hidden';</script></body></html>", "failed", "empty"),
    "only-front-matter.md": (b"---\ntitle: T\n---\n", "failed", "empty"),
    # no text
    "noise.txt": (NOISE, "failed", "binary"),
    "noise.md": (NOISE, "failed", "binary"),
    "noise.html": (NOISE, "failed", "binary"),
    "noise.pdf": (NOISE, "failed", "damaged"),
    "noise.docx": (NOISE, "failed", "damaged"),
    "noise.rtf": (NOISE, "failed", "damaged"),
    "high-noise.txt": (bytes(b | 0x80 for b in NOISE), "failed", "encoding"),
    "nuls.txt": (PARAGRAPH.encode() + b"\0" * 40, "failed", "binary"),
    "picture.txt": (png(), "failed", "binary"),
    "picture.md": (png(), "failed", "binary"),
    "packed.txt": (gzip.compress(PARAGRAPH.encode() * 50, mtime=0), "failed", "binary"),
    "database.txt": (database, "failed", "binary"),
    # cut off, locked, empty of text
    "truncated.pdf": (pdf([[PARAGRAPH]])[:400], "failed", None),
    "truncated.docx": (docx([PARAGRAPH])[:-400], "failed", "damaged"),
    "truncated.html": (html([PARAGRAPH * 3])[:-120].encode(), "added", None),
    "truncated.rtf": (rtf(RUSSIAN * 3)[:-100], "added", None),
    "truncated-utf8.txt": (RUSSIAN.encode()[:-31] + b"\xd0", "added", None),
    "odd-utf16.txt": ("\ufeff" + RUSSIAN).encode("utf-16-le") + b"\x04",
    "encrypted.pdf": (pdf([[PARAGRAPH]], encrypt=True), "failed", "encrypted"),
    "encrypted.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "failed", "encrypted"),
    "scanned.pdf": (pdf([[], []], content=b"0 0 500 700 re f"), "failed", "scanned"),
    "no-document.docx": (zip_of({"word/readme.txt": b"nothing"}), "failed", "damaged"),
    # another kind than the name says
    "really-pdf.txt": (pdf([[PARAGRAPH]]), "added", None),
    "really-docx.pdf": (docx([PARAGRAPH]), "added", None),
    "really-html.txt": (html([PARAGRAPH * 3]).encode(), "added", None),
    "really-rtf.docx": (rtf(RUSSIAN), "added", None),
    "really-text.pdf": (PARAGRAPH.encode(), "failed", "damaged"),
    "really-text.docx": (PARAGRAPH.encode(), "failed", "damaged"),
    "really-text.rtf": (PARAGRAPH.encode(), "failed", "damaged"),
    # kinds that are not read
    "photo.jpg": (b"\xff\xd8\xff\xe0" + NOISE, "skipped", "kind"),
    "program.exe": (b"MZ" + NOISE, "skipped", "kind"),
    "archive.zip": (zip_of({"a.txt": b"text"}), "skipped", "kind"),
    "table.csv": (b"a,b\n1,2\n", "skipped", "kind"),
    "no-suffix": (PARAGRAPH.encode(), "skipped", "kind"),
    "pipe.txt": (named_pipe, "skipped", "not_a_file"),
    "folder.txt": (folder, "added", None),  # a folder; what is inside is read
    "outside.txt": (outside_link, "skipped", "outside"),
    "dangling.txt": (dangling_link, "failed", "missing"),
    "itself.txt": (link_to_itself, "failed", "missing"),
    # bombs and tricks
    "bomb.docx": (docx_bomb(), "failed", "bomb"),
    "bomb.pdf": (pdf_bomb(), "failed", None),
    "loop.pdf": (pdf_loop(), "added", None),
    "laughs.docx": (docx_with(word_xml("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", LAUGHS)), "failed", None),
    "secret.docx": (docx_with(word_xml("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", SECRET)), "failed", None),
    "laughs.html": ((LAUGHS + html(["&a9; " + PARAGRAPH * 3])).encode(), "failed", "empty"),
    "secret.html": ((SECRET + html(["&x; " + PARAGRAPH * 3])).encode(), "added", None),
    "laughs.md": (YAML_LAUGHS.encode(), "added", None),
    "object.md": (f"---\ntitle: !!python/object/apply:os.system ['true']\n---\n{PARAGRAPH}".encode(), "added", None),
    "deep.html": (b"<div>" * 50_000 + PARAGRAPH.encode() * 3 + b"</div>" * 50_000, "failed", "empty"),
    "deep.md": (b"> " * 20_000 + PARAGRAPH.encode(), "failed", "empty"),
    "brackets.md": (b"[" * 50_000 + PARAGRAPH.encode() + b"](" * 5_000, "added", None),
    "stars.md": (b"*_" * 50_000 + PARAGRAPH.encode(), "added", None),
    "deep.rtf": (b"{\\rtf1" + b"{\\b " * 50_000 + PARAGRAPH.encode() + b"}" * 50_000 + b"}", "added", None),
    "cells.html": (b"<table>" + b"<tr><td>cell" * 30_000 + b"</table>", "added", None),
    # long
    "fifty-megabytes.txt": (
        (RUSSIAN + "\n").encode() * (50_000_000 // len((RUSSIAN + "\n").encode())),
        "failed",
        "too_long",
    ),
    "seventy-megabytes.txt": (b"a " * 35_000_000, "failed", "too_large"),
    "one-paragraph.txt": ((RUSSIAN.rstrip(".") + " и ").encode() * 1_700, "added", None),
    "one-word.txt": ("слово" * 30_000).encode(),
    "no-words.txt": (b"!?.,;:" * 100_000, "added", None),
    "short-lines.txt": (b"a road\n" * 300_000, "added", None),
    # odd characters
    "surrogates.txt": (b"The talks \xed\xa0\x80 went on. " + PARAGRAPH.encode(), "added", None),
    "surrogates-utf16.txt": (
        b"\xff\xfe" + "Talks ".encode("utf-16-le") + b"\x00\xd8" + PARAGRAPH.encode("utf-16-le"),
        "added",
        None,
    ),
    "invisible.txt": ("Ta\u200blks\u202e we\U000e0041nt on. " + PARAGRAPH).encode(),
    "combining.txt": ("з" + "\u0300\u0301\u0302" * 2_000 + " " + RUSSIAN).encode(),
    "emoji.txt": ("😀🇰🇬👩‍👩‍👧 " * 500).encode(),
    "mixed-script.txt": ("Прeзидент и пapлaмeнт. " + RUSSIAN).encode(),
    "garbled.txt": (RUSSIAN * 2).encode().decode("cp1251", "replace").replace("\ufffd", "\x98").encode(),
    "lost.txt": ("РџСЂРµР·РёРґРµРЅС‚ РїРѕРґРїРёС?Р°Р» СѓРєР°Р·".encode(), "failed", "garbled"),
    "cp1251.txt": RUSSIAN.encode("cp1251"),
    "koi8.txt": RUSSIAN.encode("koi8-r"),
    "dos.txt": RUSSIAN.encode("cp866"),
    "old-mac-lines.txt": (PARAGRAPH + "\r" + PARAGRAPH + "\r").encode(),
    # odd names
    "имя с пробелами и «кавычками».txt": RUSSIAN.encode(),
    "中文名字.txt": PARAGRAPH.encode() + b" 1",
    "اسم.txt": PARAGRAPH.encode() + b" 2",
    "ایک\u200cنام.txt": PARAGRAPH.encode() + b" 3",
    "\u202egpj.txt": PARAGRAPH.encode() + b" 4",
    "😀.txt": PARAGRAPH.encode() + b" 5",
    "new\nline.txt": PARAGRAPH.encode() + b" 6",
    "tab\tbell\x07escape\x1b[31m.txt": PARAGRAPH.encode() + b" 7",
    "-rf.txt": PARAGRAPH.encode() + b" 8",
    "%s{0}$HOME`true`;.txt": PARAGRAPH.encode() + b" 9",
    "'; drop table documents; --.txt": PARAGRAPH.encode() + b" 10",
    "<img src=x onerror=alert(1)>.txt": PARAGRAPH.encode() + b" 11",
    os.fsdecode(b"not-utf8-\xff\xfe.txt"): PARAGRAPH.encode() + b" 12",
    "UPPER.TXT": PARAGRAPH.encode() + b" 13",
    "many.dots.in.it.md": PARAGRAPH.encode() + b" 14",
    LONG_NAME: PARAGRAPH.encode() + b" 15",
}
# Bytes alone are a file that must be added.
FILES: dict[str, tuple[Make, str, str | None]] = {
    name: case if isinstance(case, tuple) else (case, "added", None) for name, case in _CASES.items()
}


def write(folder: Path, cases: Container[str] | None = None) -> None:
    """Make every awkward file in `folder`, or those in `cases`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (make, _, _) in FILES.items():
        if cases is None or name in cases:
            path = folder / name
            if isinstance(make, bytes):
                path.write_bytes(make)
            else:
                make(path)
