"""Make the audit log append-only: the database itself refuses changes and deletions."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION integrations_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('portal.audit_retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'TRUNCATE' AND current_setting('portal.audit_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'audit entries are append-only (% refused)', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON integrations_auditentry
    FOR EACH ROW EXECUTE FUNCTION integrations_audit_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON integrations_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION integrations_audit_append_only();
"""
BACKWARD = """
DROP TRIGGER audit_no_truncate ON integrations_auditentry;
DROP TRIGGER audit_append_only ON integrations_auditentry;
DROP FUNCTION integrations_audit_append_only();
"""


class Migration(migrations.Migration):
    """One trigger function, two triggers."""

    dependencies = [("integrations", "0001_schema")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
