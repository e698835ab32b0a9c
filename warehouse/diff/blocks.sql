SELECT
    'block' AS kind,
    CASE
        WHEN after.is_kept AND NOT coalesce(before.is_kept, false) THEN 'gained'
        WHEN before.is_kept AND NOT coalesce(after.is_kept, false) THEN 'lost'
        ELSE 'changed'
    END AS change,
    doc_id, start_char, end_char, left(coalesce(after.text, before.text), 40) AS quote, before.rule_id AS old_rule, after.rule_id AS new_rule,
    concat(coalesce(before.kind, 'none'), ' -> ', coalesce(after.kind, 'none')) AS difference
FROM (FROM old.blocks WHERE doc_id IN (SELECT doc_id FROM new.documents)) AS before
FULL JOIN (FROM new.blocks WHERE doc_id IN (SELECT doc_id FROM old.documents)) AS after USING (doc_id, start_char, end_char)
WHERE (before.is_kept, before.kind, before.rule_id) IS DISTINCT FROM (after.is_kept, after.kind, after.rule_id)
ORDER BY change, doc_id, start_char, end_char
