SELECT
    'metrics' AS scope,
    count(unit) / nullif(count(*), 0) AS observed,
    any_value(metric_id || ' ' || metric || ' ' || quote) FILTER (unit IS NULL) AS example
FROM facts
