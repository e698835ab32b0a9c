WITH matched AS (
    SELECT f.*, filed.accounting AS filed_accounting
    FROM facts AS f
    JOIN filings AS filed ON filed.entity = f.entity AND filed.metric = f.metric AND filed.period = f.period AND filed.unit = f.unit
    -- articles round to four digits or so; the bases of one metric lie further apart than that
    WHERE f.basis = 'level' AND f.segment IS NULL AND f.value IS NOT NULL AND abs(f.value - filed.value) <= 0.0005 * abs(filed.value)
),
settled AS (
    SELECT * FROM matched
    -- a figure that equals the filed ones of two bases says nothing about its own
    QUALIFY count(*) OVER (PARTITION BY metric_id) = 1
),
judged AS (
    SELECT
        *,
        min(filed_accounting) OVER doc <> max(filed_accounting) OVER doc AS is_mixed,
        bool_or(accounting IS DISTINCT FROM filed_accounting) OVER doc AS is_unsaid
    FROM settled
    WINDOW doc AS (PARTITION BY doc_id, entity, metric)
)
SELECT entity, metric, period, value, unit, accounting, filed_accounting, quote, sentence, title, doc_id, metric_id
FROM judged
WHERE is_mixed AND is_unsaid
ORDER BY doc_id, entity, metric, period, metric_id
