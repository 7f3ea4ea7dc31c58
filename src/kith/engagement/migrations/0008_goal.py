from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engagement', '0007_tries'),
    ]

    operations = [
        migrations.AlterField(
            model_name='enrolment',
            name='outcome',
            field=models.CharField(blank=True, choices=[('goal', 'Reached the goal'), ('replied', 'They replied'), ('met', 'A meeting was made'), ('opted_out', 'They opted out'), ('moved', 'The relationship moved on'), ('archived', 'They were put away'), ('bounced', 'The mail came back'), ('withheld', 'They may not be written to'), ('by_hand', 'Stopped by hand'), ('other', 'Something else')], default='', max_length=10, verbose_name='Ended because'),
        ),
    ]
