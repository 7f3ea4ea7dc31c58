from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engagement', '0006_tracked_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='enrolment',
            name='tries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
