"""mailmerge: a template with both bodies, a table of people, its own command."""

import contextlib
import csv
import os

from mailmerge.__main__ import main

from tests.benchmarks.senders.common import SENDER, Job, timed

_TEMPLATE = """\
TO: {{{{email}}}}
FROM: {sender}
SUBJECT: {subject}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="boundary"

--boundary
Content-Type: text/plain; charset=utf-8

{text}
--boundary
Content-Type: text/html; charset=utf-8

{html}
--boundary--
"""


def send(job: Job) -> None:
    text, html = job.bodies("{{first_name}}")
    template = _TEMPLATE.format(sender=SENDER, subject=job.subject, text=text, html=html)
    paths = [str(job.folder / name) for name in ("template.txt", "people.csv", "server.conf")]
    with open(paths[0], "w", encoding="utf-8") as file:
        file.write(template)
    with open(paths[1], "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("email", "first_name"), *job.people()])
    with open(paths[2], "w", encoding="utf-8") as file:
        file.write(f"[smtp_server]\nhost = 127.0.0.1\nport = {job.port}\n")
    options = ["--template", paths[0], "--database", paths[1], "--config", paths[2]]
    options += ["--no-dry-run", "--no-limit", "--output-format", "text"]
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        main(options, standalone_mode=False)  # it prints every mail


if __name__ == "__main__":
    timed(send)
