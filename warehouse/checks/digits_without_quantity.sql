-- share of the ASCII and full-width digits of kept blocks that no quantity covers
WITH kept AS (
    SELECT doc_id, sum(length(regexp_replace(text, '[^0-9]', '', 'g'))) AS digits FROM blocks WHERE is_kept GROUP BY doc_id
),
covered AS (
    SELECT doc_id, sum(length(regexp_replace(quote, '[^0-9０-９]', '', 'g'))) AS digits FROM quantities GROUP BY doc_id
)
SELECT
    'quantities' AS scope,
    sum(greatest(kept.digits - COALESCE(covered.digits, 0), 0)) / nullif(sum(kept.digits), 0) AS observed,
    arg_max(doc_id, kept.digits - COALESCE(covered.digits, 0)) AS example
FROM kept LEFT JOIN covered USING (doc_id)
