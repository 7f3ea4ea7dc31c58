"""How many relationships are in whose care, by stage: sums that triggers keep."""

from django.db import migrations, models

RUNNING = "owner_id IS NOT NULL AND closed_at IS NULL AND archived_at IS NULL"
KEEP = f"""
CREATE FUNCTION process_in_care_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO process_in_care (owner_id, stage, n)
      SELECT owner_id, stage, count(*) FROM after WHERE {RUNNING} GROUP BY owner_id, stage;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO process_in_care (owner_id, stage, n)
      SELECT owner_id, stage, -count(*) FROM before WHERE {RUNNING} GROUP BY owner_id, stage;
  ELSE
    INSERT INTO process_in_care (owner_id, stage, n)
      SELECT owner_id, stage, sum(one) FROM (
        SELECT owner_id, stage, -1 AS one FROM before WHERE {RUNNING}
        UNION ALL SELECT owner_id, stage, 1 FROM after WHERE {RUNNING}
      ) AS changed GROUP BY owner_id, stage HAVING sum(one) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER process_in_care_came AFTER INSERT ON process_journey REFERENCING NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION process_in_care_keep();
CREATE TRIGGER process_in_care_changed AFTER UPDATE ON process_journey REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION process_in_care_keep();
CREATE TRIGGER process_in_care_went AFTER DELETE ON process_journey REFERENCING OLD TABLE AS before
  FOR EACH STATEMENT EXECUTE FUNCTION process_in_care_keep();
INSERT INTO process_in_care (owner_id, stage, n)
  SELECT owner_id, stage, count(*) FROM process_journey WHERE {RUNNING} GROUP BY owner_id, stage;
"""
GONE = """
DROP TRIGGER process_in_care_came ON process_journey;
DROP TRIGGER process_in_care_changed ON process_journey;
DROP TRIGGER process_in_care_went ON process_journey;
DROP FUNCTION process_in_care_keep();
"""


class Migration(migrations.Migration):
    dependencies = [("process", "0009_came_over")]
    operations = [
        migrations.CreateModel(
            name="InCare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner_id", models.BigIntegerField()),
                ("stage", models.CharField(max_length=60)),
                ("n", models.BigIntegerField()),
            ],
            options={
                "db_table": "process_in_care",
                "indexes": [models.Index(fields=["owner_id"], include=("stage", "n"), name="in_care_owner")],
            },
        ),
        migrations.RunSQL(KEEP, GONE),
    ]
