"""Links that lead where nobody should go, and pictures and files that are not the author's."""

from tests.broken.case import Case, body

_LINK = r":4: a link that cannot be read as one"
_ADDRESS = rf":4: `.*` is not a full address|{_LINK}"

_SCHEMES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "&#106;avascript:alert(1)",
    "java&#x0A;script:alert(1)",
    "java&Tab;script:alert(1)",
    "javascript&colon;alert(1)",
    "jav%61script:alert(1)",
    "%6aavascript:alert(1)",
    "vbscript:msgbox(1)",
    "VBScript:msgbox(1)",
    "data:text/html,%3Cscript%3E",
    "data:text/html;base64,PHNjcmlwdD4=",
    "DATA:image/png;base64,iVBORw0KGgo=",
    "file:///etc/passwd",
    "ftp://example.org/x",
    "blob:https://example.org/x",
    "about:blank",
    "view-source:https://example.org",
    "ms-word:ofe|u|https://example.org/x.docx",
    "search-ms:query=x",
    "cid:x@newsletter",
    "//example.org/x",
    "/nieuws",
    "nieuws.html",
    "#kop",
    "?a=b",
    "http",
    "https",
    "C:/Temp/x.docx",
    "\\\\\\\\server\\share",
)

_LINKS = tuple(
    Case(f"{kind} to {url}", f"---\ntitle: Nieuws\n---\n{text.format(url)}\n".encode(), _ADDRESS)
    for url in _SCHEMES
    for kind, text in (("a link", "[x]({})"), ("a button", "[x]({}){{.button}}"))
)

LINKS = (
    *_LINKS,
    body("a link with a tab", "[x](java\tscript:alert(1))", _LINK),
    body(
        "a link with a line end", "[x](java\nscript:alert(1))", r":[45]: a link that cannot be read"
    ),
    body("a link in brackets", "[x](<javascript:alert(1)>)", _ADDRESS),
    body("a link in brackets with a space", "[x](< javascript:alert(1)>)", _ADDRESS),
    body("a link by reference", "[x][y]\n\n[y]: javascript:alert(1)"),
    body("a link by reference with a title", '[x]\n\n[x]: https://example.org "a\\" onclick=x"'),
    body("a link of nothing", "[x]()", r":4: "),
    body("a link without words", "[](https://example.org)", r":4: a link without words"),
    body("a link with a title", "[x](https://example.org '\" onclick=\"x')"),
    body("a link with quotes", "[x](https://example.org/\"onclick='x')"),
    body("a link with quotes by number", "[x](https://example.org/&quot;&#39;&lt;&gt;)"),
    body("a link with an entity", "[x](https://example.org/?a=1&lt=2&amp;b=3&copy=4)"),
    body(
        "a link with a template", "[x](https://example.org/{{ first_name | 'x' }})", r":4: a link"
    ),
    body("a link with braces", "[x](https://example.org/{%x%}{#y#}{z})"),
    body("a link with a marker by number", "[x](https://example.org/%EE%80%80)", r":4: a link is"),
    body("a link with a wide host", "[x](https://ex\u200bample.org)"),
    body("a link with a turned host", "[x](https://example.org/\u202egro.live)"),
    body("a link with a host of another script", "[x](https://xn--80ak6aa92e.com/аррӏе)"),
    body("a link with a password", "[x](https://user:geheim@example.org/)"),
    body("a link with a broken host", "[x](https://[::1)"),
    body("a link with a broken port", "[x](https://example.org:99999999/)"),
    body("a link with a broken escape", "[x](https://example.org/%zz%)"),
    body("a link with half a character escaped", "[x](https://example.org/%C3%28%ff%00)"),
    body("a link with a line escaped", "[x](https://example.org/%0d%0aSet-Cookie:x)"),
    body("a mailto with a header", "[x](mailto:a@example.org%0d%0aBcc:b@example.org)"),
    body("a mailto with a header in a subject", "[x](mailto:a@example.org?subject=x%0d%0aBcc:y)"),
    body("a mailto with a copy", "[x](mailto:a@example.org?bcc=b@example.org&body=x)"),
    body("a mailto to nobody", "[x](mailto:)"),
    body("a number that is none", "[x](tel:*21*9#;ext=1)"),
    body("a very long link", f"[x](https://example.org/{'a' * 5000})"),
    body("a link in a link", "[a [b](https://example.org) c](https://example.org)", _LINK),
    body("a link in a button", "[[a](https://example.org)](https://example.org){.button}", _LINK),
    body("a picture in a link", "[![x](foto.png)](https://example.org)", r":4: a picture stands"),
    body(
        "attributes",
        "[x](https://example.org){.button #id onclick=alert(1) style='color:red'}",
        _LINK,
    ),
    body("attributes of a link", "[x](https://example.org){onclick=alert(1) href=javascript:x}"),
    body(
        "attributes with a broken class", '[x](https://example.org){.button.x"onclick="y}', r":4: "
    ),
    body("attributes by name", '[x](https://example.org){class="button" target=_blank}'),
    body(
        "attributes of a picture",
        "![x](foto.png){onerror=alert(1) .x width=9999}",
        r":4: a picture stands",
    ),
    body("attributes of words", "**x**{onclick=alert(1)} `y`{.z style=a}", r""),
    body("attributes that are not closed", "[x](https://example.org){.button", r":4: "),
    body("a class that nobody knows", "[x](https://example.org){.knop}", r":4: unknown mark"),
    body("a picture from elsewhere", "![x](https://example.test/x.png)", r":4: image .* must be"),
    body(
        "a picture that is a script", "![x](javascript:alert(1))", r":4: a link that cannot be read"
    ),
    body("a picture in itself", "![x](data:image/png;base64,iVBORw0KGgo=)", r":4: image "),
    body("a picture of another part", "![x](cid:x)", r":4: image `cid:x` does not exist"),
    body("a picture above", "![x](../geheim.png)", r":4: image .* is outside"),
    body("a picture above, escaped", "![x](%2e%2e%2fgeheim.png)", r":4: image .* is outside"),
    body("a picture above, twice escaped", "![x](%252e%252e%252fgeheim.png)", r":4: image "),
    body("a picture at the root", "![x](/etc/passwd)", r":4: image .* must be the name"),
    body("a picture of Windows", "![x](C:\\\\x.png)", r":4: image .* must be the name"),
    body("a picture of a share", "![x](\\\\\\\\server\\\\x.png)", r":4: image .* must be the name"),
    body("a picture by a link", "![x](link.png)", r":4: image .* is outside"),
    body("a picture that is a folder", "![x](.)", r":4: image "),
    body("a picture that is a text", "![x](kapot.png)", r":4: image .* cannot be read as PNG"),
    body("a picture that is a drawing", "![x](tekening.svg)", r":4: image .* "),
    body(
        "a picture with a very long name", f"![x]({'a' * 5000}.png)", r":4: image .* cannot be read"
    ),
    body(
        "a picture with a NUL in its name", "![x](a%00.png)", r":4: a picture is the same|:4: image"
    ),
    body(
        "a picture for one reader", "![x]({{ first_name | 'x' }}.png)", r":4: a picture is the same"
    ),
    body("a picture with a title that breaks out", "![x](foto.png '\" onerror=\"alert(1)')"),
    body("a picture of nothing", "![]()", r":4: image "),
    body("files above", "::: files\n- [x](../geheim.png)\n:::", r":5: .* outside"),
    body("files by a script", "::: files\n- [x](javascript:alert(1))\n:::", r":5: "),
    body("files by a link", "::: files\n- [x](link.png)\n:::", r":5: .* outside"),
    body("a file that is not there", "::: files\n- [x](weg.pdf)\n:::", r":5: .*weg\.pdf"),
    body("a portrait above", "::: person x\n![x](../geheim.png)\n:::", r":5: image .* outside"),
    body("a person with a script", "::: person x\nlink: [x](javascript:alert(1))\n:::", r":5: "),
    body(
        "a person with a header",
        "::: person x\nemail: a@example.org?bcc=b@example.org\n:::",
        r":5: ",
    ),
    body("a person with a broken address", "::: person x\nemail: geen\n:::", r":5: "),
)
