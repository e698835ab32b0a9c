"""How raw text becomes tables: pure functions, frames in, frame out; no disk, clock, log or Prefect."""
