"""Extensions, the sequence of registry numbers and the functions on which columns and constraints rest."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [pow(3, position, 31) for position in range(17)]

# One flat expression, so that PostgreSQL inlines it into the check constraint.
USCC_OK = f"""
CREATE FUNCTION registry_uscc_ok(code text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ({" + ".join(f"(strpos('{ALPHABET}', substr(code, {i + 1}, 1)) - 1) * {w}" for i, w in enumerate(WEIGHTS))}
            + strpos('{ALPHABET}', substr(code, 18, 1)) - 1) % 31 = 0
$$
"""

CHINESE = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"
SPACE = r"[\u0001-\u0020\u007f-\u00a0\u1680\u2028\u2029]"

# The rules are those of registry.values.validators.fold_name; a test compares the two.
FOLD_NAME = rf"""
CREATE FUNCTION registry_fold_name(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    folded text := normalize(lower(normalize(translate(name, U&'\00ad\200b\200c\200d\200e\200f\2060\feff', ''), NFKC)), NFKC);
BEGIN
    folded := translate(folded, '[{{〔【〖〘〚⟨]}}〕】〗〙〛⟩', '(((((((())))))))');
    IF folded ~ '{SPACE}' THEN
        folded := btrim(regexp_replace(folded, '{SPACE}+', ' ', 'g'));
        folded := regexp_replace(folded, '(?<=[{CHINESE}]) | (?=[{CHINESE}])', '', 'g');
    END IF;
    RETURN folded;
END
$$
"""

# 《统计上大中小微型企业划分办法（2017）》: the lowest class that any indicator reaches. Where an indicator is not reported,
# only "micro" is certain.
SIZE_CLASS = """
CREATE FUNCTION registry_size_class(industry text, employees numeric, revenue numeric, assets numeric)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    lowest integer;
    missing boolean;
BEGIN
    SELECT min(CASE WHEN figure >= large_min THEN 4 WHEN figure >= medium_min THEN 3 WHEN figure >= small_min THEN 2
                    WHEN figure IS NOT NULL THEN 1 END),
           bool_or(figure IS NULL)
    INTO lowest, missing
    FROM registry_sizestandard s
    CROSS JOIN LATERAL (SELECT CASE s.indicator WHEN 'employees' THEN employees WHEN 'revenue' THEN revenue
                               WHEN 'assets' THEN assets END AS figure) f
    WHERE EXISTS (SELECT 1 FROM unnest(s.industries) beginning WHERE starts_with(industry, beginning));
    IF missing AND lowest > 1 THEN
        RETURN NULL;
    END IF;
    RETURN (ARRAY['micro', 'small', 'medium', 'large'])[lowest];
END
$$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL("CREATE SEQUENCE registry_organization_no_seq", "DROP SEQUENCE registry_organization_no_seq"),
        migrations.RunSQL(USCC_OK, "DROP FUNCTION registry_uscc_ok"),
        migrations.RunSQL(FOLD_NAME, "DROP FUNCTION registry_fold_name"),
        migrations.RunSQL(SIZE_CLASS, "DROP FUNCTION registry_size_class"),
    ]
