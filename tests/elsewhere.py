"""A fixture that empties what is configured, as if this were another installation."""

import pytest


@pytest.fixture
def emptied():
    """Call it: nothing is configured any more; colleagues and their teams stay."""
    from django.db import connection

    from kith.kernel.customfields.models import CustomField
    from kith.kernel.lookups.models import SavedView
    from kith.kernel.organisation.models import bump, forget
    from kith.kernel.records.registry import registry

    def run():
        tables = {record.model._meta.db_table for record in registry if record.configured}
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in (*sorted(tables), registry["process"].model._meta.db_table):
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        CustomField.objects.all().delete()
        SavedView.objects.all().delete()
        bump()
        forget()

    return run
