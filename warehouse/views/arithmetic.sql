-- 公司 stands for a company that its text never names: it is another one in each document
WITH stated AS (
    SELECT *, COALESCE(accounting, '') AS books
    FROM facts
    WHERE modality = 'actual' AND segment IS NULL AND value IS NOT NULL AND entity <> '公司'
        -- H1 of a text that names no year may be of any
        AND regexp_matches(period, '\d{4}')
    QUALIFY row_number() OVER (
        PARTITION BY entity, metric, period, basis, accounting, unit ORDER BY hedge IS NOT NULL, confidence DESC, metric_id
    ) = 1
),
levels AS (FROM stated WHERE basis = 'level'),
findings AS (
    -- 同比增长78% between 2023年 and 2024年
    SELECT
        'growth = level / level a year before - 1' AS identity,
        growth AS claim,
        100 * (level.value - before.value) / abs(before.value) AS computed,
        [level, before] AS parts,
        -- figures in articles have three digits or more: their rounding moves a growth rate by up to one percentage point
        1.0 + 0.01 * abs(growth.value) AS tolerance
    FROM (FROM stated WHERE basis = 'yoy' AND unit = 'percent') AS growth
    JOIN levels AS level ON level.entity = growth.entity AND level.metric = growth.metric AND level.period = growth.period AND level.books = growth.books
    JOIN levels AS before
        ON before.entity = level.entity AND before.metric = level.metric AND before.unit = level.unit AND before.books = level.books
        AND before.period = regexp_replace(level.period, '\d{4}', CAST(TRY_CAST(regexp_extract(level.period, '\d{4}') AS INTEGER) - 1 AS VARCHAR))
    WHERE before.value <> 0
    UNION ALL BY NAME
    -- 毛利率73.5% beside 毛利 and 营收
    SELECT
        margin.metric || ' = ' || part.metric || ' / revenue' AS identity,
        margin AS claim,
        100 * part.value / revenue.value AS computed,
        [part, revenue] AS parts,
        0.6 AS tolerance
    FROM (FROM levels WHERE unit = 'percent') AS margin
    JOIN levels AS part
        ON part.entity = margin.entity AND part.period = margin.period AND part.books = margin.books
        AND part.metric = CASE margin.metric WHEN 'gross_margin' THEN 'gross_profit' WHEN 'operating_margin' THEN 'operating_income' WHEN 'net_margin' THEN 'net_income' END
    JOIN levels AS revenue
        ON revenue.entity = margin.entity AND revenue.period = margin.period AND revenue.metric = 'revenue' AND revenue.unit = part.unit
    WHERE revenue.value <> 0
    UNION ALL BY NAME
    SELECT
        'market_cap = share_price * shares_outstanding' AS identity,
        cap AS claim,
        price.value * shares.value AS computed,
        [price, shares] AS parts,
        0.05 * abs(cap.value) AS tolerance
    FROM (FROM levels WHERE metric = 'market_cap') AS cap
    JOIN levels AS price ON price.entity = cap.entity AND price.period = cap.period AND price.unit = cap.unit AND price.metric = 'share_price'
    JOIN levels AS shares ON shares.entity = cap.entity AND shares.period = cap.period AND shares.metric = 'shares_outstanding'
)
SELECT
    identity,
    claim.entity AS entity,
    claim.metric AS metric,
    claim.period AS period,
    claim.unit AS unit,
    claim.value AS stated,
    computed,
    claim.value - computed AS difference,
    abs(claim.value - computed) <= tolerance AS is_consistent,
    claim.metric_id AS metric_id,
    claim.doc_id AS doc_id,
    claim.quote AS quote,
    list_transform(parts, lambda part: part.metric_id) AS from_metric_ids,
    list_transform(parts, lambda part: part.quote) AS from_quotes
FROM findings
ORDER BY is_consistent, entity, period, metric, metric_id
