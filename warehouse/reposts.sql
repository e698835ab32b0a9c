-- Near reposts: copy -> the text that says all it says. 64 permutations in 16 bands of 4: texts that share 70 % of their
-- shingles meet in a band with 99 %, and are then held against each other on all 64. A report on the next quarter is written
-- from the same template: only a text whose figures and dates all stand in the other one is its repost. Figures are compared
-- as numbers and dates in Simplified characters without their units: whether 元 is CNY or TWD is read from the script.
WITH stated AS (
    SELECT
        quantities.doc_id,
        list(DISTINCT CASE
            WHEN "class" = 'metric' THEN concat_ws('|', value, low, high)
            ELSE substr(blocks.text, quantities.start_char - blocks.start_char + 1, quantities.end_char - quantities.start_char)
        END) AS figures
    FROM quantities JOIN blocks USING (doc_id, block_no)
    WHERE "class" IN ('metric', 'date', 'period') AND kind NOT IN ('source', 'dateline', 'byline', 'url')
    GROUP BY quantities.doc_id
),
texts AS (
    SELECT
        doc_id, signature, coalesce(figures, []) AS figures,
        (-len(coalesce(figures, [])), coalesce(published_at, TIMESTAMP '9999-01-01'), doc_id) AS place
    FROM fingerprints JOIN documents USING (doc_id) LEFT JOIN stated USING (doc_id)
    WHERE superseded_by IS NULL AND duplicate_of IS NULL AND signature IS NOT NULL
),
bands AS (SELECT doc_id, band_no, substr(signature, 1 + 32 * band_no, 32) AS band FROM texts, (SELECT unnest(range(16)) AS band_no)),
pairs AS (SELECT DISTINCT copies.doc_id AS copy, originals.doc_id AS original FROM bands AS copies JOIN bands AS originals USING (band_no, band))
SELECT pairs.copy, arg_min(pairs.original, originals.place) AS original
FROM pairs
JOIN texts AS copies ON copies.doc_id = pairs.copy
JOIN texts AS originals ON originals.doc_id = pairs.original
WHERE originals.place < copies.place
    AND list_has_all(originals.figures, copies.figures)
    AND len(list_filter(range(64), lambda nth: substr(copies.signature, 1 + 8 * nth, 8) = substr(originals.signature, 1 + 8 * nth, 8))) >= 45
GROUP BY pairs.copy
