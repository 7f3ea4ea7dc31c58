from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("support", "0002_talk_clocks_and_desk")]

    operations = [
        migrations.AddField(
            model_name="reply",
            name="bodies",
            field=models.JSONField(blank=True, default=dict, verbose_name="Text in other languages"),
        ),
    ]
