-- old -> the later text: a text gives way when every place it was read from holds a later one. A place that holds none now
-- (the file was refused) keeps its last good text.
WITH latest AS (SELECT source_path, arg_max(doc_id, seen_at) AS doc_id FROM sources GROUP BY source_path)
SELECT sources.doc_id AS old, min(latest.doc_id) AS doc_id
FROM sources JOIN latest USING (source_path)
WHERE sources.doc_id IS NOT NULL
GROUP BY sources.doc_id
HAVING bool_and(latest.doc_id IS NOT NULL AND latest.doc_id <> sources.doc_id)
