-- visible characters (no blanks, no controls, no zero-width marks) that lie in no block or in two
WITH cut AS (
    SELECT b.doc_id, sum(length(regexp_replace(d.raw_text[b.start_char + 1 : b.end_char], '[\s\p{Z}\p{Cc}\p{Cf}]', '', 'g'))) AS inside
    FROM blocks AS b JOIN documents AS d USING (doc_id) GROUP BY b.doc_id
),
whole AS (SELECT doc_id, length(regexp_replace(raw_text, '[\s\p{Z}\p{Cc}\p{Cf}]', '', 'g')) AS size FROM documents)
SELECT
    'blocks' AS scope,
    sum(abs(size - COALESCE(inside, 0))) AS observed,
    any_value(doc_id) FILTER (size <> COALESCE(inside, 0)) AS example
FROM whole LEFT JOIN cut USING (doc_id)
