-- 公司 stands for a company that its text never names: it is another one in each document
WITH stated AS (
    SELECT
        *,
        -- half a unit of the last digit that is written: 393亿 leaves room for 393.31亿
        0.51 * pow(10, floor(log10(abs(value))) + 1 - greatest(length(ltrim(regexp_replace(quote, '[^0-9]', '', 'g'), '0')), 1)) AS rounding,
        count(*) OVER (PARTITION BY entity, segment, metric, period, basis, accounting, unit, value) AS times
    FROM facts
    WHERE modality = 'actual' AND hedge IS NULL AND value IS NOT NULL AND value <> 0 AND entity <> '公司' AND period IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY entity, segment, metric, period, basis, accounting, unit, value ORDER BY metric_id) = 1
),
-- of many values for one thing the twenty most often stated are each held against all, the rest not against each other
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY entity, segment, metric, period, basis, accounting, unit ORDER BY times DESC, metric_id) AS place
    FROM stated
),
pairs AS (
    SELECT
        CASE WHEN often.metric_id < rare.metric_id THEN often ELSE rare END AS one,
        CASE WHEN often.metric_id < rare.metric_id THEN rare ELSE often END AS other
    FROM (FROM ranked WHERE place <= 20) AS often
    JOIN ranked AS rare
        ON often.entity = rare.entity AND often.metric = rare.metric AND often.period = rare.period AND often.basis = rare.basis AND often.unit = rare.unit
        AND often.segment IS NOT DISTINCT FROM rare.segment AND often.accounting IS NOT DISTINCT FROM rare.accounting
        AND often.place < rare.place
    WHERE abs(often.value - rare.value) > greatest(often.rounding, rare.rounding)
        -- a sentence lists figures of several things (甲、乙、丙分别为…); it does not contradict itself
        AND NOT (often.doc_id = rare.doc_id AND often.sentence IS NOT DISTINCT FROM rare.sentence AND often.start_char <> rare.start_char)
)
SELECT
    one.entity AS entity,
    one.segment AS segment,
    one.metric AS metric,
    one.period AS period,
    one.basis AS basis,
    one.accounting AS accounting,
    one.unit AS unit,
    one.value AS value,
    other.value AS other_value,
    100 * abs(one.value - other.value) / greatest(abs(one.value), abs(other.value)) AS difference_percent,
    one.quote AS quote,
    other.quote AS other_quote,
    one.sentence AS sentence,
    other.sentence AS other_sentence,
    one.doc_id AS doc_id,
    other.doc_id AS other_doc_id,
    one.metric_id AS metric_id,
    other.metric_id AS other_metric_id
FROM pairs
ORDER BY entity, metric, period, metric_id, other_metric_id
