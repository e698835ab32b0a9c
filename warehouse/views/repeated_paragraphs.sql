-- Paragraphs meet by a hash of their text: what is grouped has a fixed size, so that any number of them fits or spills.
WITH paragraphs AS (
    SELECT
        d.publisher, b.doc_id, hash(regexp_replace(b.text, '\s', '', 'g')) AS paragraph, min(b.block_no) AS block_no,
        bool_or(m.doc_id IS NOT NULL) AS has_metric
    FROM blocks AS b
    JOIN documents AS d USING (doc_id)
    LEFT JOIN (SELECT DISTINCT doc_id, block_no FROM metrics) AS m ON m.doc_id = b.doc_id AND m.block_no = b.block_no
    WHERE b.is_kept AND b.kind NOT IN ('title', 'source', 'dateline', 'byline', 'url') AND d.publisher IS NOT NULL AND d.superseded_by IS NULL AND d.duplicate_of IS NULL
        AND length(b.text) >= 8 AND length(regexp_replace(b.text, '\s', '', 'g')) >= 8
    GROUP BY d.publisher, b.doc_id, paragraph
),
repeated AS (
    SELECT publisher, paragraph, count(*) AS document_count, min(doc_id) AS doc_id
    FROM paragraphs
    GROUP BY publisher, paragraph
    -- a sentence that states a figure is repeated because it is quoted, not because the site appends it
    HAVING count(*) >= 3 AND NOT bool_or(has_metric)
),
sizes AS (SELECT publisher, count(*) AS documents FROM documents WHERE superseded_by IS NULL AND duplicate_of IS NULL GROUP BY publisher)
SELECT
    publisher,
    blocks.text,
    document_count,
    document_count / sizes.documents AS document_share,
    doc_id,
    block_no
FROM repeated
JOIN paragraphs USING (publisher, paragraph, doc_id)
JOIN blocks USING (doc_id, block_no)
JOIN sizes USING (publisher)
