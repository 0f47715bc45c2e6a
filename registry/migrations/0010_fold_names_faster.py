"""Names of Chinese characters alone, which most are, fold to themselves: seen at a glance, without normalizing.

The unified ideographs of the basic plane have no decomposition, case or width; the text may also be empty.
"""

import importlib

from django.db import migrations

functions = importlib.import_module("registry.migrations.0001_functions")
FOLD_NAME = functions.FOLD_NAME.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
QUICK = FOLD_NAME.replace(
    "DECLARE\n",
    r"""BEGIN
    IF name !~ '[^\u4e00-\u9fff]' THEN
        RETURN name;
    END IF;
    DECLARE
""",
    1,
).replace("END\n$$", "    END;\nEND\n$$", 1)


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_request_memory")]
    operations = [migrations.RunSQL(QUICK, FOLD_NAME)]
