import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("calendars", "0001_initial"), ("support", "0003_ready_answers_in_languages")]

    operations = [
        migrations.AddField(
            model_name="agent",
            name="calendar",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="agents", to="calendars.businesscalendar", verbose_name="Working hours",
            ),
        ),
    ]
