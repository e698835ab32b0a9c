-- Near reposts: the table `reposts`, copy -> the text that says all it says. 64 permutations in 8 bands of 8: texts that share
-- 90 % of their shingles meet in a band with 99 %, and are then held against each other on all 64. A report on the next quarter
-- is written from the same template: only a text whose figures and dates all stand in the other one is its repost.
-- Texts go by their place, a number, and what is not needed yet stays out: half a million of them fit into 2 GB.

CREATE OR REPLACE TEMP TABLE ranked AS
WITH figure_counts AS (
    SELECT quantities.doc_id, count(DISTINCT hash("class", value, low, high, unit, CASE WHEN "class" <> 'metric' THEN quote END)) AS figures
    FROM quantities JOIN blocks USING (doc_id, block_no)
    WHERE "class" IN ('metric', 'date', 'period') AND kind NOT IN ('source', 'dateline', 'byline', 'url')
    GROUP BY quantities.doc_id
)
-- those that say most come first, of these the earliest
SELECT doc_id, row_number() OVER (ORDER BY coalesce(figures, 0) DESC, published_at NULLS LAST, doc_id) AS place
FROM fingerprints JOIN documents USING (doc_id) LEFT JOIN figure_counts USING (doc_id)
WHERE superseded_by IS NULL AND duplicate_of IS NULL AND signature IS NOT NULL;

CREATE OR REPLACE TEMP TABLE bands AS
SELECT place, hash(band_no, substr(signature, 1 + 64 * band_no, 64)) AS band
FROM ranked JOIN fingerprints USING (doc_id), (SELECT unnest(range(8)) AS band_no);

-- a notice that is sent out a thousand times is held against its first twenty
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT DISTINCT copies.place AS copy, originals.place AS original
FROM bands AS copies
JOIN (FROM bands QUALIFY row_number() OVER (PARTITION BY band ORDER BY place) <= 20) AS originals USING (band)
WHERE originals.place < copies.place;

CREATE OR REPLACE TEMP TABLE signatures AS
SELECT place, doc_id, signature FROM ranked JOIN fingerprints USING (doc_id)
WHERE place IN (SELECT copy FROM pairs UNION SELECT original FROM pairs);

CREATE OR REPLACE TEMP TABLE near AS
SELECT copies.doc_id AS copy, originals.doc_id AS original, originals.place
FROM pairs JOIN signatures AS copies ON copies.place = pairs.copy JOIN signatures AS originals ON originals.place = pairs.original
WHERE len(list_filter(range(64), lambda nth: substr(copies.signature, 1 + 8 * nth, 8) = substr(originals.signature, 1 + 8 * nth, 8))) >= 51;

CREATE OR REPLACE TEMP TABLE reposts AS
WITH stated AS (
    SELECT quantities.doc_id, list(DISTINCT hash("class", value, low, high, unit, CASE WHEN "class" <> 'metric' THEN quote END)) AS figures
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
GROUP BY near.copy;
