from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("organisation", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="language",
            field=models.CharField(default="en", max_length=12, verbose_name="Language"),
        ),
    ]
