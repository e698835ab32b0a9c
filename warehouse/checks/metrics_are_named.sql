SELECT
    'metrics' AS scope,
    count(*) FILTER (NOT starts_with(metric, 'x:')) / nullif(count(*), 0) AS observed,
    arg_min(metric_id || ' ' || metric || ' ' || quote, metric_id) FILTER (starts_with(metric, 'x:')) AS example
FROM facts
