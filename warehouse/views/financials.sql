-- 公司 stands for a company that its text never names: it is another one in each document
WITH stated AS (
    SELECT *, accounting IS NOT NULL AND accounting IN ('non_gaap', 'excluding_nonrecurring') AS is_adjusted
    FROM facts
    WHERE modality = 'actual' AND segment IS NULL AND value IS NOT NULL AND entity <> '公司'
        -- H1 of a text that names no year may be of any
        AND regexp_matches(period, '\d{4}')
),
currencies AS (
    SELECT entity, period, unit AS currency
    FROM stated
    WHERE unit SIMILAR TO '[A-Z]{3}'
    GROUP BY entity, period, unit
    QUALIFY row_number() OVER (PARTITION BY entity, period ORDER BY count(*) DESC, unit) = 1
),
best AS (
    SELECT stated.*, currency
    FROM stated
    LEFT JOIN currencies USING (entity, period)
    WHERE basis = 'level' AND (unit = 'percent' OR unit = currency) OR basis = 'yoy' AND unit = 'percent'
    QUALIFY row_number() OVER (
        PARTITION BY entity, period, metric, basis, is_adjusted
        ORDER BY hedge IS NOT NULL, confidence DESC, published_at DESC NULLS LAST, metric_id
    ) = 1
)
SELECT
    entity,
    period,
    max(period_end) AS period_end,
    any_value(currency) AS currency,
    -- the company's standard accounting, else what there is
    first(value ORDER BY is_adjusted) FILTER (metric = 'revenue' AND basis = 'level') AS revenue,
    first(value ORDER BY is_adjusted) FILTER (metric = 'revenue' AND basis = 'yoy') AS revenue_yoy,
    first(value ORDER BY is_adjusted) FILTER (metric = 'gross_profit' AND basis = 'level') AS gross_profit,
    first(value ORDER BY is_adjusted) FILTER (metric = 'gross_margin' AND basis = 'level') AS gross_margin,
    first(value ORDER BY is_adjusted) FILTER (metric = 'operating_income' AND basis = 'level') AS operating_income,
    first(value ORDER BY is_adjusted) FILTER (metric = 'operating_margin' AND basis = 'level') AS operating_margin,
    first(value) FILTER (metric = 'net_income' AND basis = 'level' AND NOT is_adjusted) AS net_income,
    first(value) FILTER (metric = 'net_income' AND basis = 'yoy' AND NOT is_adjusted) AS net_income_yoy,
    first(value) FILTER (metric = 'net_income' AND basis = 'level' AND is_adjusted) AS net_income_adjusted,
    first(value ORDER BY is_adjusted) FILTER (metric = 'net_margin' AND basis = 'level') AS net_margin,
    first(value ORDER BY is_adjusted) FILTER (metric = 'eps' AND basis = 'level') AS eps,
    first(value) FILTER (metric = 'rnd_expense' AND basis = 'level') AS rnd_expense,
    first(value) FILTER (metric = 'operating_cash_flow' AND basis = 'level') AS operating_cash_flow,
    first(value) FILTER (metric = 'free_cash_flow' AND basis = 'level') AS free_cash_flow,
    first(value) FILTER (metric = 'capex' AND basis = 'level') AS capex,
    any_value(fact_count) AS fact_count,
    any_value(document_count) AS document_count
FROM best
JOIN (
    SELECT entity, period, count(*) AS fact_count, count(DISTINCT doc_id) AS document_count FROM facts GROUP BY entity, period
) AS counts USING (entity, period)
GROUP BY entity, period
HAVING COALESCE(revenue, gross_profit, gross_margin, operating_income, net_income, net_income_adjusted, eps, operating_cash_flow, capex, revenue_yoy, net_income_yoy) IS NOT NULL
ORDER BY entity, period_end
