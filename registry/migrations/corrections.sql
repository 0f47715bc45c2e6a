-- Proposes a value for the public, who may read no proposal: it runs with the rights of its owner.
CREATE FUNCTION registry_correct(
    in_organization bigint, in_field text, in_old jsonb, in_new jsonb, in_name_change text, in_origin text,
    in_evidence text, in_evidence_url text, in_phone text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    proposal bigint;
BEGIN
    IF in_origin NOT IN ('public', 'enterprise') OR NOT EXISTS (
        SELECT 1 FROM registry_organization o WHERE o.id = in_organization AND o.published
    ) THEN
        RAISE EXCEPTION 'only the public proposes here, and only for what is public';
    END IF;
    proposal := registry_propose(
        in_organization, 'suggestion', 'organization', NULL, in_field, in_old, in_new, in_name_change, NULL, in_origin,
        left(in_evidence, 1000), left(in_evidence_url, 500)
    );
    IF in_phone <> '' THEN
        INSERT INTO registry_answerwanted (source_id, phone, at)
        SELECT max(s.id), left(in_phone, 50), now() FROM registry_proposalsource s WHERE s.proposal_id = proposal;
    END IF;
END;
$$;
