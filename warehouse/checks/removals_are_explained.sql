-- blocks taken out without a mark that covers them and says why, or whose mark does not own up to the figure that the block holds
SELECT
    'removed' AS scope,
    count(*) FILTER (NOT is_explained) AS observed,
    min(doc_id || ' block ' || block_no || ': ' || left(text, 40)) FILTER (NOT is_explained) AS example
FROM (
    SELECT b.doc_id, b.block_no, b.text, EXISTS (
        FROM marks AS m
        WHERE m.doc_id = b.doc_id AND m.is_dropping AND m.start_char <= b.start_char AND m.end_char >= b.end_char AND trim(m.reason) <> ''
            AND (m.holds IS NOT NULL OR NOT regexp_matches(b.text, '\d+(\.\d+)?(%|万|亿|元|美元|港元|股|个百分点)'))
    ) AS is_explained
    FROM blocks AS b
    WHERE NOT b.is_kept
)
