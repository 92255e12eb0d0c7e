"""django-post_office: everybody into its queue in SQLite, then its own command empties that."""

import logging
import sys

import django
from django.conf import settings

from tests.benchmarks.senders.common import SENDER, Job, timed

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{sys.argv[3]}/db"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
    EMAIL_BACKEND="post_office.EmailBackend",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=int(sys.argv[1]),
    POST_OFFICE={"DEFAULT_PRIORITY": "medium", "MAX_RETRIES": 0},
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
        {"BACKEND": "post_office.template.backends.post_office.PostOfficeTemplates"},
    ],
    USE_TZ=True,
)
django.setup()
logging.disable(logging.CRITICAL)

from django.core.management import call_command  # noqa: E402
from post_office import mail  # noqa: E402
from post_office.models import STATUS, Email, EmailTemplate  # noqa: E402


def send(job: Job) -> None:
    text, html = job.bodies("{{ first_name }}")
    template = EmailTemplate.objects.create(
        name="interview", subject=job.subject, content=text, html_content=html
    )
    mail.send_many(
        {
            "recipients": [to],
            "sender": SENDER,
            "template": template,
            "context": {"first_name": first_name},
        }
        for to, first_name in job.people()
    )
    call_command("send_queued_mail", processes=1, log_level=0)
    assert Email.objects.filter(status=STATUS.sent).count() == job.number


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    timed(send)
