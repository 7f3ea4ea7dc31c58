"""The database itself refuses to rewrite history.

An erasure (a person's right) is the one exception and must say so first: SET LOCAL kith.erasing = 'on'.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION timeline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('kith.erasing', true) = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION 'Events are never changed or deleted; write a new one.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER timeline_event_append_only BEFORE UPDATE OR DELETE ON timeline_event
  FOR EACH ROW EXECUTE FUNCTION timeline_append_only();
"""
GONE = """
DROP TRIGGER timeline_event_append_only ON timeline_event;
DROP FUNCTION timeline_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("timeline", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, GONE)]
