SELECT
    'metrics' AS scope,
    count(entity) / nullif(count(*), 0) AS observed,
    any_value(metric_id || ' ' || metric || ' ' || quote) FILTER (entity IS NULL) AS example
FROM facts
