WITH paragraphs AS (
    SELECT
        d.publisher, b.doc_id, b.block_no, b.text, regexp_replace(b.text, '\s', '', 'g') AS normalised,
        EXISTS (FROM metrics AS m WHERE m.doc_id = b.doc_id AND m.block_no = b.block_no) AS has_metric
    FROM blocks AS b JOIN documents AS d USING (doc_id)
    WHERE b.is_kept AND b.kind NOT IN ('title', 'source', 'dateline', 'byline', 'url') AND d.publisher IS NOT NULL AND d.superseded_by IS NULL AND d.duplicate_of IS NULL
),
sizes AS (SELECT publisher, count(*) AS documents FROM documents WHERE superseded_by IS NULL AND duplicate_of IS NULL GROUP BY publisher)
SELECT
    publisher,
    min(text) AS text,
    count(DISTINCT doc_id) AS document_count,
    count(DISTINCT doc_id) / any_value(sizes.documents) AS document_share,
    min(doc_id) AS doc_id,
    arg_min(block_no, doc_id) AS block_no
FROM paragraphs JOIN sizes USING (publisher)
WHERE length(normalised) >= 8
GROUP BY publisher, normalised
-- a sentence that states a figure is repeated because it is quoted, not because the site appends it
HAVING count(DISTINCT doc_id) >= 3 AND NOT bool_or(has_metric)
