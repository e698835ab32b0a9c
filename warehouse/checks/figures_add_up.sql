SELECT
    'arithmetic' AS scope,
    count(*) FILTER (NOT is_consistent) / nullif(count(*), 0) AS observed,
    any_value(metric_id || ' ' || quote || ', computed ' || round(computed, 2)) FILTER (NOT is_consistent) AS example
FROM arithmetic
