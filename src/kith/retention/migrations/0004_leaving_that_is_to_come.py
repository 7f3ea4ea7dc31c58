from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('retention', '0003_at_risk_by_owner'),
    ]

    operations = [
        migrations.AddField(
            model_name='renewal',
            name='leaving',
            field=models.BooleanField(default=False, verbose_name='They leave us that day'),
        ),
    ]
