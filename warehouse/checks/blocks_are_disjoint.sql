WITH neighbours AS (
    SELECT doc_id, block_no, start_char, lag(end_char) OVER (PARTITION BY doc_id ORDER BY start_char) AS previous_end FROM blocks
)
SELECT
    'blocks' AS scope,
    count(*) FILTER (previous_end > start_char) AS observed,
    any_value(doc_id || ' block ' || block_no) FILTER (previous_end > start_char) AS example
FROM neighbours
