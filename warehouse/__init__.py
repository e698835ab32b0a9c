"""Where things are: the only code that knows disk. Readers, the lexicon's files, Parquet parts, the DuckDB build."""
