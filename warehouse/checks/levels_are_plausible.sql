SELECT
    f.metric AS scope,
    count(*) FILTER (f.value < c.low OR f.value > c.high) AS observed,
    any_value(f.metric_id || ' ' || f.quote) FILTER (f.value < c.low OR f.value > c.high) AS example
FROM facts AS f
JOIN metric_codes AS c USING (metric)
WHERE f.basis = 'level' AND f.value IS NOT NULL
GROUP BY f.metric
