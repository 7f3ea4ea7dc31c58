"""Leads that wait for a verdict have rows of their own, filled from decisions and verdicts as they stand."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FILL = """
    INSERT INTO qualification_waiting (person_id, owner_id, since, due_at)
    SELECT p.id, p.owner_id, d.created_at,
           CASE WHEN d.kind = 'escalated' THEN d.created_at WHEN d.stopped_at IS NULL THEN d.due_at END
    FROM contacts_person p
    JOIN (SELECT DISTINCT ON (person_id) * FROM qualification_decision
          WHERE archived_at IS NULL AND user_id IS NOT NULL ORDER BY person_id, id DESC) d ON d.person_id = p.id
    LEFT JOIN qualification_lead l ON l.person_id = p.id
    WHERE p.archived_at IS NULL AND p.owner_id IS NOT NULL AND coalesce(l.state, '') IN ('', 'back')
      AND NOT EXISTS (SELECT FROM deals_deal WHERE contact_id = p.id AND archived_at IS NULL)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0002_today_indexes"),
        ("deals", "0005_today_indexes"),
        ("qualification", "0003_links_that_merges_follow"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("owner", models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("person", models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, related_name="waiting_lead", to="contacts.person")),
            ],
            options={
                "verbose_name": "waiting lead",
                "verbose_name_plural": "waiting leads",
                "indexes": [models.Index(fields=["owner", "due_at", "since", "id"], name="waiting_of")],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True),
    ]
