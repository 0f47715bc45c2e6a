"""The temporary tables of an import with their columns: one place to look up what a query joins.

`n` is the number of the staged row everywhere, from 0. The tables last as long as the transaction.

Two tables have different columns in each import, and are made where they are filled: `import_row` (n, the columns of
the file, the columns in `more_staged`) holds the values of the cells; `import_final` (n, organization_id, id, is_new,
seen, the columns of the model) holds the records that are new or change, with their future values.
"""

LEFT_BEHIND = """
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' AND relname LIKE 'import\\_%%'
"""
"""The tables of an import earlier in the same transaction."""

TABLES: dict[str, str] = {
    # --- Matching: which organization a row is about
    "import_pair": "n integer, id bigint, number boolean DEFAULT false, code boolean DEFAULT false, "
    "named boolean DEFAULT false, former boolean DEFAULT false",  # a row, a record, and by what it was found
    "import_given": 'n integer, scheme text COLLATE "C", value text',  # the identifiers that a row states
    "import_name": 'n integer, key text COLLATE "C"',  # the folded names to look up
    "import_compared": "n integer, id bigint, agree boolean, contradict boolean",  # the identifiers of both sides
    "import_evidence": "n integer, id bigint, found_by_code boolean, agree boolean, contradict boolean, named boolean, "
    "former boolean, succeeds boolean, kind text, merged boolean, says_merged boolean, name_zh text, name_en text, "
    "own_zh text, own_en text, plain boolean",  # what each pair says
    "import_match": "n integer, id bigint, led boolean",  # the organization; NULL where none answers to the row
    "import_plain": "n integer, name_zh text, name_en text, former_names text[], registration_status text",
    # --- Comparing: which record of the table a row is about; `id` of a new one may still be NULL
    "import_target": "n integer, organization_id bigint, id bigint, is_new boolean",
    "import_township": "id bigint, final bigint",  # a township that has ended, and what it has become
    "import_candidate": "n integer, id bigint, exact boolean, fits boolean, undated boolean",  # of qualifications
    "import_period": "n integer PRIMARY KEY, id bigint, admitted_on date, tier bigint, ended_on date, end_reason text, "
    "closes bigint, follows integer, may_rewrite boolean",  # of memberships
    # --- What is written beside `import_final`
    "import_pinyin": "n integer, pinyin text",
    "import_tagged": "n integer, organization_id bigint, is_new boolean, sectors bigint[], first bigint",
    "import_suggested": "n integer, organization_id bigint, is_new boolean, sector bigint, place integer, "
    "evidence text",
    "import_former": "n integer, organization_id bigint, name text, language text, valid_to date",
    "import_alias": "n integer, organization_id bigint, name text",
    "import_acronym": "n integer, organization_id bigint, name text",
    "import_identified": "n integer, organization_id bigint, scheme text, value text",
    "import_qualified": "n integer, organization_id bigint, grading bigint",
    "import_contact": "n integer, organization_id bigint, contact bigint, seen xid, role text, name text, title text, "
    "phone text, email text",
    "import_standard": "n integer, organization_id bigint, is_new boolean",  # a class whose standard is new or changes
    "import_tier": "n integer, organization_id bigint, class bigint, tiers bigint[], stored bigint[]",  # of a class
    "import_called": "n integer, member_id bigint",  # who may vote in a new meeting
    "import_answer": "n integer, organization_id bigint, before text, state text",  # how it stands in a round
}
