-- Makes a proposal, or joins the same one that is open already, and returns its id. Two that are made at the same moment
-- meet, too: the second waits for the first. What the same person has proposed for this value before is withdrawn.
CREATE FUNCTION registry_propose(
    in_organization bigint, in_kind text, in_what text, in_row bigint, in_field text, in_old jsonb, in_new jsonb,
    in_name_change text, in_proposer integer, in_origin text, in_evidence text, in_evidence_url text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    proposal bigint;
BEGIN
    INSERT INTO registry_proposal AS p (
        organization_id, kind, in_effect, what, row_id, field, old, new, name_change, state, reason
    )
    VALUES (
        in_organization, in_kind, false, in_what, in_row, in_field, nullif(in_old, 'null'), nullif(in_new, 'null'),
        in_name_change, 'open', ''
    )
    ON CONFLICT (organization_id, what, row_id, field, md5(new::text)) WHERE state = 'open' AND NOT in_effect
    DO UPDATE SET kind = CASE excluded.kind WHEN 'suggestion' THEN p.kind ELSE excluded.kind END
    RETURNING p.id INTO proposal;

    -- Who says the same once more is heard as of now.
    UPDATE registry_proposalsource s SET at = now()
    WHERE s.proposal_id = proposal AND s.proposer_id = in_proposer AND NOT s.withdrawn
        AND s.evidence = in_evidence AND s.evidence_url = in_evidence_url;
    IF NOT FOUND THEN
        INSERT INTO registry_proposalsource (proposal_id, proposer_id, origin, evidence, evidence_url, at, withdrawn)
        VALUES (proposal, in_proposer, in_origin, in_evidence, in_evidence_url, now(), false);
    END IF;

    IF in_proposer IS NOT NULL AND (in_row IS NOT NULL OR in_field <> '') THEN
        WITH earlier AS (
            SELECT p.id FROM registry_proposal p
            WHERE p.organization_id = in_organization AND p.what = in_what AND p.row_id IS NOT DISTINCT FROM in_row
                AND p.field = in_field AND p.state = 'open' AND NOT p.in_effect AND p.id <> proposal
        ), withdrawn AS (
            UPDATE registry_proposalsource s SET withdrawn = true
            WHERE s.proposal_id IN (SELECT id FROM earlier) AND s.proposer_id = in_proposer AND NOT s.withdrawn
            RETURNING s.id, s.proposal_id
        )
        UPDATE registry_proposal p SET state = 'withdrawn', decided_at = now(), decided_by_id = in_proposer
        WHERE p.id IN (SELECT proposal_id FROM withdrawn) AND NOT EXISTS (
            SELECT 1 FROM registry_proposalsource s
            WHERE s.proposal_id = p.id AND NOT s.withdrawn AND s.id NOT IN (SELECT id FROM withdrawn)
        );
    END IF;
    RETURN proposal;
END;
$$;
