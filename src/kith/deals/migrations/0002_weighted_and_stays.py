from django.db import migrations, models

WEIGH = """
    UPDATE deals_deal d
    SET weighted = CASE d.status WHEN 'open' THEN round(d.amount * s.probability / 100, 2) WHEN 'won' THEN d.amount ELSE 0 END
    FROM deals_stage s WHERE s.id = d.stage_id AND d.amount IS NOT NULL
"""
TELL = """
    INSERT INTO deals_stay (deal_id, stage_id, entered_at, left_at)
    SELECT deal_id, stage_id, entered_at, left_at
    FROM (
        SELECT e.record_id AS deal_id, e.at AS entered_at, e.id,
               (CASE e.verb WHEN 'deal.created' THEN e.payload->>'stage_id' WHEN 'deal.stage_moved' THEN e.payload->>'new_id'
                    WHEN 'deal.pipeline_changed' THEN e.payload->>'stage_id' WHEN 'deal.reopened' THEN e.payload->>'stage_id'
                END)::bigint AS stage_id,
               lead(e.at) OVER (PARTITION BY e.record_id ORDER BY e.at, e.id) AS left_at
        FROM timeline_event e JOIN deals_deal d ON d.id = e.record_id
        WHERE e.record = 'deal'
          AND e.verb IN ('deal.created', 'deal.stage_moved', 'deal.pipeline_changed', 'deal.reopened', 'deal.won', 'deal.lost')
          AND NOT EXISTS (SELECT 1 FROM timeline_operation o WHERE o.id = e.operation AND o.undone_at IS NOT NULL)
    ) told
    WHERE stage_id IS NOT NULL
    ORDER BY deal_id, entered_at, id
"""


class Migration(migrations.Migration):
    """Rows first; their indexes follow in 0003, which is several times faster and may not share a transaction with them."""

    dependencies = [
        ('deals', '0001_initial'),
        ('timeline', '0002_append_only'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='deal', name='deal_lane_sums'),
        migrations.AddField(
            model_name='deal',
            name='weighted',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name='Weighted'),
        ),
        migrations.RunSQL(WEIGH, migrations.RunSQL.noop, elidable=True),
        migrations.CreateModel(
            name='Stay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage_id', models.BigIntegerField()),
                ('entered_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('deal', models.ForeignKey(db_index=False, on_delete=models.deletion.CASCADE, related_name='+', to='deals.deal')),
            ],
        ),
        migrations.RunSQL(TELL, migrations.RunSQL.noop, elidable=True),
    ]
