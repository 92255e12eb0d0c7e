"""Front matter that is broken or a bomb, and bytes that are no text."""

import gzip

from tests.broken.case import Case, body, head

_READ = r":\d+: this front matter cannot be read"
_UTF8 = r":\d+: not UTF-8"
_TEXT = r":\d+: `title` is a piece of text"


def _laughs(levels: int) -> str:
    lines = ["lists: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"title{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


FRONT = (
    Case("nothing", b"", r":1: no front matter"),
    Case("only an opening", b"---", r":1: the front matter is never closed"),
    Case("no closing", b"---\ntitle: x\n", r":1: the front matter is never closed"),
    Case("no opening", b"title: x\n---\nTekst.", r":1: no front matter"),
    Case("a space before", b" ---\ntitle: x\n---\nTekst.", r":1: no front matter"),
    Case("only front matter", b"---\ntitle: x\n---", r":\d: there is no text"),
    head("no title", "kicker: x", r":\d: no title"),
    head("an empty title", "title: ''", r":2: no title"),
    head("a title of nothing", "title: ~", r":2: no title"),
    head("a title that is a list", "title: [a, b]", _TEXT),
    head("a title that is a mapping", "title: {a: b}", _TEXT),
    head("a title that is a number", "title: 12"),
    head("a title that is a date", "title: 2030-01-01"),
    head("a title that is binary", "title: !!binary aGVsbG8="),
    head("a title over lines", "title: |\n  a\n  Bcc: x@example.org"),
    head("a title folded", "title: >\n  a\n\n  Bcc: x@example.org"),
    head("a title with a line in it", 'title: "a\\r\\nBcc: x@example.org"'),
    head("a title with a NUL", 'title: "a\\0b"', r":2: "),
    head("a title with an escape", 'title: "a\\x1b[2Jb"', r":2: "),
    head("a title with half a character", 'title: "a\\uD800b"', r":2: "),
    head("a title that turns around", 'title: "a\\u202eb"', r":2: "),
    head("a title without end", f"title: {'x' * 100_000}", r":2: "),
    head("a title of spaces", "title: '   '", r":2: no title"),
    head("a title of a sign that nobody sees", 'title: "\\u200b"', r":2: "),
    head("a title twice", "title: a\ntitle: b", r":3: `title` stands twice"),
    head("a field that nobody knows", "title: x\nonclick: y", r":3: unknown field `onclick`"),
    head("a field of Python", "title: !!python/object/apply:os.system ['id']", _TEXT),
    head("a field of Python as words", "title: !!python/name:os.system x", r""),
    head("a key that is a list", "? [a, b]\n: c\ntitle: x", r":2: unknown field"),
    head("a key that merges", "<<: {title: x}", r":2: unknown field `<<`"),
    head("laughs", _laughs(9), r":\d: unknown field"),
    head("laughs in a list", "title: x\nlists: &a [*a, *a]", r":3: "),
    head("an alias of itself", "title: &a [*a]", r":2: "),
    head("an alias of nobody", "title: *x", _READ),
    head("an anchor for words", "title: &a Nieuws\nkicker: *a", r""),
    head("deep lists", "title: " + "[" * 5000, _READ),
    head("deep mappings", "title: " + "{a: " * 3000, _READ),
    head("deep lists by lines", "\n".join(" " * n + "- a:" for n in range(1500)), r":\d+: "),
    head("two documents", "title: x\n...\n%YAML 1.1\n--- \ntitle: y", r":\d: "),
    head("a tab", "title:\tx\n\tkicker: y", r":\d: "),
    head("a colon", "title: a: b", _READ),
    head("a quote that is not closed", "title: 'x", _READ),
    head("a bracket that is not closed", "title: [x", _READ),
    head("a sign at the beginning", "title: @x", _READ),
    head("what follows a hash", "title: x # y", r":2: what follows `#` is not read"),
    head("a list for front matter", "- title: x", r":2: front matter is lines of"),
    head("words for front matter", "x", r":2: front matter is lines of"),
    head("a language of nobody", "title: x\nlanguage: klingon", r":3: `klingon` is no language"),
    head("a language above", "title: x\nlanguage: ../nl", r":3: `../nl` is no language"),
    head("a language without words", "title: x\nlanguage: ja", r"has no words in `ja`"),
    head("a language from right to left", "title: x\nlanguage: ar", r"has no words in `ar`"),
    head("a language with markup", "title: x\nlanguage: 'nl\"><script>'", r":3: .* is no language"),
    head("a theme of nobody", "title: x\ntheme: geen", r"unknown theme `geen`"),
    head("a theme above", "title: x\ntheme: ../default", r"unknown theme"),
    head("a theme at the root", "title: x\ntheme: /etc", r"unknown theme"),
    head("a date that is none", "title: x\ndate: 2030-13-01", r":3: `2030-13-01` is no date"),
    head("a date before time", "title: x\ndate: 0001-01-01"),
    head("a date beyond time", "title: x\ndate: 9999-12-31"),
    head("a date in other digits", "title: x\ndate: ٢٠٣٠-٠١-٠١", r":3: "),
    head("a picture above", "title: x\nimage: ../geheim.png", r":3: image .* is outside"),
    head(
        "a picture from elsewhere",
        "title: x\nimage: https://example.test/x",
        r":3: image .* must be",
    ),
    head("a picture with markup", "title: x\nimage: '\"><script>'", r":3: image .* does not exist"),
    head("a greeting with a block", "title: x\ngreeting: '::: lead'"),
    head("a greeting with a heading", "title: x\ngreeting: '# Kop'"),
    head(
        "a greeting with a picture", "title: x\ngreeting: '![x](foto.png)'", r":3: a picture stands"
    ),
    head(
        "a greeting with a script",
        "title: x\ngreeting: '[x](javascript:alert(1))'",
        r":3: a link that cannot be read",
    ),
    head(
        "a greeting with a button",
        "title: x\ngreeting: '[x](https://example.org){.button}'",
        r":3: ",
    ),
    head("a greeting without end", f"title: x\ngreeting: '{'*' * 30_000}'", r":3: more than"),
    head("lists of lists", "title: x\nlists: [[a], [b]]", r":3: `lists` is names of lists"),
    head("a list above", "title: x\nlists: ../../etc/passwd"),
)

_TEXT_OF_ALL = "---\ntitle: Nieuws über é\n---\nTekst — é.\n"

BYTES = (
    Case("half a character", b"---\ntitle: x\n---\n\xc3", _UTF8),
    Case("half an emoji", b"---\ntitle: x\n---\n\xf0\x9f\x98", _UTF8),
    Case(
        "half an emoji in the title", b"---\ntitle: \xf0\x9f\x98 x\n---\nTekst.", r":2: not UTF-8"
    ),
    Case("the other half of an emoji", b"---\ntitle: x\n---\n\x98\x80", _UTF8),
    Case("half of a pair", b"---\ntitle: x\n---\n\xed\xa0\xbd", _UTF8),
    Case("an emoji in two halves", b"---\ntitle: x\n---\n\xed\xa0\xbd\xed\xb8\x80", _UTF8),
    Case("a NUL in two bytes", b"---\ntitle: x\n---\n\xc0\x80", _UTF8),
    Case("a bracket in two bytes", b"---\ntitle: x\n---\n\xc0\xbcscript\xc0\xbe", _UTF8),
    Case("a sign beyond Unicode", b"---\ntitle: x\n---\n\xf4\x90\x80\x80", _UTF8),
    Case("bytes of Windows", _TEXT_OF_ALL.encode("cp1252"), _UTF8),
    Case("bytes of a Mac", _TEXT_OF_ALL.encode("mac-roman"), _UTF8),
    Case("UTF-16", _TEXT_OF_ALL.encode("utf-16"), _UTF8),
    Case("UTF-16 without a mark", "---\ntitle: x\n---\nTekst.".encode("utf-16-le"), r":1: "),
    Case("UTF-32", _TEXT_OF_ALL.encode("utf-32"), _UTF8),
    Case("a byte order mark", b"\xef\xbb\xbf" + _TEXT_OF_ALL.encode()),
    Case(
        "two byte order marks",
        b"\xef\xbb\xbf" * 2 + _TEXT_OF_ALL.encode(),
        r":1: the character U\+FEFF",
    ),
    Case("line ends of a Mac", _TEXT_OF_ALL.replace("\n", "\r").encode()),
    Case("line ends of Windows", _TEXT_OF_ALL.replace("\n", "\r\n").encode()),
    Case("line ends of all kinds", b"---\r\ntitle: x\r---\n\rTekst.\r\r\n<script>"),
    Case("a form feed", b"---\ntitle: x\n---\na\x0cb", r":4: the character U\+000C"),
    Case("a vertical tab", b"---\ntitle: x\n---\na\x0bb", r":4: the character U\+000B"),
    Case("a next line", "---\ntitle: x\n---\na\x85b".encode(), r":4: the character U\+0085"),
    Case("a NUL in the front matter", b"---\ntitle: a\x00b\n---\nx", r":2: the character U\+0000"),
    Case("only NULs", b"\x00" * 5000, r":1: "),
    Case("all bytes", bytes(range(256)), _UTF8),
    Case("a picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, _UTF8),
    Case("a packed file", gzip.compress(b"x" * 100_000, mtime=0), _UTF8),
    Case("a document of Word", b"PK\x03\x04" + b"\x00\xff" * 400, _UTF8),
    Case(
        "five million bytes", b"---\ntitle: x\n---\n" + b"x" * 5_000_000, r":1: more than 500,000"
    ),
    Case("five million bytes of nothing", b"\x00" * 5_000_000, r":1: more than 500,000"),
    body("a line end that is a sign", "a\u2029b", r":4: the character U\+2029"),
    body("half a pair by number", "&#xD83D;&#xDE00;", r":4: the character U\+D83D"),
)
