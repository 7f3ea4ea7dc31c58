# Mailboxes that were there keep showing all of their mail; new ones of colleagues begin private.

from django.db import migrations, models

LEVELS = [
    ("full", "All of it"), ("subject", "Who, when and the subject"), ("metadata", "Who and when"),
    ("private", "Only that there was a mail"),
]  # fmt: skip


def shows(default: str) -> models.CharField:
    return models.CharField(
        blank=True, choices=LEVELS, default=default, max_length=10, verbose_name="Colleagues see"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0004_trusted_certificate"),
    ]

    operations = [
        migrations.AddField(model_name="mailbox", name="shows", field=shows("full")),
        migrations.AlterField(model_name="mailbox", name="shows", field=shows("")),
    ]
