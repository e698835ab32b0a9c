"""turns: who speaks where."""

import polars as pl

from schemas.blocks import Turns
from transforms.aliases import known_names
from transforms.lexicon import Lexicon


def split_turns(blocks: pl.DataFrame, marks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """turns: questions, answers and comments, each from its speaker label to the next one or the end of the exchange."""
    people = dict(known_names(lexicon).filter(pl.col("type") == "person").select("alias", "entity").iter_rows())
    labels = {label: (role, speaker) for label, role, speaker in lexicon["speaker_labels"].iter_rows()}
    led = blocks.with_columns(label=pl.col("text").str.extract(r"^([^:]{1,20}):"))
    turns = []
    for (doc_id,), lines in led.group_by("doc_id", maintain_order=True):
        question, turn = None, None
        for line in lines.iter_rows(named=True):
            label = (line["label"] or "").rstrip("0123456789")
            number = (line["label"] or "")[len(label) :]
            if label in labels:
                role, speaker = labels[label]
                question = f"Q{number}" if number else question
            elif label in people:
                role, speaker = ("answer" if question else "comment"), people[label]
            elif turn:
                turn["end_char"] = line["end_char"]
                continue
            else:
                continue
            turn = {"doc_id": doc_id, "turn_no": len(turns), "question_no": question, "role": role, "speaker": speaker,
                    "start_char": line["start_char"], "end_char": line["end_char"]}  # fmt: skip
            turns.append(turn)
    frame = Turns.frame(turns)
    return frame.with_columns(turn_no=pl.int_range(pl.len()).over("doc_id").cast(pl.Int64))
