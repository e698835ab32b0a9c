-- 公司 stands for a company that its text never names: it is another one in each document
WITH outlooks AS (
    -- what a company gives an outlook on; what it plans to pay, buy or sell once is done in parts, by many
    SELECT metric
    FROM metric_codes
    WHERE period_type = 'duration' AND (is_by_segment OR metric IN ('net_income', 'eps', 'ebitda', 'capex', 'profit_before_tax', 'free_cash_flow', 'operating_cash_flow', 'rnd_expense', 'operating_expense', 'effective_tax_rate', 'premium_income', 'new_business_value', 'new_stores', 'headcount'))
),
guided AS (
    SELECT *, COALESCE(low, value) AS floor, COALESCE(high, value) AS ceiling
    FROM facts
    -- H1 of a text that names no year may be of any
    WHERE modality = 'guidance' AND entity <> '公司' AND regexp_matches(period, '\d{4}') AND metric IN (FROM outlooks)
),
reported AS (
    FROM facts
    WHERE modality = 'actual' AND value IS NOT NULL AND metric IN (FROM outlooks)
    QUALIFY row_number() OVER (
        PARTITION BY entity, segment, metric, period, basis, accounting, unit ORDER BY hedge IS NOT NULL, confidence DESC, metric_id
    ) = 1
)
SELECT
    guided.entity,
    guided.segment,
    guided.metric,
    guided.period,
    guided.basis,
    guided.accounting,
    guided.unit,
    guided.value AS guided_value,
    guided.floor AS guided_low,
    guided.ceiling AS guided_high,
    reported.value AS actual_value,
    CASE WHEN reported.value < guided.floor THEN 'below' WHEN reported.value > guided.ceiling THEN 'above' ELSE 'within' END AS outcome,
    guided.quote AS guided_quote,
    reported.quote AS actual_quote,
    guided.published_at AS guided_at,
    reported.published_at AS actual_at,
    guided.metric_id AS guided_metric_id,
    reported.metric_id AS actual_metric_id
FROM guided
JOIN reported
    ON reported.entity = guided.entity AND reported.metric = guided.metric AND reported.period = guided.period
    AND reported.basis = guided.basis AND reported.unit = guided.unit
    AND (guided.published_at IS NULL OR reported.published_at IS NULL OR guided.published_at <= reported.published_at)
    AND reported.segment IS NOT DISTINCT FROM guided.segment AND reported.accounting IS NOT DISTINCT FROM guided.accounting
ORDER BY guided.entity, guided.period, guided.metric, guided.metric_id
