"""The closed vocabularies of the tables: every value a coded column may hold, said once."""

SCRIPTS = ("hans", "hant", "mixed", "neutral")  # ISO 15924 Hans and Hant, lower case
REGIONS = ("tw", "hk")
SOURCE_FORMATS = ("txt", "md", "html", "jsonl", "csv", "parquet")

BLOCK_KINDS = (
    "title", "source", "dateline", "byline", "heading", "body", "commentary", "quote", "qa_question", "qa_answer",
    "social_comment", "editor_credit", "site_boilerplate", "copyright", "spliced", "disclaimer", "url",
)  # fmt: skip
RULE_SCOPES = ("block", "head", "tail", "edge", "span", "section", "comments", "stamped", "reaction", "inset", "answer", "title")
HOLDINGS = ("number", "speaker", "company")
TURN_ROLES = ("question", "answer", "comment")
REPAIR_KINDS = ("script", "ocr", "spelling", "stray", "duplicate")

QUANTITY_CLASSES = (
    "metric", "date", "period", "product_name", "ordinal", "count_other", "time_horizon", "id_noise",
)  # fmt: skip
HEDGES = (
    "about", "approaching", "more_than", "at_least", "less_than", "at_most", "range", "several", "low", "mid", "high",
)  # fmt: skip
DIRECTIONS = ("up", "down")
GRANULARITIES = ("day", "month", "quarter", "half", "nine_months", "year", "multi_year", "duration")

BASES = ("level", "yoy", "qoq", "change", "share")
ACCOUNTINGS = ("gaap", "non_gaap", "ifrs", "excluding_nonrecurring")
MODALITIES = ("actual", "guidance", "estimate", "opinion", "hypothetical")
MODALITY_CUES = (*MODALITIES, "none")

ENTITY_TYPES = ("company", "brand", "person", "product", "institution", "industry", "commodity", "place", "index")
ALIAS_KINDS = ("name", "short_name", "ticker", "former_name", "nickname", "transliteration", "english", "stem")
ENTITY_CUE_KINDS = (
    "company_before", "company_after", "company_ending", "report_verb", "report_noun", "report_sign", "report_period", "actor_after", "name_break",
    "not_in_company", "name_prefix", "not_name", "not_company", "not_company_ending", "source_after", "broker", "deal_verb", "affiliate",
    "surname", "title", "analyst_title", "honorific", "not_person", "narration", "narration_resumes", "asking", "speech", "attribution", "voice",
)  # fmt: skip
UNIT_KINDS = ("currency", "ratio", "counter", "classifier", "physical", "time", "scale")
HEDGE_POSITIONS = ("before", "inside", "after")
HEDGE_MEASURES = ("step", "factor")
JOIN_KINDS = ("range", "list", "enumeration", "filler", "label", "rate")
METRIC_UNIT_KINDS = ("money", "percent", "multiple", "count", "per_share", "price", "physical", "any")
METRIC_CUES = (
    "basis", "growth", "decline", "from", "reach", "share", "respectively", "among", "better", "filler", "prior", "company", "source",
    "accounting",
)  # fmt: skip
LABEL_PARTS = ("head", "thing", "lead", "tail", "business", "division", "range", "region", "extension")
PERIOD_CUES = ("past", "report", "forecast", "comparison", "between", "up_to", "result", "news", "monthly", "term", "no_report")
PERIOD_TYPES = ("instant", "duration")  # XBRL's: a balance at a date, or a flow over a span

SEVERITIES = ("warn", "fail")
CHECK_STATUSES = ("passed", "failed", "skipped")
