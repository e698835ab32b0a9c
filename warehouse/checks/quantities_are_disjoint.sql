WITH neighbours AS (
    SELECT doc_id, start_char, quote, lag(end_char) OVER (PARTITION BY doc_id ORDER BY start_char) AS previous_end FROM quantities
)
SELECT
    'quantities' AS scope,
    count(*) FILTER (previous_end > start_char) AS observed,
    any_value(doc_id || ' ' || start_char || ' ' || quote) FILTER (previous_end > start_char) AS example
FROM neighbours
