"""What was sent never goes either, line by line; and who answered, when and from where, is fixed with the answer.

Removing the sample company, and erasing what a person may have erased, are the exceptions and say so first:
SET LOCAL kith.erasing = 'on'.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION quote_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND coalesce(current_setting('kith.erasing', true), '') <> 'on' THEN
        RAISE EXCEPTION 'A quote that was sent never changes; withdraw it.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER quote_stays BEFORE DELETE ON quotes_quote FOR EACH ROW EXECUTE FUNCTION quote_stays();

CREATE FUNCTION quote_answer_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('accepted', 'declined') AND coalesce(current_setting('kith.erasing', true), '') <> 'on' AND
        ROW(NEW.answered_at, NEW.answered_by, NEW.answered_from, NEW.answered_with, NEW.answer_words)
        IS DISTINCT FROM
        ROW(OLD.answered_at, OLD.answered_by, OLD.answered_from, OLD.answered_with, OLD.answer_words)
    THEN
        RAISE EXCEPTION 'An answer to a quote never changes; take it back.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_answer_fixed BEFORE UPDATE ON quotes_quote
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION quote_answer_is_fixed();

CREATE OR REPLACE FUNCTION quote_line_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.quote_id ELSE NEW.quote_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM quotes_quote q WHERE q.id IN (whose, OLD.quote_id) AND q.state <> 'draft')
       AND (TG_OP <> 'UPDATE' OR to_jsonb(NEW) IS DISTINCT FROM to_jsonb(OLD))
       AND coalesce(current_setting('kith.erasing', true), '') <> 'on' THEN
        RAISE EXCEPTION 'A quote that was sent never changes; make a new version.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
DROP TRIGGER quote_line_fixed ON quotes_quoteline;
CREATE TRIGGER quote_line_fixed BEFORE INSERT OR UPDATE OR DELETE ON quotes_quoteline
    FOR EACH ROW EXECUTE FUNCTION quote_line_is_fixed();
"""
BACKWARD = """
DROP TRIGGER quote_line_fixed ON quotes_quoteline;
CREATE TRIGGER quote_line_fixed BEFORE INSERT OR UPDATE ON quotes_quoteline
    FOR EACH ROW EXECUTE FUNCTION quote_line_is_fixed();
DROP TRIGGER quote_answer_fixed ON quotes_quote;
DROP FUNCTION quote_answer_is_fixed();
DROP TRIGGER quote_stays ON quotes_quote;
DROP FUNCTION quote_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0002_immutable")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
