"""A form can ask browsers for a proof of work. Losing which ones were used lets them be sent once more, and no worse."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('capture', '0006_answer_targets'),
    ]

    operations = [
        migrations.AddField(
            model_name='form',
            name='proof',
            field=models.BooleanField(default=False, verbose_name='Ask browsers for a proof of work'),
        ),
        migrations.CreateModel(
            name='SpentProof',
            fields=[
                ('salt', models.CharField(max_length=24, primary_key=True, serialize=False)),
                ('spent_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['spent_at'], name='spent_proof_at')],
            },
        ),
        migrations.RunSQL("ALTER TABLE capture_spentproof SET UNLOGGED", "ALTER TABLE capture_spentproof SET LOGGED"),
    ]
