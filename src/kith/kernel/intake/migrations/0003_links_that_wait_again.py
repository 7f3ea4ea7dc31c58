"""A link that was tied remembers by what, so that it can wait again; only those that wait are looked up by value."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_mapping_used_at")]
    operations = [
        migrations.AddField("pendinglink", "tied", models.BigIntegerField(null=True)),
        migrations.RemoveIndex("pendinglink", "pending_link_value"),
        migrations.AddIndex(
            "pendinglink",
            models.Index(
                fields=["target", "by", "value"], name="pending_link_open", condition=models.Q(tied=None)
            ),
        ),
        migrations.AddIndex(
            "pendinglink",
            models.Index(fields=["tied"], name="pending_link_tied", condition=models.Q(tied__isnull=False)),
        ),
    ]
