"""When a kept mapping was last used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]
    operations = [
        migrations.AddField("savedmapping", "used_at", models.DateTimeField(null=True)),
    ]
