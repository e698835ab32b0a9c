-- of the blocks that carry a figure, how many were taken out by rules other than the splice detector
SELECT
    'removed' AS scope,
    count(*) FILTER (NOT is_kept AND kind <> 'spliced') / nullif(count(*), 0) AS observed,
    any_value(doc_id || ' block ' || block_no || ': ' || left(text, 40)) FILTER (NOT is_kept AND kind <> 'spliced') AS example
FROM blocks
WHERE regexp_matches(text, '\d+(\.\d+)?(%|万|亿|元|美元|港元|股|个百分点)')
