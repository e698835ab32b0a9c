"""When things run: the only code that knows Prefect and the clock."""
