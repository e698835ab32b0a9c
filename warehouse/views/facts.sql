SELECT
    m.metric_id,
    m.entity,
    m.segment,
    m.metric,
    codes.name_zh AS metric_name,
    m.basis,
    m.accounting,
    m.period,
    m.period_start,
    m.period_end,
    m.value,
    m.low,
    m.high,
    m.unit,
    m.hedge,
    m.modality,
    m.speaker,
    m.quote,
    -- a sentence ends at 。！？ or with its line; a full stop may be a decimal point and does not count
    trim(concat(
        regexp_extract(d.raw_text[greatest(m.start_char - 300, b.start_char) + 1 : m.start_char], '[^。！？!?\n]*$'),
        m.quote,
        regexp_extract(d.raw_text[m.end_char + 1 : least(m.end_char + 300, b.end_char)], '^[^。！？!?\n]*[。！？!?]?')
    )) AS sentence,
    m.confidence,
    d.title,
    d.publisher,
    d.published_at,
    d.url,
    d.source_path,
    m.doc_id,
    m.start_char,
    m.end_char
FROM metrics AS m
JOIN documents AS d USING (doc_id)
LEFT JOIN blocks AS b ON b.doc_id = m.doc_id AND b.block_no = m.block_no
LEFT JOIN metric_codes AS codes ON codes.metric = m.metric
WHERE d.superseded_by IS NULL AND d.duplicate_of IS NULL
