SELECT 'documents' AS scope, count(*) FILTER (kept_share < 0.3) / nullif(count(*), 0) AS observed, arg_min(doc_id || ' ' || source_path, kept_share) AS example
FROM documents
