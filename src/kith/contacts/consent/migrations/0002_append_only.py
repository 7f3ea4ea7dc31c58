"""The log of consents is append-only: the database itself refuses to change what somebody agreed to.

A merge may hand a line to the person who remains; a line goes only with its person.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION consent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'person_id' - 'by_id' IS DISTINCT FROM to_jsonb(OLD) - 'person_id' - 'by_id' THEN
        RAISE EXCEPTION 'Lines of the consent log are never changed; add one that says what holds now.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_consent_append_only BEFORE UPDATE ON consent_consent
    FOR EACH ROW EXECUTE FUNCTION consent_append_only();
CREATE TRIGGER consent_wording_append_only BEFORE UPDATE ON consent_wording
    FOR EACH ROW EXECUTE FUNCTION consent_append_only();
"""
BACKWARD = """
DROP TRIGGER consent_wording_append_only ON consent_wording;
DROP TRIGGER consent_consent_append_only ON consent_consent;
DROP FUNCTION consent_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
