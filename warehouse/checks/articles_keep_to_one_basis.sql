SELECT 'mixed_accounting' AS scope, count(DISTINCT doc_id) AS observed, any_value(metric_id || ' ' || quote || ' ' || filed_accounting) AS example
FROM mixed_accounting
