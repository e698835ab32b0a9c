"""What the report says beyond counts, as queries on the database about to be published."""

# {this_run} is empty or a WHERE on the documents of the run
FINDINGS = {
    "removed": """
        SELECT kind, publisher, count(*) AS blocks, count(*) FILTER (has_figure) AS with_figure, mode(rule_id) AS rule_id,
            mode(reason) AS reason,
            arg_min(left(trim(text), 90), (NOT has_figure, doc_id, block_no)) AS example, arg_min(doc_id, (NOT has_figure, doc_id, block_no)) AS doc_id
        FROM removed {this_run} GROUP BY kind, publisher ORDER BY blocks DESC, kind, publisher LIMIT 40
    """,
    "damage": "FROM damage WHERE documents_repaired > 0 OR documents_misconverted > 0 OR proposed_repairs > 0 LIMIT 30",
    "completeness": """
        SELECT count(*) AS metrics, count(entity) AS entity, count(nullif(entity, '公司')) AS "company named", count(period) AS period, count(unit) AS unit,
            count(*) FILTER (NOT starts_with(metric, 'x:')) AS named
        FROM metrics {this_run}
    """,
    "conflicts": """
        SELECT entity, metric, period, basis, quote, other_quote, sentence, other_sentence, difference_percent,
            doc_id, other_doc_id, metric_id, other_metric_id
        FROM conflicts {this_run} ORDER BY difference_percent DESC, metric_id, other_metric_id LIMIT 30
    """,
    "arithmetic": """
        SELECT entity, metric, period, identity, stated, computed, quote, from_quotes, doc_id, metric_id
        FROM (FROM arithmetic {this_run}) WHERE NOT is_consistent ORDER BY abs(difference) DESC, metric_id LIMIT 30
    """,
    # what was timed alone counts as it was timed; the rest of a batch's time goes by characters
    "slowest": """
        WITH read AS (
            SELECT b.batch_id, b.cpu_seconds AS batch_seconds, b.cpu_seconds / nullif(b.bytes, 0) * 1e6 AS seconds_per_mb,
                d.doc_id, d.source_path, length(d.raw_text) AS characters, s.cpu_seconds AS own_seconds
            FROM batches AS b JOIN documents AS d USING (batch_id) LEFT JOIN slow_documents AS s USING (doc_id, batch_id)
            WHERE b.batch_id IN (SELECT batch_id FROM this_batches)
        )
        SELECT doc_id, source_path, characters, seconds_per_mb, own_seconds IS NOT NULL OR count(*) OVER batch = 1 AS is_measured,
            COALESCE(own_seconds, greatest(0, batch_seconds - COALESCE(sum(own_seconds) OVER batch, 0))
                * characters / sum(characters) FILTER (own_seconds IS NULL) OVER batch) AS cpu_seconds
        FROM read WINDOW batch AS (PARTITION BY batch_id) ORDER BY cpu_seconds DESC, doc_id LIMIT 8
    """,
    "thinnest": """
        SELECT doc_id, source_path, publisher, char_count, kept_share, metrics, metrics_complete
        FROM quality {this_run} ORDER BY kept_share, doc_id LIMIT 5
    """,
    # the last thirty runs that judged something, oldest first
    "history": """
        WITH checked AS (
            SELECT run_id, count(*) FILTER (status = 'failed') AS failing,
                max(observed) FILTER (check_name = 'metrics_have_entity') AS entity,
                max(observed) FILTER (check_name = 'metrics_have_period') AS period,
                max(observed) FILTER (check_name = 'metrics_have_unit') AS unit,
                max(observed) FILTER (check_name = 'metrics_are_named') AS named
            FROM checks GROUP BY run_id
        ),
        cost AS (SELECT run_id, sum(cpu_seconds) / nullif(sum(bytes), 0) * 1e6 AS seconds_per_mb FROM batches GROUP BY run_id),
        counted AS (
            SELECT run_id, started_at, seconds, COALESCE(CAST(counts ->> 'documents' AS BIGINT), 0) AS documents,
                COALESCE(CAST(counts ->> 'metrics' AS BIGINT), 0) AS metrics,
                COALESCE(CAST(counts ->> 'rejected_documents' AS BIGINT), 0) AS refused
            FROM runs
        )
        SELECT * FROM (
            SELECT * FROM counted LEFT JOIN checked USING (run_id) LEFT JOIN cost USING (run_id) WHERE documents > 0 OR run_id = $run_id ORDER BY started_at DESC LIMIT 30
        ) ORDER BY started_at
    """,
}
