WITH quoted AS (
    SELECT 'metrics' AS scope, doc_id, start_char, end_char, quote FROM metrics
    UNION ALL SELECT 'quantities', doc_id, start_char, end_char, quote FROM quantities
    UNION ALL SELECT 'mentions', doc_id, start_char, end_char, quote FROM mentions
    UNION ALL SELECT 'repairs', doc_id, start_char, end_char, quote FROM repairs
)
SELECT
    scope,
    count(*) FILTER (raw_text[start_char + 1 : end_char] <> quote) AS observed,
    any_value(doc_id || ' ' || start_char || ' ' || quote) FILTER (raw_text[start_char + 1 : end_char] <> quote) AS example
FROM quoted JOIN documents USING (doc_id)
GROUP BY scope
