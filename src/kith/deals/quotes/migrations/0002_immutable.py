"""What was sent never changes: the database itself refuses it. Only the answer, and what became of the version, is written."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION quote_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        ROW(NEW.number, NEW.edition, NEW.deal_id, NEW.language, NEW.currency, NEW.valid_until, NEW.note, NEW.terms,
            NEW.promises, NEW.total, NEW.discount, NEW.sent_at, NEW.document, NEW.digest, NEW.secret)
        IS DISTINCT FROM
        ROW(OLD.number, OLD.edition, OLD.deal_id, OLD.language, OLD.currency, OLD.valid_until, OLD.note, OLD.terms,
            OLD.promises, OLD.total, OLD.discount, OLD.sent_at, OLD.document, OLD.digest, OLD.secret)
        OR NEW.state = 'draft'
    ) THEN
        RAISE EXCEPTION 'A quote that was sent never changes; make a new version.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_fixed BEFORE UPDATE ON quotes_quote FOR EACH ROW EXECUTE FUNCTION quote_is_fixed();

CREATE FUNCTION quote_line_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM quotes_quote q WHERE q.id = NEW.quote_id AND q.state <> 'draft')
       AND (TG_OP = 'INSERT' OR to_jsonb(NEW) IS DISTINCT FROM to_jsonb(OLD)) THEN
        RAISE EXCEPTION 'A quote that was sent never changes; make a new version.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quote_line_fixed BEFORE INSERT OR UPDATE ON quotes_quoteline
    FOR EACH ROW EXECUTE FUNCTION quote_line_is_fixed();
"""
BACKWARD = """
DROP TRIGGER quote_line_fixed ON quotes_quoteline;
DROP FUNCTION quote_line_is_fixed();
DROP TRIGGER quote_fixed ON quotes_quote;
DROP FUNCTION quote_is_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("quotes", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
