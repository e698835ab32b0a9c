SELECT
    d.doc_id,
    d.source_path,
    d.publisher,
    d.script,
    d.is_misconverted,
    length(d.raw_text) AS char_count,
    d.kept_share,
    COALESCE(b.kept, 0) AS blocks_kept,
    COALESCE(b.removed, 0) AS blocks_removed,
    COALESCE(r.applied, 0) AS repairs_applied,
    COALESCE(q.found, 0) AS quantities,
    COALESCE(m.found, 0) AS metrics,
    COALESCE(m.complete, 0) AS metrics_complete,
    COALESCE(m.unnamed, 0) AS metrics_unnamed,
    COALESCE(x.refused, 0) AS rows_rejected
FROM documents AS d
LEFT JOIN (SELECT doc_id, count(*) FILTER (is_kept) AS kept, count(*) FILTER (NOT is_kept) AS removed FROM blocks GROUP BY doc_id) AS b USING (doc_id)
LEFT JOIN (SELECT doc_id, count(*) AS applied FROM repairs WHERE is_applied GROUP BY doc_id) AS r USING (doc_id)
LEFT JOIN (SELECT doc_id, count(*) AS found FROM quantities GROUP BY doc_id) AS q USING (doc_id)
LEFT JOIN (
    SELECT
        doc_id,
        count(*) AS found,
        count(*) FILTER (entity IS NOT NULL AND period IS NOT NULL AND unit IS NOT NULL) AS complete,
        count(*) FILTER (starts_with(metric, 'x:')) AS unnamed
    FROM metrics GROUP BY doc_id
) AS m USING (doc_id)
LEFT JOIN (SELECT doc_id, count(*) AS refused FROM rejected_rows GROUP BY doc_id) AS x USING (doc_id)
WHERE d.superseded_by IS NULL
ORDER BY d.source_path
