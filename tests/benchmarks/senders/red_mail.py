"""red-mail: one `EmailSender` with its connection kept open, its own templates."""

from redmail import EmailSender

from tests.benchmarks.senders.common import SENDER, Job, timed


def send(job: Job) -> None:
    text, html = job.bodies("{{ first_name }}")
    sender = EmailSender(host="127.0.0.1", port=job.port, use_starttls=False)
    with sender:
        for to, first_name in job.people():
            sender.send(
                subject=job.subject,
                sender=SENDER,
                receivers=[to],
                text=text,
                html=html,
                body_params={"first_name": first_name},
            )


if __name__ == "__main__":
    timed(send)
