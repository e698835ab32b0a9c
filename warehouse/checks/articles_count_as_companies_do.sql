SELECT 'misnamed_periods' AS scope, count(DISTINCT doc_id) AS observed, any_value(entity || ' ' || quote || ' ' || fiscal_period) AS example
FROM misnamed_periods
