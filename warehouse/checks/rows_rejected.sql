SELECT
    "table" AS scope,
    count(*) AS observed,
    any_value(doc_id || ': ' || reason) AS example
FROM rejected_rows
GROUP BY "table"
