SELECT
    b.doc_id,
    d.source_path,
    d.publisher,
    b.block_no,
    b.kind,
    m.rule_id,
    m.reason,
    m.score,
    regexp_matches(b.text, '\d+(\.\d+)?\s*(%|万|亿|元|美元|港元|股|个百分点)') AS has_figure,
    m.holds,
    d.raw_text[b.start_char + 1 : b.end_char] AS text
FROM blocks AS b
JOIN documents AS d USING (doc_id)
-- of several marks over a block, the one that decided it
LEFT JOIN marks AS m ON m.doc_id = b.doc_id AND m.is_dropping AND m.start_char < b.end_char AND b.start_char < m.end_char
WHERE NOT b.is_kept AND d.superseded_by IS NULL
QUALIFY row_number() OVER (PARTITION BY b.doc_id, b.block_no ORDER BY m.rule_id = b.rule_id DESC NULLS LAST, m.score DESC, m.rule_id) = 1
ORDER BY b.doc_id, b.block_no
