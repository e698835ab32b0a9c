-- Near reposts: the table `reposts`, copy -> the text that says all it says. 64 permutations in 16 bands of 4: texts that share
-- 70 % of their shingles meet in a band with 99 %, and are then held against each other on all 64. A report on the next quarter
-- is written from the same template: only a text whose figures and dates all stand in the other one is its repost. Figures are
-- compared as numbers and dates in Simplified characters without their units: whether 元 is CNY or TWD is read from the script.
-- Texts go by their place, a number, and what is not needed yet stays out: half a million of them, eight million bands, fit into 1.7 GB
-- (bench.paragraphs).

CREATE OR REPLACE TEMP TABLE ranked AS
WITH figure_counts AS (
    SELECT quantities.doc_id, count(DISTINCT hash(value, low, high, CASE WHEN "class" <> 'metric' THEN quote END)) AS figures
    FROM quantities JOIN blocks USING (doc_id, block_no)
    WHERE "class" IN ('metric', 'date', 'period') AND kind NOT IN ('source', 'dateline', 'byline', 'url')
    GROUP BY quantities.doc_id
)
-- those that say most come first, of these the earliest
SELECT doc_id, row_number() OVER (ORDER BY coalesce(figures, 0) DESC, published_at NULLS LAST, doc_id) AS place
FROM fingerprints JOIN documents USING (doc_id) LEFT JOIN figure_counts USING (doc_id)
WHERE superseded_by IS NULL AND duplicate_of IS NULL AND signature IS NOT NULL;

CREATE OR REPLACE TEMP TABLE bands AS
SELECT place, hash(band_no, substr(signature, 1 + 32 * band_no, 32)) AS band
FROM ranked JOIN fingerprints USING (doc_id), (SELECT unnest(range(16)) AS band_no);

-- a notice that is sent out a thousand times is held against its first twenty
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT DISTINCT later.place AS later, earlier.place AS earlier
FROM bands AS later
JOIN (FROM bands QUALIFY row_number() OVER (PARTITION BY band ORDER BY place) <= 20) AS earlier USING (band)
WHERE earlier.place < later.place;

CREATE OR REPLACE TEMP TABLE signatures AS
SELECT place, doc_id, signature FROM ranked JOIN fingerprints USING (doc_id)
WHERE place IN (SELECT later FROM pairs UNION SELECT earlier FROM pairs);

CREATE OR REPLACE TEMP TABLE near AS
SELECT pairs.later, pairs.earlier
FROM pairs JOIN signatures AS one ON one.place = pairs.later JOIN signatures AS other ON other.place = pairs.earlier
WHERE len(list_filter(range(64), lambda nth: substr(one.signature, 1 + 8 * nth, 8) = substr(other.signature, 1 + 8 * nth, 8))) >= 45;

CREATE OR REPLACE TEMP TABLE reposts AS
WITH texts AS (
    SELECT place, doc_id FROM signatures WHERE place IN (SELECT later FROM near UNION SELECT earlier FROM near)
),
stated AS (
    SELECT
        quantities.doc_id,
        list(DISTINCT CASE
            WHEN "class" = 'metric' THEN hash(value, low, high)
            ELSE hash(substr(blocks.text, quantities.start_char - blocks.start_char + 1, quantities.end_char - quantities.start_char))
        END) AS figures
    FROM quantities JOIN blocks USING (doc_id, block_no)
    WHERE "class" IN ('metric', 'date', 'period') AND kind NOT IN ('source', 'dateline', 'byline', 'url')
        AND quantities.doc_id IN (SELECT doc_id FROM texts)
    GROUP BY quantities.doc_id
),
sides AS (SELECT place, doc_id, coalesce(figures, []) AS figures, (-len(coalesce(figures, [])), place) AS rank FROM texts LEFT JOIN stated USING (doc_id)),
-- places went by the figures as they are quoted: which of two says more is settled here
both_ways AS (SELECT later AS copy, earlier AS original FROM near UNION ALL SELECT earlier, later FROM near)
SELECT copies.doc_id AS copy, arg_min(originals.doc_id, originals.rank) AS original
FROM both_ways
JOIN sides AS copies ON copies.place = both_ways.copy
JOIN sides AS originals ON originals.place = both_ways.original
WHERE originals.rank < copies.rank AND list_has_all(originals.figures, copies.figures)
GROUP BY copies.doc_id;
