-- how far the newest delivery lies from those before, in robust standard deviations (median and median absolute deviation)
WITH first_seen AS (SELECT doc_id, min(seen_at) AS seen_at FROM sources WHERE doc_id IS NOT NULL GROUP BY doc_id),
deliveries AS (
    SELECT
        seen_at,
        CAST(count(*) AS DOUBLE) AS "documents",
        CAST(avg(char_count) AS DOUBLE) AS "characters per document",
        CAST(avg(kept_share) AS DOUBLE) AS "kept share",
        CAST(avg(metrics) AS DOUBLE) AS "metrics per document",
        CAST(sum(metrics_complete) / nullif(sum(metrics), 0) AS DOUBLE) AS "complete metrics",
        CAST(count(*) FILTER (script = 'hant') / count(*) AS DOUBLE) AS "Traditional documents",
        CAST(count(publisher) / count(*) AS DOUBLE) AS "documents with a publisher"
    FROM first_seen JOIN quality USING (doc_id)
    GROUP BY seen_at
    -- a handful of documents says nothing about a delivery
    HAVING count(*) >= 10
),
measured AS (
    UNPIVOT deliveries ON COLUMNS(* EXCLUDE seen_at) INTO NAME scope VALUE measure
),
compared AS (
    SELECT
        scope,
        arg_max(measure, seen_at) AS newest,
        list(measure ORDER BY seen_at)[:-2] AS earlier,
        list_median(earlier) AS middle,
        list_median(list_transform(earlier, lambda one: abs(one - middle))) AS deviation
    FROM measured
    GROUP BY scope
)
SELECT
    scope,
    -- runs that were all the same would make any change infinite: a tenth of the median counts as ordinary
    CASE WHEN len(earlier) >= 5 THEN abs(newest - middle) / greatest(1.4826 * deviation, 0.1 * abs(middle), 0.02) END AS observed,
    'now ' || round(newest, 3) || ', usually ' || round(middle, 3) AS example
FROM compared
ORDER BY scope
