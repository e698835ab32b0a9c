WITH companies AS (
    SELECT doc_id, entity, start_char, end_char FROM mentions WHERE type = 'company'
),
subjects AS (
    SELECT doc_id, entity FROM metrics GROUP BY doc_id, entity
    QUALIFY row_number() OVER (PARTITION BY doc_id ORDER BY count(*) DESC, min(start_char)) = 1
),
named AS (
    SELECT
        q.doc_id, q.start_char, q.end_char, q.quote, q.norm, q.granularity, q.period_end,
        q.period_start + CAST((q.period_end - q.period_start) // 2 AS INTEGER) AS middle,
        -- the company named just before the period, else the one that most figures of the article are of
        CASE WHEN q.start_char - before.end_char <= 40 THEN before.entity ELSE subjects.entity END AS entity,
        substring(b.text, q.end_char - b.start_char + 1, 12) AS after,
        b.text, b.start_char AS block_start
    FROM quantities AS q
    JOIN blocks AS b USING (doc_id, block_no)
    ASOF LEFT JOIN companies AS before ON before.doc_id = q.doc_id AND before.start_char < q.start_char
    LEFT JOIN subjects ON subjects.doc_id = q.doc_id
    -- 2024年四季度 with its year, and not 2025财年第四季度, which says how it is counted
    WHERE regexp_full_match(q.norm, '\d{4}(?:Q[1-4]|H[12])?') AND regexp_matches(q.quote, '\d{4}') AND NOT regexp_matches(q.quote, '[财財]|FY')
),
counted AS (
    SELECT n.*, fiscal.year_end_month, fiscal.year_offset, (month(n.middle) + 11 - fiscal.year_end_month) % 12 AS months_in
    FROM named AS n
    JOIN fiscal_calendars AS fiscal USING (entity)
    -- 财报, 业绩, 实现营收: what a company reports on; 2024年四季度上市 is any quarter
    WHERE regexp_matches(n.after, '^(?:的)?[^,。;、]{0,6}(?:财报|业绩|季报|年报|中报|营收|收入|净利|利润|每股)')
    -- quarters that end in the months of the company's own are both
    AND (month(n.period_end) + 12 - fiscal.year_end_month) % CASE n.granularity WHEN 'quarter' THEN 3 WHEN 'half' THEN 6 ELSE 12 END <> 0
),
labelled AS (
    SELECT
        *,
        concat(
            'FY', CAST(year(middle) + CAST(month(middle) > year_end_month AS INTEGER) + year_offset AS VARCHAR),
            CASE granularity WHEN 'quarter' THEN concat('Q', months_in // 3 + 1) WHEN 'half' THEN concat('H', months_in // 6 + 1) ELSE '' END
        ) AS fiscal_period
    FROM counted
)
SELECT
    c.entity,
    c.quote,
    c.norm AS period,
    c.fiscal_period,
    trim(concat(
        regexp_extract(substring(c.text, 1, c.start_char - c.block_start), '[^。！？!?\n]*$'),
        regexp_extract(substring(c.text, c.start_char - c.block_start + 1), '^[^。！？!?\n]*[。！？!?]?')
    )) AS sentence,
    d.title,
    c.doc_id,
    c.start_char,
    c.end_char
FROM labelled AS c
JOIN documents AS d USING (doc_id)
-- a year that the company itself calls by this number (日立2021年度) is no other
WHERE d.superseded_by IS NULL AND d.duplicate_of IS NULL AND c.fiscal_period <> concat('FY', c.norm)
ORDER BY c.doc_id, c.start_char
