-- of the blocks that hold a figure or name a company or a speaker, how many were taken out by rules other than the splice detector
WITH named AS (
    SELECT b.*, EXISTS (
        FROM marks AS m WHERE m.doc_id = b.doc_id AND m.is_dropping AND m.holds IS NOT NULL AND m.start_char <= b.start_char AND m.end_char >= b.end_char
    ) OR EXISTS (
        FROM mentions AS n WHERE n.doc_id = b.doc_id AND n.type = 'company' AND n.start_char >= b.start_char AND n.end_char <= b.end_char
    ) AS is_named
    FROM blocks AS b
)
SELECT
    'removed' AS scope,
    count(*) FILTER (NOT is_kept AND kind <> 'spliced') / nullif(count(*), 0) AS observed,
    any_value(doc_id || ' block ' || block_no || ': ' || left(text, 40)) FILTER (NOT is_kept AND kind <> 'spliced') AS example
FROM named
WHERE is_named OR regexp_matches(text, '\d+(\.\d+)?(%|万|亿|元|美元|港元|股|个百分点)')
