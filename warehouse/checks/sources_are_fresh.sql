-- for publishers that delivered in at least three runs: days without a new article, in units of their usual pause
WITH articles AS (
    SELECT d.publisher, CAST(d.published_at AS DATE) AS day, min(s.seen_at) AS seen_at
    FROM documents AS d JOIN sources AS s USING (doc_id)
    WHERE d.publisher IS NOT NULL AND d.published_at IS NOT NULL
    GROUP BY ALL
),
pauses AS (SELECT publisher, day, seen_at, day - lag(day) OVER (PARTITION BY publisher ORDER BY day) AS pause FROM articles),
publishers AS (
    SELECT publisher, max(day) AS newest, greatest(median(pause), 1) AS usual
    FROM pauses GROUP BY publisher
    HAVING count(DISTINCT seen_at) >= 3
)
SELECT
    publisher AS scope,
    ((SELECT max(seen_at) FROM sources)::DATE - newest) / usual AS observed,
    'newest article of ' || newest || ', usually every ' || usual || ' days' AS example
FROM publishers
ORDER BY publisher
