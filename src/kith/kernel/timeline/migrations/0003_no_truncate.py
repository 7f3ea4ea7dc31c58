"""Nor is history emptied at a stroke: the guard of single rows does not hear TRUNCATE."""

from django.db import migrations

GUARD = """
CREATE TRIGGER timeline_event_no_truncate BEFORE TRUNCATE ON timeline_event
  FOR EACH STATEMENT EXECUTE FUNCTION timeline_append_only();
"""
GONE = "DROP TRIGGER timeline_event_no_truncate ON timeline_event;"


class Migration(migrations.Migration):
    dependencies = [("timeline", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, GONE)]
