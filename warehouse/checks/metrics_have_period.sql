SELECT
    'metrics' AS scope,
    count(period) / nullif(count(*), 0) AS observed,
    any_value(metric_id || ' ' || metric || ' ' || quote) FILTER (period IS NULL) AS example
FROM facts
