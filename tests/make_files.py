"""Makes documents in every format that is read, byte by byte or with the format's own library."""

from __future__ import annotations

import io
import zlib

PARAGRAPH = "The two ministers met in Bishkek on 3 May 2024 and signed an agreement on trade worth $40 million."
RUSSIAN = "Министры встретились в Бишкеке 3 мая 2024 года и подписали соглашение о торговле на 40 млн долларов."


def pdf(
    pages: list[list[str]], *, title: str = "", created: str = "", encrypt: bool = False, content: bytes = b""
) -> bytes:
    """A PDF with lines of text on each page; `content` replaces what draws them. Cyrillic comes by a ToUnicode map."""
    letters = sorted({c for page in pages for line in page for c in line})
    codes = {c: i + 1 for i, c in enumerate(letters)}
    entries = "\n".join(f"<{code:02x}> <{ord(c):04x}>" for c, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /M def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(codes)} beginbfchar\n{entries}\nendbfchar\n"
        "endcmap end end"
    )
    objects: list[bytes] = [b"", b""]  # the catalogue and the page tree come when their children are known

    def put(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    def stream(data: bytes, extra: bytes = b"") -> bytes:
        return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra, data)

    unicode_map = put(stream(cmap.encode()))
    widths = b" ".join([b"500"] * 256)
    font = put(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 0 /LastChar 255"
        b" /Widths [%s] /ToUnicode %d 0 R >>" % (widths, unicode_map)
    )
    kids = []
    for page in pages:
        shown = [b"(%s) Tj 0 -14 Td" % _literal(bytes(codes[c] for c in line)) for line in page]
        drawing = content or b"BT /F1 10 Tf 50 780 Td " + b" ".join(shown) + b" ET"
        packed = put(stream(zlib.compress(drawing, 9), b"/Filter /FlateDecode"))
        kids.append(
            put(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
                b" /Resources << /Font << /F1 %d 0 R >> >> >>" % (packed, font)
            )
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % k for k in kids))
    info = put(
        b"<< /Title <feff%s> /CreationDate (%s) >>" % (title.encode("utf-16-be").hex().encode(), created.encode())
    )
    trailer = b"/Root 1 0 R /Info %d 0 R" % info
    if encrypt:
        key = put(b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (b"5a" * 32, b"a5" * 32))
        trailer += b" /Encrypt %d 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]" % key
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer << /Size %d %s >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def docx(paragraphs: list[str], *, title: str = "", heading: str = "", items: tuple[str, ...] = ()) -> bytes:
    """A Word document by python-docx."""
    import docx as word

    document = word.Document()
    document.core_properties.title = title
    if heading:
        document.add_heading(heading, 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    for item in items:
        document.add_paragraph(item, style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Osh", "300,000"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def rtf(text: str, *, title: str = "") -> bytes:
    """Rich text in code page 1251, as Word writes Russian."""
    return (
        "{\\rtf1\\ansi\\ansicpg1251\\deff0{\\info{\\title " + _rtf(title) + "}}\\pard " + _rtf(text) + "\\par}"
    ).encode()


def html(paragraphs: list[str], *, title: str = "A page", head: str = "", furniture: bool = True) -> str:
    """A news page, with the furniture that such pages have."""
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    around = (
        '<nav><a href="/">Home</a> <a href="/politics">Politics</a></nav>'
        '<div class="cookie-banner">We use cookies. <button>Accept all</button></div>',
        '<div class="share">Share: <a href="#">Facebook</a> <a href="#">Telegram</a></div>'
        '<section id="comments"><h3>Leave a Reply</h3><form><textarea></textarea></form></section>'
        "<footer>© 2024 The News. All rights reserved.</footer>",
    )
    before, after = around if furniture else ("", "")
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head>"
        f"<body>{before}<article><h1>{title}</h1>{body}</article>{after}</body></html>"
    )


def _literal(data: bytes) -> bytes:
    return b"".join(b"\\%03o" % b for b in data)


def _rtf(text: str) -> str:
    return "".join(c if c.isascii() else "".join(f"\\'{b:02x}" for b in c.encode("cp1251")) for c in text)
