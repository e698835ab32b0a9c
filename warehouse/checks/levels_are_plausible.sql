-- where metric_codes gives no range: what no company of any currency reaches, and nothing below 0 where the code says positive
WITH usual (unit_kind, low, high) AS (
    VALUES ('money', -1e15, 1e15), ('percent', -1000, 1000), ('multiple', -10000, 10000), ('count', -1e13, 1e13), ('per_share', -1e5, 1e6), ('price', -1e9, 1e9)
),
ranges AS (
    SELECT
        metric,
        COALESCE(c.low, CASE WHEN c.sign = 'positive' THEN 0 ELSE usual.low END) AS low,
        COALESCE(c.high, usual.high) AS high
    FROM metric_codes AS c LEFT JOIN usual USING (unit_kind)
)
SELECT
    f.metric AS scope,
    count(*) FILTER (f.value < r.low OR f.value > r.high) AS observed,
    any_value(f.metric_id || ' ' || f.quote) FILTER (f.value < r.low OR f.value > r.high) AS example
FROM facts AS f
JOIN ranges AS r USING (metric)
WHERE f.basis = 'level' AND f.value IS NOT NULL
GROUP BY f.metric
