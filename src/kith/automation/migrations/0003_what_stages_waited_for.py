"""What waited for the reader that stages had of their own is read by automation, which does what they do from now on."""

from django.db import migrations

DELIVERIES = """
    UPDATE timeline_delivery d SET reader = 'automation' WHERE d.reader = 'process' AND d.done_at IS NULL
    AND NOT EXISTS (SELECT FROM timeline_delivery o WHERE o.event_id = d.event_id AND o.reader = 'automation')
"""
REST = "UPDATE timeline_delivery SET done_at = now() WHERE reader = 'process' AND done_at IS NULL"
JOBS = """
    UPDATE procrastinate_jobs SET task_name = 'automation.start'
    WHERE task_name = 'process.automations' AND status = 'todo'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("automation", "0002_stages"),
        ("timeline", "0003_no_truncate"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [migrations.RunSQL([DELIVERIES, REST, JOBS], migrations.RunSQL.noop, elidable=True)]
