"""python-emails: one message with its own templates, sent to each through one connection."""

from emails import Message
from emails.template import JinjaTemplate

from tests.benchmarks.senders.common import SENDER, Job, timed


def send(job: Job) -> None:
    text, html = job.bodies("{{ first_name }}")
    message = Message(
        subject=job.subject,
        mail_from=SENDER,
        text=JinjaTemplate(text),
        html=JinjaTemplate(html),
    )
    relay = {"host": "127.0.0.1", "port": job.port, "fail_silently": False}
    for to, first_name in job.people():
        reply = message.send(to=to, render={"first_name": first_name}, smtp=relay)
        assert reply.status_code == 250, reply.error


if __name__ == "__main__":
    timed(send)
