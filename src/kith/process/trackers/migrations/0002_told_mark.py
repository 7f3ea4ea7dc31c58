from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('trackers', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='issue',
            name='told_mark',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
    ]
