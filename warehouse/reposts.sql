-- Near reposts: copy -> the text that says all it says. 64 permutations in 8 bands of 8: texts that share 90 % of their
-- shingles meet in a band with 99 %, and are then held against each other on all 64. A report on the next quarter is written
-- from the same template: only a text whose figures and dates all stand in the other one is its repost.
WITH figure_counts AS (
    SELECT quantities.doc_id, count(DISTINCT (concat_ws('|', "class", value, low, high, unit, CASE WHEN "class" <> 'metric' THEN quote END))) AS figures
    FROM quantities JOIN blocks USING (doc_id, block_no)
    WHERE "class" IN ('metric', 'date', 'period') AND kind NOT IN ('source', 'dateline', 'byline', 'url')
    GROUP BY quantities.doc_id
),
texts AS (
    SELECT doc_id, signature, (-coalesce(figures, 0), coalesce(published_at, TIMESTAMP '9999-01-01'), doc_id) AS place
    FROM fingerprints JOIN documents USING (doc_id) LEFT JOIN figure_counts USING (doc_id)
    WHERE superseded_by IS NULL AND duplicate_of IS NULL AND signature IS NOT NULL
),
bands AS (SELECT doc_id, place, band_no, hash(substr(signature, 1 + 64 * band_no, 64)) AS band FROM texts, (SELECT unnest(range(8)) AS band_no)),
-- Of the texts that meet in a band those that say most come first; a notice sent out a thousand times is held against twenty.
firsts AS (FROM bands QUALIFY row_number() OVER (PARTITION BY band_no, band ORDER BY place) <= 20),
pairs AS (
    SELECT DISTINCT copies.doc_id AS copy, originals.doc_id AS original
    FROM bands AS copies JOIN firsts AS originals USING (band_no, band)
    WHERE originals.place < copies.place
),
near AS (
    SELECT pairs.copy, pairs.original, originals.place
    FROM pairs
    JOIN texts AS copies ON copies.doc_id = pairs.copy
    JOIN texts AS originals ON originals.doc_id = pairs.original
    WHERE len(list_filter(range(64), lambda nth: substr(copies.signature, 1 + 8 * nth, 8) = substr(originals.signature, 1 + 8 * nth, 8))) >= 51
),
stated AS (
    SELECT quantities.doc_id, list(DISTINCT concat_ws('|', "class", value, low, high, unit, CASE WHEN "class" <> 'metric' THEN quote END)) AS figures
    FROM quantities JOIN blocks USING (doc_id, block_no)
    WHERE "class" IN ('metric', 'date', 'period') AND kind NOT IN ('source', 'dateline', 'byline', 'url')
        AND quantities.doc_id IN (SELECT copy FROM near UNION SELECT original FROM near)
    GROUP BY quantities.doc_id
)
SELECT near.copy, arg_min(near.original, near.place) AS original
FROM near
LEFT JOIN stated AS copies ON copies.doc_id = near.copy
LEFT JOIN stated AS originals ON originals.doc_id = near.original
WHERE list_has_all(coalesce(originals.figures, []), coalesce(copies.figures, []))
GROUP BY near.copy
