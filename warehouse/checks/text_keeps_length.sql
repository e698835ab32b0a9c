SELECT
    'blocks' AS scope,
    count(*) FILTER (length(text) <> end_char - start_char) AS observed,
    any_value(doc_id || ' block ' || block_no) FILTER (length(text) <> end_char - start_char) AS example
FROM blocks
