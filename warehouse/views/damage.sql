SELECT
    d.publisher,
    count(DISTINCT d.doc_id) AS documents,
    count(DISTINCT d.doc_id) FILTER (d.is_misconverted) AS documents_misconverted,
    count(DISTINCT r.doc_id) FILTER (r.is_applied) AS documents_repaired,
    count(*) FILTER (r.kind = 'script' AND r.is_applied) AS script_repairs,
    count(*) FILTER (r.kind = 'ocr' AND r.is_applied) AS ocr_repairs,
    count(*) FILTER (r.kind = 'spelling' AND r.is_applied) AS spelling_repairs,
    count(*) FILTER (r.kind = 'stray' AND r.is_applied) AS stray_repairs,
    count(*) FILTER (r.kind = 'duplicate' AND r.is_applied) AS duplicate_repairs,
    count(*) FILTER (NOT r.is_applied) AS proposed_repairs,
    -- the damage that says most about the source: 麵 for 面, ? for a lost character
    (
        SELECT string_agg(change, '  ' ORDER BY times DESC, change)
        FROM (
            SELECT s.quote || ' -> ' || s.correction || ' x' || count(*) AS change, count(*) AS times
            FROM repairs AS s
            JOIN documents AS e USING (doc_id)
            WHERE s.is_applied AND e.superseded_by IS NULL AND e.publisher IS NOT DISTINCT FROM d.publisher
            GROUP BY s.quote, s.correction
            ORDER BY times DESC, change
            LIMIT 5
        )
    ) AS most_often
FROM documents AS d
LEFT JOIN repairs AS r USING (doc_id)
WHERE d.superseded_by IS NULL
GROUP BY d.publisher
ORDER BY count(*) FILTER (r.is_applied) DESC, d.publisher
