-- A statement is a place in a text and what is said there the first, second… time; its meaning may change, its place does not.
WITH before AS (
    SELECT *, row_number() OVER (PARTITION BY doc_id, start_char, end_char ORDER BY metric_id) AS nth
    FROM old.metrics WHERE doc_id IN (SELECT doc_id FROM new.documents)
),
after AS (
    SELECT *, row_number() OVER (PARTITION BY doc_id, start_char, end_char ORDER BY metric_id) AS nth
    FROM new.metrics WHERE doc_id IN (SELECT doc_id FROM old.documents)
),
pairs AS (
    SELECT
        doc_id, start_char, end_char, coalesce(after.quote, before.quote) AS quote, before.rule_id AS old_rule, after.rule_id AS new_rule,
        CASE WHEN before.nth IS NULL THEN 'gained' WHEN after.nth IS NULL THEN 'lost' ELSE 'changed' END AS change,
        list_filter([
            {'field': 'metric', 'was': before.metric, 'now': after.metric},
            {'field': 'basis', 'was': before.basis, 'now': after.basis},
            {'field': 'accounting', 'was': before.accounting, 'now': after.accounting},
            {'field': 'entity', 'was': before.entity, 'now': after.entity},
            {'field': 'segment', 'was': before.segment, 'now': after.segment},
            {'field': 'period', 'was': before.period, 'now': after.period},
            {'field': 'value', 'was': before.value::VARCHAR, 'now': after.value::VARCHAR},
            {'field': 'low', 'was': before.low::VARCHAR, 'now': after.low::VARCHAR},
            {'field': 'high', 'was': before.high::VARCHAR, 'now': after.high::VARCHAR},
            {'field': 'unit', 'was': before.unit, 'now': after.unit},
            {'field': 'modality', 'was': before.modality, 'now': after.modality},
            {'field': 'speaker', 'was': before.speaker, 'now': after.speaker}
        ], lambda side: side.was IS DISTINCT FROM side.now) AS sides
    FROM before FULL JOIN after USING (doc_id, start_char, end_char, nth)
)
SELECT
    'metric' AS kind, change, doc_id, start_char, end_char, quote, old_rule, new_rule,
    array_to_string(list_transform(sides, lambda side: concat(
        side.field, ': ', CASE WHEN change <> 'gained' THEN coalesce(side.was, 'null') END, CASE WHEN change = 'changed' THEN ' -> ' END,
        CASE WHEN change <> 'lost' THEN coalesce(side.now, 'null') END
    )), '; ') AS difference
FROM pairs
WHERE len(sides) > 0 OR change <> 'changed'
ORDER BY change, doc_id, start_char, end_char, difference
