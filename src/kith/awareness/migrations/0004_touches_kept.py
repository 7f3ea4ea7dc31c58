"""The database itself keeps touches as they were: whose they are may change by a merge, and which campaign they belong to.

Deleting somebody's trail is the one exception and must say so first: SET LOCAL kith.erasing = 'on'.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION awareness_touch_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('kith.erasing', true) = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'person_id' - 'campaign_id' = to_jsonb(OLD) - 'person_id' - 'campaign_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Touches are never changed or deleted one by one.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER awareness_touch_kept BEFORE UPDATE OR DELETE ON awareness_touch
  FOR EACH ROW EXECUTE FUNCTION awareness_touch_kept();
"""
GONE = """
DROP TRIGGER awareness_touch_kept ON awareness_touch;
DROP FUNCTION awareness_touch_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("awareness", "0003_touches")]
    operations = [migrations.RunSQL(GUARD, GONE)]
