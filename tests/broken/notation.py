"""Markdown that is not closed, nested too deep, of the wrong kind, or without end."""

from tests.broken.case import body

_DEEP = r":\d+: too many lists, quotes or marks inside each other"
_MUCH = r":\d+: more than 20,000 lines, cells and signs"

CONTAINERS = (
    body("a block that is not closed", "::: question Hoe?\nZo.", r":4: .* is never closed"),
    body(
        "two blocks that are not closed", "::: lead\na\n::: callout x\nb", r":4: this block is not"
    ),
    body(
        "a block that is closed twice", "::: lead\na\n:::\n:::", r":7: this `:::` closes no block"
    ),
    body("a block that was not opened", "a\n\n:::", r":6: this `:::` closes no block"),
    body("a block that nobody knows", "::: script\nx\n:::", r":4: unknown block `script`"),
    body("a block with markup for a name", "::: <script>\nx\n:::", r":4: unknown block `<script>`"),
    body("a block with a path for a name", "::: ../../x\nx\n:::", r":4: unknown block `../../x`"),
    body("a block that is a template's", "::: heading\nx\n:::", r":4: unknown block `heading`"),
    body("a block of a folder", "::: section.html\nx\n:::", r":4: unknown block"),
    body(
        "a block in capitals", "::: LEAD\nx\n:::", r":4: unknown block `LEAD`; did you mean `lead`"
    ),
    body(
        "a block with attributes",
        "::: lead {onclick=alert(1)}\nx\n:::",
        r":4: `::: lead` has no title",
    ),
    body("a question without words", "::: question\nx\n:::", r":4: a question without words"),
    body("a block of nothing", "::: lead\n:::", r""),
    body("a callout of nothing", "::: callout\n:::", r""),
    body(
        "a divider that holds a script",
        "::: divider <script>\n<script>\n:::",
        r":4: `::: divider` has no title",
    ),
    body("a block in a list", "- ::: lead\n  x\n  :::"),
    body(
        "a block in a list that is not closed", "- ::: lead\n  x\n\nTekst.", r":4: .*never closed"
    ),
    body("a block in a quote", "> ::: callout x\n> y\n> :::"),
    body("a block that a quote ends", "> ::: callout x\n> y\n\n:::", r":\d+: "),
    body("a fence of many signs", ":::::::: lead\nx\n::::::::"),
    body("a fence of unequal signs", ":::: lead\nx\n:::", r":4: "),
    body("a fence in a fence", ":::: callout a\n::: callout b\nx\n:::\n::::"),
    body("columns that are not closed", "::: columns\na\n\n***\n\nb", r":4: .*never closed"),
    body("columns of one", "::: columns\na\n:::", r":4: "),
    body("columns of nothing", "::: columns\n:::", r":4: "),
    body("columns of empty ones", "::: columns\n***\n\n***\n:::", r":4: "),
    body("columns of ten", "::: columns\n" + "a\n\n***\n\n" * 9 + "b\n:::", r":4: "),
    body(
        "columns in columns",
        ":::: columns\n::: columns\na\n\n***\n\nb\n:::\n\n***\n\nc\n::::",
        r":5: ",
    ),
    body(
        "columns with a script",
        "::: columns <script>\na\n\n***\n\n<script>\n:::",
        r":4: `::: columns` has no title",
    ),
    body("a person of nothing", "::: person\n:::", r":4: "),
    body("a person without a name", "::: person\nrole: x\n:::", r":4: "),
    body("a person that is not closed", "::: person x\nrole: y", r":4: .*never closed"),
    body("a person with fields twice", "::: person x\nrole: a\nrole: b\n:::", r":[456]: "),
    body(
        "a person with a field that nobody knows", "::: person x\nrol: a\nonclick: b\n:::", r":5: "
    ),
    body("a person with a broken number", "::: person x\nphone: <script>\n:::", r":5: "),
    body("a person with a link that is none", "::: person x\nlink: example.org\n:::", r":5: "),
    body("a person with two portraits", "::: person x\n![a](foto.png)\n\n![b](foto.png)\n:::", r""),
    body("a person in a person", ":::: person x\n::: person y\nrole: z\n:::\n::::", r""),
    body("an event of nothing", "::: event\n:::", r":4: "),
    body("an event without a date", "::: event Feest\nplace: x\n:::", r":4: "),
    body("an event that is not closed", "::: event Feest\ndate: 2030-01-01", r":4: .*never closed"),
    body("an event on no day", "::: event Feest\ndate: 2030-02-30\n:::", r":5: "),
    body("an event on a day in words", "::: event Feest\ndate: morgen\n:::", r":5: "),
    body("an event beyond time", "::: event Feest\ndate: 99999-01-01\n:::", r":5: "),
    body(
        "an event at the end of time",
        "::: event Feest\ndate: 9999-12-31\n:::",
        r":[45]: event `Feest` is on",
    ),
    body(
        "an event at the end, until later",
        "::: event x\ndate: 9999-12-31\ntime: 23:00-01:00\n:::",
        r":6: it would end",
    ),
    body(
        "an event at the beginning of time",
        "::: event Feest\ndate: 0001-01-01\ntime: 00:00\n:::",
        r":[456]: event `Feest` is on",
    ),
    body(
        "an event that ends before",
        "::: event x\ndate: 2030-01-02\nuntil: 2030-01-01\n:::",
        r":\d+: ",
    ),
    body("an event at no time", "::: event x\ndate: 2030-01-01\ntime: 25:00\n:::", r":6: "),
    body(
        "an event at a time that is skipped", "::: event x\ndate: 2030-03-31\ntime: 02:30\n:::", r""
    ),
    body(
        "an event in no zone",
        "::: event x\ndate: 2030-01-01\ntime: 1:00\ntimezone: Mars/X\n:::",
        r":\d+: ",
    ),
    body(
        "an event in a zone above",
        "::: event x\ndate: 2030-01-01\ntimezone: ../../etc/passwd\n:::",
        r":6: ",
    ),
    body(
        "an event in a zone at the root",
        "::: event x\ndate: 2030-01-01\ntimezone: /etc/passwd\n:::",
        r":6: ",
    ),
    body(
        "an event with lines of a calendar",
        "::: event x;y,z:\\nBEGIN:VALARM\ndate: 2030-01-01\nplace: a\\nATTACH:b\n:::",
    ),
    body(
        "an event with a place without end",
        f"::: event x\ndate: 2030-01-01\nplace: {'é' * 3000}\n:::",
        r"",
    ),
    body(
        "an event with a field in a field",
        "::: event x\ndate: 2030-01-01\nplace: time: 25:00\n:::",
        r"",
    ),
    body(
        "an event for one reader",
        "::: event {{ first_name | 'x' }}\ndate: 2030-01-01\n:::",
        r":4: ",
    ),
    body("a gallery of nothing", "::: gallery\n:::", r":4: "),
    body("a gallery of one", "::: gallery\n![a](foto.png)\n:::", r":4: "),
    body("a gallery of many", "::: gallery\n" + "![a](foto.png)\n" * 9 + ":::", r":4: "),
    body("a gallery of words", "::: gallery\nwoorden\n:::", r":\d: "),
    body(
        "a gallery of links",
        "::: gallery\n[a](https://example.org)\n[b](https://example.org)\n:::",
        r":\d: ",
    ),
    body(
        "a gallery of what is not there",
        "::: gallery\n![a](a.png)\n![b](b.png)\n:::",
        r":[56]: image `a\.png`",
    ),
    body("figures of nothing", "::: figures\n:::", r":4: "),
    body("figures without numbers", "::: figures\n- geen\n:::", r":\d: "),
    body("figures that are no list", "::: figures\n**12** x\n:::", r":\d: "),
    body("figures of a hundred", "::: figures\n" + "- **1** x\n" * 100 + ":::", r":\d+: "),
    body("figures in figures", "::: figures\n- **1** a\n  - **2** b\n- **3** c\n:::", r":\d+: "),
    body("a figure that is a novel", f"::: figures\n- **{'9' * 400}** x\n- **2** y\n:::", r":5: "),
    body("a figure with markup", "::: figures\n- **1<b x>** x\n- **2** y\n:::"),
    body(
        "a figure of markup",
        "::: figures\n- **<script>** x\n- **2** `y`\n:::",
        r":5: `<script>` has no number in it",
    ),
    body(
        "a figure for one reader",
        "::: figures\n- **{{ first_name | '1' }}** x\n- **2** y\n:::",
        r":5: a number is the same",
    ),
    body("files of nothing", "::: files\n:::", r":4: "),
    body("files that are words", "::: files\n- woorden\n:::", r":\d: "),
    body("files that are no list", "::: files\n[x](verslag.pdf)\n:::", r":\d: "),
    body("files in files", "::: files\n- [x](verslag.pdf)\n  - [y](verslag.pdf)\n:::", r":\d: "),
    body(
        "a file with a name that breaks a header",
        "::: files\n- [x](a%0d%0aBcc:b.pdf)\n:::",
        r":5: ",
    ),
    body("a file that is a folder", "::: files\n- [x](.)\n:::", r":5: "),
    body(
        "a file that is a program",
        "::: files\n- [x](virus.exe)\n:::",
        r":5: file `virus\.exe` can run",
    ),
    body(
        "a file that is a page",
        "::: files\n- [x](pagina.html)\n:::",
        r":5: file `pagina\.html` can run",
    ),
)

MARKS = (
    body("a heading above the title", "# Kop", r":4: the title stands above"),
    body("a heading without words", "## ", r":4: a heading without words"),
    body("a heading that is too deep", "###### Kop", r":4: a heading of level 6"),
    body("a heading by a line below", "Kop\n===", r":4: the title stands above"),
    body("code in a fence", "```html\n<script>\n```", r":4: a block of code is not possible"),
    body("code in a fence that is not closed", "```\n<script>", r":4: a block of code"),
    body("code that is pushed in", "Tekst\n\n    <script>", r":6: a block of code"),
    body("code in words", "`<script>alert(1)</script>` en ``` `x` ```"),
    body("code with a field", "`{{ first_name | 'x' }}`", r":4: words to type exactly"),
    body("a table without a body", "| a |\n|---|"),
    body("a table with a row that is too long", "| a |\n|---|\n| b | <script> | d |"),
    body("a table with a row that is too short", "| a | b |\n|---|---|\n| c |"),
    body("a table with empty heads", "| | |\n|---|---|\n| a | b |"),
    body("a table with strange lines", "| a | b |\n|:-:|--:|\n| c\\|d | `e|f` |"),
    body("a table in a list in a quote", "> - | a |\n>   |---|\n>   | <b> |"),
    body("a list of nothing", "-\n-\n-"),
    body("a list that begins late", "999999999. a\n1. b"),
    body("a list that begins too late", "9999999999. a"),
    body("a list with a picture", "- ![x](foto.png)\n- [knop](https://example.org){.button}"),
    body("a list in a question in a list", "- a\n\n  ::: question x\n  - b\n\n    <script>\n  :::"),
    body("a quote of nothing", ">\n>"),
    body("a quote with only a name", "> — <script>"),
    body(
        "a quote with a button",
        "> [x](https://example.org){.button}\n> — y",
        r":4: a button stands",
    ),
    body("a quote with a list for a name", "> a\n>\n> - — b"),
    body("a field in a field", "{{ first_name | '{{ last_name }}' }}", r":4: "),
    body(
        "a field with a broken fallback", "{{ first_name | 'x\" }}", r":4: unknown personal field"
    ),
    body("a field over lines", "{{ first_name |\n'x' }}", r""),
    body("a field with markup to fall back on", "{{ first_name | '<script>alert(1)</script>' }}"),
    body("a field with a header to fall back on", "{{ first_name | 'x =0D=0A Bcc: y' }}"),
    body("a field of a class", "{{ first_name.__class__ | 'x' }}", r":4: unknown personal field"),
    body(
        "a field in an address", "[x](mailto:{{ email }})", r":4: a link is the same for everybody"
    ),
    body(
        "a field in a label",
        "[{{ first_name | 'x' }}](https://example.org){.button}",
        r":4: a button has",
    ),
    body(
        "a field in a picture", "![{{ first_name | 'x' }}](foto.png)", r":4: a picture is the same"
    ),
    body("a reference that names itself", "[a][a]\n\n[a]: a", r":4: `a` is not a full address"),
    body("a reference of many", "[a]\n\n" + "[a]: https://example.org\n" * 2000),
    body("a note at the foot", "x[^1]\n\n[^1]: <script>", r":4: `script` is not a full address"),
    body("a task", "- [ ] <script>\n- [x] y"),
    body("a definition", "x\n: y <script>"),
    body("no words at all", "", r":\d+: there is no text"),
    body("only spaces", "\u00a0\u3000 \t", r""),
    body("only a comment", "<!-- x -->"),
    body("only a divider", "---"),
    body("only a reference", "[a]: https://example.org", r":\d+: there is no text"),
)

SIZES = (
    body("lists in lists", "\n".join("  " * n + "- x" for n in range(60)), _DEEP),
    body("lists on one line", "- " * 500 + "x", _DEEP),
    body("quotes in quotes", ">" * 5000 + " x", _DEEP),
    body("marks in marks", "*_" * 300 + "x" + "_*" * 300),
    body("marks without end", "*a **b _c __d " * 1500, r""),
    body("brackets in brackets", "[" * 6000 + "x" + "]" * 6000, r""),
    body("pictures in pictures", "![" * 3000 + "x" + "](foto.png)" * 3000, r":4: a picture stands"),
    body("blocks in blocks", "\n".join(":" * (40 - n) + " callout x" for n in range(36)), _DEEP),
    body("ticks", "`" * 15000 + "x", r":4: a block of code"),
    body("ticks of all lengths", " ".join("`" * n + "x" for n in range(1, 180)), r""),
    body("ten thousand links", "[x](https://example.org) " * 10_000, _MUCH),
    body("two thousand links", "[x](https://example.org) " * 2000, r""),
    body(
        "ten thousand cells",
        "| a " * 10 + "|\n" + "|---" * 10 + "|\n" + ("| b " * 10 + "|\n") * 1000,
        r"",
    ),
    body(
        "a table of a thousand columns",
        "| a " * 1000 + "|\n" + "|---" * 1000 + "|",
        r":5: a table of",
    ),
    body("rows that fill up", "| a " * 20 + "|\n" + "|---" * 20 + "|\n" + "|\n" * 5000, _MUCH),
    body("ten thousand paragraphs", "x\n\n" * 10_000, _MUCH),
    body("a hundred thousand lines", "x\n" * 100_000, _MUCH),
    body("ten thousand dividers", "***\n\n" * 9000, _MUCH),
    body("a line without end", "woord " * 80_000, r""),
    body("a word without end", "x" * 400_000, r""),
    body("five million characters", "woord " * 850_000, r":1: more than 500,000 bytes"),
    body("a thousand pictures", "![x](foto.png)\n\n" * 1000, r""),
    body(
        "a thousand pictures that are not there",
        "![x](weg.png)\n\n" * 1000,
        r":4: image `weg\.png`",
    ),
    body("a thousand buttons", "[x](https://example.org){.button}\n\n" * 1000, r""),
    body("a thousand fields", "{{ first_name | 'x' }} " * 1000, r""),
    body("entities without end", "&" * 15_000, r""),
    body("backslashes without end", "\\" * 15_000 + "x", r""),
    body("a reference without end", "[" + "a" * 100_000 + "]: x", r":4: there is no text"),
    body("brackets of addresses", "<" * 15_000 + "x", r""),
    body("braces", "{" * 15_000 + "x" + "}" * 4000, r":4: unknown personal field"),
    body(
        "attributes without end",
        "[x](https://example.org){" + ".a " * 30_000 + "}",
        r":4: unknown mark",
    ),
)
