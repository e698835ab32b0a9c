SELECT 'conflicts' AS scope, count(*) AS observed, any_value(metric_id || ' ' || quote || ' / ' || other_quote) AS example
FROM conflicts
WHERE doc_id = other_doc_id
