-- The published record that a merged record leads to, by registry number: for the public, who reads no record in between.
-- Of a record that never was public it says nothing.
CREATE FUNCTION registry_public_successor(merged text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE chain (next) AS (
        SELECT o.successor_id FROM registry_organization o JOIN registry_publicchange c ON c.organization_id = o.id
        WHERE c.registry_no = merged AND o.registration_status = 'merged'
        UNION
        SELECT o.successor_id FROM chain JOIN registry_organization o ON o.id = chain.next
        WHERE o.registration_status = 'merged'
    )
    SELECT o.registry_no FROM chain JOIN registry_organization o ON o.id = chain.next
    WHERE o.registration_status <> 'merged' AND o.published
$$;
