SELECT 'documents' AS scope, count(*) AS observed, any_value(source_path || ': ' || "check") AS example FROM rejected_documents
