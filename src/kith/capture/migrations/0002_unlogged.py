"""Counters of posts are not worth the disk's time: losing them loses nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("capture", "0001_initial")]
    operations = [
        migrations.RunSQL("ALTER TABLE capture_counter SET UNLOGGED", "ALTER TABLE capture_counter SET LOGGED")
    ]
