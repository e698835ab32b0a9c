SELECT
    'metrics' AS scope,
    count(*) FILTER (NOT starts_with(metric, 'x:')) / nullif(count(*), 0) AS observed,
    mode(metric) FILTER (starts_with(metric, 'x:')) AS example
FROM facts
