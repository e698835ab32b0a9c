-- 公司 stands for a company that its text never names: it is another one in each document
WITH stated AS (
    SELECT
        *,
        -- half a unit of the last digit that is written: 393亿 leaves room for 393.31亿
        0.51 * pow(10, floor(log10(abs(value))) + 1 - greatest(length(ltrim(regexp_replace(quote, '[^0-9]', '', 'g'), '0')), 1)) AS rounding
    FROM facts
    WHERE modality = 'actual' AND hedge IS NULL AND value IS NOT NULL AND value <> 0 AND entity <> '公司' AND period IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY entity, segment, metric, period, basis, accounting, unit, value ORDER BY metric_id) = 1
)
SELECT
    a.entity,
    a.segment,
    a.metric,
    a.period,
    a.basis,
    a.accounting,
    a.unit,
    a.value,
    b.value AS other_value,
    100 * abs(a.value - b.value) / greatest(abs(a.value), abs(b.value)) AS difference_percent,
    a.quote,
    b.quote AS other_quote,
    a.sentence,
    b.sentence AS other_sentence,
    a.doc_id,
    b.doc_id AS other_doc_id,
    a.metric_id,
    b.metric_id AS other_metric_id
FROM stated AS a
JOIN stated AS b
    ON a.entity = b.entity AND a.metric = b.metric AND a.period = b.period AND a.basis = b.basis AND a.unit = b.unit
    AND a.segment IS NOT DISTINCT FROM b.segment AND a.accounting IS NOT DISTINCT FROM b.accounting
    AND a.metric_id < b.metric_id
WHERE abs(a.value - b.value) > greatest(a.rounding, b.rounding)
ORDER BY a.entity, a.metric, a.period, a.metric_id, b.metric_id
